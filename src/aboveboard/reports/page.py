"""The report: one HTML page that needs no network and no script.

The findings first, then each promise, then hand-offs, episodes and contradictions. Every chart has its table and its download.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pyarrow import csv

from aboveboard.analyses.episodes import tables as episode_tables
from aboveboard.analyses.promises import tables as promise_tables
from aboveboard.analyses.shared.tables import TableSpec
from aboveboard.findings import sentences
from aboveboard.findings.model import Finding
from aboveboard.playbook.model import Playbook, Promise
from aboveboard.reports import charts, flows, theme, words
from aboveboard.reports.run import Results

Row = dict[str, Any]

OUTCOMES = (
    ("kept", "●", "kept"),
    ("late", "◐", "late"),
    ("broken", "✕", "broken"),
    ("at_risk", "▲", "at risk"),
    ("open", "○", "open"),
    ("cancelled", "–", "cancelled"),
)
SPECS: dict[str, TableSpec] = {spec.name: spec for spec in (*promise_tables.TABLES, *episode_tables.TABLES)}
MOST_ROWS = 200
MOST_NAMES = 12


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption, and the table it was drawn from for reading and for download."""

    title: str
    note: str
    drawing: theme.Drawing | None
    table: Table


@dataclass(frozen=True)
class Table:
    """A table as shown: at most `MOST_ROWS` rows; the download holds them all."""

    name: str
    columns: Sequence[tuple[str, str, bool]]
    rows: Sequence[Sequence[str]]
    rows_count: int
    download: str


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


@dataclass(frozen=True)
class Section:
    """A section on all of the organisation: hand-offs, episodes, contradictions."""

    anchor: str
    title: str
    answer: str
    figures: Sequence[Figure]
    numbers: Sequence[tuple[str, str, str]] = field(default_factory=tuple)
    note: str = ""
    pairs: Sequence[Row] = ()


def write(results: Results, playbook: Playbook, path: Path) -> None:
    """Write the report to `path`."""
    path.write_text(render(results, playbook), encoding="utf-8")


