"""Every survey's figures, question by question and group by group, in SQL."""

from __future__ import annotations

SURVEYS = """
WITH answer AS (SELECT * FROM $s WHERE answers),
asked AS (SELECT survey, question, count(*) AS n, count(DISTINCT who) AS people FROM answer GROUP BY ALL),
plain AS (SELECT survey, count(*) AS n, count(DISTINCT who) AS people, mean_of(scaled, 1000) AS score FROM answer GROUP BY survey),
rates AS (SELECT survey, first(n ORDER BY question) AS first_asked, sum(people) AS answered, count(*) AS questions FROM asked GROUP BY survey),
given AS (SELECT survey, mapped(given, n)::VARCHAR AS distribution FROM (SELECT survey, given, count(*) AS n FROM answer GROUP BY ALL) GROUP BY survey),
by_day AS (SELECT survey, day, count(*) AS n, count(DISTINCT who) AS people FROM answer WHERE day IS NOT NULL GROUP BY ALL),
days AS (SELECT survey, mapped(day::VARCHAR, {'responses': n, 'unique_respondents': people})::VARCHAR AS timeline FROM by_day GROUP BY survey),
ending AS (SELECT n, spent, survey, object FROM $s WHERE verb = $completed AND completes),
of AS (
    SELECT n, spent, survey FROM ending WHERE survey IS NOT NULL
    UNION SELECT n, spent, substr(object, length(prefix) + 1) FROM ending JOIN (SELECT unnest([$survey_objects]) AS prefix) ON starts_with(object, prefix)),
ends AS (SELECT survey, count(*) AS completions, ratio(sum(spent), 1000 * count(spent), 10) AS seconds FROM of GROUP BY survey)
SELECT 'survey' AS kind, survey AS entity, unnest([
    {'metric': 'total_responses', 'value': shown(first_asked)},
    {'metric': 'total_answers', 'value': shown(n)},
    {'metric': 'unique_respondents', 'value': shown(people)},
    {'metric': 'response_rate', 'value': shown(percent(answered, people * questions, 10))},
    {'metric': 'response_distribution', 'value': distribution},
    {'metric': 'average_score', 'value': shown(score)},
    {'metric': 'completions', 'value': shown(coalesce(completions, 0))},
    {'metric': 'avg_completion_time', 'value': shown(seconds)},
    {'metric': 'timeline', 'value': coalesce(timeline, '{}')}
], recursive := true)
FROM plain JOIN rates USING (survey) JOIN given USING (survey) LEFT JOIN days USING (survey) LEFT JOIN ends USING (survey)"""

SCALES = """
CREATE OR REPLACE TABLE ${s}_scales AS
WITH types AS (SELECT survey, question, question_type, interaction, count(*) AS n FROM $s WHERE answers GROUP BY ALL)
SELECT survey, question, first(coalesce(CASE lower(question_type) $scales END, CASE lower(interaction) $scales END, 'other')
                               ORDER BY n DESC, coalesce(question_type, ''), coalesce(interaction, '')) AS scale
FROM types GROUP BY survey, question"""
"""How each question is evaluated."""

QUESTIONS = """
WITH answer AS (SELECT * FROM $s WHERE answers),
everyone AS (SELECT survey, count(DISTINCT who) AS people FROM answer GROUP BY survey),
placed AS (
    SELECT a.*, c.scale,
           CASE WHEN scale IN ('likert', 'rating') AND value IN (1, 2, 3, 4, 5) OR scale = 'nps' AND value IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
                     OR scale = 'other' THEN value END AS number,
           CASE WHEN scale = 'binary' THEN CASE WHEN lower(trim(given)) IN ('1', '1.0', 'true', 'yes', 'y') THEN true
                                                WHEN lower(trim(given)) IN ('0', '0.0', 'false', 'no', 'n') THEN false END END AS yes
    FROM answer a JOIN ${s}_scales c USING (survey, question)),
numbers AS (SELECT survey, question, number, count(*) AS n FROM placed WHERE number IS NOT NULL GROUP BY ALL),
modes AS (SELECT survey, question, first(number ORDER BY n DESC, number) AS mode FROM numbers GROUP BY ALL),
responses AS (SELECT survey, question, given, count(*) AS n FROM answer GROUP BY ALL),
given AS (SELECT survey, question, mapped(given, n)::VARCHAR AS distribution FROM responses GROUP BY ALL),
found AS (
    SELECT survey, question, first(scale) AS scale, count(*) AS n, count(DISTINCT who) AS people, mean_of(scaled, 1000) AS score,
           mean_of(number, 1000) AS mean, deviation_of(number) AS deviation, count(number) AS numbers,
           list(number ORDER BY number) FILTER (number IS NOT NULL) AS sorted,
           count(*) FILTER (number >= CASE scale WHEN 'nps' THEN 9 ELSE 4 END) AS good,
           count(*) FILTER (number < CASE scale WHEN 'nps' THEN 7 ELSE 3 END) AS bad,
           count(*) FILTER (yes) AS yeses, count(yes) AS decided
    FROM placed GROUP BY survey, question),
middle AS (
    SELECT *, ratio(millionths(sorted[(numbers - 1) // 2 + 1]) + millionths(sorted[numbers // 2 + 1]), 2000000, 1000) AS median,
           CASE WHEN scale = 'nps' AND numbers > 0 THEN sign(good - bad) * percent(abs(good - bad), numbers, 10) END AS nps
    FROM found),
told AS (
    SELECT survey, question, unnest([
        {'metric': 'question_type', 'value': shown(scale)},
        {'metric': 'response_count', 'value': shown(n)},
        {'metric': 'unique_respondents', 'value': shown(m.people)},
        {'metric': 'skip_rate', 'value': shown(percent(e.people - m.people, e.people, 10))},
        {'metric': 'response_distribution', 'value': distribution},
        {'metric': 'average_score', 'value': shown(score)},
        {'metric': 'mean', 'value': shown(mean)},
        {'metric': 'median', 'value': shown(median)},
        {'metric': 'mode', 'value': shown(mode)},
        {'metric': 'standard_deviation', 'value': shown(deviation)},
        {'metric': 'nps_score', 'value': shown(nps)},
        {'metric': 'positive', 'value': shown(CASE WHEN scale IN ('likert', 'rating', 'nps') THEN good END)},
        {'metric': 'negative', 'value': shown(CASE WHEN scale IN ('likert', 'rating', 'nps') THEN bad END)},
        {'metric': 'yes_percentage', 'value': shown(CASE WHEN scale = 'binary' THEN percent(yeses, decided, 10) END)}
    ], recursive := true)
    FROM middle m JOIN everyone e USING (survey) JOIN given USING (survey, question) LEFT JOIN modes USING (survey, question))
SELECT 'survey' AS kind, survey AS entity, 'questions.' || question || '.' || metric AS metric, value FROM told"""

