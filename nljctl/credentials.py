"""Where secrets stand: in a file, in a URL, or in a variable of their own; and what is refused. No error repeats one."""

from __future__ import annotations

from pathlib import Path

from nljctl.addresses import UnreadableAddressError, password_of, split_credentials, with_password
from nljctl.errors import ConfigurationError

LARGEST = 64 * 1024
"""Bytes of a secret's file; more is no secret but a mistake."""


def read_secret(variable: str, path: Path) -> str:
    """The content of a secret's file, without the newline at its end.

    Raises:
        ConfigurationError: it is missing, unreadable, empty or too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        value = content.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is no UTF-8 text"
        raise ConfigurationError(f"{variable} names {path}, which cannot be read: {reason}", "Mount the secret there, or name another file.") from None
    if not value or len(content) > LARGEST:
        reason = "is empty" if not value else "is too large for a secret"
        raise ConfigurationError(f"{variable} names {path}, which {reason}", "The file holds the secret and nothing else.")
    return value


def separated(variable: str, url: str) -> tuple[str, str | None, str | None]:
    """The URL without user and password, and both, where it holds them.

    Raises:
        ConfigurationError: a character of the password ends it too early.
    """
    try:
        return split_credentials(url)
    except UnreadableAddressError:
        raise _ends_early(variable) from None


def joined(variable: str, url: str, password: str) -> str:
    """The URL with this password.

    Raises:
        ConfigurationError: it holds another one.
    """
    try:
        present = password_of(url)
    except UnreadableAddressError:
        raise _ends_early(variable) from None
    if present not in (None, password):
        raise contradiction(variable, f"the password of {variable}")
    return url if present else with_password(url, password)


def contradiction(url_variable: str, variable: str) -> ConfigurationError:
    return ConfigurationError(f"{variable} is set twice, and not alike: in {url_variable} and in a variable of its own", "Set it in one place only.")


def _ends_early(variable: str) -> ConfigurationError:
    return ConfigurationError(f"{variable} holds a password that ends too early", "Percent-encode / ? and # in it (%2F %3F %23), or use a variable of its own.")
