"""What the promise analyses found, in sentences: which promises break, where, when, and what could be promised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aboveboard.findings import comparing, sentences
from aboveboard.findings.comparing import ENOUGH
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.parts import breaks_where
from aboveboard.findings.said import Row, Said, Tables, events, kept_interval, rows
from aboveboard.playbook.model import Playbook

NAMED = 3
"""Up to this many single cases are named in a sentence."""
RECENT_PERIODS = 3
_NOT_DELIVERABLE = "not deliverable"
_KAPLAN_MEIER = (
    "Kaplan–Meier share kept by its time, log–log Greenwood interval",
    "Kaplan and Meier (1958), JASA 53, 457–481; Kalbfleisch and Prentice (2002), eq. 1.14",
)
_LANEY = (
    "share of ended promises, Wilson interval; Laney p′ limits",
    "Laney (2002), Quality Engineering 14, 531–537",
)
_BURN_RATE = (
    "missed share in the window, Wilson interval; multi-window burn rate",
    "Beyer et al. (2018), The Site Reliability Workbook, ch. 5",
)
KINDS: tuple[Kind, ...] = (
    Kind(
        "promise.not-deliverable",
        "The promise, as it stands, cannot be kept as often as it is meant to be.",
        "20 or more ended, and the whole 95 % interval of the kept share lies below the objective.",
        ("promise",),
        "deliverability",
    ),
    Kind(
        "promise.broken",
        "The promise was not kept, too seldom made for a rate: a fact, said as a count.",
        "Fewer than 20 ended, and at least one of them late or broken.",
        ("promise",),
        "promises",
    ),
    Kind(
        "promise.at-risk",
        "Promises that still run are more likely to break than to be kept: there is still time.",
        "At least one running promise is at risk.",
        ("promise",),
        "promises",
    ),
    Kind(
        "promise.burning",
        "The misses that the objective allows are being used up faster than before.",
        "A burn-rate alarm on 20 or more ended; where the promise is known not to be deliverable, only if it is missed "
        "more than usual.",
        ("promise",),
        "error_budgets",
    ),
    Kind(
        "promise.breaks-where",
        "One team, channel, touchpoint, or some hours or days, miss more than the rest.",
        "20 or more ended on both sides, different from the rest at a false-discovery rate of 5 % over all slices, at "
        "least 2 points worse than the rest, and below the objective. The five that miss most of each slice have a "
        "finding each, those beyond share one. Hours are one finding per promise, and so are "
        "hours of single weekdays, which are said only where neither hour nor weekday is.",
        ("promise", "slice", "value"),
        "promise_slices",
    ),
    Kind(
        "promise.getting-worse",
        "The latest periods fall below what the ordinary variation of this promise allows.",
        "One of the last three complete periods, with 20 or more ended, is below the lower Laney p′ limit.",
        ("promise",),
        "promise_trend",
    ),
    Kind(
        "promise.getting-better",
        "The latest periods rise above what the ordinary variation of this promise allows.",
        "One of the last three complete periods, with 20 or more ended, is above the upper limit, and none below.",
        ("promise",),
        "promise_trend",
    ),
    Kind(
        "promise.undated",
        "Starts that carry no time promised: nobody can say whether they were kept.",
        "At least one.",
        ("promise",),
        "promise_summary",
    ),
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the promise tables (keys as in `analyses.promises.tables`; a missing table says nothing)."""
    summary = {row["promise"]: row for row in rows(tables, "promise_summary")}
    for name, row in summary.items():
        said = Said(name, playbook, tables.get("promises"))
        whole = _whole(tables, name)
        slices = rows(tables, "promise_slices", promise=name)
        yield from _not_deliverable(said, row, whole)
        yield from _broken(said, row)
        yield from _at_risk(said, row, as_of)
        yield from _burning(said, rows(tables, "error_budgets", promise=name), row, whole)
        yield from breaks_where(said, slices, row, rows(tables, "deliverability", promise=name))
        yield from _trend(said, rows(tables, "promise_trend", promise=name))
        yield from _undated(said, row)


