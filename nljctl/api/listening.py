"""Where the service may listen, and with which keys: open only to the machine that it runs on."""

from __future__ import annotations

import ipaddress
import logging
import os
import secrets
import socket
from pathlib import Path

from nljctl import credentials
from nljctl.api.tokens import Keys
from nljctl.errors import ConfigurationError
from nljctl.settings import Settings

log = logging.getLogger(__name__)

TOKEN_BYTES = 32
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
"""What a browser of this machine calls it. Any other name in a request means that a strange page was led here (DNS rebinding)."""


def keys_for(settings: Settings, host: str, token_file: Path | None) -> Keys:
    """The keys of the service that is to listen on `host`.

    Args:
        settings: NLJCTL_API_TOKEN and SECRET_KEY.
        host: a name or an address; what it means is asked now.
        token_file: where a token is kept that was made at the first start; used where NLJCTL_API_TOKEN is not set.

    Raises:
        ConfigurationError: it would be open beyond loopback, or a key cannot be used.
    """
    token = settings.api_token
    if token is None and token_file is not None:
        token = _kept(token_file)
    keys = Keys(token, settings.secret_key)
    keys.check()
    if keys.open and not is_loopback(host):
        raise ConfigurationError(
            f"without a key the API would be open to everybody who reaches {host}",
            "Set NLJCTL_API_TOKEN or the platform's SECRET_KEY, give --token-file PATH to have a token made, or use --host 127.0.0.1.",
            code="open-to-everybody",
        )
    return keys


def is_loopback(host: str) -> bool:
    """Whether all that a host means is this machine alone."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host or None, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)}
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(str(address).partition("%")[0]).is_loopback for address in found)


def _kept(path: Path) -> str:
    """The token in the file; a new one, readable by its owner only, where there is no file. Two that start at once get the same."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(secrets.token_urlsafe(TOKEN_BYTES) + "\n")
            try:
                os.link(draft, path)
            except FileExistsError:
                log.debug("another one made the token at the same moment")
            else:
                log.info("made a token for the API", extra={"file": str(path)})
            finally:
                draft.unlink()
        except OSError as problem:
            raise ConfigurationError(
                f"the API's token cannot be kept in {path}: {problem.strerror}", "Name a file in a folder that can be written, or set NLJCTL_API_TOKEN."
            ) from problem
    else:
        log.info("the API's token is kept in a file", extra={"file": str(path)})
    return credentials.read_secret("--token-file", path)