def render(results: Results, playbook: Playbook) -> str:
    """The report as HTML text."""
    environment = Environment(
        loader=PackageLoader("aboveboard.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    zone = playbook.timezone
    environment.filters.update(
        share=words.share,
        count=words.count,
        duration=words.duration,
        plain=words.plain,
        moment=lambda value: words.moment(value, zone),
        day=lambda value: words.day(value, zone),
        bound=_bound,
        svg=lambda drawing: Markup(drawing),  # noqa: S704 - our own drawing; names in it are escaped when it is made
    )
    sections = promise_sections(results, playbook)
    return environment.get_template("report.html").render(
        style=Markup(_style()),  # noqa: S704 - our own file
        playbook=playbook,
        results=results,
        findings=[_finding(f, sections) for f in results.findings],
        promises=sections,
        sections=list(_sections(results, playbook)),
        interval=words.interval,
        outcome_marks=OUTCOMES,
    )


def _bound(text: str) -> str:
    """Keep a number and its sign, and the two ends of a range, on one line."""
    return re.sub(r"(?<=\d)–(?=\d)", "–\u2060", text.replace(" %", "\u00a0%"))


def _sentence(text: str) -> str:
    """A phrase as a sentence: "3 hours until 15:45" → "3 hours until 15:45."; first letter large."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _style() -> str:
    source = (Path(__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
    return source.replace("@light@", theme.variables(theme.LIGHT)).replace("@dark@", theme.variables(theme.DARK))


# Promises


def promise_sections(results: Results, playbook: Playbook) -> list[PromiseSection]:
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
    shown = sorted(rows, key=lambda r: -r["missed_count"])[:MOST_NAMES]
    ended = summary["kept_count"] + summary["missed_count"]
    drawing = theme.draw(
        lambda width: charts.breaks(shown, summary["kept_count"] / ended, width),
        f"Share kept by {kind}, with intervals",
    )
    more = f", the {MOST_NAMES} with most misses of {len(rows)}" if len(rows) > MOST_NAMES else ""
    note = f"share kept by {kind}{more}; dashed is the average, red differs from it beyond chance"
    return Figure(
        f"Where does it break, by {kind}?", note, drawing, table_of("promise_slices", rows, f"{name}-by-{kind}")
    )


# The organisation as a whole


def _sections(results: Results, playbook: Playbook) -> Iterable[Section]:
    for build in (_handoffs, _episodes, _contradictions):
        section = build(results, playbook)
        if section:
            yield section


def _handoffs(results: Results, playbook: Playbook) -> Section | None:
    rows = rows_of(results.tables["handoff_flows"])
    if not rows:
        return None
    total = sum(r["handoffs_count"] for r in rows)
    lost = sum(r["lost_count"] for r in rows)
    returned = sum(r["returned_count"] for r in rows)
    figures = []
    for between in dict.fromkeys(r["between"] for r in sorted(rows, key=lambda r: -r["handoffs_count"])):
        some = [r for r in rows if r["between"] == between]
        more = f"; the {flows.MOST} largest of {len(some)}, lost ones first" if len(some) > flows.MOST else ""
        note = f"a band is as thick as the work it carries; red where more than one in twenty is lost{more}"
        figures.append(
            Figure(
                f"Between which {between}s?",
                note,
                flows.draw(some),
                table_of("handoff_flows", some, f"handoffs-{between}"),
            )
        )
    answer = f"Work changed hands {words.count(total)} times."
    if lost:
        answer += f" {words.count(lost)} times ({words.share(lost / total)}) it never arrived."
    if returned:
        answer += f" {words.count(returned)} times it went back to where it had come from."
    return Section("handoffs", "Where is work handed over and lost?", answer, figures)


def _episodes(results: Results, playbook: Playbook) -> Section | None:
    table = results.tables["episodes"]
    contacted = table.filter(pc.greater(table["contacts_count"], 0))
    if not contacted.num_rows:
        return None
    contacts = contacted["contacts_count"].to_pylist()
    several = sum(1 for n in contacts if n > 1)
    answer = f"{words.count(len(contacts))} needs brought customers into contact; "
    answer += f"{words.share(several / len(contacts))} of them took more than one contact."
    rows = charts.distribution(contacts)
    drawing = theme.draw(lambda width: charts.efforts(rows, width), "Number of episodes by how many contacts they took")
    hardest = sorted(rows_of(contacted), key=lambda r: -r["effort"])
    figure = Figure(
        "How many contacts did one need take?",
        "the table lists the hardest first",
        drawing,
        table_of("episodes", hardest, "episodes"),
    )
    return Section(
        "episodes",
        "What did one need cost the customer?",
        answer,
        [figure],
        numbers=_effort_numbers(contacted, results),
    )


def _effort_numbers(contacted: pa.Table, results: Results) -> list[tuple[str, str, str]]:
    numbers = [
        ("restarts", words.count(pc.sum(contacted["restarts_count"]).as_py()), "times a customer began again"),
        (
            "channels",
            words.count(pc.sum(pc.greater(contacted["channels_count"], 1)).as_py()),
            "needs over several channels",
        ),
    ]
    overall = rows_where(results.tables["repeats"], slice="all")
    if overall and overall[0]["resolved_count"]:
        row = overall[0]
        between = words.interval(row["fcr_share_low"], row["fcr_share_high"])
        numbers.append(
            (
                "fcr",
                words.share(row["fcr_share"]),
                f"solved at first contact within {row['window_days']:.0f} days ({between}, n {words.count(row['resolved_count'])})",
            )
        )
    return numbers


def _contradictions(results: Results, playbook: Playbook) -> Section | None:
    rows = rows_of(results.tables["contradictions"])
    if not rows:
        return None
    matters = sentences.counted(len({r["subject"] for r in rows}), "matter", "matters")
    answer = f"In {matters} a customer was told one thing and then another, {sentences.counted(len(rows), 'time', 'times')} in all."
    figure = Figure("Each time", "", None, table_of("contradictions", rows, "contradictions"))
    return Section("contradictions", "Who was told two things?", answer, [figure], pairs=_pairs(rows, playbook))


def _pairs(rows: Sequence[Row], playbook: Playbook) -> list[Row]:
    """The same two statements by the same two are one line, with how often and the latest example."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("fact", "first_by", "first_says", "second_by", "second_says", "against"))
        groups.setdefault(key, []).append(row)
    return [_pair(group, playbook) for group in sorted(groups.values(), key=len, reverse=True)[:MOST_NAMES]]


def _pair(group: Sequence[Row], playbook: Playbook) -> Row:
    row = max(group, key=lambda r: r["second_at"])
    first, second = (
        {
            "by": row[f"{which}_by"],
            "says": row[f"{which}_says"],
            "at": words.moment(row[f"{which}_at"], playbook.timezone),
        }
        for which in ("first", "second")
    )
    times = sentences.counted(len(group), "time", "times")
    return {"subject": row["subject"], "times": times, "fact": words.plain(row["fact"]), "first": first, "second": second,
            "against": row["against"]}  # fmt: skip


# Findings and tables


def _finding(finding: Finding, sections: Sequence[PromiseSection]) -> Row:
    evidence = finding.evidence
    target = next((s.anchor for s in sections if s.name == finding.about.get("promise")), None)
    if target is None:
        family = finding.kind.split(".")[0]
        target = {"handoff": "handoffs", "episode": "episodes", "contradiction": "contradictions"}.get(family)
    return {
        "finding": finding,
        "target": target,
        "interval": words.interval(evidence.low, evidence.high, evidence.unit),
        "events": list(finding.events[:20]),
    }


def rows_of(table: pa.Table) -> list[Row]:
    """A small table as dictionaries."""
    return table.to_pylist()  # type: ignore[no-any-return]


def rows_where(table: pa.Table, **equal: str) -> list[Row]:
    """The rows whose columns equal the values given."""
    mask = None
    for column, value in equal.items():
        is_it = pc.equal(table[column], value)
        mask = is_it if mask is None else pc.and_(mask, is_it)
    return rows_of(table.filter(mask))


def table_of(name: str, rows: Sequence[Row], file: str) -> Table:
    """A table for reading (values as words) with its download (values as they are)."""
    spec = SPECS[name]
    fields = [f for f in spec.fields if rows and f.name in rows[0]]
    shown = [[_cell(f.name, f.kind, row[f.name]) for f in fields] for row in rows[:MOST_ROWS]]
    heads = [(f.name.replace("_", " ").removesuffix(" at"), f.meaning, f.kind in ("int64", "float64")) for f in fields]
    return Table(file, heads, shown, len(rows), _download(rows, [f.name for f in fields]))


def _cell(name: str, kind: str, value: Any) -> str:
    if words.absent(value):
        return ""
    if kind == "boolean":
        return "yes" if value else ""
    readers: Mapping[str, Callable[[Any], str]] = {
        "_share": words.share,
        "_minutes": words.duration,
        "_count": words.count,
    }
    stem = name.removesuffix("_low").removesuffix("_high").removesuffix("_median").removesuffix("_p90")
    for ending, says in readers.items():
        if stem.endswith(ending):
            return says(value)
    if stem in ("minutes_deliverable", "minutes_promised", "minutes_late"):
        return words.duration(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return words.number(value) if isinstance(value, float) else str(value)


def _download(rows: Sequence[Row], columns: Sequence[str]) -> str:
    if not rows:
        return ""
    sink = pa.BufferOutputStream()
    csv.write_csv(pa.Table.from_pylist([{c: row[c] for c in columns} for row in rows]), sink)
    return "data:text/csv;base64," + base64.b64encode(sink.getvalue().to_pybytes()).decode()