TRENDS = """
WITH month AS (
    SELECT survey, question, scale, day > DATE '$today' - 30 AS now, count(*) AS n, sum(millionths(value)) AS total,
           sum(millionths(value) * millionths(value)) AS squares, count(*) FILTER (value IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)) AS placed,
           count(*) FILTER (value IN (9, 10)) AS good, count(*) FILTER (value IN (0, 1, 2, 3, 4, 5, 6)) AS bad
    FROM $s JOIN ${s}_scales USING (survey, question)
    WHERE answers AND value IS NOT NULL AND day > DATE '$today' - 60 AND day <= DATE '$today' GROUP BY ALL),
scored AS (
    SELECT *, CASE WHEN scale = 'nps' THEN round(10 * sign(good - bad) * percent(abs(good - bad), placed, 10))::HUGEINT ELSE total END AS part,
           CASE WHEN scale = 'nps' THEN 10 ELSE n * 1000000::HUGEINT END AS whole,
           (n * squares - total * total)::DOUBLE / (n::HUGEINT * n * (n - 1))::DOUBLE AS error
    FROM month WHERE scale <> 'nps' OR placed > 0),
pairs AS (
    SELECT survey, question, c.part AS c, c.whole AS cw, p.part AS p, p.whole AS pw, c.part * p.whole - p.part * c.whole AS amount, c.n + p.n AS points,
           least(c.n, p.n) AS fewest, sqrt(c.error + p.error) AS error, abs(c.total::DOUBLE / c.n - p.total::DOUBLE / p.n) AS difference
    FROM (SELECT * FROM scored WHERE now) c JOIN (SELECT * FROM scored WHERE NOT now) p USING (survey, question)),
told AS (
    SELECT *, CASE WHEN p <> 0 THEN ratio(100 * amount, cw * abs(p), 100) END AS change,
           coalesce(change, sign(amount) * 'infinity'::DOUBLE) AS way
    FROM pairs)
SELECT 'survey' AS kind, survey AS entity, 'questions.' || question || '.trend' AS metric, coalesce(shown(CASE WHEN points IS NOT NULL THEN {
    'current_score': ratio(c, cw, 1000), 'previous_score': ratio(p, pw, 1000), 'change_amount': ratio(amount, cw * pw, 1000), 'change_percentage': change,
    'trend_classification': CASE WHEN amount = 0 THEN 'steady' WHEN way > 25 THEN 'skyrocketing' WHEN way > 6 THEN 'trending_up' WHEN way >= -5 THEN 'steady'
                                 WHEN way >= -24 THEN 'trending_down' ELSE 'plummeting' END,
    'confidence': CASE WHEN fewest >= 30 THEN 'high' WHEN fewest >= 10 THEN 'medium' ELSE 'low' END,
    'statistical_significance': CASE WHEN fewest >= 2 THEN CASE WHEN error = 0 THEN difference > 0 ELSE difference / error > 1.959963984540054 END END,
    'data_points': points} END), 'null') AS value
FROM ${s}_scales LEFT JOIN told USING (survey, question)"""

DEMOGRAPHICS = """
WITH answer AS (
    SELECT survey, who, scaled, given, unnest([$fields]) AS field, unnest([$demographics]) AS value FROM $s WHERE answers),
placed AS (SELECT * EXCLUDE (value), coalesce(nullif(value, ''), 'not_specified') AS of FROM answer),
groups AS (SELECT survey, field, of, count(*) AS n, count(DISTINCT who) AS people, mean_of(scaled, 1000) AS score FROM placed GROUP BY survey, field, of),
responses AS (SELECT survey, field, of, given, count(*) AS n FROM placed GROUP BY ALL),
given AS (SELECT survey, field, of, mapped(given, n) AS distribution FROM responses GROUP BY ALL),
named AS (SELECT DISTINCT survey, field FROM groups WHERE of <> 'not_specified'),
shown_of AS (
    SELECT survey, field, of,
           CASE WHEN n < $anonymity THEN to_json('< $anonymity')
                ELSE to_json({'total_responses': n, 'response_distribution': distribution, 'average_score': score, 'unique_respondents': people}) END AS told
    FROM groups JOIN given USING (survey, field, of) JOIN named USING (survey, field))
SELECT 'survey' AS kind, survey AS entity, 'demographics.' || field AS metric, mapped(of, told)::VARCHAR AS value FROM shown_of GROUP BY survey, field"""
