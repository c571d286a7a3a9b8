"""What each side holds, record by record, so that its figures can be computed from the log too: the steps, as SQL over the witnesses.

`told` is what the log itself says: one valid record of each id. `<side>_held` is each document of that side's index with the record whose content it
has. A document is out of scope if only records outside the cut account for it; its facts must be `fetched` where no record of the log has them:
it was altered, added or is older than the log, or the LRS made its timestamp.
"""

from __future__ import annotations

from string import Template

from nljctl.analytics.reference.arithmetic import TERMS

_HELD = Template("""
CREATE TABLE ${side}_held AS
WITH pair AS (
    SELECT d.raw_id, l.n, l.place = 'cut' AS cut, l.verdict <> 'rejected' AS valid, l.timestamp_given AS timed,
           CASE WHEN l.timestamp_given OR $exactly THEN l.digest = d.digest ELSE l.content_digest = d.content_digest END AS same,
           coalesce(l.topic = d.topic AND l."partition" = d."partition" AND l."offset" = d."offset", false) AS own
    FROM ${side}_document d JOIN log l ON l.id = d.id),
best AS (
    SELECT raw_id, arg_min(n, CASE WHEN own THEN -1 ELSE n END) FILTER (valid AND same) AS n, count(*) FILTER (valid AND same) AS times,
           bool_or(own AND same) AS own, bool_or(cut) AS in_cut, bool_and(timed) FILTER (valid AND same) AS timed
    FROM pair GROUP BY raw_id),
of_document AS (
    SELECT d.raw_id, d.id, d.topic, coalesce(b.n, a.n) AS n, coalesce(b.times, 1) AS times, coalesce(b.own, false) AS own,
           b.raw_id IS NOT NULL OR a.n IS NOT NULL AS known,
           coalesce(b.in_cut, l.place = 'cut', false) AS in_cut, coalesce(b.timed, l.timestamp_given, true) AS timed,
           CASE WHEN s.topic IS NULL OR d."offset" < s.log_begin OR d.generation < s.generation THEN NULL
                WHEN c.topic IS NULL OR d."offset" >= c."end" OR d."offset" < c."begin" THEN 'outside' ELSE 'cut' END AS place
    FROM ${side}_document d
    LEFT JOIN best b USING (raw_id)
    LEFT JOIN $reassigned a ON a.raw_id = d.raw_id AND b.raw_id IS NULL
    LEFT JOIN log l ON l.n = a.n
    LEFT JOIN span s ON s.topic = d.topic AND s."partition" = d."partition"
    LEFT JOIN cut c ON c.topic = d.topic AND c."partition" = d."partition")
SELECT raw_id, id, n, place, times, own, in_cut OR (NOT known AND place IS DISTINCT FROM 'outside') OR place IS NOT DISTINCT FROM 'cut' AS in_scope,
       n IS NULL AS unmatched, NOT timed AND NOT $exactly AS retimed
FROM of_document""")

_NONE_REASSIGNED = "(SELECT NULL::BIGINT AS n, NULL::VARCHAR AS raw_id WHERE false)"

_REDEFINED = Template("""
-- Records of one content may differ in what equivalence does not look at: the definition of the activity, the letters of a mail domain.
ALTER TABLE ${side}_held ADD COLUMN redefined BOOLEAN DEFAULT false;
UPDATE ${side}_held SET redefined = true FROM (
    SELECT h.raw_id FROM ${side}_held h JOIN log l ON l.id = h.id JOIN log m ON m.n = h.n JOIN log_fact f ON f.n = l.n
    WHERE h.times > 1 AND NOT h.own AND l.digest = m.digest
    GROUP BY h.raw_id HAVING count(DISTINCT concat_ws(chr(10), coalesce(f.type, ''), coalesce(f.interaction, ''), coalesce(f.mbox, ''))) > 1) other
WHERE other.raw_id = ${side}_held.raw_id""")