def _not_deliverable(said: Said, row: Row, whole: Row | None) -> Iterator[Finding]:
    if whole is None or whole["verdict"] != _NOT_DELIVERABLE:
        return
    ended = row["kept_count"] + row["missed_count"]
    yield said.finding(
        "promise.not-deliverable",
        f"{said.words} was kept in {_share(row)} of {said.many(ended)} ({_range(row)}); "
        f"{_meant(row['objective'], whole['objective'])}.",
        _honest_action(said, whole["honest"], row),
        Evidence(ended, *_estimate(row), *_KAPLAN_MEIER),
        weight=float(row["missed_count"]),
        events=events(said.outcomes("late", "broken")),
        table="deliverability",
    )


def _broken(said: Said, row: Row) -> Iterator[Finding]:
    ended = row["kept_count"] + row["missed_count"]
    if ended >= ENOUGH or not row["missed_count"]:
        return
    missed = said.outcomes("late", "broken")
    if row["missed_count"] <= NAMED and missed:
        fact = f"{said.words} was not kept for {sentences.listed([_missed(one, said) for one in missed])}."
    else:
        fact = f"{said.words} was not kept {row['missed_count']} times of {ended}."
    running = any(one["outcome"] == "broken" for one in missed)
    yield said.finding(
        "promise.broken",
        fact,
        "Tell the customer what happened and do what was promised; then ask what got in the way."
        if running
        else "Ask what got in the way, and whether the customer was told in time.",
        Evidence(ended, float(row["missed_count"]), "count", method="count"),
        weight=float(row["missed_count"]),
        events=events(missed),
        table="promises",
    )


def _at_risk(said: Said, row: Row, as_of: datetime) -> Iterator[Finding]:
    if not row["at_risk_count"]:
        return
    running = said.outcomes("at risk", first="due_at")
    due = running[0]["due_at"] if running else None
    if row["at_risk_count"] <= NAMED and running:
        named = sentences.listed(
            [f"{one['subject']}, due {sentences.moment(one['due_at'], said.zone)}" for one in running]
        )
        sentence = f"{said.words} is at risk for {named}."
    else:
        sentence = f"{said.words} is at risk for {said.many(row['at_risk_count'])}"
        sentence += f"; the next falls due {sentences.moment(due, said.zone)}." if due else "."
    yield said.finding(
        "promise.at-risk",
        sentence,
        f"Act before it is due{_in(due, as_of) if due else ''}, or tell the customer now.",
        Evidence(
            row["open_count"] + row["at_risk_count"], float(row["at_risk_count"]), "count", method="count of running"
        ),
        weight=float(row["at_risk_count"]),
        events=events(running),
        table="promises",
        where={"promise": said.name, "outcome": "at risk"},
    )


def _burning(said: Said, windows: list[Row], row: Row, whole: Row | None) -> Iterator[Finding]:
    enough = (window for window in windows if window["alarm"] and window["ended_count"] >= ENOUGH)
    alarms = [window for window in enough if _news(window, row, whole)]
    if not alarms:
        return
    worst = max(alarms, key=lambda window: (window["burn_rate"], -window["window_hours"]))
    share = worst["missed_count"] / worst["ended_count"]
    span = sentences.duration(worst["window_hours"] * 60)
    yield said.finding(
        "promise.burning",
        f"In the last {span}, {said.words} was missed in {worst['missed_count']} of {said.many(worst['ended_count'])}; "
        f"that is {worst['burn_rate']:.3g} times what its objective of {sentences.percent(row['objective'])} allows.",
        "Find out what changed, and tell those who are waiting.",
        Evidence(worst["ended_count"], share, "share", *_wilson(worst), *_BURN_RATE),
        weight=float(worst["missed_count"]),
        events=events(said.outcomes("late", "broken")),
        table="error_budgets",
        where={"promise": said.name, "window_hours": worst["window_hours"]},
    )


