"""Traces each row that the two schemas do not share to the records that touched it, and says why they differ: the steps, as SQL over the witnesses.

A row is `pending` while a record that touches it has been applied to one schema and not yet to the other. It is explained where such a record never
reached legacy's effects for a recorded reason (its route, its topic), or where no record of the log touches it at all and only the platform has it.
What waits for a row that is pending or explained is so too.
"""

from __future__ import annotations

_CHAIN = """
    UPDATE effect SET status = why.status, reason = 'waits for ' || why.key || ': ' || why.reason
    FROM (SELECT t.table_name, t.id, p.status, p.reason, p.key FROM effect_touch t JOIN effect p ON p.key = t.waits_for
          WHERE t.result = 'parked' AND p.status <> 'unexplained') why
    WHERE effect.status = 'unexplained' AND effect.table_name = why.table_name AND effect.id = why.id"""

STEPS = (
    """CREATE TABLE effect_touch AS
       SELECT r.table_name, r.id, l.topic, l."partition", l."offset", l.event,
              coalesce(l."offset" >= e.low AND l."offset" < e.high, false) AS between_positions,
              o.role, o.result, o.detail, o.waits_for,
              CASE WHEN NOT s.legacy THEN 'legacy does not read ' || l.topic
                   WHEN k.kind IN ('filtered', 'unreadable') THEN concat_ws(': ', k.kind, nullif(k.reason, '')) END AS not_routed
       FROM effect_row r
       JOIN touch t ON t.key = r.key OR t.key = r.aggregate
       JOIN log l ON l.n = t.n
       JOIN span s ON s.topic = l.topic AND s."partition" = l."partition"
       LEFT JOIN effect_span e ON e.topic = l.topic AND e."partition" = l."partition"
       LEFT JOIN one_sided o ON o.statement_id = l.id
       LEFT JOIN legacy_outcome k ON k.n = l.n""",
    """CREATE TABLE effect AS
       WITH seen AS (
           SELECT table_name, id, count(DISTINCT topic || "partition" || '/' || "offset") AS records, bool_or(between_positions) AS moving,
                  min(not_routed) FILTER (role = 'shadow' AND result <> 'parked') AS not_routed,
                  min(role || ' ' || result || coalesce(': ' || nullif(detail, ''), '')) FILTER (role IS NOT NULL) AS one_sided,
                  string_agg(DISTINCT topic || '/' || "partition" || '/' || "offset", ', ') AS touched_by
           FROM effect_touch GROUP BY ALL)
       SELECT r.*, coalesce(s.records, 0) AS records, s.touched_by,
              CASE WHEN s.moving THEN 'pending'
                   WHEN s.not_routed IS NOT NULL THEN 'explained'
                   WHEN s.records IS NULL AND r.kind = 'only_legacy' THEN 'explained'
                   ELSE 'unexplained' END AS status,
              CASE WHEN s.moving THEN 'the pipelines are not at the same record'
                   WHEN s.not_routed IS NOT NULL THEN s.not_routed
                   WHEN s.records IS NULL THEN 'no record of the log touches it'
                   WHEN s.one_sided IS NOT NULL THEN 'only ' || s.one_sided
                   ELSE 'the same records, another result' END AS reason
       FROM effect_row r LEFT JOIN seen s USING (table_name, id)""",
    _CHAIN,  # a session waits for its program, a booking for its session, a change of it for the booking
    _CHAIN,
    _CHAIN,
)
