"""What nljctl is told: each setting once, with its names, its default, and where its value came from.

Order of origins: flag, environment, `nljctl.toml` (found upwards), `$NLJCTL_HOME/stack.json` (a running local stack), default.
Endpoints that belong together must come from one origin, so that a forgotten variable never joins two systems.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from nljctl.errors import ConfigurationError

Origin = Literal["flag", "environment", "nljctl.toml", "stack.json", "default"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: `name` in Python, `variable` in the environment (lower case in `nljctl.toml`)."""

    name: str
    variable: str
    default: str | None
    secret: bool = False
    endpoint: str | None = None
    """The key of this endpoint in `stack.json`, for those that name a service."""


SETTINGS: tuple[Setting, ...] = (
    Setting("kafka", "KAFKA_BOOTSTRAP_SERVERS", "localhost:9092", endpoint="kafka"),
    Setting("kafka_client_id", "KAFKA_CLIENT_ID", "nljctl"),
    Setting("group", "KAFKA_GROUP_ID", "nlj-faststream-consumer"),
    Setting("kafka_group_instance_id", "KAFKA_GROUP_INSTANCE_ID", None),
    Setting("kafka_security_protocol", "KAFKA_SECURITY_PROTOCOL", "PLAINTEXT"),
    Setting("kafka_sasl_mechanism", "KAFKA_SASL_MECHANISM", None),
    Setting("kafka_sasl_username", "KAFKA_SASL_USERNAME", None),
    Setting("kafka_sasl_password", "KAFKA_SASL_PASSWORD", None, secret=True),
    Setting("database", "DATABASE_URL", "postgresql://nlj_user@localhost:5432/nlj_platform", endpoint="database"),
    Setting("elasticsearch", "ELASTICSEARCH_URL", "http://localhost:9200", endpoint="elasticsearch"),
    Setting("index", "ELASTICSEARCH_INDEX", "xapi-statements"),
    Setting("elasticsearch_api_key", "ELASTICSEARCH_API_KEY", None, secret=True),
    Setting("elasticsearch_ca_certs", "ELASTICSEARCH_CA_CERTS", None),
    Setting("ralph", "RALPH_LRS_URL", None, endpoint="ralph"),
    Setting("ralph_username", "RALPH_LRS_USERNAME", "nlj-platform"),
    Setting("ralph_secret", "RALPH_LRS_SECRET", None, secret=True),
    Setting("legacy_index", "NLJCTL_LEGACY_INDEX", "statements"),
    Setting("dead_letter_topic", "NLJCTL_DEAD_LETTER_TOPIC", "nlj.errors.statements"),
    Setting("legacy_group", "NLJCTL_LEGACY_GROUP", "nlj-unified-xapi-consumer"),
    Setting("faststream_url", "NLJCTL_FASTSTREAM_URL", None, endpoint="faststream"),
    Setting("legacy_url", "NLJCTL_LEGACY_URL", None, endpoint="legacy"),
    Setting("runtime", "NLJCTL_RUNTIME", None),
    Setting("elasticsearch_version", "NLJCTL_ELASTICSEARCH_VERSION", None),
)

TOGETHER = ("kafka", "database", "elasticsearch")
"""Endpoints of one platform: they come from one origin, or nothing is done."""

CONFIG_FILE = "nljctl.toml"


@dataclass(frozen=True)
class Settings:
    """Every value with its origin. Read a value as an attribute: `settings.kafka`."""

    values: Mapping[str, str | None]
    origins: Mapping[str, Origin]
    home: Path
    variables: Mapping[str, str] = field(default_factory=lambda: {s.name: s.variable for s in SETTINGS})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "values":  # asked of an instance that is still being unpickled
            raise AttributeError(name)
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    def require(self, name: str) -> str:
        """The value of a setting that the command cannot do without.

        Raises:
            ConfigurationError: it is not set anywhere.
        """
        value = self.values[name]
        if value is None:
            raise ConfigurationError(f"{self.variables[name]} is not set", f"Set it, or start a local stack that has it: {_REMEDIES.get(name, 'nljctl up')}")
        return value

    def database_url(self) -> URL:
        """The database as SQLAlchemy's asyncpg driver takes it, whatever driver the variable names."""
        return _parse_database_url(self.require("database")).set(drivername="postgresql+asyncpg")

    def together(self, *names: str) -> None:
        """Refuses endpoints of mixed origin among `names` (default: Kafka, Postgres, Elasticsearch).

        Raises:
            ConfigurationError: two of them were set in different places.
        """
        used = {name: self.origins[name] for name in (names or TOGETHER)}
        if len(set(used.values())) > 1:
            listed = ", ".join(f"{self.variables[name]} from {origin}" for name, origin in used.items())
            raise ConfigurationError(
                f"endpoints come from different places: {listed}",
                "Set all of them in one place (flags, environment, nljctl.toml or a running local stack), so that two systems are never mixed.",
                code="mixed-endpoints",
            )


