"""Gives each record of the cut its class on either side, and each document that the log does not hold: the steps, as SQL over the witnesses.

Outcomes are judged per id. Where two records share an id, whichever content a store holds is legitimate; then the other is a conflict.
Records beyond the cut (and before `--since`) only explain: they own documents, but are not classed.
"""

from __future__ import annotations

PREPARE = (
    # A record's coordinates name one dead letter and at most one outcome per pipeline, however often they were written.
    """CREATE TABLE dead_of AS
       SELECT l.n, min(d.reason) AS reason, min(d.rule) AS rule FROM dead d JOIN log l USING (topic, "partition", "offset") GROUP BY l.n""",
    """CREATE TABLE outcome_of AS
       SELECT l.n, o.pipeline, o.kind, concat_ws(': ', nullif(o.reason, ''), nullif(o.rule, '')) AS reason, o.detail
       FROM outcome o JOIN log l USING (topic, "partition", "offset")""",
    """CREATE TABLE faststream_outcome AS SELECT * FROM outcome_of WHERE pipeline = 'faststream'""",
    """CREATE TABLE legacy_outcome AS SELECT * FROM outcome_of WHERE pipeline = 'legacy'""",
    # When everything that a partition has lost, to retention or with an earlier generation of its topic, was written before its oldest record:
    # what was stored before that may be from there.
    """CREATE TABLE retention AS
       SELECT coalesce(bool_or(lost), false) AS truncated,
              CASE WHEN bool_or(lost AND oldest IS NULL) THEN 9223372036854775807 ELSE max(oldest) FILTER (lost) END AS stored_before
       FROM (SELECT *, (log_begin > 0 OR generation > 0) AS lost FROM span)
       LEFT JOIN (SELECT topic, "partition", min("at") AS oldest FROM log GROUP BY ALL) USING (topic, "partition")""",
)

FASTSTREAM = (
    # The document of an id, and the record that owns it: the one whose coordinates it carries. If they are no record's of that id (a hand wrote it),
    # the first record of the id is held to it. A document from below the log's start has an owner that nobody can read any more.
    """CREATE TABLE faststream_owner AS
       WITH found AS (
           SELECT d.id, d.digest, d.topic, d."partition", d."offset", o.n, o.digest AS owner_digest,
                  coalesce(d."offset" < s.log_begin OR d.generation < s.generation, false) AS expired
           FROM faststream_document d
           LEFT JOIN log o ON o.topic = d.topic AND o."partition" = d."partition" AND o."offset" = d."offset" AND o.id = d.id AND o.verdict <> 'rejected'
           LEFT JOIN span s ON s.topic = d.topic AND s."partition" = d."partition"
           WHERE d.raw_id = d.id),
       adopted AS (
           SELECT f.id, first(l.n ORDER BY k.kind IS NOT NULL, l.place <> 'cut', l."at", l.topic, l."partition", l."offset") AS n
           FROM found f JOIN log l ON l.id = f.id AND l.verdict <> 'rejected' LEFT JOIN faststream_outcome k ON k.n = l.n
           WHERE f.n IS NULL AND NOT f.expired GROUP BY f.id)
       SELECT f.id, f.digest, f.expired, coalesce(f.n, a.n) AS owner, coalesce(f.owner_digest, l.digest) AS owner_digest,
              coalesce('stored from ' || f.topic || '/' || f."partition" || '@' || f."offset", '') AS origin
       FROM found f LEFT JOIN adopted a ON a.id = f.id LEFT JOIN log l ON l.n = a.n""",
    """CREATE TABLE faststream_class AS
       WITH seen AS (
           SELECT l.n, l.topic || '/' || l."partition" || '@' || l."offset" AS place, l.verdict, l.digest, l.reason AS judged, l.rule,
                  d.id IS NOT NULL AS held, d.digest AS document, d.owner = l.n AS owns, d.owner_digest,
                  d.expired AS owner_expired, d.origin, k.kind,
                  -- Where the dead-letter topic has lost records to retention, the outcome row speaks for the letter.
                  CASE WHEN x.n IS NOT NULL THEN x.reason
                       WHEN (SELECT dead_letters_truncated FROM fact) AND k.kind IN ('dead_lettered', 'conflict') THEN coalesce(nullif(k.reason, ''), k.kind)
                  END AS letter,
                  coalesce(x.rule, '') AS letter_rule
           FROM log l
           LEFT JOIN dead_of x ON x.n = l.n
           LEFT JOIN faststream_outcome k ON k.n = l.n
           LEFT JOIN faststream_owner d ON d.id = l.id AND l.verdict <> 'rejected'
           WHERE l.place = 'cut'),
       classed AS (
           SELECT *, CASE
               WHEN verdict = 'rejected' THEN CASE WHEN letter IS NOT NULL THEN 'dead_lettered' ELSE 'missing' END
               WHEN NOT held THEN CASE WHEN letter LIKE 'conflict%' THEN 'conflict' WHEN letter IS NOT NULL THEN 'dead_lettered' ELSE 'missing' END
               WHEN owns THEN CASE WHEN digest = document THEN 'stored' ELSE 'altered' END
               WHEN digest = document THEN 'duplicate'
               WHEN letter IS NOT NULL THEN 'conflict'
               WHEN digest = owner_digest THEN 'duplicate'
               WHEN owner_expired AND kind = 'duplicate' THEN 'duplicate'
               ELSE 'missing' END AS class
           FROM seen)
       SELECT n, class, CASE class
               WHEN 'dead_lettered' THEN concat_ws(': ', letter, nullif(CASE WHEN verdict = 'rejected' THEN rule ELSE letter_rule END, ''))
               WHEN 'duplicate' THEN 'same id, same content'
               WHEN 'conflict' THEN 'same id, other content'
               WHEN 'altered' THEN 'the document is not what the log says'
               WHEN 'missing' THEN CASE
                   WHEN verdict = 'rejected' THEN concat_ws(': ', 'no dead letter', judged, nullif(rule, ''))
                   WHEN held THEN 'other content under its id, and no dead letter'
                   ELSE 'no document, no dead letter' END
               ELSE '' END AS reason,
           CASE WHEN class IN ('duplicate', 'conflict') THEN origin
                WHEN class = 'altered' THEN 'digest ' || document || ' instead of ' || digest
                WHEN class = 'missing' THEN concat_ws(', ', 'faststream has passed ' || place, CASE WHEN held THEN nullif(origin, '') END)
                ELSE '' END AS detail
       FROM classed""",
)

