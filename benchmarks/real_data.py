"""Aboveboard over the public data sets, beside figures counted by hand: what docs/measures quotes.

    python -m benchmarks.real_data [NAME…] [--data FOLDER]

Reads each set by the mapping that ships and the playbook of docs/measures/playbooks, and prints Markdown: what was read,
what became of each promise, where it breaks, hand-offs, episodes, findings, and the control figures. Exit code 1 when
one of these differs.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from aboveboard.analyses.shared import intervals
from aboveboard.engines import Ledger, read
from aboveboard.findings import sentences
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook
from aboveboard.reports import run
from benchmarks import by_hand, real_questions

ROOT = Path(__file__).resolve().parent.parent
PLAYBOOKS = ROOT / "docs" / "measures" / "playbooks"
ORDERS_DELIVERED = 96_478
"""Delivered orders of the whole Olist export, of which the sample holds some; it holds all the others."""


@dataclass(frozen=True)
class Study:
    """One set, read and analysed: its ledger, what came out, and a connection that has every table by its name."""

    name: str
    playbook: Playbook
    ledger: Ledger
    results: run.Results
    tables: duckdb.DuckDBPyConnection
    seconds: tuple[float, float]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a question to the tables."""
        return self.tables.execute(sql).fetchall()

    def head(self) -> list[str]:
        """The column names of the question asked last."""
        return [column[0] for column in self.tables.description or ()]

    def figures(self) -> by_hand.Figures:
        """The figures of `by_hand`, as Aboveboard has them."""
        return {what: self.ask(sql)[0][0] for what, sql in real_questions.FIGURES[self.name].items()}


@contextmanager
def studied(name: str, data: Path) -> Iterator[Study]:
    """Read and analyse the set `name`, whose folder lies in `data`."""
    playbook = reader.read(PLAYBOOKS / f"{name}.yaml")
    start = time.perf_counter()
    with (
        read(data / name, mapping=name, timezone=playbook.timezone.key) as ledger,
        duckdb.connect() as tables,
    ):
        opened = time.perf_counter()
        tables.execute(f"SET TimeZone = '{playbook.timezone.key}'")
        results = run.run(ledger, playbook)
        seconds = (opened - start, time.perf_counter() - opened)
        for table, rows in {**results.tables, "events": ledger.arrow(ledger.events)}.items():
            tables.register(table, rows)
        yield Study(name, playbook, ledger, results, tables, seconds)


def report(study: Study, data: Path) -> Iterator[str]:
    """What came out of one set, as blocks of Markdown."""
    yield f"## {study.name}"
    yield _read(study)
    yield "### Control figures\n\n" + _controls(study.figures(), by_hand.figures(study.name, data))
    yield "### Promises\n\n" + "\n\n".join((_promises(study), _honest(study)))
    yield "### Where they break\n\n" + _parts(study)
    yield "### Hand-offs and episodes\n\n" + _episodes(study)
    if study.name == "olist":
        yield "### Weighted\n\n" + _weighted(study)
        yield "### Stars\n\n" + _stars(study)
    for more in real_questions.MORE[study.name]:
        rows = study.ask(more.sql)
        table = _shares(rows, more) if isinstance(more, real_questions.Share) else markdown(study.head(), rows)
        yield f"### {more.title}\n\n{table}"
    yield "### Findings\n\n" + "\n".join(
        f"{number}. {one.sentence} *{one.action}*" for number, one in enumerate(study.results.findings, start=1)
    )


def differing(study: Study, data: Path) -> list[str]:
    """The control figures in which Aboveboard and the counting by hand differ, or which only one of them has."""
    ours, control = study.figures(), by_hand.figures(study.name, data)
    return [what for what in {**control, **ours} if ours.get(what) != control.get(what)]


def markdown(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; numbers have their thousands parted."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(_cell, row)) + " |" for row in rows)])


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:,}" if isinstance(value, int | float) else str(value).replace("|", "\\|")


