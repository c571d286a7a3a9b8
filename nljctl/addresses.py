"""URLs and the secrets in them: taken out, put in, or hidden. Pure; nothing here repeats a secret in an error."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

MASK = "********"

_QUERY_SECRET = re.compile(r"([?&](?:password|sslpassword)=)([^&#]+)")
_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(:\d*)?")


class UnreadableAddressError(ValueError):
    """Its user and password cannot be told from its host."""


def split_credentials(url: str) -> tuple[str, str | None, str | None]:
    """The URL without user and password, and both, percent-decoded; None for what it does not hold.

    Raises:
        UnreadableAddressError: a character of the password ends the authority (RFC 3986 3.2.1 wants it percent-encoded).
    """
    scheme, userinfo, rest = _parts(url)
    if userinfo is None:
        return url, None, None
    user, _, password = userinfo.partition(":")
    return f"{scheme}://{rest}", unquote(user) or None, unquote(password) or None


def with_password(url: str, password: str) -> str:
    """The URL with this password, which it must not have yet."""
    scheme, userinfo, rest = _parts(url)
    return f"{scheme}://{(userinfo or '').partition(':')[0]}:{quote(password, safe='')}@{rest}"


def password_of(url: str) -> str | None:
    """The password in the authority, or in the query as libpq allows it."""
    found = _QUERY_SECRET.search(url.partition("?")[1] + url.partition("?")[2])
    in_query = unquote(found[2]) if found and found[1][1:] == "password=" else None
    return split_credentials(url)[2] or in_query


def masked(url: str) -> str:
    """The URL as it may be shown."""
    if "://" not in url:
        return url
    try:
        scheme, userinfo, rest = _parts(url)
    except UnreadableAddressError:
        scheme, _, rest = url.partition("://")
        return f"{scheme}://{MASK}@{rest.rpartition('@')[2]}"
    user, _, password = (userinfo or "").partition(":")
    shown = "" if userinfo is None else f"{user}{':' + MASK if password else ''}@"
    hidden = _QUERY_SECRET.sub(rf"\g<1>{MASK}", rest)
    return f"{scheme}://{shown}{hidden}"


def _parts(url: str) -> tuple[str, str | None, str]:
    """Scheme, what stands before the authority's last `@` (None without one), and all after it."""
    scheme, _, rest = url.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    userinfo, found, host = authority.rpartition("@")
    if not found and "@" in rest and not all(_HOST.fullmatch(part) for part in authority.split(",")):
        raise UnreadableAddressError
    return scheme, userinfo if found else None, host + rest[len(authority) :]