LEGACY = (
    # What is known of each record that shares its id with a document. `place_in_line`: who the document belongs to, if it is several records':
    # first those whose content it has, then those for which nothing else was recorded, then the earliest.
    """CREATE TABLE legacy_match AS
       WITH pair AS (
           SELECT l.n, bool_or(CASE WHEN l.timestamp_given THEN l.digest = d.digest ELSE l.content_digest = d.content_digest END) AS same
           FROM log l JOIN legacy_document d ON d.id = l.id GROUP BY l.n),
       ranked AS (
           SELECT l.n, l.id, l.digest, p.same, l.place, l."at", l.topic, l."partition", l."offset",
                  CASE WHEN NOT s.legacy THEN 5 WHEN k.kind IS NULL THEN 0 WHEN k.kind = 'duplicate' THEN 1 WHEN k.kind = 'conflict' THEN 2
                       WHEN k.kind = 'failed' THEN 3 ELSE 4 END AS doubt
           FROM pair p JOIN log l ON l.n = p.n JOIN span s ON s.topic = l.topic AND s."partition" = l."partition" LEFT JOIN legacy_outcome k ON k.n = l.n)
       SELECT n, id, same, doubt, bool_or(same) OVER (PARTITION BY id) AS any_same, min(doubt) OVER (PARTITION BY id) AS least_doubt,
              row_number() OVER line AS place_in_line, digest = first_value(digest) OVER line AS as_first,
              first_value(topic || '/' || "partition" || '@' || "offset") OVER line AS first_place
       FROM ranked WINDOW line AS (PARTITION BY id ORDER BY same DESC, doubt, place <> 'cut', "at", topic, "partition", "offset")""",
    # Documents whose id no record has, and records without an id of their own: matched by content, as many of one as there are of the other.
    """CREATE TABLE legacy_reassigned AS
       WITH free AS (
           SELECT raw_id, content_digest, row_number() OVER (PARTITION BY content_digest ORDER BY raw_id) AS r
           FROM legacy_document d WHERE NOT EXISTS (SELECT 1 FROM log l WHERE l.id = d.id)),
       nameless AS (
           SELECT l.n, l.content_digest,
                  row_number() OVER (
                      PARTITION BY l.content_digest ORDER BY l.place <> 'cut', k.kind IS NOT NULL, l."at", l.topic, l."partition", l."offset") AS r
           FROM log l JOIN span s ON s.topic = l.topic AND s."partition" = l."partition" LEFT JOIN legacy_outcome k ON k.n = l.n
           WHERE NOT l.id_given AND l.content_digest <> '' AND s.legacy AND (k.kind IS NULL OR k.kind = 'failed')
                 AND NOT EXISTS (SELECT 1 FROM legacy_match m WHERE m.n = l.n))
       SELECT a.n, f.raw_id FROM nameless a JOIN free f ON f.content_digest = a.content_digest AND f.r = a.r""",
    """CREATE TABLE legacy_class AS
       WITH classed AS (
           SELECT l.n, l.topic, l.topic || '/' || l."partition" || '@' || l."offset" AS place, k.kind, k.reason, k.detail, m.first_place, a.raw_id, CASE
               WHEN m.same AND m.place_in_line = 1 THEN 'stored'
               WHEN NOT s.legacy THEN 'not_subscribed'
               WHEN a.n IS NOT NULL THEN 'reassigned'
               WHEN k.kind IN ('filtered', 'refused', 'failed', 'unreadable') THEN k.kind
               WHEN m.n IS NULL THEN 'unexplained'
               WHEN m.same THEN 'duplicate'
               WHEN m.any_same THEN 'conflict'
               WHEN m.place_in_line > 1 THEN CASE WHEN m.as_first OR k.kind = 'duplicate' THEN 'duplicate' ELSE 'conflict' END
               WHEN k.kind IN ('duplicate', 'conflict') AND (SELECT truncated FROM retention) THEN k.kind
               ELSE 'altered' END AS class
           FROM log l
           JOIN span s ON s.topic = l.topic AND s."partition" = l."partition"
           LEFT JOIN legacy_outcome k ON k.n = l.n
           LEFT JOIN legacy_match m ON m.n = l.n
           LEFT JOIN legacy_reassigned a ON a.n = l.n
           WHERE l.place = 'cut')
       SELECT n, class, CASE class
               WHEN 'not_subscribed' THEN 'legacy does not read ' || topic
               WHEN 'duplicate' THEN 'same id, same content'
               -- Ralph looks for an id by a search that does not see the last second, and then overwrites: taken, and gone.
               WHEN 'conflict' THEN CASE WHEN kind IS NULL THEN 'same id, other content: taken by the LRS, then overwritten' ELSE 'same id, other content' END
               WHEN 'reassigned' THEN 'no id of its own'
               WHEN 'altered' THEN 'the document is not what the log says'
               WHEN 'unexplained' THEN
                   CASE WHEN kind IS NULL THEN 'no document, and no outcome recorded' ELSE 'recorded as ' || kind || ', but there is no document' END
               WHEN 'stored' THEN ''
               ELSE coalesce(nullif(reason, ''), kind) END AS reason,
           CASE WHEN class = 'reassigned' THEN 'stored under ' || raw_id
                WHEN class IN ('duplicate', 'conflict') THEN concat_ws(', ', 'stored from ' || first_place, CASE WHEN class = kind THEN nullif(detail, '') END)
                WHEN class = 'unexplained' THEN 'legacy has passed ' || place
                WHEN class = kind THEN coalesce(detail, '') ELSE '' END AS detail
       FROM classed""",
)

