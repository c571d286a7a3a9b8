"""What tells one event from another in an accepted statement, as the plain objects that classification looks at."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from nljctl.xapi.model import Activity, Result, Statement


def outline(statement: Statement[Any]) -> dict[str, Any]:
    """Verb id, object id, type and extensions, the result's properties and the context's extensions; everything else is left out."""
    made: dict[str, Any] = {"verb": {"id": statement.verb.id}}
    target = statement.object
    if type(target) is Activity:
        told: dict[str, Any] = {"id": target.id}
        definition = target.definition
        if definition is not UNSET:
            told["definition"] = _present(type=definition.type, extensions=definition.extensions)
        made["object"] = told
    if statement.context is not UNSET and statement.context.extensions is not UNSET:
        made["context"] = {"extensions": statement.context.extensions}
    if statement.result is not UNSET:
        made["result"] = _of_result(statement.result)
    return made


def _present(**properties: Any) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not UNSET}


def _of_result(result: Result) -> dict[str, Any]:
    return _present(
        completion=result.completion,
        duration=result.duration,
        extensions=result.extensions,
        response=result.response,
        score=result.score,
        success=result.success,
    )
