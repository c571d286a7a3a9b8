"""The performers of the thirty days that end with `$today`, in SQL: in whole numbers throughout, as `performers.py` says."""

from __future__ import annotations

JUDGED = """
CREATE OR REPLACE TABLE ${s}_judged AS
WITH own AS (
    SELECT *, CASE WHEN starts_with(mbox, 'mailto:') THEN substr(mbox, 8) ELSE mbox END AS email, day > DATE '$today' - 15 AS late, millionths(scaled) AS m
    FROM $s WHERE attempt AND mbox IS NOT NULL AND day > DATE '$today' - 30 AND day <= DATE '$today'),
tried AS (SELECT email, object, bool_or(completes) AS done FROM own WHERE object IS NOT NULL GROUP BY ALL),
made AS (SELECT email, count(*) AS attempted, count(*) FILTER (done) AS completed FROM tried GROUP BY email),
counted AS (
    SELECT email, count(DISTINCT day) AS days, count(m) AS n, sum(m) AS total, sum(m * m) AS squares,
           nearest(sum(m), count(m)) AS mean, nearest(sum(m) FILTER (late), count(m) FILTER (late)) AS later,
           nearest(sum(m) FILTER (NOT late), count(m) FILTER (NOT late)) AS earlier,
           sum(spent) FILTER (completes) AS spent, count(spent) FILTER (completes) AS timed
    FROM own GROUP BY email),
paced AS (SELECT *, later - earlier AS better, nearest(spent, timed) AS pace, max(nearest(spent, timed)) OVER () AS slowest FROM counted),
kinds AS (SELECT email, category, sum(m) AS total, count(m) AS n FROM own WHERE m IS NOT NULL AND category IS NOT NULL GROUP BY ALL),
sides AS (
    SELECT email, list(category ORDER BY category) FILTER (total >= 800000 * n) AS strong, list(category ORDER BY category) FILTER (total < 600000 * n) AS weak
    FROM kinds GROUP BY email),
parted AS (
    SELECT email, spent, timed, better, coalesce(strong, []) AS strong, coalesce(weak, []) AS weak,
           nearest(1000000 * completed, attempted) AS completion, clipped(coalesce(mean, 0)) AS score,
           CASE WHEN n < 2 THEN 500000 ELSE clipped(1000000 - 2 * floor(sqrt(floored(n * squares - total * total, n * n)::DOUBLE))::HUGEINT) END AS consistency,
           clipped(500000 + coalesce(better, 0)) AS improvement, clipped(nearest(4000000 * days, 30)) AS engagement,
           CASE WHEN pace IS NULL OR slowest = 0 THEN 500000 ELSE clipped(1000000 - nearest(1000000 * pace, 2 * slowest)) END AS efficiency
    FROM paced JOIN made USING (email) LEFT JOIN sides USING (email))
SELECT *, 25 * completion + 25 * score + 20 * consistency + 15 * improvement + 10 * engagement + 5 * efficiency AS overall FROM parted"""
"""Every learner with an attempt, with the six parts in millionths."""

PERFORMANCES = """
SELECT 'learner' AS kind, substr(mbox, 8) AS entity, 'performance' AS metric, coalesce(max(told), 'null') AS value
FROM (SELECT DISTINCT mbox FROM $s WHERE starts_with(mbox, 'mailto:'))
LEFT JOIN (
    SELECT email, shown({
        'completion': ratio(completion, 1000000, 1000), 'score': ratio(score, 1000000, 1000), 'consistency': ratio(consistency, 1000000, 1000),
        'improvement': ratio(improvement, 1000000, 1000), 'engagement': ratio(engagement, 1000000, 1000), 'minutes': ratio(spent, 60000 * timed, 100),
        'trend': CASE WHEN better >= 50000 THEN 'improving' WHEN better <= -50000 THEN 'declining' ELSE 'stable' END, 'strong': strong, 'weak': weak}) AS told
    FROM ${s}_judged) ON email = substr(mbox, 8)
GROUP BY mbox"""

BEST = """
WITH ranked AS (SELECT email, overall, row_number() OVER (ORDER BY overall DESC, email) AS rank FROM ${s}_judged)
SELECT 'overview' AS kind, '' AS entity, unnest([
    {'metric': 'performers_analyzed', 'value': (SELECT shown(count(*)) FROM ranked)},
    {'metric': 'top_performers', 'value': (
        SELECT mapped(email, {'rank': rank, 'overall_score': ratio(overall, 1000000, 100)})::VARCHAR FROM ranked WHERE rank <= 10)}
], recursive := true)"""
