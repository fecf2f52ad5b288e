"""What the answers to surveys show beyond touchpoints: lower parts, months unlike the others, silence, drivers, first steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aboveboard.findings import comparing, sentences
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import Row, Tables, rows
from aboveboard.playbook.model import Playbook

MATERIAL = {"points": 5.0, "share": 0.05, "mean": 0.02}
"""A part that scores less below the rest is no finding (a mean: as a part of its scale)."""
SHIFTED = 2.0
"""Silence is a finding where the standardised score is so many points of 100 away."""
KINDS: tuple[Kind, ...] = (
    Kind(
        "measure.lower-at",
        "A channel or a team is rated lower than the rest. (Touchpoints: touchpoint.loses-points.)",
        "20 or more customers on both sides, different at a false-discovery rate of 5 % over the parts, and lower by 5 points of "
        "NPS, 5 % of CSAT or 2 % of the scale of a mean.",
        ("measure", "slice", "value"),
        "measure_scores",
    ),
    Kind(
        "measure.moved",
        "The latest period that is over lies outside what is ordinary.",
        "8 or more complete periods; the distance from perfection is outside Laney's limits.",
        ("measure",),
        "measure_trend",
    ),
    Kind(
        "measure.silent",
        "Customers who were let down answer more or less often than the others, so that the score is off.",
        "20 or more customers of each kind, p below 0.05, and a standardised score at least 2 of 100 points away.",
        ("measure",),
        "survey_response",
    ),
    Kind(
        "driver.greatest",
        "What overall satisfaction is made of most.",
        "The driver with the greatest share, where it adds something of its own at a false-discovery rate of 5 %.",
        ("measure", "driver"),
        "drivers",
    ),
    Kind(
        "touchpoint.budget-spent",
        "More answers at a touchpoint are poor than the measure's objective allows.",
        "20 or more answers in the last 30 days; the whole interval of the poor share lies beyond the objective.",
        ("touchpoint", "measure"),
        "touchpoint_budgets",
    ),
    Kind(
        "small-step.first",
        "The small change that would spare the most breakdowns for the least work.",
        "The first of the queue, where its interval begins above nothing.",
        ("step",),
        "small_steps",
    ),
)
_SCORE = (
    "score by the measure's own rule with customers as clusters; normal test against the rest, false-discovery rate 5 %",
    f"Rocks (2016), Am. Stat. 70, 365–372; {comparing.WILSON}; {comparing.BENJAMINI_HOCHBERG}",
)
_LANEY = ("distance from the best answer, Laney control limits", "Laney (2002), Quality Engineering 14, 531–537")
_STANDARD = (
    "share who answered, Wilson interval; score standardised to all customers",
    f"Holt and Smith (1979), JRSS A 142, 33–46; {comparing.WILSON}",
)
_LMG = (
    "LMG share of R², bootstrap over customers; permutation test, false-discovery rate 5 %",
    f"Lindeman, Merenda and Gold (1980); Grömping (2007), Am. Stat. 61, 139–147; {comparing.BENJAMINI_HOCHBERG}",
)
_POOR = ("share of answers, Wilson interval", comparing.WILSON)
_QUEUE = (
    "shrunken posterior of the share spared × reach, by day of work",
    "DerSimonian and Laird (1986); Dantzig (1957)",
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the tables of ratings (a missing table says nothing)."""
    for row in rows(tables, "measure_scores"):
        if row["slice"] in ("channel", "team") and row["differs"] and _is_lower(row, playbook):
            yield _lower(row)
    yield from _moved(rows(tables, "measure_trend"), playbook)
    yield from _silent(rows(tables, "survey_response"))
    drivers = [row for row in rows(tables, "drivers") if row["verdict"] == "known"]
    for measure in dict.fromkeys(row["measure"] for row in drivers):
        most = max((row for row in drivers if row["measure"] == measure), key=lambda row: row["share"])
        if most["drives"]:
            yield _greatest(most)
    for row in rows(tables, "touchpoint_budgets"):
        if row["window"] == "30 days" and row["state"] == "surely spent" and row["source"].startswith("measure:"):
            yield _spent(row)
    for row in rows(tables, "small_steps"):
        if row["rank"] == 1 and row["spared_weekly_low"] > 0:
            yield _first(row)


def _is_lower(row: Row, playbook: Playbook) -> bool:
    measure = playbook.measures[row["measure"]]
    low_is_best = measure.high_is in ("hard", "bad") and row["unit"] == "mean"
    gap = (row["score"] - row["rest_score"]) * (1 if low_is_best else -1)
    width = measure.scale[1] - measure.scale[0] if row["unit"] == "mean" else 1.0
    return bool(gap / width >= MATERIAL[row["unit"]])


def _score(row: Row, name: str) -> str:
    value = row[name]
    if row["unit"] == "points":
        return f"{value:+.0f}".replace("-", "−")
    return sentences.percent(value) if row["unit"] == "share" else f"{value:.2f}"


def _lower(row: Row) -> Finding:
    at = {"channel": "By", "team": "At"}[row["slice"]]
    unit = {"points": "points", "share": "share", "mean": "points"}[row["unit"]]
    about = {"measure": row["measure"], "slice": row["slice"], "value": row["value"]}
    return Finding(
        "measure.lower-at",
        about,
        f"{at} {row['value']}, {row['measure']} is {_score(row, 'score')} ({_score(row, 'score_low')} to "
        f"{_score(row, 'score_high')}, {sentences.counted(row['answers_count'], 'answer', 'answers')}); for the rest "
        f"{_score(row, 'rest_score')} ({row['formula']}).",
        Evidence(row["answers_count"], row["score"], unit, row["score_low"], row["score_high"], *_SCORE),
        "Look at which promises and rules are in play there and not elsewhere, before anybody is spoken to.",
        weight=row["answers_count"] * 0.05,
        table="measure_scores",
        where=about,
    )