_REMEDIES = {"ralph": "nljctl up --profile analytics", "ralph_secret": "nljctl up --profile analytics", "faststream_url": "nljctl up --profile faststream"}


def load(flags: Mapping[str, str | None] | None = None, environment: Mapping[str, str] | None = None, directory: Path | None = None) -> Settings:
    """Resolves every setting.

    Args:
        flags: values given on the command line, by setting name; None counts as not given.
        environment: the process environment by default.
        directory: where the search for `nljctl.toml` and `.nljctl` starts; the working directory by default.

    Raises:
        ConfigurationError: `nljctl.toml` cannot be read, or holds a name that is no setting.
    """
    environment = os.environ if environment is None else environment
    directory = (directory or Path.cwd()).resolve()
    home = find_home(environment, directory)
    sources: tuple[tuple[Origin, Mapping[str, str | None]], ...] = (
        ("flag", flags or {}),
        ("environment", {s.name: environment.get(s.variable) or None for s in SETTINGS}),
        ("nljctl.toml", _from_file(directory)),
        ("stack.json", _from_stack(home)),
        ("default", {s.name: s.default for s in SETTINGS}),
    )
    values: dict[str, str | None] = {}
    origins: dict[str, Origin] = {}
    for setting in SETTINGS:
        origins[setting.name] = "default"
        values[setting.name] = setting.default
        for origin, source in sources:
            if source.get(setting.name) is not None:
                values[setting.name], origins[setting.name] = source[setting.name], origin
                break
    return Settings(values, origins, home)


def find_home(environment: Mapping[str, str], directory: Path) -> Path:
    """`$NLJCTL_HOME`, else the nearest `.nljctl` upwards that holds a stack, else `.nljctl` right here."""
    if named := environment.get("NLJCTL_HOME"):
        return Path(named).expanduser().resolve()
    for folder in (directory, *directory.parents):
        if (folder / ".nljctl" / "stack.json").is_file():
            return folder / ".nljctl"
    return directory / ".nljctl"


def _from_file(directory: Path) -> Mapping[str, str | None]:
    path = next((folder / CONFIG_FILE for folder in (directory, *directory.parents) if (folder / CONFIG_FILE).is_file()), None)
    if path is None:
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigurationError(f"{path} cannot be read: {problem}", "Mend the file, or move it away.") from problem
    names = {s.variable.lower(): s.name for s in SETTINGS}
    if unknown := sorted(set(content) - set(names)):
        raise ConfigurationError(f"{path} holds {', '.join(unknown)}, which is no setting", f"Known names: {', '.join(sorted(names))}.")
    return {names[key]: str(value) for key, value in content.items()}


def _from_stack(home: Path) -> Mapping[str, str | None]:
    path = home / "stack.json"
    try:
        stack = json.loads(path.read_text(encoding="utf-8"))
        values: dict[str, str | None] = {s.name: stack["endpoints"].get(s.endpoint) for s in SETTINGS if s.endpoint}
        values.update(runtime=stack["runtime"], ralph_secret=stack.get("secrets", {}).get("ralph"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ConfigurationError(
            f"{path} cannot be read: {type(problem).__name__}: {problem}", "Stop what still runs by hand, move the file away, and run `nljctl up`."
        ) from problem
    return values


def _parse_database_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as problem:
        raise ConfigurationError("DATABASE_URL is not a database URL", "It looks like postgresql://user:password@host:5432/database.") from problem
    if not parsed.drivername.startswith("postgres"):
        raise ConfigurationError(
            f"DATABASE_URL names {parsed.drivername}, but the platform's database is Postgres", "It looks like postgresql://user@host:5432/database."
        )
    return parsed


def mask(name: str, value: str | None) -> str | None:
    """A value as it may be shown: secrets and passwords in URLs are hidden."""
    if value is None:
        return None
    setting = next(s for s in SETTINGS if s.name == name)
    if setting.secret:
        return "********"
    if "://" in value and "@" in value:
        scheme, rest = value.split("://", 1)
        credentials, rest = rest.rsplit("@", 1)
        user, _, password = credentials.partition(":")
        return f"{scheme}://{user}{':********' if password else ''}@{rest}"
    return value