_TOLD = """
CREATE TABLE told AS
SELECT l.id, arg_min(l.n, CASE WHEN h.n IS NOT NULL THEN -1 ELSE l.n END) AS n
FROM log l LEFT JOIN faststream_held h ON h.n = l.n AND h.in_scope
WHERE l.place = 'cut' AND l.verdict <> 'rejected' GROUP BY l.id"""

FACTS = (
    "CREATE VIEW log_facts AS SELECT f.* FROM told t JOIN log_fact f ON f.n = t.n",
    """CREATE VIEW faststream_facts AS
       SELECT f.* FROM faststream_held h JOIN log_fact f ON f.n = h.n WHERE h.in_scope AND NOT h.needed
       UNION ALL SELECT * EXCLUDE (side, raw_id) FROM fetched WHERE side = 'faststream'""",
    """CREATE VIEW legacy_facts AS
       SELECT f.* FROM legacy_held h JOIN log_fact f ON f.n = h.n WHERE h.in_scope AND NOT h.needed
       UNION ALL SELECT * EXCLUDE (side, raw_id) FROM fetched WHERE side = 'legacy'""",
)
"""What the log tells and what each side holds, as statements; after the documents were fetched."""

_FETCH = Template("""
ALTER TABLE ${side}_held ADD COLUMN needed BOOLEAN;
UPDATE ${side}_held SET needed = in_scope AND (unmatched OR retimed OR redefined)""")

STEPS = (
    _HELD.substitute(side="faststream", exactly="true", reassigned=_NONE_REASSIGNED),
    _HELD.substitute(side="legacy", exactly="false", reassigned="legacy_reassigned"),
    *(template.substitute(side=side) for side in ("faststream", "legacy") for template in (_REDEFINED, _FETCH)),
    _TOLD,
)
"""After the ledger is settled and table `log_fact` is there."""

_CAUSE = Template("""
-- Why a side's figures are not the log's: each statement that one of them counts and the other does not, or counts with other facts.
INSERT INTO cause
WITH class_of AS (
    SELECT t.n, t.id, k.class, NOT (c.fault AND NOT c.accepted) AS explained
    FROM told t JOIN ${side}_class k ON k.n = t.n JOIN class c ON c.side = '${side}' AND c.name = k.class),
held AS (SELECT h.*, l.digest FROM ${side}_held h LEFT JOIN log l ON l.n = h.n WHERE h.in_scope),
lacking AS (
    SELECT k.* FROM class_of k JOIN log l ON l.n = k.n
    WHERE NOT EXISTS (SELECT 1 FROM held h WHERE h.n = k.n) AND NOT EXISTS (SELECT 1 FROM held h WHERE h.id = k.id AND h.digest = l.digest)),
other AS (SELECT h.raw_id, h.id, h.n FROM held h WHERE h.n IS NOT NULL AND EXISTS (SELECT 1 FROM lacking k WHERE k.id = h.id)),
foreign_ AS (
    SELECT h.raw_id, h.id, coalesce(s.class, any_value(k.class), any_value(x.faststream), 'extra') AS class,
           coalesce(s.explained, bool_and(k.explained), bool_and(x.faststream_difference IS DISTINCT FROM 'unexplained'), false) AS explained
    FROM held h
    LEFT JOIN (SELECT id, any_value(class) AS class, bool_and(difference IS DISTINCT FROM 'unexplained') AS explained FROM stray
               WHERE side = '${side}' GROUP BY id) s ON s.id = h.raw_id
    LEFT JOIN class_of k ON k.id = h.id
    LEFT JOIN ledger x ON x.id = h.id AND x.verdict = 'rejected'
    WHERE h.unmatched GROUP BY h.raw_id, h.id, s.class, s.explained)
SELECT '${side}' AS side, k.id, k.class, k.explained, f.mbox, f.object, f.survey FROM lacking k JOIN log_fact f ON f.n = k.n
UNION ALL SELECT '${side}', o.id, k.class, k.explained, f.mbox, f.object, f.survey FROM other o JOIN lacking k ON k.id = o.id JOIN log_fact f ON f.n = o.n
UNION ALL SELECT '${side}', u.id, u.class, u.explained, f.mbox, f.object, f.survey
FROM foreign_ u JOIN fetched f ON f.side = '${side}' AND f.raw_id = u.raw_id
UNION ALL SELECT '${side}', h.id, CASE WHEN h.retimed THEN 'timestamp' ELSE 'definition' END, true, f.mbox, f.object, f.survey
FROM held h JOIN fetched f ON f.side = '${side}' AND f.raw_id = h.raw_id WHERE NOT h.unmatched""")

