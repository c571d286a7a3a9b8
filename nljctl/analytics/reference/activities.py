"""Every activity's figures, and every node's, in SQL."""

from __future__ import annotations

ACTIVITIES = """
WITH attempts AS (SELECT object, mbox, bool_or(completes) AS done FROM $s WHERE attempt AND mbox IS NOT NULL AND object IS NOT NULL GROUP BY ALL),
made AS (SELECT object, count(*) AS attempted, count(*) FILTER (done) AS completed FROM attempts GROUP BY object),
plain AS (
    SELECT object, count(*) AS statements, count(DISTINCT mbox) AS learners, mean_of(scaled, 1000) AS score,
           ratio(sum(spent), 60000 * count(spent), 100) AS minutes, count(*) FILTER (NOT success) AS lost, count(success) AS told
    FROM $s WHERE object IS NOT NULL GROUP BY object)
SELECT 'activity' AS kind, object AS entity, unnest([
    {'metric': 'total_attempts', 'value': shown(statements)},
    {'metric': 'unique_learners', 'value': shown(learners)},
    {'metric': 'completion_rate', 'value': shown(percent(coalesce(completed, 0), coalesce(attempted, 0), 100))},
    {'metric': 'average_score', 'value': shown(score)},
    {'metric': 'average_time_spent', 'value': shown(minutes)},
    {'metric': 'difficulty_score', 'value': shown(ratio(lost, told, 1000))},
    {'metric': 'engagement_score', 'value': shown(coalesce(ratio(least(learners, statements), statements, 1000), 0.0::DOUBLE))}
], recursive := true)
FROM plain LEFT JOIN made USING (object)"""

NODES = """
WITH visits AS (SELECT *, substr(object, 8) AS node FROM $s WHERE starts_with(object, 'node://')),
users AS (SELECT node, who, bool_or(completes) AS done FROM visits WHERE who IS NOT NULL GROUP BY ALL),
there AS (SELECT node, count(*) AS users, count(*) FILTER (done) AS completed FROM users GROUP BY node),
plain AS (
    SELECT node, count(*) AS interactions, count(*) FILTER (success) AS won, count(success) AS told, mean_of(response_time, 10) AS answered_in
    FROM visits GROUP BY node),
by_verb AS (SELECT node, verb, count(*) AS n FROM visits WHERE verb IS NOT NULL GROUP BY ALL),
verbs AS (SELECT node, mapped(verb, n)::VARCHAR AS breakdown FROM by_verb GROUP BY node)
SELECT 'node' AS kind, node AS entity, unnest([
    {'metric': 'total_interactions', 'value': shown(interactions)},
    {'metric': 'unique_users', 'value': shown(coalesce(users, 0))},
    {'metric': 'success_rate', 'value': shown(CASE WHEN told > 0 THEN percent(won, told, 100) END)},
    {'metric': 'avg_response_time_ms', 'value': shown(answered_in)},
    {'metric': 'completion_rate', 'value': shown(percent(coalesce(completed, 0), coalesce(users, 0), 100))},
    {'metric': 'activity_breakdown', 'value': coalesce(breakdown, '{}')}
], recursive := true)
FROM plain LEFT JOIN there USING (node) LEFT JOIN verbs USING (node)"""
