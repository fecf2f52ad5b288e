"""What the report says about each promise: how often it was kept, where it breaks, and what could be kept instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aboveboard.playbook.model import Playbook, Promise
from aboveboard.reports import charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, rows_where, table_of
from aboveboard.reports.run import Results

OUTCOMES = (
    ("kept", "●", "kept"),
    ("late", "◐", "late"),
    ("broken", "✕", "broken"),
    ("at_risk", "▲", "at risk"),
    ("open", "○", "open"),
    ("cancelled", "–", "cancelled"),
)

# A part with fewer ended promises is in the table and not in the chart: one miss of one is no picture.
LEAST_ENDED = 5


@dataclass(frozen=True)
class PromiseSection:
    """All the page says about one promise."""

    name: str
    anchor: str
    promise: Promise | None
    summary: Row
    answer: str
    parts: Sequence[tuple[str, str, str, int]]
    honest: str | None
    figures: Sequence[Figure]
    side_figures: Sequence[Figure] = ()
    numbers: Sequence[tuple[str, str]] = ()


def sections(results: Results, playbook: Playbook) -> list[PromiseSection]:
    """One section per promise that was made at least once, those that miss most first."""
    summary = rows_of(results.tables["promise_summary"])
    made = [row for row in summary if row["starts_count"]]
    return [_promise(row, results, playbook) for row in sorted(made, key=lambda r: -r["missed_count"])]


def _promise(summary: Row, results: Results, playbook: Playbook) -> PromiseSection:
    name = summary["promise"]
    promise = playbook.promises.get(name)
    deliverable = rows_where(results.tables["deliverability"], promise=name)
    overall = next((row for row in deliverable if row["slice"] == "all"), None)
    builders = (_trend_figure, _heat_figure, _deliverable_figure)
    figures = [figure for build in builders if (figure := build(name, summary, results, playbook))]
    parts = [(key, mark, word, summary[f"{key}_count"]) for key, mark, word in OUTCOMES if summary[f"{key}_count"]]
    return PromiseSection(
        name=name,
        anchor=f"promise-{name}",
        promise=promise,
        summary=summary,
        answer=_answer(summary),
        parts=parts,
        honest=_honest(overall["honest"]) if overall and overall["honest"] else None,
        figures=figures,
        numbers=list(_numbers(summary, results)),
        side_figures=[
            f for kind in ("team", "channel", "touchpoint") if (f := _breaks_figure(kind, name, summary, results))
        ],
    )


def _honest(phrase: str) -> str:
    """The analysis' phrase as a sentence of the page."""
    return "None yet: too many are never met for any time to hold." if phrase == "no time at all" else _sentence(phrase)


def _numbers(summary: Row, results: Results) -> Iterable[tuple[str, str]]:
    """The budget, how fast it goes, and how late the late ones are: (number, what it is)."""
    if not words.absent(summary["budget_count"]) and summary["missed_count"]:
        allowed = words.count(round(summary["budget_count"]))
        yield words.count(summary["missed_count"]), f"missed, where the objective allows {allowed}"
    windows = [
        row for row in rows_where(results.tables["error_budgets"], promise=summary["promise"]) if row["ended_count"]
    ]
    month = max(windows, key=lambda row: row["window_hours"], default=None)
    if month and not words.absent(month["burn_rate"]) and month["missed_count"]:
        days = month["window_hours"] / 24
        yield f"{month['burn_rate']:.1f} ×", f"the misses allowed, in the last {days:.0f} days"
    if not words.absent(summary["late_minutes_median"]):
        yield words.duration(summary["late_minutes_median"]), "late, half of the late ones"


def _answer(row: Row) -> str:
    ended = row["kept_count"] + row["missed_count"]
    if not ended:
        return f"None of the {words.count(row['starts_count'])} made has ended yet."
    said = f"Kept in {words.share(row['kept_share'])} of {words.count(ended)}"
    between = words.interval(row["kept_share_low"], row["kept_share_high"])
    if between:
        said += f" ({between})"
    if not words.absent(row["objective"]):
        said += f"; it is meant to hold in {words.share(row['objective'])}"
    return said + "."


def _trend_figure(name: str, summary: Row, results: Results, playbook: Playbook) -> Figure | None:
    rows = rows_where(results.tables["promise_trend"], promise=name)
    ended = [row for row in rows if row["ended_count"]]
    if len(ended) < 3:
        return None
    signals = sum(1 for row in ended if row["signal"])
    period = ended[0]["period"]
    note = f"by {period} in which it was made; the band is what chance alone explains"
    if signals:
        note += f", and {signals} {period}{'s' if signals > 1 else ''} fell outside it"
    objective = summary["objective"]
    drawing = theme.draw(
        lambda width: charts.trend(ended, objective, playbook.timezone, width),
        f"Share kept by {period}, from {words.day(ended[0]['period_start_at'], playbook.timezone)} "
        f"to {words.day(ended[-1]['period_start_at'], playbook.timezone)}",
    )
    return Figure("Is it getting better?", note, drawing, table_of("promise_trend", rows, name))


def _heat_figure(name: str, summary: Row, results: Results, playbook: Playbook) -> Figure | None:
    rows = [
        r for r in rows_where(results.tables["promise_slices"], promise=name, slice="hour_weekday") if r["ended_count"]
    ]
    if summary["missed_count"] < 5 or len(rows) < 5:
        return None
    drawing = theme.draw(
        lambda width: charts.heat(rows, width), "Share missed by weekday and hour at which the promise was made"
    )
    note = "share missed by the hour and weekday it was made; the number is how many, faint where fewer than five were made"
    return Figure("When does it break?", note, drawing, table_of("promise_slices", rows, f"{name}-by-hour"))


def _deliverable_figure(name: str, summary: Row, results: Results, playbook: Playbook) -> Figure | None:
    rows = rows_where(results.tables["deliverability"], promise=name)
    hours = sorted(
        (r for r in rows if r["slice"] == "hour" and not words.absent(r["minutes_deliverable"])),
        key=lambda r: int(r["value"]),
    )
    if len(hours) < 3:
        return None
    drawing = theme.draw(
        lambda width: charts.deliverable(hours, width),
        "Time within which the objective would be met, by hour, against the time promised",
    )
    note = "time within which the objective would be met, by hour; dashed is what is promised"
    return Figure("What could be kept instead?", note, drawing, table_of("deliverability", rows, f"{name}-deliverable"))


def _breaks_figure(kind: str, name: str, summary: Row, results: Results) -> Figure | None:
    rows = [r for r in rows_where(results.tables["promise_slices"], promise=name, slice=kind) if r["ended_count"]]
    if len(rows) < 2 or not summary["missed_count"]:
        return None
    told = [r for r in rows if r["ended_count"] >= LEAST_ENDED]
    shown = sorted(told, key=lambda r: -r["missed_count"])[:MOST_NAMES]
    if len(shown) < 2:
        return None
    ended = summary["kept_count"] + summary["missed_count"]
    drawing = theme.draw(
        lambda width: charts.breaks(shown, summary["kept_count"] / ended, width),
        f"Share kept by {kind}, with intervals",
    )
    more = f", the {len(shown)} with most misses of {len(rows)}" if len(rows) > len(shown) else ""
    note = f"share kept by {kind}{more}; dashed is the average, red is worse beyond chance, green better"
    return Figure(
        f"Where does it break, by {kind}?", note, drawing, table_of("promise_slices", rows, f"{name}-by-{kind}")
    )


def _sentence(text: str) -> str:
    """A phrase as a sentence: "3 hours until 15:45" → "3 hours until 15:45."; first letter large."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