CAUSES = (
    "CREATE TABLE cause (side VARCHAR, id VARCHAR, class VARCHAR, explained BOOLEAN, mbox VARCHAR, object VARCHAR, survey VARCHAR)",
    *(_CAUSE.substitute(side=side) for side in ("faststream", "legacy")),
)
"""After the documents were fetched."""

_AS_THE_LOG = Template("CREATE VIEW ${side}_expected AS SELECT * FROM log_figure")
AS_THE_LOG = {side: _AS_THE_LOG.substitute(side=side) for side in ("faststream", "legacy")}
"""What is expected of a side that holds exactly what the log tells."""

_COMPARED = """
CREATE TABLE compared AS
WITH asked AS (
    SELECT kind, entity, metric FROM log_figure UNION SELECT kind, entity, metric FROM legacy_figure UNION SELECT kind, entity, metric FROM faststream_figure)
SELECT a.kind, a.entity, a.metric, l.value AS log, g.value AS legacy, f.value AS faststream, ge.value AS legacy_expected, fe.value AS faststream_expected
FROM asked a
LEFT JOIN log_figure l USING (kind, entity, metric)
LEFT JOIN legacy_figure g USING (kind, entity, metric)
LEFT JOIN faststream_figure f USING (kind, entity, metric)
LEFT JOIN legacy_expected ge USING (kind, entity, metric)
LEFT JOIN faststream_expected fe USING (kind, entity, metric)"""
"""Every figure with what each way of computing says."""

_CAUSES_OF = """
CREATE TABLE cause_of AS
WITH touched AS (
    SELECT 'overview' AS kind, '' AS entity, * FROM cause
    UNION ALL SELECT 'learner', substr(mbox, 8), * FROM cause WHERE mbox IS NOT NULL
    UNION ALL SELECT 'activity', object, * FROM cause WHERE object IS NOT NULL
    UNION ALL SELECT 'node', substr(object, 8), * FROM cause WHERE starts_with(object, 'node://')
    UNION ALL SELECT 'survey', survey, * FROM cause WHERE survey IS NOT NULL
    UNION ALL SELECT 'survey', substr(object, length(prefix) + 1), cause.* FROM cause
        JOIN (SELECT unnest([$survey_objects]) AS prefix) ON starts_with(object, prefix)),
counted AS (SELECT kind, entity, side, class, explained, count(DISTINCT id) AS "count" FROM touched GROUP BY ALL)
SELECT kind, entity, list({'side': side, 'class': class, 'count': "count", 'explained': explained} ORDER BY side, class) AS causes FROM counted GROUP BY ALL"""

JOINED = (_COMPARED, Template(_CAUSES_OF).substitute(TERMS))

_SHOWN = (
    "SELECT kind, entity, metric, log, legacy, faststream, legacy_expected, faststream_expected, causes FROM compared LEFT JOIN cause_of USING (kind, entity)"
)

DIFFERING = f"{_SHOWN} WHERE log IS DISTINCT FROM legacy OR log IS DISTINCT FROM faststream ORDER BY kind, entity, metric"
OF_SOME = f"{_SHOWN} WHERE kind = $1 AND entity IN (SELECT unnest($2::VARCHAR[])) ORDER BY kind, entity, metric"
OTHERS = """
SELECT entity FROM compared WHERE kind = $1 GROUP BY entity
HAVING NOT bool_or(log IS DISTINCT FROM legacy OR log IS DISTINCT FROM faststream) ORDER BY entity LIMIT $2"""
