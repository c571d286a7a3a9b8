"""Exact arithmetic in DuckDB, and what statements mean there: macros and the table that every figure is computed from.

The same definitions as in `exact.py`, `durations.py` and `progress.py`, written a second time: figures of both ways must come out equal.
`$name` stands for what `vocabulary.py` says (`TERMS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from nljctl.analytics import vocabulary as words


def _quoted(*texts: str) -> str:
    """Texts as SQL literals, with commas between."""
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)


def _when(cases: Iterable[tuple[str, str]]) -> str:
    """WHEN clauses that turn one text into another."""
    return " ".join(f"WHEN {_quoted(given)} THEN {_quoted(meant)}" for given, meant in cases)


TERMS: Final[Mapping[str, str]] = {
    "attempts": _quoted(*words.ATTEMPTS),
    "jobs": _quoted(*words.JOBS),
    "completed": _quoted(words.COMPLETED),
    "answered": _quoted(words.ANSWERED),
    "scales": _when(words.SCALES.items()),
    "survey_objects": _quoted(*words.SURVEY_OBJECTS),
    "anonymity": str(words.ANONYMITY),
    "demographics": ", ".join(words.DEMOGRAPHICS),
    "fields": _quoted(*words.DEMOGRAPHICS),
}

MACROS = r"""
-- A quotient of whole numbers, rounded half upwards to 1/shift; NULL of nothing.
CREATE OR REPLACE TEMP MACRO floored(a, b) AS (a - ((a % b) + b) % b) // b;
CREATE OR REPLACE TEMP MACRO ratio(part, whole, shift) AS
    CASE WHEN whole = 0 THEN NULL ELSE floored(2 * part::HUGEINT * shift + whole::HUGEINT, 2 * whole::HUGEINT)::DOUBLE / shift END;
CREATE OR REPLACE TEMP MACRO percent(part, whole, shift) AS coalesce(ratio(100 * part::HUGEINT, whole, shift), 0.0::DOUBLE);
CREATE OR REPLACE TEMP MACRO millionths(v) AS floor(v * 1000000 + 0.5)::HUGEINT;
CREATE OR REPLACE TEMP MACRO nearest(part, whole) AS CASE WHEN whole = 0 THEN NULL ELSE floored(2 * part::HUGEINT + whole, 2 * whole::HUGEINT) END;
CREATE OR REPLACE TEMP MACRO clipped(v) AS greatest(0, least(1000000, v));
CREATE OR REPLACE TEMP MACRO mean_of(v, shift) AS ratio(sum(millionths(v)), count(v) * 1000000, shift);
CREATE OR REPLACE TEMP MACRO deviation_of(v) AS CASE WHEN count(v) < 2 THEN NULL ELSE
    ratio(round(1000000 * sqrt((count(v) * sum(millionths(v) * millionths(v)) - sum(millionths(v)) * sum(millionths(v)))::DOUBLE
                               / (count(v)::HUGEINT * (count(v) - 1))::DOUBLE / 1e12))::HUGEINT, 1000000, 1000) END;
-- An ISO 8601 duration, in its parts and in milliseconds; NULL if it is none.
CREATE OR REPLACE TEMP MACRO amount(digits, seconds) AS CASE WHEN digits = '' THEN 0.0 ELSE try_cast(replace(digits, ',', '.') AS DOUBLE) * seconds END;
CREATE OR REPLACE TEMP MACRO lasting(p) AS
    floor((amount(p.w, 604800) + amount(p.y, 31536000) + amount(p.mo, 2592000) + amount(p.d, 86400)
           + amount(p.h, 3600) + amount(p.mi, 60) + amount(p.s, 1)) * 1000 + 0.5)::HUGEINT;
CREATE OR REPLACE TEMP MACRO is_duration(duration) AS regexp_full_match(duration,
    'P(?:[\d.,]+W|(?:[\d.,]+Y)?(?:[\d.,]+M)?(?:[\d.,]+D)?(?:T(?:[\d.,]+H)?(?:[\d.,]+M)?(?:[\d.,]+S)?)?)');
CREATE OR REPLACE TEMP MACRO milliseconds(duration) AS CASE WHEN is_duration(duration) THEN lasting(regexp_extract(duration,
    '^P(?:([\d.,]+)W|(?:([\d.,]+)Y)?(?:([\d.,]+)M)?(?:([\d.,]+)D)?(?:T(?:([\d.,]+)H)?(?:([\d.,]+)M)?(?:([\d.,]+)S)?)?)$$',
    ['w', 'y', 'mo', 'd', 'h', 'mi', 's'])) END;
-- A value as JSON; pairs as a JSON object.
CREATE OR REPLACE TEMP MACRO shown(v) AS coalesce(to_json(v)::VARCHAR, 'null');
CREATE OR REPLACE TEMP MACRO mapped(k, v) AS coalesce(to_json(map_from_entries(list({'k': k, 'v': v} ORDER BY k) FILTER (k IS NOT NULL))), '{}'::JSON);
"""

STATEMENTS = r"""
-- Each statement with what it means: `completion`, where it is given, decides what completes; else the verb. Made once, as every figure looks at it.
CREATE OR REPLACE TABLE $s AS
WITH lengths AS (SELECT duration, milliseconds(duration) AS spent FROM (SELECT DISTINCT duration FROM $facts WHERE duration IS NOT NULL))
SELECT f.* EXCLUDE (question),
       make_date((moment // 86400000 - (moment % 86400000 < 0)::INT)::INT) AS day,
       coalesce(verb IN ($attempts), false) AND coalesce(type NOT IN ($jobs), true) AS attempt,
       coalesce(completion, coalesce(verb = $completed, false)) AS completes,
       coalesce(verb = $answered, false) AND survey IS NOT NULL AND object IS NOT NULL AS answers,
       coalesce(nullif(question, ''), regexp_extract(object, '[^/]*$$')) AS question,
       coalesce(mbox, account) AS who,
       coalesce(response, 'no_response') AS given,
       coalesce(CASE WHEN regexp_full_match(trim(response), '[+-]?[0-9]+(\.[0-9]+)?') THEN trim(response)::DOUBLE END, raw) AS value,
       spent
FROM $facts f LEFT JOIN lengths USING (duration);
"""