def _news(window: Row, row: Row, whole: Row | None) -> bool:
    """A promise that is always missed burns always: only more than usual is worth saying again."""
    if whole is None or whole["verdict"] != _NOT_DELIVERABLE:
        return True
    usual = row["missed_count"] / max(row["kept_count"] + row["missed_count"], 1)
    return bool(_wilson(window)[0] > usual)


def _trend(said: Said, periods: list[Row]) -> Iterator[Finding]:
    complete = sorted((p for p in periods if p["kept_share"] is not None), key=lambda p: p["period_start_at"])
    recent = [p for p in complete[-RECENT_PERIODS:] if p["signal"] and p["ended_count"] >= ENOUGH]
    if not recent:
        return
    # The newest signal counts: what was mended since is no news.
    last = recent[-1]
    below = last["kept_share"] < last["limit_low"]
    word = "worse" if below else "better"
    missed = last["ended_count"] - last["kept_count"]
    span = "On" if last["period"] == "day" else "In the week from"
    yield said.finding(
        f"promise.getting-{word}",
        f"{span} {sentences.day(last['period_start_at'], said.zone)}, {said.words} was kept in "
        f"{sentences.percent(last['kept_share'])} of {said.many(last['ended_count'])}; its ordinary variation runs from "
        f"{sentences.percent(last['limit_low'])} to {sentences.percent(last['limit_high'])}.",
        "Find out what changed just before, and put it back."
        if below
        else "Find out what changed just before, and keep it.",
        Evidence(
            last["ended_count"], last["kept_share"], "share", *kept_interval(last["ended_count"], missed), *_LANEY
        ),
        weight=max(0.0, missed - last["ended_count"] * (1 - last["center"])) if below else 0.0,
        table="promise_trend",
    )


def _undated(said: Said, row: Row) -> Iterator[Finding]:
    if not row["undated_count"]:
        return
    column = said.entry.by if said.entry is not None and said.entry.by else "due"
    yield said.finding(
        "promise.undated",
        f"{row['undated_count']:,} of {row['starts_count']:,} starts of {said.words} carry no time promised, "
        "so nobody can say whether they were kept.",
        f"Fill `{column}` on the events that start it, or give the promise a `within` in the playbook.",
        Evidence(row["starts_count"], float(row["undated_count"]), "count", method="count"),
        # Nobody is known to have been let down, but nobody would know.
        weight=row["undated_count"] / 10,
        table="promise_summary",
    )


def _whole(tables: Tables, promise: str) -> Row | None:
    return next((row for row in rows(tables, "deliverability", promise=promise) if row["slice"] == "all"), None)


def _honest_action(said: Said, honest: str | None, row: Row) -> str:
    if honest is None or honest == "no time at all":
        return (
            f"Find out why {sentences.percent(1 - row['kept_share'])} go wrong before promising any time: "
            "too many are never met at all."
        )
    return f"Promise instead: {honest}; or change what stops it."


def _share(row: Row) -> str:
    return sentences.percent(row["kept_share"])


def _range(row: Row) -> str:
    return sentences.percent_range(row["kept_share_low"], row["kept_share_high"])


def _estimate(row: Row) -> tuple[float, str, float, float]:
    return row["kept_share"], "share", row["kept_share_low"], row["kept_share_high"]


def _meant(stated: float | None, asked: float) -> str:
    if stated is None:
        return f"the playbook states no objective, and {sentences.percent(asked)} is asked of it"
    return f"it is meant to hold in {sentences.percent(stated)}"


def _missed(one: Row, said: Said) -> str:
    subject, due = one["subject"] or "one without a subject", sentences.moment(one["due_at"], said.zone)
    if one["outcome"] == "broken":
        return f"{subject} (due {due}, not met yet)"
    return f"{subject} (due {due}, met {sentences.duration(one['minutes_late'])} later)"


def _in(due: datetime, as_of: datetime) -> str:
    left = (due - as_of).total_seconds() / 60
    return f", in {sentences.duration(left)}" if left > 0 else ""


def _wilson(window: Row) -> tuple[float, float]:
    return comparing.interval(window["missed_count"], window["ended_count"])
