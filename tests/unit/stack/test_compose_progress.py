"""What `docker compose --progress json` says: progress goes on to whoever watches, errors are kept for the sentence that a person gets."""

from __future__ import annotations

from nljctl.stack.compose.command import hear


def heard(*lines: str) -> tuple[list[tuple[str, str]], list[str]]:
    told: list[tuple[str, str]] = []
    said: list[str] = []
    for line in lines:
        hear(line, lambda what, does: told.append((what, does)), said)
    return told, said


def test_what_it_does_to_containers_is_told_and_their_layers_are_not() -> None:
    lines = ('{"id":"Container nlj-redpanda-1","status":"Starting"}', '{"id":"ab12","parent_id":"Image x","status":"Downloading"}')
    assert heard(*lines) == ([("Container nlj-redpanda-1", "Starting")], [])


def test_an_error_is_kept_in_either_form() -> None:
    lines = ('{"error":true,"message":"dependency failed to start: container nlj-ralph-lrs-1 is unhealthy"}', "Error response from daemon: no such image")
    assert heard(*lines) == ([], ["dependency failed to start: container nlj-ralph-lrs-1 is unhealthy", "Error response from daemon: no such image"])
