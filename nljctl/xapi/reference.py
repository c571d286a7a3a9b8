"""`docs/validation.md`, made of the tables that the code itself works by: `python -m nljctl.xapi.reference > docs/validation.md`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

from nljctl.xapi.complete import NAMESPACE, VERSION
from nljctl.xapi.decode import MAX_BYTES, MAX_DEPTH, MAX_VALUES
from nljctl.xapi.equivalence import EQUIVALENCE
from nljctl.xapi.examples import PLAIN
from nljctl.xapi.repair import REPAIRS
from nljctl.xapi.rules import RULES

_PAGE: Final = """# Validation

Every record is judged once, by one function: `nljctl.judge.judge(bytes, origin)`. It gives one of three verdicts: **accepted** as it is,
**repaired** (what the platform's producers are known to send wrong was put right, by name), or **rejected**, with every error. The consumer, the
comparison and `nljctl validate` all use it, so they cannot disagree. This page is made from the code: `python -m nljctl.xapi.reference`.

## How a record is judged

1. **Decode.** At most {max_bytes:,} bytes, and {max_values:,} values in all objects and arrays together (more is never decoded), UTF-8 without byte
   order mark, one JSON object with finite numbers and without a name that occurs twice, nested at most {max_depth} deep. What fails here is
   dead-lettered as `not-json`, `too-large` or `too-deep`.
2. **Accept.** A typed decoder and the checks that types cannot say. A statement that is valid as it is goes no further; its bytes are stored as they came.
3. **Repair**, what was not accepted, by the table below; then try again.
4. **Explain** what is still not accepted: every error (at most 1,000) with its rule, JSON pointer, a sentence, and the section of xAPI 1.0.3.
   Both paths agree on every input; tests compare them.
5. **Complete** what an LRS completes: `id` (UUIDv5 of `generation/topic/partition/offset` under {namespace}, so the same each time the record is
   read), `timestamp` (the record's) and `version` ({version}, Data 2.4.10).
6. **Classify** by the catalogue, as it came and as repaired. What the platform's own producer asks of training and content statements beyond xAPI
   (`nljctl/catalogue/producer_rules.py`) is told as warnings, which reject nothing.

xAPI 1.0.3 applies in full otherwise. A statement whose id is `test-12345`, such as the platform's own test event, is a dead letter: Data 2.4.1 wants a UUID.
Where the specification leaves a choice, this is what we chose: a timestamp may lack its zone (Data 4.5 only recommends one) but may not be
-00:00; a Group without identifier must list a member; `contextActivities` must not be empty; an interaction may only have the component lists of its type.

`nljctl validate FILE --explain` judges a file offline; `--strict` makes no repairs.

## Repairs

A repair answers to something that xAPI forbids, so it never changes a valid statement; doing it twice is doing it once. What was taken away is kept in the
stored document under `nljctl.removed`, by JSON pointer. They are made in this order.

{repairs}

## When two statements are the same

Two records of one id are duplicates if they are equivalent (Data 2.3.1), and a conflict otherwise. Both sides pass through the same repairs; the digest
(128 bits of SHA-256) is of the normal form. Everything else counts, durations to the letter.

{equivalence}

## Rules

A rule is named by ADL's published conformance requirement where there is one. Examples are put over this statement; `null` takes a property away:

```json
{plain}
```

{rules}
"""


def page() -> str:
    """The whole page, as Markdown."""
    return _PAGE.format(
        max_bytes=MAX_BYTES,
        max_values=MAX_VALUES,
        max_depth=MAX_DEPTH,
        namespace=f"`{NAMESPACE}`",
        version=f"`{VERSION}`",
        repairs=_table(("repair", "what is wrong", "what is done"), ((f"`{row.name}`", row.defect, row.remedy) for row in REPAIRS)),
        equivalence=_table(("rule", "the normal form"), ((f"`{name}`", words) for name, words in EQUIVALENCE.items())),
        plain=json.dumps(PLAIN),
        rules=_table(
            ("rule", "section", "", "passes", "fails"),
            ((f"`{rule.id}`", rule.section, rule.title, _example(rule.passes), _example(rule.fails)) for rule in RULES.values()),
        ),
    )


def _example(over: Mapping[str, Any] | str) -> str:
    if not over:
        return "as it is"
    text = over if isinstance(over, str) else json.dumps(over, ensure_ascii=False)
    return f"`{text}`"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(page())
