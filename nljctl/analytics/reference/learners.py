"""Every learner's figures in SQL, in one pass over all statements. `$today` ends the streaks."""

from __future__ import annotations

LEARNERS = """
WITH own AS (SELECT *, substr(mbox, 8) AS email FROM $s WHERE starts_with(mbox, 'mailto:')),
plain AS (
    SELECT email, count(*) AS statements, count(DISTINCT object) AS activities, mean_of(scaled, 1000) AS score, ratio(sum(spent), 60000, 100) AS minutes
    FROM own GROUP BY email),
attempts AS (SELECT email, object, bool_or(completes) AS done FROM own WHERE attempt AND object IS NOT NULL GROUP BY ALL),
made AS (SELECT email, count(*) AS attempted, count(*) FILTER (done) AS completed FROM attempts GROUP BY email),
islands AS (
    SELECT email, max(day) AS last, count(*) AS length
    FROM (SELECT email, day, day - (row_number() OVER (PARTITION BY email ORDER BY day))::INT AS island
          FROM (SELECT DISTINCT email, day FROM own WHERE day <= DATE '$today'))
    GROUP BY email, island),
streaks AS (SELECT email, max(length) FILTER (last >= DATE '$today' - 1) AS streak FROM islands GROUP BY email),
done_of AS (SELECT email, program, object, bool_or(completes) AS done FROM own WHERE attempt AND program IS NOT NULL AND object IS NOT NULL GROUP BY ALL),
programs AS (
    SELECT email, program,
           {'total': count(*), 'completed': count(*) FILTER (done), 'completion_rate': percent(count(*) FILTER (done), count(*), 100)} AS progress
    FROM done_of GROUP BY ALL),
progress AS (SELECT email, mapped(program, progress)::VARCHAR AS by_program FROM programs GROUP BY email)
SELECT 'learner' AS kind, email AS entity, unnest([
    {'metric': 'total_statements', 'value': shown(statements)},
    {'metric': 'total_activities', 'value': shown(activities)},
    {'metric': 'attempted_activities', 'value': shown(coalesce(attempted, 0))},
    {'metric': 'completed_activities', 'value': shown(coalesce(completed, 0))},
    {'metric': 'completion_rate', 'value': shown(percent(coalesce(completed, 0), coalesce(attempted, 0), 100))},
    {'metric': 'average_score', 'value': shown(score)},
    {'metric': 'total_time_spent', 'value': shown(minutes)},
    {'metric': 'learning_streak', 'value': shown(coalesce(streak, 0))},
    {'metric': 'progress_by_program', 'value': coalesce(by_program, '{}')}
], recursive := true)
FROM plain LEFT JOIN made USING (email) LEFT JOIN streaks USING (email) LEFT JOIN progress USING (email)"""
