"""The README's commands of daily use do what it says, typed as they stand there, one after the other."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from stacks import Answer, Stack, new_stack

ROOT = Path(__file__).parents[3]
PROGRAM = ".venv/bin/nljctl"


def commands(page: str) -> list[list[str]]:
    """The program's command lines in a page's code blocks, without their comments."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    return [words[1:] for words in lines if words and words[0] == PROGRAM]


@pytest.fixture(scope="module")
def answers() -> Iterator[dict[str, Answer]]:
    """What each command gave, by its name, in the README's order."""
    with new_stack() as stack:
        yield {words[0]: run(stack, words) for words in commands("README.md")}


def run(stack: Stack, words: list[str]) -> Answer:
    return stack.run(*words)


def test_the_readme_shows_five_commands() -> None:
    assert [words[0] for words in commands("README.md")] == ["up", "publish-test", "health", "compare-legacy", "rollback"]


def test_each_of_them_succeeds(answers: dict[str, Answer]) -> None:
    failed = {name: answer.stdout + answer.stderr for name, answer in answers.items() if answer.code}
    assert failed == {}


def test_each_of_them_answers_a_person_and_shows_no_traceback(answers: dict[str, Answer]) -> None:
    for name, answer in answers.items():
        assert answer.stdout.strip(), name
        assert "Traceback" not in answer.stdout + answer.stderr, name