STRAY = (
    # Documents of the new index that no record accounts for. Its ids are written in lower case, and rejected records are never stored.
    """CREATE TABLE faststream_stray AS
       SELECT 'faststream' AS side, d.*, CASE
              WHEN coalesce(d."offset" < s.log_begin OR d.generation < s.generation, d.topic IS NULL AND r.truncated AND d.stored < r.stored_before, false)
              THEN 'expired' ELSE 'extra' END AS class
       FROM faststream_document d CROSS JOIN retention r LEFT JOIN span s ON s.topic = d.topic AND s."partition" = d."partition"
       WHERE d.raw_id <> d.id OR NOT EXISTS (SELECT 1 FROM log l WHERE l.id = d.id AND l.verdict <> 'rejected')""",
    # Of the legacy index (what a repair has put there from the new index is as old as the document there):
    # no record has the id, and it is not the new name of one without; or all records of the id were turned away and it has the
    # content of none; or the index holds more documents of the id (in other cases) than there are records.
    """CREATE TABLE legacy_stray AS
       WITH of_id AS (
           SELECT id, count(*) FILTER (doubt < 3 OR same) AS claims FROM legacy_match GROUP BY id),
       numbered AS (
           SELECT d.*, i.claims, row_number() OVER (PARTITION BY d.id ORDER BY
               EXISTS (SELECT 1 FROM log l WHERE l.id = d.id AND (l.digest = d.digest OR (NOT l.timestamp_given AND l.content_digest = d.content_digest))) DESC,
               d.raw_id = d.id DESC, d.raw_id) AS r
           FROM legacy_document d LEFT JOIN of_id i ON i.id = d.id)
       SELECT 'legacy' AS side, d.* EXCLUDE (claims, r),
              CASE WHEN coalesce(t.truncated AND d.stored < t.stored_before, false)
                   OR EXISTS (SELECT 1 FROM faststream_stray f WHERE f.id = d.id AND f.class = 'expired') THEN 'expired' ELSE 'extra' END AS class
       FROM numbered d CROSS JOIN retention t
       WHERE (d.claims IS NULL AND NOT EXISTS (SELECT 1 FROM legacy_reassigned a WHERE a.raw_id = d.raw_id)) OR d.r > d.claims""",
    # A statement that only one side still has, or both with the same content, is what retention leaves; with two contents it needs a recorded conflict.
    """CREATE TABLE stray AS
       WITH every AS (SELECT * FROM faststream_stray UNION ALL BY NAME SELECT * FROM legacy_stray),
       other AS (SELECT side, id, min(digest) AS digest FROM every WHERE class = 'expired' GROUP BY side, id)
       SELECT e.side, e.raw_id AS id, e.class, e.topic, e."partition", e."offset", e.digest,
              CASE WHEN e.class = 'extra' THEN 'unexplained'
                   WHEN o.id IS NULL THEN 'explained'
                   WHEN o.digest = e.digest THEN NULL
                   WHEN EXISTS (SELECT 1 FROM outcome k WHERE k.kind = 'conflict' AND k.statement_id = e.id) THEN 'explained'
                   ELSE 'unexplained' END AS difference,
              CASE WHEN e.class = 'extra' AND EXISTS (SELECT 1 FROM log l WHERE l.id = e.id) THEN 'no record that could be stored has this id'
                   WHEN e.class = 'extra' THEN 'no record of the log has this id'
                   WHEN o.id IS NULL THEN 'older than the log, and only on this side'
                   WHEN o.digest = e.digest THEN 'older than the log, on both sides'
                   ELSE 'older than the log, with other content on the other side' END AS reason,
              CASE WHEN e.topic IS NOT NULL THEN 'it says that it comes from ' || e.topic || '/' || e."partition" || '@' || e."offset"
                   WHEN e.stored IS NOT NULL THEN 'stored at ' || strftime(epoch_ms(e.stored), '%Y-%m-%dT%H:%M:%SZ') ELSE '' END AS detail
       FROM every e LEFT JOIN other o ON o.side <> e.side AND o.id = e.id AND e.class = 'expired'""",
)

