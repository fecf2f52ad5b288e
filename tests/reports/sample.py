"""Results as `reports.run` gives them, made up by hand: enough to draw every part of the page."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from aboveboard.analyses.episodes import tables as episode_tables
from aboveboard.analyses.promises import tables as promise_tables
from aboveboard.analyses.shared.tables import TableSpec
from aboveboard.findings.model import Evidence, Finding
from aboveboard.reports.run import Results

KINDS = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
}
START = datetime(2026, 5, 4, tzinfo=UTC)


def table(spec: TableSpec, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as the analysis would give them; what a row does not say is absent."""
    schema = pa.schema([(field.name, KINDS[field.kind]) for field in spec.fields])
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def wilson(kept: int, n: int) -> tuple[float, float]:
    z = 1.96
    center = (kept + z * z / 2) / (n + z * z)
    half = z * math.sqrt(kept * (n - kept) / n + z * z / 4) / (n + z * z)
    return max(0.0, center - half), min(1.0, center + half)


def results(seed: int = 3) -> Results:
    draw = random.Random(seed)
    name = "pick-up-in-3-hours"
    slices, trend, deliverable = [], [], []
    for weekday in range(1, 8):
        for hour in range(9, 20):
            n = draw.randint(2, 30)
            share = 0.05 if hour < 16 else 0.5 + 0.05 * (hour - 16)
            missed = sum(draw.random() < share for _ in range(n))
            slices.append(_slice(name, "hour_weekday", f"{weekday}/{hour}", n, n - missed, differs=False))
    for team, share in (
        ("Harbour Street", 0.52),
        ("Old Mill", 0.71),
        ("North Gate & <Sons>", 0.93),
        ("Museum Quarter", 0.95),
    ):
        n = draw.randint(60, 400)
        slices.append(_slice(name, "team", team, n, round(n * share), differs=share < 0.6))
    for channel, share in (("web", 0.68), ("phone", 0.83)):
        slices.append(_slice(name, "channel", channel, 500, round(500 * share), differs=False))
    for week in range(26):
        n = draw.randint(30, 60)
        kept = round(n * (0.62 if week < 20 else 0.9) + draw.uniform(-3, 3))
        trend.append(
            {
                "promise": name,
                "period_start_at": START + timedelta(weeks=week),
                "period": "week",
                "ended_count": n,
                "kept_count": kept,
                "kept_share": kept / n,
                "center": 0.68,
                "limit_low": 0.68 - 1.4 / math.sqrt(n),
                "limit_high": min(1.0, 0.68 + 1.4 / math.sqrt(n)),
                "signal": week > 22,
            }
        )
    for hour in range(9, 20):
        minutes = 130.0 if hour < 16 else 960.0 + 5 * hour
        deliverable.append(
            {
                "promise": name,
                "slice": "hour",
                "value": str(hour),
                "starts_count": 90,
                "kept_share": 0.9,
                "objective": 0.98,
                "minutes_promised": 180.0,
                "minutes_deliverable": minutes,
                "minutes_deliverable_low": minutes * 0.9,
                "minutes_deliverable_high": None if hour == 19 else minutes * 1.15,
                "verdict": "not deliverable",
            }
        )
    deliverable.append(
        {
            "promise": name,
            "slice": "all",
            "value": "all",
            "starts_count": 1012,
            "kept_share": 0.7,
            "objective": 0.98,
            "minutes_promised": 180.0,
            "minutes_deliverable": 1010.0,
            "verdict": "not deliverable",
            "honest": "Within 3 hours for orders until 15:45; by 11:00 the next day for later ones.",
        }
    )
    summary = [
        {
            "promise": name,
            "starts_count": 1045,
            "kept_count": 704,
            "late_count": 260,
            "broken_count": 41,
            "open_count": 22,
            "at_risk_count": 6,
            "cancelled_count": 12,
            "undated_count": 0,
            "kept_share": 0.7,
            "kept_share_low": 0.67,
            "kept_share_high": 0.73,
            "objective": 0.98,
            "budget_count": 20.1,
            "missed_count": 301,
            "budget_spent_share": 15.0,
            "late_minutes_median": 840.0,
            "as_of": START + timedelta(weeks=26),
        },
        {
            "promise": "call-back-today",
            "starts_count": 88,
            "kept_count": 85,
            "late_count": 2,
            "broken_count": 0,
            "open_count": 1,
            "at_risk_count": 0,
            "cancelled_count": 0,
            "undated_count": 3,
            "kept_share": 0.977,
            "kept_share_low": 0.92,
            "kept_share_high": 0.993,
            "objective": 0.95,
            "budget_count": 4.4,
            "missed_count": 2,
            "budget_spent_share": 0.46,
            "late_minutes_median": 35.0,
            "as_of": START + timedelta(weeks=26),
        },
    ]
    flows = [
        _flow("team", "Web orders", "Harbour Street", 412, 51, 190.0),
        _flow("team", "Web orders", "Old Mill", 230, 2, 35.0),
        _flow("team", "Harbour Street", "Repairs", 80, 0, 1500.0),
        _flow("team", "Repairs", "Harbour Street", 41, 0, 900.0, returned=33),
        _flow("channel", "web", "phone", 140, 0, 60.0),
        _flow("channel", "phone", "store", 90, 0, 1200.0),
    ]
    contradictions = [
        {
            "subject": "order:77",
            "customer": "c-9",
            "fact": "order",
            "first_event": "e1",
            "first_at": START,
            "first_by": "web",
            "first_says": "placed",
            "second_event": "e2",
            "second_at": START + timedelta(hours=4),
            "second_by": "store / Harbour Street",
            "second_says": "never arrived",
            "against": "channel",
        }
    ]
    spells = [
        {
            "episode": f"e{i}",
            "customer": f"c-{i}",
            "subjects": f"order:{i}",
            "started_at": START,
            "ended_at": START + timedelta(days=1),
            "events_count": 4,
            "contacts_count": min(9, 1 + int(draw.expovariate(0.7))),
            "channels_count": 1 + i % 3,
            "channels": "web → phone",
            "restarts_count": i % 2,
            "effort": 1.0 + i % 5,
        }
        for i in range(240)
    ]
    repeats = [
        {
            "slice": "all",
            "value": "all",
            "window_days": 7.0,
            "resolved_count": 300,
            "repeat_count": 60,
            "fcr_share": 0.8,
            "fcr_share_low": 0.75,
            "fcr_share_high": 0.84,
        }
    ]
    specs = {spec.name: spec for spec in (*promise_tables.TABLES, *episode_tables.TABLES)}
    filled = {
        "promise_summary": summary,
        "promise_slices": slices,
        "promise_trend": trend,
        "deliverability": deliverable,
        "handoff_flows": flows,
        "contradictions": contradictions,
        "episodes": spells,
        "repeats": repeats,
    }
    facts = {
        "events_count": 48210,
        "customers_count": 3120,
        "subjects_count": 4000,
        "first_at": START,
        "last_at": START + timedelta(weeks=26),
    }
    tables = {spec_name: table(spec, filled.get(spec_name, [])) for spec_name, spec in specs.items()}
    return Results(tables, FINDINGS, START + timedelta(weeks=26), facts)


