"""What is asked of each public data set: the same figures as `by_hand`, out of Aboveboard's tables, and a few more.

Every question is SQL over the tables that `aboveboard analyse` writes (`promises`, `handoffs`, …) and over `events`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

HANDED_OVER = {
    "hand-offs between teams": "SELECT count(*) FROM handoffs",
    "cases with more than one team": "SELECT count(DISTINCT subject) FROM handoffs",
    "cases with an A→B→A return": "SELECT count(DISTINCT subject) FROM handoffs WHERE returned",
}


def _outcomes(promise: str, *outcomes: str) -> str:
    listed = ", ".join(f"'{outcome}'" for outcome in outcomes)
    return f"SELECT count(*) FROM promises WHERE promise = '{promise}' AND outcome IN ({listed})"


def _starts(promise: str, where: str = "true") -> str:
    return f"SELECT count(*) FROM promises WHERE promise = '{promise}' AND {where}"


def _events(where: str, what: str = "*") -> str:
    return f"SELECT count({what}) FROM events WHERE {where}"


FIGURES: Mapping[str, Mapping[str, str]] = {
    "olist": {
        "orders": _starts("delivered-by"),
        "orders delivered": _starts("delivered-by", "met_at IS NOT NULL"),
        "delivered after the promised day": _outcomes("delivered-by", "late"),
        "cancelled before they were late": _outcomes("delivered-by", "cancelled"),
        "reviews": _events("type = 'review.posted'"),
        "parcels (order and seller)": _starts("hand-over-to-carrier"),
        "parcels with a carrier's scan since the order": _starts("hand-over-to-carrier", "met_at IS NOT NULL"),
        "parcels scanned after the limit": _outcomes("hand-over-to-carrier", "late"),
    },
    "baltimore311": {
        "requests": _events("type = 'case.opened'"),
        "with both dates": _starts("closed-by-due", "met_at IS NOT NULL"),
        "closed by their due time": _outcomes("closed-by-due", "kept"),
        "closed late": _outcomes("closed-by-due", "late"),
        "due, and not closed": _outcomes("closed-by-due", "broken", "open", "at risk"),
    },
    "servicenow": {
        "incidents": "SELECT count(*) FROM promises",
        "incidents reopened": _events("type = 'case.reopened'", "DISTINCT subject"),
        "incidents that kept their agreement (made_sla)": _events(
            "type = 'case.closed' AND attributes->>'made_sla' = 'true'"
        ),
        "incidents without a time of resolving": "SELECT count(*) FROM promises WHERE met_at IS NULL",
        "resolved within our limits": "SELECT count(*) FROM promises WHERE outcome = 'kept'",
        **HANDED_OVER,
    },
    "bpic2013": {
        "events": _events("type = 'status.changed'"),
        "cases": _starts("completed-in-5-days"),
        "cases completed within five days": _outcomes("completed-in-5-days", "kept"),
        "cases never completed": _starts("completed-in-5-days", "met_at IS NULL"),
        "cases opened again after completion": _events("type = 'case.reopened'", "DISTINCT subject"),
        "times put into a queue": _starts("taken-up-in-a-day"),
        "taken up within a day": _outcomes("taken-up-in-a-day", "kept"),
        **HANDED_OVER,
    },
    "helpdesk": {
        "events": _events("type <> 'case.opened'"),
        "tickets": _starts("resolved-in-2-weeks"),
        "taken in charge by the next working day": _outcomes("taken-in-charge-next-day", "kept"),
        "neither taken in charge nor resolved": _starts("taken-in-charge-next-day", "met_at IS NULL"),
        "resolved within two weeks": _outcomes("resolved-in-2-weeks", "kept"),
        "never resolved": _starts("resolved-in-2-weeks", "met_at IS NULL"),
        **HANDED_OVER,
    },
}


@dataclass(frozen=True)
class Share:
    """A table of shares: each row of `sql` is a name, how many there are, and how many of them `count` counts."""

    title: str
    sql: str
    of: str
    count: str


@dataclass(frozen=True)
class Listing:
    """A table as it comes: the columns of `sql` are its head."""

    title: str
    sql: str


_PARTS = """
SELECT value, ended_count, ended_count - missed_count FROM promise_slices
WHERE promise = '{promise}' AND slice = '{slice}' AND ended_count >= {least} ORDER BY kept_share LIMIT {most}
"""


def _parts(promise: str, cut: str, *, least: int = 100, most: int = 10) -> str:
    return _PARTS.format(promise=promise, slice=cut, least=least, most=most)


MORE: Mapping[str, tuple[Share | Listing, ...]] = {
    "olist": (
        Share(
            "Delivered orders by whether the seller was in time",
            """
            WITH seller AS (
                SELECT split_part(subject, ':', 2) AS number, max(outcome = 'late') AS late FROM promises
                WHERE promise = 'hand-over-to-carrier' AND outcome IN ('kept', 'late') GROUP BY number)
            SELECT CASE WHEN seller.late THEN 'a seller handed over late' ELSE 'every seller in time' END AS name,
                count(*), count(*) FILTER (outcome = 'late')
            FROM promises JOIN seller ON subject = 'order:' || number
            WHERE promise = 'delivered-by' AND outcome IN ('kept', 'late') GROUP BY name ORDER BY name
            """,
            "delivered",
            "after the promised day",
        ),
        Share(
            "Delivered orders by the customer's state (100 or more)",
            """
            SELECT attributes->>'state' AS state, count(*) AS n, count(*) FILTER (promises.outcome = 'late') AS late
            FROM promises JOIN events ON events.id = event WHERE promise = 'delivered-by' AND met_at IS NOT NULL
            GROUP BY state HAVING n >= 100 ORDER BY late / n DESC
            """,
            "delivered",
            "after the promised day",
        ),
        Listing(
            "Days between order and delivery, delivered orders",
            """
            SELECT round(quantile_cont(minutes_allowed / 1440, 0.5), 1) AS "promised, median",
                round(quantile_cont(minutes_taken / 1440, 0.5), 1) AS "taken, median",
                round(quantile_cont(minutes_taken / 1440, 0.95), 1) AS "taken, 95 of 100",
                round(quantile_cont(minutes_late / 1440, 0.5), 1) AS "after the promise, median",
                round(quantile_cont(minutes_late / 1440, 0.95), 1) AS "after the promise, 95 of 100"
            FROM promises WHERE promise = 'delivered-by' AND met_at IS NOT NULL
            """,
        ),
    ),
    "baltimore311": (
        Share("By agency (100 or more)", _parts("closed-by-due", "team"), "due", "in time"),
        Share("By type of request (100 or more)", _parts("closed-by-due", "touchpoint"), "due", "in time"),
        Share("By the way it came", _parts("closed-by-due", "channel", least=100), "due", "in time"),
        Listing(
            "Requests by the hour at which they are dated",
            """
            SELECT extract(hour FROM time AT TIME ZONE 'America/New_York') // 3 * 3 AS "from hour", count(*) AS requests,
                count(*) FILTER (channel = 'internal') AS "of them internal"
            FROM events WHERE type = 'case.opened' GROUP BY 1 ORDER BY 1
            """,
        ),
    ),
    "servicenow": (
        Listing(
            "Our limits beside the desk's own agreement (made_sla)",
            """
            SELECT promise, attributes->>'made_sla' AS made_sla, count(*) AS incidents,
                count(*) FILTER (promises.outcome = 'kept') AS "kept by our limit",
                count(*) FILTER (promises.outcome <> 'kept') AS "not kept by our limit"
            FROM promises JOIN events ON events.subject = promises.subject AND events.type = 'case.closed'
            GROUP BY ALL ORDER BY ALL
            """,
        ),
        Share(
            "The desk's own agreement by hand-offs between groups",
            """
            WITH hops AS (SELECT subject, count(*) AS n FROM handoffs GROUP BY subject)
            SELECT CASE coalesce(n, 0) WHEN 0 THEN 'none' WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'three or more' END AS name,
                count(*), count(*) FILTER (attributes->>'made_sla' = 'true')
            FROM events LEFT JOIN hops USING (subject) WHERE type = 'case.closed' GROUP BY name ORDER BY min(coalesce(n, 0))
            """,
            "incidents",
            "made_sla",
        ),
        Share(
            "The desk's own agreement by reopening",
            """
            WITH again AS (SELECT DISTINCT subject FROM events WHERE type = 'case.reopened')
            SELECT if(again.subject IS NULL, 'never reopened', 'reopened') AS name, count(*),
                count(*) FILTER (attributes->>'made_sla' = 'true')
            FROM events LEFT JOIN again USING (subject) WHERE type = 'case.closed' GROUP BY name ORDER BY name
            """,
            "incidents",
            "made_sla",
        ),
        Listing(
            "Reassignments that the desk counts beside the hand-offs we see",
            """
            SELECT sum(cast(attributes->>'reassignments' AS integer)) AS "reassignment_count, summed",
                (SELECT count(*) FROM handoffs) AS "hand-offs between groups"
            FROM events WHERE type = 'case.resolved'
            """,
        ),
    ),
    "bpic2013": (
        Share(
            "Cases by the highest line that touched them",
            """
            WITH line AS (
                SELECT subject, max(CASE WHEN team LIKE '%3rd' THEN 3 WHEN team LIKE '%2nd' THEN 2 ELSE 1 END) AS n
                FROM events WHERE type = 'status.changed' GROUP BY subject)
            SELECT 'line ' || n AS name, count(*), count(*) FILTER (outcome = 'kept')
            FROM promises JOIN line USING (subject) WHERE promise = 'completed-in-5-days' GROUP BY name ORDER BY name
            """,
            "cases",
            "completed within five days",
        ),
        Listing(
            "Pairs of teams between which work went back most often",
            """
            SELECT least(sender, receiver) || ' ↔ ' || greatest(sender, receiver) AS pair,
                sum(handoffs_count)::int AS "hand-offs", sum(returned_count)::int AS "of them back"
            FROM handoff_flows GROUP BY pair ORDER BY 3 DESC, pair LIMIT 8
            """,
        ),
        Share(
            "Queues whose work waits longest (100 or more)",
            _parts("taken-up-in-a-day", "team", most=8),
            "put into the queue",
            "taken up within a day",
        ),
        Share(
            "Cases by the month in which they were opened",
            """
            SELECT strftime(made_at, '%Y-%m') AS name, count(*), count(*) FILTER (outcome = 'kept') FROM promises
            WHERE promise = 'completed-in-5-days' AND made_at >= '2012-01-01' GROUP BY name ORDER BY name
            """,
            "cases",
            "completed within five days",
        ),
        Listing(
            "When the log's cases end",
            """
            SELECT strftime(last, '%Y-%m') AS month, count(*) AS cases
            FROM (SELECT max(time) AS last FROM events GROUP BY subject) GROUP BY month ORDER BY month
            """,
        ),
    ),
    "helpdesk": (
        Share(
            "Taken in charge, by weekday of the ticket (1 is Monday)",
            """
            SELECT value, ended_count, ended_count - missed_count FROM promise_slices
            WHERE promise = 'taken-in-charge-next-day' AND slice = 'weekday' AND ended_count >= 20 ORDER BY value
            """,
            "tickets",
            "by the next working day",
        ),
        Listing(
            "Days from opening to resolving",
            """
            SELECT round(quantile_cont(minutes_taken / 1440, 0.1), 2) AS "one tenth within",
                round(quantile_cont(minutes_taken / 1440, 0.25), 1) AS "a quarter",
                round(quantile_cont(minutes_taken / 1440, 0.5), 1) AS "half",
                round(quantile_cont(minutes_taken / 1440, 0.75), 1) AS "three quarters",
                round(quantile_cont(minutes_taken / 1440, 0.9), 1) AS "nine tenths"
            FROM promises WHERE promise = 'resolved-in-2-weeks' AND met_at IS NOT NULL
            """,
        ),
        Share(
            "Resolved within two weeks, by whether it had to wait",
            """
            WITH waited AS (SELECT DISTINCT subject FROM events WHERE type = 'ticket.wait')
            SELECT if(waited.subject IS NULL, 'never set to wait', 'set to wait') AS name, count(*),
                count(*) FILTER (outcome = 'kept')
            FROM promises LEFT JOIN waited USING (subject) WHERE promise = 'resolved-in-2-weeks'
            GROUP BY name ORDER BY name
            """,
            "tickets",
            "within two weeks",
        ),
    ),
}

STARS = """
SELECT coalesce(promises.outcome, '(none)') AS outcome, value AS stars, count(*) AS reviews
FROM events JOIN promises USING (subject)
WHERE type = 'review.posted' AND promise = 'delivered-by' GROUP BY ALL ORDER BY ALL
"""
"""Olist's reviews by what became of the promise: outcome, stars, how many."""

STRATA = """
WITH placed AS (SELECT split_part(subject, ':', 2) AS number, attributes->>'status' = 'delivered' AS delivered
    FROM events WHERE type = 'order.placed')
SELECT promise, count(*) FILTER (delivered), count(*) FILTER (delivered AND outcome = 'kept'),
    count(*) FILTER (NOT delivered), count(*) FILTER (NOT delivered AND outcome = 'kept')
FROM promises JOIN placed ON number = split_part(promises.subject, ':', 2)
WHERE outcome IN ('kept', 'late', 'broken') GROUP BY promise ORDER BY promise
"""
"""Olist's sample was drawn by status. Per promise: ended and kept among delivered orders, ended and kept among others."""

SAMPLED = "SELECT count(*) FROM events WHERE type = 'order.placed' AND attributes->>'status' = 'delivered'"


def names() -> Iterator[str]:
    """The sets, in the order in which they are told."""
    return iter(FIGURES)