def _read(study: Study) -> str:
    counts = [(receipt.read, receipt.recorded, receipt.known, receipt.rejected) for receipt in study.ledger.receipts]
    types = study.ask("SELECT type, count(*), count(DISTINCT subject) FROM events GROUP BY type ORDER BY 2 DESC, 1")
    first, last = study.ask("SELECT min(time)::date::varchar, max(time)::date::varchar FROM events")[0]
    return "\n\n".join(
        (
            f"From {first} to {last}; read in {study.seconds[0]:.1f} s, analysed in {study.seconds[1]:.1f} s.",
            markdown(("events read", "recorded", "known already", "rejected"), counts),
            markdown(("type", "events", "subjects"), types),
        )
    )


def _controls(ours: by_hand.Figures, control: by_hand.Figures) -> str:
    rows = [
        (what, control.get(what), ours.get(what), "yes" if ours.get(what) == control.get(what) else "**NO**")
        for what in {**control, **ours}
    ]
    return markdown(("figure", "by hand", "Aboveboard", "equal"), rows)


_OUTCOMES = ("starts", "kept", "late", "broken", "open", "at_risk", "cancelled", "undated")


def _promises(study: Study) -> str:
    rows = study.results.tables["promise_summary"].to_pylist()
    cells = [
        (
            row["promise"],
            *(row[f"{one}_count"] for one in _OUTCOMES),
            sentences.percent(row["kept_share"]),
            sentences.percent_range(row["kept_share_low"], row["kept_share_high"]),
            sentences.percent(row["objective"]),
        )
        for row in rows
    ]
    head = ("promise", "made", *(one.replace("_", " ") for one in _OUTCOMES[1:]), "kept", "95 %", "objective")
    return markdown(head, cells)


def _honest(study: Study) -> str:
    rows = study.ask("SELECT promise, verdict, honest FROM deliverability WHERE slice = 'all' ORDER BY promise")
    return markdown(("promise", "as it stands", "could be kept"), rows)


def _parts(study: Study) -> str:
    """The parts that differ, those with most missed beyond the rest's rate first."""
    rows = study.ask(
        """
        SELECT promise, slice, value, ended_count, missed_count,
            missed_count - ended_count * (sum(missed_count) FILTER (slice = 'all') OVER (PARTITION BY promise)
                / sum(ended_count) FILTER (slice = 'all') OVER (PARTITION BY promise)) AS extra
        FROM promise_slices QUALIFY differs AND slice <> 'hour_weekday' AND extra > 0 ORDER BY extra DESC LIMIT 15
        """
    )
    if not rows:
        return "No part differs from the rest at a false-discovery rate of 5 %."
    cells = [
        (promise, f"{cut} {value}", ended, missed, _percent_with_interval(ended - missed, ended))
        for promise, cut, value, ended, missed, _ in rows
    ]
    return markdown(("promise", "part", "ended", "missed", "kept (95 %)"), cells)


def _episodes(study: Study) -> str:
    ((hops, subjects, back, cases_back, lost),) = study.ask(
        "SELECT count(*), count(DISTINCT subject), count(*) FILTER (returned), "
        "count(DISTINCT subject) FILTER (returned), count(*) FILTER (lost) FROM handoffs"
    )
    ((episodes, events, contacts, hard),) = study.ask(
        "SELECT count(*), median(events_count), sum(contacts_count), count(*) FILTER (effort >= 5) FROM episodes"
    )
    again = study.ask("SELECT resolved_count, repeat_count FROM repeats WHERE slice = 'all'")
    rows = [
        ("hand-offs", hops),
        ("subjects handed over", subjects),
        ("hand-offs that brought the work back (A→B→A)", back),
        ("subjects with such a return", cases_back),
        ("hand-offs lost", lost),
        ("episodes", episodes),
        ("events of an episode, median", events),
        ("contacts seen", int(contacts or 0)),
        ("episodes of effort 5 or more", hard),
        *(
            (what, n)
            for row in again
            for what, n in zip(("times called resolved", "of them opened again"), row, strict=True)
        ),
    ]
    return markdown(("what", "count"), rows)


