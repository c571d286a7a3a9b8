"""What an index can be asked: how each member of a statement is mapped, and how its exact values are read from that. Pure.

Three mappings are met: our explicit one (keywords, flattened extensions), Ralph's dynamic one (text with `.keyword`, types guessed from the first
document), and anything in between. Where the mapping has lost what was written (a score kept as whole number, a response taken for a date), the
member is read from the documents themselves: a runtime field without script, slower and always right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Kind = Literal["text", "number", "flag", "day"]
"""As what a member is read: a string, a number, a boolean, or the day (UTC) of a time."""

_RUNTIME: Final[Mapping[Kind, str]] = {"text": "keyword", "number": "double", "flag": "boolean", "day": "date"}
_FLOATS: Final = ("float", "half_float")


@dataclass(frozen=True, slots=True)
class Reading:
    """How the exact values of a member are read.

    Attributes:
        path: the member, as its place in a statement.
        name: the field to ask for.
        kind: as what it is read.
        limit: longer texts are not in the field (`ignore_above`); None if there is no limit.
        narrow: numbers are kept as 32-bit floats.
        runtime: the runtime mapping that it needs.
    """

    path: str
    name: str
    kind: Kind
    limit: int | None = None
    narrow: bool = False
    runtime: Mapping[str, Any] = field(default_factory=dict)

    def from_source(self) -> Reading:
        """The same member, read from the documents themselves."""
        return _from_source(self.path, self.kind)


def _from_source(path: str, kind: Kind) -> Reading:
    return Reading(path, path, kind, runtime={path: {"type": _RUNTIME[kind]}})


class Fields:
    """The mapping of an index, or of all indices behind an alias."""

    def __init__(self, mappings: Iterable[Mapping[str, Any]]) -> None:
        self._types: dict[str, Mapping[str, Any]] = {}
        self._flattened: dict[str, Mapping[str, Any]] = {}
        for mapping in mappings:
            self._add("", mapping.get("properties", {}))

    def _add(self, prefix: str, properties: Mapping[str, Any]) -> None:
        for name, definition in properties.items():
            path = prefix + name
            if "type" in definition and definition["type"] not in ("object", "nested"):
                (self._flattened if definition["type"] == "flattened" else self._types)[path] = definition
            for sub, more in definition.get("fields", {}).items():
                self._types[f"{path}.{sub}"] = more
            self._add(f"{path}.", definition.get("properties", {}))

    def read(self, path: str, kind: Kind = "text") -> Reading | None:
        """How to read a member; None if no document can have it."""
        definition = self._types.get(path)
        if definition is None:
            return self._in_flattened(path, kind)
        type_ = definition["type"]
        if kind == "text":
            return self._text(path, definition)
        if kind == "number" and (type_ == "double" or type_ in _FLOATS):
            return Reading(path, path, kind, narrow=type_ in _FLOATS)
        if (kind == "flag" and type_ == "boolean") or (kind == "day" and type_ in ("date", "date_nanos")):
            return Reading(path, path, kind)
        return _from_source(path, kind)

    def _text(self, path: str, definition: Mapping[str, Any]) -> Reading:
        if definition["type"] == "keyword":
            return Reading(path, path, "text", definition.get("ignore_above"))
        below = self._types.get(f"{path}.keyword")
        if below is not None and below["type"] == "keyword":
            return Reading(path, f"{path}.keyword", "text", below.get("ignore_above"))
        if definition["type"] == "boolean":
            return Reading(path, path, "text")
        return _from_source(path, "text")

    def _in_flattened(self, path: str, kind: Kind) -> Reading | None:
        """A value below a flattened field: a keyword, whatever it was. Bare words are not there: the repair has put them under their IRI."""
        for parent in self._flattened:
            if path.startswith(f"{parent}.") and ":" in path:
                return Reading(path, path, kind)
        return None
