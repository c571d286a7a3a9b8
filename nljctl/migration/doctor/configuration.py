"""Whether the settings belong together, and keep secrets. Pure; no finding repeats a secret."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote, urlsplit

from nljctl.addresses import password_of, split_credentials
from nljctl.migration.doctor.facts import Configured
from nljctl.migration.doctor.finding import Check, Finding, failed, listed, ok, warning
from nljctl.settings import TOGETHER

EXAMPLE = "It looks like postgresql://user:password@host:5432/database?sslmode=verify-full."

WELL_KNOWN = frozenset(
    {"", "admin", "changeme", "default", "elastic", "nlj_pass", "nlj_password", "nlj_platform", "nlj_user", "password", "postgres", "ralph", "secret", "test"}
)


def origins(configured: Configured) -> Finding:
    used = {name: configured.origins[name] for name in TOGETHER}
    if len(set(used.values())) > 1:
        named = listed(f"{name} from {origin}" for name, origin in used.items())
        return failed(f"endpoints come from different places: {named}", "nljctl config shows each; set all of them in one place.")
    return ok(f"all endpoints come from one place: {next(iter(used.values()))}")


def passwords(configured: Configured) -> Finding:
    weak = []
    database = read_database(configured.database)
    if database is None:
        return failed("DATABASE_URL is not a database URL", EXAMPLE)
    if not database.here and (database.password or "") in (WELL_KNOWN | {database.user or ""}):
        weak.append("DATABASE_URL")
    for variable, url in (("ELASTICSEARCH_PASSWORD", configured.elasticsearch), ("RALPH_LRS_SECRET", configured.ralph)):
        secret = configured.secrets.get(variable)
        if url and secret is not None and not is_loopback(urlsplit(url).hostname) and secret in WELL_KNOWN:
            weak.append(variable)
    if weak:
        return warning(f"{listed(weak)} has no password, or one that everybody tries first", f"Choose another one, and set {listed(weak)}.")
    return ok("no default password beyond this machine")


def plain_text(configured: Configured) -> Finding:
    plain = []
    if not configured.kafka_protocol.endswith("SSL") and not all(is_loopback(urlsplit(f"//{address}").hostname) for address in configured.kafka.split(",")):
        plain.append(f"Kafka ({configured.kafka_protocol})")
    for name, url in (("Elasticsearch", configured.elasticsearch), ("Ralph", configured.ralph)):
        if url and urlsplit(url).scheme == "http" and not is_loopback(urlsplit(url).hostname):
            plain.append(f"{name} (http)")
    database = read_database(configured.database)
    if database is not None and not database.here and not database.encrypted:
        plain.append("Postgres (no ssl)")
    if plain:
        return warning(
            f"statements travel in plain text to {listed(plain)}", "KAFKA_SECURITY_PROTOCOL=SASL_SSL, https:// URLs, and ?sslmode=verify-full for Postgres."
        )
    return ok("nothing leaves this machine in plain text")


@dataclass(frozen=True, slots=True)
class Database:
    """What DATABASE_URL says. `here`: every host that it names is this machine, by address or by socket."""

    here: bool
    user: str | None
    password: str | None
    encrypted: bool


def read_database(url: str) -> Database | None:
    """None if it cannot be read."""
    try:
        address, user, _ = split_credentials(url)
        parts = urlsplit(address)
        asked = dict(parse_qsl(parts.query))
        named = parts.netloc.split(",") if parts.netloc else asked.get("host", "").split(",")
        here = all(unquote(host).startswith("/") or is_loopback(urlsplit(f"//{host}").hostname) for host in named)
    except ValueError:
        return None
    mode = asked.get("sslmode", asked.get("ssl", ""))
    return Database(here, user, password_of(url), mode not in ("", "false", "disable", "allow", "prefer"))


def is_loopback(host: str | None) -> bool:
    if host is None or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


CHECKS = (
    Check("settings-origins", (Configured,), origins),
    Check("settings-passwords", (Configured,), passwords),
    Check("settings-plain-text", (Configured,), plain_text),
)