LEDGER = (
    """CREATE TABLE ledger AS
       WITH both_sides AS (
           SELECT l.*, f.class AS faststream, f.reason AS faststream_reason, f.detail AS faststream_detail,
                  g.class AS legacy, g.reason AS legacy_reason, g.detail AS legacy_detail,
                  cf.holds AS faststream_holds, cf.fault AS faststream_fault, cg.holds AS legacy_holds, cg.fault AS legacy_fault, cg.accepted
           FROM log l JOIN faststream_class f ON f.n = l.n JOIN legacy_class g ON g.n = l.n
           JOIN class cf ON cf.side = 'faststream' AND cf.name = f.class JOIN class cg ON cg.side = 'legacy' AND cg.name = g.class)
       SELECT topic, "partition", "offset", epoch_ms("at") AS "timestamp", id, event, verdict, reason, rule, pointer, digest,
              faststream, faststream_reason, faststream_detail, legacy, legacy_reason, legacy_detail,
              CASE WHEN faststream_fault THEN 'unexplained' WHEN legacy_holds AND NOT faststream_holds THEN 'explained' END AS faststream_difference,
              CASE WHEN legacy_fault AND NOT accepted THEN 'unexplained' WHEN legacy_fault OR (faststream_holds AND NOT legacy_holds) THEN 'explained' END
                  AS legacy_difference
       FROM both_sides """,
    # Both sides and the strays, one under the other: what totals, reasons and differences are read from.
    """CREATE VIEW entry AS
       SELECT 'faststream' AS side, faststream AS class, faststream_reason AS reason, faststream_detail AS detail, faststream_difference AS difference,
              id, topic, "partition", "offset" FROM ledger
       UNION ALL SELECT 'legacy', legacy, legacy_reason, legacy_detail, legacy_difference, id, topic, "partition", "offset" FROM ledger
       UNION ALL SELECT side, class, reason, detail, difference, id, NULL, NULL, NULL FROM stray""",
)

STEPS = (*PREPARE, *FASTSTREAM, *LEGACY, *STRAY, *LEDGER)