def _shares(rows: Iterable[tuple[Any, ...]], asked: real_questions.Share) -> str:
    cells = [(name, n, count, _percent_with_interval(count, n)) for name, n, count in rows]
    return markdown(("", asked.of, asked.count, "share (95 %)"), cells)


def _percent_with_interval(count: int, n: int) -> str:
    low, high = (float(end) for end in intervals.wilson(count, n))
    return f"{sentences.percent(count / n)} ({sentences.percent_range(low, high)})"


def _weighted(study: Study) -> str:
    """The share kept over all of Olist: what belongs to a delivered order counts as often as each of the sample stands for.

    Stratified estimate; only the delivered are a sample, so that only they add to its variance (with the correction
    for a finite population). Cochran (1977), Sampling Techniques, 5.3–5.5.
    """
    ((sampled,),) = study.ask(real_questions.SAMPLED)
    weight = ORDERS_DELIVERED / sampled
    rows = []
    for promise, ended, kept, others, others_kept in study.ask(real_questions.STRATA):
        share, whole = kept / ended, weight * ended / (weight * ended + others)
        error = whole * math.sqrt(share * (1 - share) / (ended - 1) * (1 - 1 / weight))
        all_kept = whole * share + (1 - whole) * others_kept / others
        low, high = (100 * (all_kept + side * 1.96 * error) for side in (-1, 1))
        weighted = f"{100 * all_kept:.1f} % ({low:.1f}–{high:.1f} %)"
        plain = sentences.percent((kept + others_kept) / (ended + others))
        rows.append((promise, f"{kept:,} of {ended:,}", f"{others_kept:,} of {others:,}", plain, weighted))
    head = ("promise", "kept, delivered orders", "kept, other orders", "as sampled", "weighted (95 %)")
    return f"Each delivered order stands for {weight:.2f}.\n\n" + markdown(head, rows)


def _stars(study: Study) -> str:
    """Stars by outcome: their mean with its normal interval, and the share of single stars with Wilson's."""
    groups: dict[str, dict[int, int]] = defaultdict(dict)
    for outcome, stars, count in study.ask(real_questions.STARS):
        groups[outcome][int(stars)] = count
    rows = []
    for outcome in ("kept", "late", "broken", "cancelled"):
        n = sum(groups[outcome].values())
        mean = sum(stars * count for stars, count in groups[outcome].items()) / n
        spread = sum(count * (stars - mean) ** 2 for stars, count in groups[outcome].items()) / (n - 1)
        half = 1.96 * math.sqrt(spread / n)
        one = _percent_with_interval(groups[outcome].get(1, 0), n)
        rows.append((outcome, n, f"{mean:.2f} ({mean - half:.2f}–{mean + half:.2f})", one))
    return markdown(("the promise was", "reviews", "stars, mean (95 %)", "one star (95 %)"), rows)


def main() -> int:
    """Print the report of each set named (all of them without a name); 1 when a control figure differs."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("names", nargs="*", metavar="NAME", help=", ".join(real_questions.names()))
    asked.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ABOVEBOARD_DATA", ROOT.parent / "shared/data"))
    )
    options = asked.parse_args()
    unknown = set(options.names) - set(real_questions.names())
    if unknown:
        asked.error(f"there is no set {', '.join(sorted(unknown))}; there are {', '.join(real_questions.names())}")
    if not (options.data / "README.md").exists():
        asked.error(f"{options.data}: the data sets are not there; name their folder with --data or ABOVEBOARD_DATA")
    wrong = 0
    for name in options.names or real_questions.names():
        with studied(name, options.data) as study:
            for block in report(study, options.data):
                print(block, end="\n\n", flush=True)
            wrong += len(differing(study, options.data))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
