"""The platform overview in SQL."""

from __future__ import annotations

OVERVIEW = """
WITH attempts AS (SELECT mbox, object, bool_or(completes) AS done FROM $s WHERE attempt AND mbox IS NOT NULL AND object IS NOT NULL GROUP BY ALL),
days AS (SELECT day, count(*) AS n, count(DISTINCT mbox) AS learners, mean_of(scaled, 1000) AS score FROM $s WHERE day IS NOT NULL GROUP BY day),
daily AS (
    SELECT day, percent(count(*) FILTER (done), count(*), 100) AS rate
    FROM (SELECT day, mbox, object, bool_or(completes) AS done FROM $s
          WHERE attempt AND day IS NOT NULL AND mbox IS NOT NULL AND object IS NOT NULL GROUP BY ALL)
    GROUP BY day),
verbs AS (SELECT verb AS name, count(*) AS n FROM $s WHERE verb IS NOT NULL GROUP BY ALL ORDER BY n DESC, name LIMIT 10),
types AS (SELECT type AS name, count(*) AS n FROM $s WHERE type IS NOT NULL GROUP BY ALL ORDER BY n DESC, name LIMIT 10)
SELECT 'overview' AS kind, '' AS entity, unnest([
    {'metric': 'total_statements', 'value': (SELECT shown(count(*)) FROM $s)},
    {'metric': 'unique_learners', 'value': (SELECT shown(count(DISTINCT mbox)) FROM $s)},
    {'metric': 'unique_activities', 'value': (SELECT shown(count(DISTINCT object)) FROM $s)},
    {'metric': 'completed_statements', 'value': (SELECT shown(count(*)) FROM $s WHERE attempt AND completes)},
    {'metric': 'attempted', 'value': (SELECT shown(count(*)) FROM attempts)},
    {'metric': 'completed', 'value': (SELECT shown(count(*)) FROM attempts WHERE done)},
    {'metric': 'completion_rate', 'value': (SELECT shown(percent(count(*) FILTER (done), count(*), 100)) FROM attempts)},
    {'metric': 'average_score', 'value': (SELECT shown(mean_of(scaled, 1000)) FROM $s)},
    {'metric': 'top_verbs', 'value': (SELECT mapped(name, n)::VARCHAR FROM verbs)},
    {'metric': 'activity_types', 'value': (SELECT mapped(name, n)::VARCHAR FROM types)},
    {'metric': 'daily_activity', 'value': (SELECT mapped(day::VARCHAR, n)::VARCHAR FROM days)},
    {'metric': 'daily_engagement', 'value': (SELECT mapped(day::VARCHAR, learners)::VARCHAR FROM days WHERE learners > 0)},
    {'metric': 'daily_scores', 'value': (SELECT mapped(day::VARCHAR, score)::VARCHAR FROM days WHERE score IS NOT NULL)},
    {'metric': 'daily_completion', 'value': (SELECT mapped(day::VARCHAR, rate)::VARCHAR FROM daily)}
], recursive := true)"""
