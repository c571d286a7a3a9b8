"""What nljctl is told: each setting once, with its names, its default, and where its value came from.

Order of origins: flag, environment, `nljctl.toml` (found upwards), the stack in force (`$NLJCTL_HOME/stack.json`, or Compose's containers), default.
Endpoints that belong together must come from one origin, so that a forgotten variable never joins two systems. What says how to reach an
endpoint goes with it: a local stack is never sent the secrets of another system. A secret may also be the content of a file (`…_FILE`).
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nljctl import credentials
from nljctl.addresses import MASK, masked
from nljctl.errors import ConfigurationError

Origin = Literal["flag", "environment", "nljctl.toml", "stack.json", "compose", "default"]

STACKS: tuple[Origin, ...] = ("stack.json", "compose")
"""Origins that are a stack of nljctl's own: local, or of the compose file."""

Values = Mapping[str, "str | Path | None"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: `name` in Python, `variable` in the environment (lower case in `nljctl.toml`)."""

    name: str
    variable: str
    default: str | None
    secret: bool = False
    endpoint: str | None = None
    """The key of this endpoint in `stack.json`, for those that name a service."""
    reaches: str | None = None
    """The endpoint that this tells how to reach, for credentials and certificates."""

    @property
    def file_variable(self) -> str | None:
        """The variable that names a file with the value, for a secret."""
        return f"{self.variable}_FILE" if self.secret else None


SETTINGS: tuple[Setting, ...] = (
    Setting("kafka", "KAFKA_BOOTSTRAP_SERVERS", "localhost:9092", endpoint="kafka"),
    Setting("kafka_client_id", "KAFKA_CLIENT_ID", "nljctl"),
    Setting("group", "KAFKA_GROUP_ID", "nlj-faststream-consumer"),
    Setting("kafka_group_instance_id", "KAFKA_GROUP_INSTANCE_ID", None),
    Setting("kafka_security_protocol", "KAFKA_SECURITY_PROTOCOL", "PLAINTEXT", reaches="kafka"),
    Setting("kafka_sasl_mechanism", "KAFKA_SASL_MECHANISM", None, reaches="kafka"),
    Setting("kafka_sasl_username", "KAFKA_SASL_USERNAME", None, reaches="kafka"),
    Setting("kafka_sasl_password", "KAFKA_SASL_PASSWORD", None, secret=True, reaches="kafka"),
    Setting("kafka_ssl_cafile", "KAFKA_SSL_CAFILE", None, reaches="kafka"),
    Setting("kafka_ssl_certfile", "KAFKA_SSL_CERTFILE", None, reaches="kafka"),
    Setting("kafka_ssl_keyfile", "KAFKA_SSL_KEYFILE", None, reaches="kafka"),
    Setting("kafka_ssl_key_password", "KAFKA_SSL_KEY_PASSWORD", None, secret=True, reaches="kafka"),
    Setting("database", "DATABASE_URL", "postgresql://nlj_user@localhost:5432/nlj_platform", endpoint="database"),
    Setting("database_password", "DATABASE_PASSWORD", None, secret=True, reaches="database"),
    Setting("elasticsearch", "ELASTICSEARCH_URL", "http://localhost:9200", endpoint="elasticsearch"),
    Setting("index", "ELASTICSEARCH_INDEX", "xapi-statements"),
    Setting("elasticsearch_api_key", "ELASTICSEARCH_API_KEY", None, secret=True, reaches="elasticsearch"),
    Setting("elasticsearch_username", "ELASTICSEARCH_USERNAME", None, reaches="elasticsearch"),
    Setting("elasticsearch_password", "ELASTICSEARCH_PASSWORD", None, secret=True, reaches="elasticsearch"),
    Setting("elasticsearch_ca_certs", "ELASTICSEARCH_CA_CERTS", None, reaches="elasticsearch"),
    Setting("ralph", "RALPH_LRS_URL", None, endpoint="ralph"),
    Setting("ralph_username", "RALPH_LRS_USERNAME", "nlj-platform", reaches="ralph"),
    Setting("ralph_secret", "RALPH_LRS_SECRET", None, secret=True, reaches="ralph"),
    Setting("legacy_index", "NLJCTL_LEGACY_INDEX", "statements"),
    Setting("dead_letter_topic", "NLJCTL_DEAD_LETTER_TOPIC", "nlj.errors.statements"),
    Setting("legacy_group", "NLJCTL_LEGACY_GROUP", "nlj-unified-xapi-consumer"),
    Setting("faststream_url", "NLJCTL_FASTSTREAM_URL", None, endpoint="faststream"),
    Setting("legacy_url", "NLJCTL_LEGACY_URL", None, endpoint="legacy"),
    Setting("api_url", "NLJCTL_API_URL", None, endpoint="api"),
    Setting("api_token", "NLJCTL_API_TOKEN", None, secret=True),
    Setting("secret_key", "SECRET_KEY", None, secret=True),
    Setting("runtime", "NLJCTL_RUNTIME", None),
    Setting("elasticsearch_version", "NLJCTL_ELASTICSEARCH_VERSION", None),
)

TOGETHER = ("kafka", "database", "elasticsearch")
"""Endpoints of one platform: they come from one origin, or nothing is done."""

CREDENTIALS = {"elasticsearch": ("elasticsearch_username", "elasticsearch_password"), "ralph": ("ralph_username", "ralph_secret")}
"""Http endpoints whose URL may hold a user and a password. They are taken out of it: an address is shown, logged and compared, a password never."""

CONFIG_FILE = "nljctl.toml"

_VARIABLES = {s.name: s.variable for s in SETTINGS}


@dataclass(frozen=True)
class Settings:
    """Every value with its origin. Read a value as an attribute: `settings.kafka`.

    `held_in` names the file, or the URL, that a secret was read from, where it did not stand in its own variable.
    """

    values: Mapping[str, str | None] = field(repr=False)
    origins: Mapping[str, Origin]
    home: Path
    variables: Mapping[str, str] = field(default_factory=lambda: dict(_VARIABLES), repr=False)
    held_in: Mapping[str, str] = field(default_factory=dict)

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

    @property
    def own_stack(self) -> bool:
        """Whether the platform is a stack that nljctl runs here, so that its runtime knows what runs."""
        return self.origins["kafka"] in STACKS

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


@dataclass(frozen=True, slots=True)
class Found:
    """What the stack in force tells, by setting; a Path is a file that holds a secret."""

    origin: Origin
    values: Values = field(repr=False)


StackFinder = Callable[[Path, Mapping[str, str], Path, "str | None"], Found]
"""Given the home, the environment, the working directory, and the runtime if it was told."""


def load(
    flags: Mapping[str, str | None] | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    find_stack: StackFinder | None = None,
) -> Settings:
    """Resolves every setting.

    Args:
        flags: values given on the command line, by setting name; None counts as not given.
        environment: the process environment by default.
        directory: where the search for `nljctl.toml` and `.nljctl` starts; the working directory by default.
        find_stack: finds the stack in force; by default only `stack.json` is looked at. Not asked where the endpoints come from elsewhere.

    Raises:
        ConfigurationError: `nljctl.toml` or a secret's file cannot be read, or two of them contradict each other.
    """
    environment = os.environ if environment is None else environment
    directory = (directory or Path.cwd()).resolve()
    home = find_home(environment, directory)
    told: list[tuple[Origin, Values]] = [
        ("flag", flags or {}),
        ("environment", _told(environment, lambda variable: variable)),
        ("nljctl.toml", _from_file(directory)),
    ]
    stack = _stack_only(home) if find_stack is None or _elsewhere(told) else find_stack(home, environment, directory, _first(told, "runtime"))
    sources: tuple[tuple[Origin, Values], ...] = (*told, (stack.origin, stack.values), ("default", {s.name: s.default for s in SETTINGS}))
    values: dict[str, str | None] = {}
    origins: dict[str, Origin] = {}
    held_in: dict[str, str] = {}
    for setting in sorted(SETTINGS, key=lambda s: s.reaches is not None):  # an endpoint's origin decides where its credentials may come from
        origin, value = next(
            ((origin, source[setting.name]) for origin, source in sources if source.get(setting.name) is not None and _may(setting, origin, origins)),
            ("default", None),
        )
        if isinstance(value, Path):
            held_in[setting.name], value = str(value), credentials.read_secret(f"{setting.variable}_FILE", value)
        values[setting.name], origins[setting.name] = value, origin
    for name in CREDENTIALS:
        if values[name] is not None:
            _separate(name, values, origins, held_in)
    if (password := values["database_password"]) and (url := values["database"]):
        values["database"] = credentials.joined(_VARIABLES["database"], url, password)
    return Settings(values, origins, home, held_in=held_in)


def _may(setting: Setting, origin: Origin, origins: Mapping[str, Origin]) -> bool:
    """Whether a setting may come from there: what reaches a stack's endpoint is the stack's own, and of nothing else."""
    if setting.reaches is None or origin == "default":
        return True
    endpoint = origins[setting.reaches]
    return endpoint in (*STACKS, "default") if origin in STACKS else endpoint not in STACKS


def _first(sources: Sequence[tuple[Origin, Values]], name: str) -> str | None:
    return next((str(source[name]) for _, source in sources if source.get(name) is not None), None)


def _elsewhere(sources: Sequence[tuple[Origin, Values]]) -> bool:
    """Whether the platform's endpoints are all told: then no stack is looked for, as in a container of one."""
    return all(_first(sources, name) is not None for name in TOGETHER)


def _separate(name: str, values: dict[str, str | None], origins: dict[str, Origin], held_in: dict[str, str]) -> None:
    """Takes user and password out of an endpoint's URL, and settles whether they contradict what is set beside it."""
    variable = _VARIABLES[name]
    values[name], *found = credentials.separated(variable, values[name] or "")
    for part, value in zip(CREDENTIALS[name], found, strict=True):
        if value is None:
            continue
        if origins[part] not in ("default", *STACKS) and values[part] != value:
            raise credentials.contradiction(variable, _VARIABLES[part])
        values[part], origins[part], held_in[part] = value, origins[name], variable


def find_home(environment: Mapping[str, str], directory: Path) -> Path:
    """`$NLJCTL_HOME`, else the nearest `.nljctl` upwards that holds a stack, else `.nljctl` right here."""
    if named := environment.get("NLJCTL_HOME"):
        return Path(named).expanduser().resolve()
    for folder in (directory, *directory.parents):
        if (folder / ".nljctl" / "stack.json").is_file():
            return folder / ".nljctl"
    return directory / ".nljctl"


def _told(source: Mapping[str, Any], spelling: Callable[[str], str]) -> Mapping[str, str | Path | None]:
    """What a source says of each setting: a value, or the file that holds a secret's."""
    told: dict[str, str | Path | None] = {}
    for setting in SETTINGS:
        value = source.get(spelling(setting.variable))
        told[setting.name] = str(value) if value not in (None, "") else None
        if setting.file_variable and (path := source.get(spelling(setting.file_variable))):
            if told[setting.name] is not None:
                raise ConfigurationError(f"{setting.variable} and {setting.file_variable} are both set", "Set one of them.")
            told[setting.name] = Path(str(path)).expanduser()
    return told


def _from_file(directory: Path) -> Mapping[str, str | Path | None]:
    path = next((folder / CONFIG_FILE for folder in (directory, *directory.parents) if (folder / CONFIG_FILE).is_file()), None)
    if path is None:
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigurationError(f"{path} cannot be read: {problem}", "Mend the file, or move it away.") from problem
    names = {name.lower() for s in SETTINGS for name in (s.variable, s.file_variable) if name}
    if unknown := sorted(set(content) - names):
        raise ConfigurationError(f"{path} holds {', '.join(unknown)}, which is no setting", f"Known names: {', '.join(sorted(names))}.")
    return _told(content, str.lower)


def _stack_only(home: Path) -> Found:
    return stack_of(home) or Found("stack.json", {})


def stack_of(home: Path) -> Found | None:
    """What `stack.json` says; None where there is none.

    Raises:
        ConfigurationError: it cannot be read.
    """
    path = home / "stack.json"
    try:
        stack = json.loads(path.read_text(encoding="utf-8"))
        values: dict[str, str | Path | None] = {s.name: stack.get("endpoints", {}).get(s.endpoint) for s in SETTINGS if s.endpoint}
        values.update(runtime=stack["runtime"], ralph_secret=stack.get("secrets", {}).get("ralph"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ConfigurationError(
            f"{path} cannot be read: {type(problem).__name__}: {problem}", "Stop what still runs by hand, move the file away, and run `nljctl up`."
        ) from problem
    return Found("stack.json", values)


def mask(name: str, value: str | None) -> str | None:
    """A value as it may be shown: secrets and passwords in URLs are hidden."""
    if value is None:
        return None
    setting = next(s for s in SETTINGS if s.name == name)
    return MASK if setting.secret else masked(value)