def _slice(promise: str, by: str, value: str, n: int, kept: int, *, differs: bool) -> dict[str, Any]:
    low, high = wilson(kept, n)
    return {
        "promise": promise,
        "slice": by,
        "value": value,
        "ended_count": n,
        "missed_count": n - kept,
        "kept_share": kept / n,
        "kept_share_low": low,
        "kept_share_high": high,
        "differs": differs,
    }


def _flow(
    between: str, sender: str, receiver: str, n: int, lost: int, wait: float, returned: int = 0
) -> dict[str, Any]:
    low, high = wilson(lost, n)
    return {
        "between": between,
        "sender": sender,
        "receiver": receiver,
        "handoffs_count": n,
        "subjects_count": n,
        "lost_count": lost,
        "lost_share": lost / n,
        "lost_share_low": low,
        "lost_share_high": high,
        "returned_count": returned,
        "waiting_minutes_median": wait,
        "waiting_minutes_p90": wait * 4,
    }


FINDINGS = (
    Finding(
        "promise.not-deliverable",
        {"promise": "pick-up-in-3-hours"},
        "“Your phones are ready within three hours” was kept in 70 % of 1,005 orders; it is meant to hold in 98 %.",
        Evidence(
            1005, 0.7, "share", 0.67, 0.73, "Kaplan–Meier, open and cancelled ones censored", "Kaplan and Meier 1958"
        ),
        "Promise three hours for orders until 15:45, and 11:00 the next day for later ones.",
        "store operations",
        301.0,
        ("e11", "e12"),
        "promise_summary",
    ),
    Finding(
        "handoff.lost",
        {"sender": "Web orders", "receiver": "Harbour Street"},
        "51 of 412 orders that Web orders sent to Harbour Street never arrived there.",
        Evidence(412, 51 / 412, "share", 0.095, 0.159, "Wilson interval", "Wilson 1927"),
        "Let the shop confirm each order it takes over; chase what is not confirmed in an hour.",
        None,
        51.0,
        ("e5",),
        "handoff_flows",
    ),
)
