"""What tells one event from another in an accepted statement, as the plain objects that classification looks at."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from nljctl.xapi.model import Activity, Definition, Result, Statement


def outline(statement: Statement[Any]) -> dict[str, Any]:
    """Verb id, object id, type and extensions, the result's properties and the context's extensions; everything else is left out."""
    made: dict[str, Any] = {"verb": {"id": statement.verb.id}}
    target, context, result = statement.object, statement.context, statement.result
    if type(target) is Activity:
        definition = target.definition
        made["object"] = {"id": target.id} if definition is UNSET else {"id": target.id, "definition": _of_definition(definition)}
    if context is not UNSET and context.extensions is not UNSET:
        made["context"] = {"extensions": context.extensions}
    if result is not UNSET:
        made["result"] = _of_result(result)
    return made


def _of_definition(definition: Definition) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if definition.type is not UNSET:
        made["type"] = definition.type
    if definition.extensions is not UNSET:
        made["extensions"] = definition.extensions
    return made


def _of_result(result: Result) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if result.extensions is not UNSET:
        made["extensions"] = result.extensions
    if result.completion is not UNSET:
        made["completion"] = result.completion
    if result.success is not UNSET:
        made["success"] = result.success
    if result.score is not UNSET:
        made["score"] = result.score
    if result.response is not UNSET:
        made["response"] = result.response
    if result.duration is not UNSET:
        made["duration"] = result.duration
    return made
