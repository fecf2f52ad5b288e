"""What the report says about all of the organisation: hand-offs, what a need cost the customer, contradictions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import charts, flows, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, rows_where, table_of
from aboveboard.reports.run import Results


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


def sections(results: Results, playbook: Playbook) -> Iterable[Section]:
    """One section per subject of which there is anything to say."""
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