def _moved(trend: list[Row], playbook: Playbook) -> Iterator[Finding]:
    for measure in dict.fromkeys(row["measure"] for row in trend):
        over = [row for row in trend if row["measure"] == measure and row["complete"]]
        last = max(over, key=lambda row: row["period_start_at"], default=None)
        if last is None or not last["signal"]:
            continue
        worse = last["distance"] > last["center"]
        when = sentences.day(last["period_start_at"], playbook.timezone)
        yield Finding(
            "measure.moved",
            {"measure": measure},
            f"In the {last['period']} from {when}, {measure} was {last['distance']:.0f} of 100 points from perfect "
            f"({sentences.counted(last['answers_count'], 'answer', 'answers')}); ordinary are {last['limit_low']:.0f}–"
            f"{last['limit_high']:.0f}. That is {'worse' if worse else 'better'} than chance explains.",
            Evidence(last["answers_count"], last["distance"], "points", last["limit_low"], last["limit_high"], *_LANEY),
            "Ask what changed just before it." if worse else "Ask what changed just before it, and keep it.",
            weight=last["answers_count"] * abs(last["distance"] - last["center"]) / 100 if worse else 0.0,
            table="measure_trend",
            where={"measure": measure},
        )


def _silent(response: list[Row]) -> Iterator[Finding]:
    for row in response:
        standard = row["standardised_score"]
        if row["record"] != "all" or not row["differs"] or standard is None or abs(standard - row["score"]) < SHIFTED:
            continue
        mine = {one["record"]: one for one in response if one["measure"] == row["measure"]}
        missed, kept = mine["a promise was missed"], mine["promises were kept"]
        yield Finding(
            "measure.silent",
            {"measure": row["measure"]},
            f"{sentences.percent(missed['response_share'])} of the customers to whom a promise was missed answered on "
            f"{row['measure']}, and {sentences.percent(kept['response_share'])} of the others. If the silent think as those like "
            f"them who answered, the score is {standard:.0f} of 100 and not {row['score']:.0f}.",
            Evidence(
                row["customers_count"], row["response_share"], "share", row["response_share_low"], row["response_share_high"],
                *_STANDARD,
            ),
            "Ask those again who were let down, and quote the standardised score beside the other.",
            weight=row["customers_count"] * abs(standard - row["score"]) / 100,
            table="survey_response",
            where={"measure": row["measure"]},
        )  # fmt: skip


def _greatest(row: Row) -> Finding:
    kept = row["driver_measure"] == "kept"
    name = f"whether {sentences.quoted(row['driver'])} was kept" if kept else sentences.quoted(row["driver"])
    return Finding(
        "driver.greatest",
        {"measure": row["measure"], "driver": row["driver"]},
        f"Of what the touchpoints explain in {row['measure']} ({sentences.percent(row['r2'])} of the differences), "
        f"{sentences.percent(row['share'])} ({sentences.percent_range(row['share_low'], row['share_high'])}) goes with {name}, "
        f"which stands at {row['driver_score']:.0f} of 100.",
        Evidence(row["cases_count"], row["share"], "share", row["share_low"], row["share_high"], *_LMG),
        "Begin there: read what customers who rated it low wrote, and try one change.",
        weight=row["cases_count"] * row["r2_part"] * (100 - row["driver_score"]) / 100,
        table="drivers",
        where={"measure": row["measure"]},
    )


def _spent(row: Row) -> Finding:
    measure = row["source"].removeprefix("measure:")
    low, high = row["missed_share_low"], row["missed_share_high"]
    return Finding(
        "touchpoint.budget-spent",
        {"touchpoint": row["touchpoint"], "measure": measure},
        f"In the last 30 days, {row['missed_count']:,} of {row['ended_count']:,} answers on {measure} at "
        f"{sentences.quoted(row['touchpoint'])} were not good ({sentences.percent_range(low, high)}); the objective allows "
        f"{row['allowed_count']:.0f}.",
        Evidence(row["ended_count"], row["missed_share"], "share", low, high, *_POOR),
        "Put what is planned there behind what would mend it, until the budget holds again.",
        weight=max(0.0, -row["left_count"]),
        table="touchpoint_budgets",
        where={"touchpoint": row["touchpoint"], "source": row["source"]},
    )  # fmt: skip


def _first(row: Row) -> Finding:
    days = f"{row['effort_days']:g} day{'' if row['effort_days'] == 1 else 's'}"
    low, high = row["spared_weekly_low"], row["spared_weekly_high"]
    asked = (
        f" Employees have suggested something about it {row['suggestions_count']:,} times."
        if row["suggestions_count"]
        else ""
    )
    return Finding(
        "small-step.first",
        {"step": row["step"]},
        f"The next best small step: {row['says'].removesuffix('.')}. If it works wholly it spares about "
        f"{row['spared_weekly']:.1f} breakdowns a week ({low:.1f}–{high:.1f}) of the {row['reach_weekly']:.0f} people it "
        f"reaches, for {days} of work.{asked}",
        Evidence(round(row["reach_weekly"]), row["spared_weekly"], "count", low, high, *_QUEUE),
        "Take it up this week, with what would show that it worked written down first.",
        owner=row["owner"],
        weight=0.0,  # what it mends is a finding of its own, with its own weight
        table="small_steps",
        where={"step": row["step"]},
    )
