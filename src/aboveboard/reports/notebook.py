"""Analyses for a notebook: each answer shows its chart and its first rows, and hands out the whole table.

>>> import aboveboard as ab
>>> led = ab.read("events.parquet")                                  # doctest: +SKIP
>>> ab.promises.summary(led, "playbook.yaml")                        # doctest: +SKIP
>>> ab.promises.outcomes(led, "playbook.yaml").to_pandas()           # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from aboveboard.analyses import claims as _claims
from aboveboard.analyses import conflicts as _conflicts
from aboveboard.analyses import enablement as _enablement
from aboveboard.analyses import episodes as _episodes
from aboveboard.analyses import fixes as _fixes
from aboveboard.analyses import journeys as _journeys
from aboveboard.analyses import money as _money
from aboveboard.analyses import problems as _problems
from aboveboard.analyses import procedures as _procedures
from aboveboard.analyses import promises as _promises
from aboveboard.analyses import voice as _voice
from aboveboard.analyses.shared.tables import TableSpec
from aboveboard.engines import Ledger, ledgers
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook
from aboveboard.reports import (
    charts,
    claim_charts,
    conflict_charts,
    fix_charts,
    flows,
    journey_charts,
    money_charts,
    problem_charts,
    pulse_charts,
    step_charts,
    theme,
    voice_charts,
    words,
)

Row = dict[str, Any]
Drawing = Callable[[list[Row], Playbook], str | None]
SHOWN = 10


@dataclass(frozen=True)
class Answer:
    """One analysis table (`table`, an Ibis table on the ledger's engine) with the chart that goes with it.

    In a notebook it shows itself; `to_pandas()`, `to_pyarrow()` and `to_parquet(path)` hand it out whole.
    """

    spec: TableSpec
    table: Any
    playbook: Playbook
    drawing: Drawing | None = None

    def to_pyarrow(self) -> pa.Table:
        """The whole table as Arrow."""
        return ledgers.arrow(self.table)

    def to_pandas(self) -> Any:
        """The whole table as a pandas frame."""
        return self.to_pyarrow().to_pandas()

    def to_parquet(self, path: str | Path) -> None:
        """Write the whole table."""
        pq.write_table(self.to_pyarrow(), path)

    def chart(self) -> str | None:
        """The chart as SVG text; None where there is nothing to draw yet."""
        if self.drawing is None:
            return None
        drawing = self.drawing(self.to_pyarrow().to_pylist(), self.playbook)
        return None if drawing is None else theme.standalone(drawing)

    def __repr__(self) -> str:
        head = self._head()
        return f"{self.spec.question}  ({self.spec.name}, {self._rows_count():,} rows)\n" + _text(head, self.spec)

    def _repr_html_(self) -> str:
        head = self._head()
        columns = [field for field in self.spec.fields if not head or field.name in head[0]]
        heads = "".join(f'<th title="{escape(f.meaning)}">{escape(f.name)}</th>' for f in columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(_say(row[f.name]))}</td>" for f in columns) + "</tr>" for row in head
        )
        picture = self.chart() or ""
        if picture:  # on a dark page the light drawing needs its own ground
            picture = f'<div style="background:#fff;padding:8px;max-width:{theme.WIDE + 16}px">{picture}</div>'
        return (
            f"<p><b>{escape(self.spec.question)}</b> {self._rows_count():,} rows</p>{picture}"
            f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _rows_count(self) -> int:
        return int(self.table.count().execute())

    def _head(self) -> list[Row]:
        rows: list[Row] = ledgers.arrow(self.table.limit(SHOWN)).to_pylist()
        return rows


def _say(value: Any) -> str:
    if words.absent(value):
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return words.number(value) if isinstance(value, float) else str(value)


def _text(rows: Sequence[Row], spec: TableSpec) -> str:
    names = [name for name in spec.columns if not rows or name in rows[0]]
    cells = [names, *[[_say(row[name])[:28] for name in names] for row in rows]]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def _book(playbook: Playbook | str | Path) -> Playbook:
    return playbook if isinstance(playbook, Playbook) else reader.read(playbook)


def _themes(rows: list[Row], playbook: Playbook) -> str | None:
    return theme.svg(voice_charts.themes(rows[:SHOWN], theme.WIDE), "Texts by theme") if rows else None


def _one_promise(rows: list[Row]) -> list[Row]:
    """Charts of several promises do not go into one drawing: the one with most rows is drawn."""
    names = [row["promise"] for row in rows]
    most = max(set(names), key=names.count, default=None)
    return [row for row in rows if row["promise"] == most]


def _strip(rows: list[Row], playbook: Playbook) -> str | None:
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        if row["outcome"]:
            of_promise = counts.setdefault(row["promise"], {})
            of_promise[row["outcome"]] = of_promise.get(row["outcome"], 0) + 1
    return theme.svg(charts.outcomes(counts, theme.WIDE), "Outcomes of each promise") if counts else None


def _trend(rows: list[Row], playbook: Playbook) -> str | None:
    some = _one_promise(rows)
    if len(some) < 3:
        return None
    promise = playbook.promises.get(some[0]["promise"])
    objective = promise.objective if promise else None
    return theme.svg(
        charts.trend(some, objective, playbook.timezone, theme.WIDE), f"Share kept of {some[0]['promise']} over time"
    )


def _slices(rows: list[Row], playbook: Playbook) -> str | None:
    some = [row for row in _one_promise(rows) if row["slice"] == "hour_weekday" and row["ended_count"]]
    return theme.svg(charts.heat(some, theme.WIDE), "Share missed by weekday and hour") if len(some) >= 5 else None


def _deliverability(rows: list[Row], playbook: Playbook) -> str | None:
    some = [r for r in _one_promise(rows) if r["slice"] == "hour" and not words.absent(r["minutes_deliverable"])]
    some.sort(key=lambda r: int(r["value"]))
    return (
        theme.svg(charts.deliverable(some, theme.WIDE), "Time that could be promised, by hour")
        if len(some) >= 3
        else None
    )


def _flows(rows: list[Row], playbook: Playbook) -> str | None:
    return flows.draw(rows).wide if rows else None


def _efforts(rows: list[Row], playbook: Playbook) -> str | None:
    contacts = [row["contacts_count"] for row in rows if row["contacts_count"]]
    return (
        theme.svg(charts.efforts(charts.distribution(contacts), theme.WIDE), "Contacts per need") if contacts else None
    )


def _verdicts(rows: list[Row], playbook: Playbook) -> str | None:
    some = [row for row in rows if row["slice"] == "all" and row["claim"] != "all"]
    return theme.svg(claim_charts.verdicts(some, theme.WIDE), "What became of each claim, by verdict") if some else None


def _faces(rows: list[Row], playbook: Playbook) -> str | None:
    some = sorted((row for row in rows if row["minutes"]), key=lambda row: -row["minutes"])
    return theme.svg(claim_charts.faces(some, theme.WIDE), "Time for which each pair of faces stood") if some else None


def _effects(rows: list[Row], playbook: Playbook) -> str | None:
    """The steps of one procedure: another may be weighed in another measure."""
    procedure = next((row["procedure"] for row in rows if not words.absent(row["effect"])), None)
    some = [row for row in rows if row["procedure"] == procedure]
    return theme.svg(step_charts.effects(some, theme.WIDE), "What each step adds, with intervals") if some else None


def _scores(rows: list[Row], playbook: Playbook) -> str | None:
    """The measure with most answers, by the slice that has most parts."""
    whole = max((row for row in rows if row["slice"] == "all"), key=lambda row: row["answers_count"], default=None)
    if whole is None:
        return None
    parts = [row for row in rows if row["measure"] == whole["measure"] and row["slice"] != "all"]
    cuts = [row["slice"] for row in parts]
    some = [row for row in parts if row["slice"] == max(cuts, key=cuts.count, default="all")] or [whole]
    measure = playbook.measures[whole["measure"]]
    chart = journey_charts.scores(some, measure, theme.WIDE, middle=whole["score"])
    return theme.svg(chart, f"{measure.name}, with intervals")


def _distance(rows: list[Row], playbook: Playbook) -> str | None:
    names = [row["measure"] for row in rows]
    some = [row for row in rows if row["measure"] == max(names, key=names.count)]
    if len(some) < 3:
        return None
    some.sort(key=lambda row: row["period_start_at"])
    return theme.svg(journey_charts.distance(some, playbook.timezone, theme.WIDE), "Distance from perfection over time")


def _drivers(rows: list[Row], playbook: Playbook) -> str | None:
    known = [row for row in rows if row["verdict"] == "known"]
    some = sorted((row for row in known if row["measure"] == known[0]["measure"]), key=lambda row: -row["share"])
    return theme.svg(journey_charts.drivers(some, theme.WIDE), "What satisfaction is made of") if some else None


def _queue(rows: list[Row], playbook: Playbook) -> str | None:
    some = sorted((row for row in rows if row["rank"] is not None), key=lambda row: row["rank"])
    return theme.svg(journey_charts.queue(some, theme.WIDE), "Small changes, in order") if some else None


def _stakes(rows: list[Row], playbook: Playbook) -> str | None:
    some = sorted((row for row in rows if row["value"] is not None), key=lambda row: -row["value"])
    return theme.svg(money_charts.stakes(some, theme.WIDE), "Value at stake") if some else None


def _changes(rows: list[Row], playbook: Playbook) -> str | None:
    some = [row for row in rows if row["effect"] is not None and row["unit"] == "share"]
    return theme.svg(money_charts.changes(some, theme.WIDE), "What customers do after it") if some else None


def _outcomes(ledger: Ledger, playbook: Playbook | str | Path, as_of: datetime | None) -> Any:
    """What became of the promises, kept on the engine for the analysis that reads it."""
    moment = as_of or ledger.arrow(ledger.events.aggregate(last=ledger.events.time.max()))["last"][0].as_py()
    return ledger.keep(_promises.outcomes(ledger.events, _book(playbook), as_of=moment), "promises_for_notebook")


def _reductions(rows: list[Row], playbook: Playbook) -> str | None:
    some = [row for row in rows if not words.absent(row["reduced_share"])]
    return theme.svg(fix_charts.overview(some, theme.WIDE), "By how much less than expected, by fix") if some else None


def _struck(rows: list[Row], playbook: Playbook) -> str | None:
    some = sorted(rows, key=lambda row: -(row["affected_count"] or 0))[:SHOWN]
    return theme.svg(problem_charts.voices(some, theme.WIDE), "Whom each problem struck, by voice") if some else None


def _pulse_over_time(rows: list[Row], playbook: Playbook) -> str | None:
    some = [row for row in rows if row["team"] == "all" and row["week_start_at"] is not None]
    chart = pulse_charts.over_time(some, playbook.timezone, theme.WIDE)
    return theme.svg(chart, "The four questions of the pulse over time") if some else None


class Promises:
    """`ab.promises`: what was promised, and whether it was kept. `playbook` is a playbook or the path of one."""

    def outcomes(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """One row per promise made: due, met, outcome, minutes early or late."""
        book = _book(playbook)
        return Answer(_promises.tables.OUTCOMES, _promises.outcomes(ledger.events, book, as_of=as_of), book, _strip)

    def summary(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """How often each promise is kept, with interval and error budget."""
        return self._derived(_promises.summary, _promises.tables.SUMMARY, None, ledger, playbook, as_of)

    def slices(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """Where, when and for whom each promise breaks."""
        return self._derived(_promises.slices, _promises.tables.SLICES, _slices, ledger, playbook, as_of)

    def trend(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """Kept share by day or week, with control limits."""
        return self._derived(_promises.trend, _promises.tables.TREND, _trend, ledger, playbook, as_of)

    def budgets(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """How fast each error budget is being spent."""
        return self._derived(_promises.budgets, _promises.tables.BUDGETS, None, ledger, playbook, as_of)

    def deliverability(
        self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None
    ) -> Answer:
        """The promise that could be kept at the objective."""
        return self._derived(
            _promises.deliverability, _promises.tables.DELIVERABILITY, _deliverability, ledger, playbook, as_of
        )

    def _derived(
        self,
        analysis: Callable[..., Any],
        spec: TableSpec,
        drawing: Drawing | None,
        ledger: Ledger,
        playbook: Playbook | str | Path,
        as_of: datetime | None,
    ) -> Answer:
        book = _book(playbook)
        moment = as_of or ledger.arrow(ledger.events.aggregate(last=ledger.events.time.max()))["last"][0].as_py()
        outcomes = _outcomes(ledger, book, moment)
        return Answer(spec, analysis(outcomes, book, as_of=moment), book, drawing)


class Episodes:
    """`ab.episodes`: needs, hand-offs, repeats and contradictions."""

    def episodes(self, ledger: Ledger, *, as_of: datetime | None = None) -> Answer:
        """What one need cost the customer."""
        return Answer(_episodes.tables.EPISODES, _episodes.episodes(ledger.events, as_of=as_of), Playbook(), _efforts)

    def members(self, ledger: Ledger, *, as_of: datetime | None = None) -> Answer:
        """Which events make up which episode."""
        return Answer(_episodes.tables.MEMBERS, _episodes.members(ledger.events, as_of=as_of), Playbook())

    def handoffs(self, ledger: Ledger, *, as_of: datetime | None = None) -> Answer:
        """Every hand-off, its wait, and whether it was lost."""
        return Answer(_episodes.tables.HANDOFFS, _episodes.handoffs(ledger.events, as_of=as_of), Playbook())

    def flows(self, ledger: Ledger, *, as_of: datetime | None = None) -> Answer:
        """Hand-offs by who gives and who takes."""
        handoffs = ledger.keep(_episodes.handoffs(ledger.events, as_of=as_of), "handoffs_for_notebook")
        return Answer(_episodes.tables.FLOWS, _episodes.flows(handoffs), Playbook(), _flows)

    def repeats(self, ledger: Ledger, *, as_of: datetime | None = None) -> Answer:
        """How often customers have to come back within the FCR window."""
        return Answer(_episodes.tables.REPEATS, _episodes.repeats(ledger.events, as_of=as_of), Playbook())

    def contradictions(self, ledger: Ledger, *, as_of: datetime | None = None) -> Answer:
        """Who was told two things about one matter."""
        return Answer(_episodes.tables.CONTRADICTIONS, _episodes.contradictions(ledger.events, as_of=as_of), Playbook())

    def links(self, ledger: Ledger) -> Answer:
        """Customer keys that are one person, and those a person should look at."""
        return Answer(_episodes.tables.LINKS, _episodes.links(ledger.events), Playbook())


class Journeys:
    """`ab.journeys`: how we are rated, how near to perfect each journey was, what it is made of, and what to do first."""

    def measures(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """NPS, CSAT, CES and ratings, each by its own rule: over all, by touchpoint, channel and team."""
        book = _book(playbook)
        return Answer(_journeys.tables.MEASURES, _journeys.measures(ledger.events, book, as_of=as_of), book, _scores)

    def response(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """Who answered, and what the record holds of those who did not."""
        book, kept = _book(playbook), _outcomes(ledger, playbook, as_of)
        return Answer(
            _journeys.tables.RESPONSE, _journeys.response(ledger.events, book, promises=kept, as_of=as_of), book
        )

    def trend(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """The distance from perfection over time, with control limits."""
        book = _book(playbook)
        return Answer(_journeys.tables.TREND, _journeys.trend(ledger.events, book, as_of=as_of), book, _distance)

    def journeys(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """The score of each journey, its blemishes and its excellent touchpoints."""
        book = _book(playbook)
        return Answer(_journeys.tables.JOURNEYS, _journeys.journeys(ledger.events, book, as_of=as_of), book)

    def touchpoints(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """The score of each touchpoint, set against the others."""
        book = _book(playbook)
        return Answer(_journeys.tables.TOUCHPOINTS, _journeys.touchpoints(ledger.events, book, as_of=as_of), book)

    def drivers(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """What overall satisfaction is made of: each touchpoint's share of what is explained."""
        book, kept = _book(playbook), _outcomes(ledger, playbook, as_of)
        table = _journeys.drivers(ledger.events, book, promises=kept, as_of=as_of)
        return Answer(_journeys.tables.DRIVERS, table, book, _drivers)

    def budgets(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """How much may still go wrong at each touchpoint."""
        book, kept = _book(playbook), _outcomes(ledger, playbook, as_of)
        return Answer(
            _journeys.tables.BUDGETS, _journeys.budgets(ledger.events, book, promises=kept, as_of=as_of), book
        )

    def small_steps(
        self,
        ledger: Ledger,
        playbook: Playbook | str | Path,
        *,
        tables: Mapping[str, Any],
        as_of: datetime | None = None,
        **how: Any,
    ) -> Answer:
        """What should be done first, from the tables of a run (`tables`: name → Ibis table); `how`: efforts, capacity_days."""
        book = _book(playbook)
        table = _journeys.small_steps(ledger.events, tables, book, as_of=as_of, **how)
        return Answer(_journeys.tables.SMALL_STEPS, table, book, _queue)


class Money:
    """`ab.money`: what customers do after they were let down, and what it costs."""

    def consequences(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """Leaving, buying again, spending, refunds and contacts, against customers like them who were not let down."""
        book, study = _book(playbook), self._study(ledger, playbook, as_of)
        return Answer(_money.tables.CONSEQUENCES, _money.consequences(study), book, _changes)

    def value_at_stake(
        self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None, **worth: float
    ) -> Answer:
        """Money at stake per promise and per problem; `worth`: worth of a customer, minute_cost of a contact."""
        book, study = _book(playbook), self._study(ledger, playbook, as_of)
        return Answer(_money.tables.VALUE_AT_STAKE, _money.value_at_stake(study, **worth), book, _stakes)

    def cost_to_serve(
        self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None
    ) -> Answer:
        """Refunds, remedies and contact minutes after customers were let down."""
        book, study = _book(playbook), self._study(ledger, playbook, as_of)
        return Answer(_money.tables.COST_TO_SERVE, _money.cost_to_serve(study), book)

    def _study(self, ledger: Ledger, playbook: Playbook | str | Path, as_of: datetime | None) -> _money.Study:
        kept = _outcomes(ledger, playbook, as_of)
        return _money.study(ledger.events, kept, _book(playbook), as_of=as_of)


class Claims:
    """`ab.claims`: what customers were told, held against the record."""

    def claims(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """Every claim made to a customer, with its verdict and the events behind it."""
        book = _book(playbook)
        return Answer(_claims.tables.CLAIMS, _claims.claims(ledger.events, book, as_of=as_of), book)

    def summary(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """How often what is said is borne out, by claim, channel, team and policy."""
        book = _book(playbook)
        made = ledger.keep(_claims.claims(ledger.events, book, as_of=as_of), "claims_for_notebook")
        return Answer(_claims.tables.SUMMARY, _claims.summary(made), book, _verdicts)

    def commitments(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """What somebody said that we would do, by when, and when it was done."""
        book = _book(playbook)
        made = ledger.keep(_claims.claims(ledger.events, book, as_of=as_of), "claims_for_notebook")
        table = _claims.commitments(ledger.events, made, book, as_of=as_of)
        return Answer(_claims.tables.COMMITMENTS, table, book)

    def dissonance(self, ledger: Ledger, *, as_of: datetime | None = None) -> Answer:
        """What the customer saw while inside it was something else."""
        table = _claims.dissonance(ledger.events, as_of=as_of)
        return Answer(_claims.tables.DISSONANCE, table, Playbook(), _faces)


class Procedures:
    """`ab.procedures`: was each step done right, who was asked again after a no, and which steps help, and where."""

    def duties(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """Every step that was due in every visit, and whether it was met."""
        book = _book(playbook)
        return Answer(_procedures.tables.DUTIES, _procedures.duties(ledger.events, book, as_of=as_of), book)

    def insistence(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """Every offer that came after a no."""
        book = _book(playbook)
        return Answer(_procedures.tables.INSISTENCE, _procedures.insistence(ledger.events, book, as_of=as_of), book)

    def steps(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """What each step adds, in which context, and whether to keep it."""
        book = _book(playbook)
        return Answer(_procedures.tables.STEPS, _procedures.steps(ledger.events, book, as_of=as_of), book, _effects)


class Fixes:
    """`ab.fixes`: did each change end what it was made for, and did that last."""

    def fixes(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """Every fix with its verdict, effect, interval and the smallest wait that could have shown it."""
        book = _book(playbook)
        return Answer(_fixes.tables.FIXES, _fixes.fixes(self._studies(ledger, book, as_of)), book, _reductions)

    def weeks(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """What happened week by week, and what would have without the change."""
        book = _book(playbook)
        return Answer(_fixes.tables.SERIES, _fixes.weeks(self._studies(ledger, book, as_of)), book)

    def _studies(self, ledger: Ledger, book: Playbook, as_of: datetime | None) -> list[_fixes.Study]:
        last = ledger.arrow(ledger.events.aggregate(last=ledger.events.time.max()))["last"][0].as_py()
        moment = as_of or last
        promises = _promises.outcomes(ledger.events, book, as_of=moment) if book.promises else None
        duties = _procedures.duties(ledger.events, book, as_of=moment) if book.procedures else None
        return _fixes.studies(ledger.events, book, promises=promises, duties=duties, as_of=moment)


class Problems:
    """`ab.problems`: which cases share a cause, who was struck, the silent ones too, and what contributes.

    `tables` are tables made before, by name (an `Answer` or its `table`), which bring their breakdowns and their evidence:
    `{"handoffs": ab.episodes.handoffs(led)}`. Promises are followed where none are given.
    """

    def occasions(
        self,
        ledger: Ledger,
        playbook: Playbook | str | Path,
        *,
        tables: Mapping[str, Any] | None = None,
        as_of: datetime | None = None,
    ) -> Answer:
        """Where a customer could have been let down, and was."""
        book = _book(playbook)
        given = self._given(ledger, book, tables, as_of)
        rows = _problems.occasions(ledger.events, book, tables=given, as_of=as_of)
        return Answer(_problems.tables.OCCASIONS, rows, book)

    def problems(
        self,
        ledger: Ledger,
        playbook: Playbook | str | Path,
        *,
        tables: Mapping[str, Any] | None = None,
        as_of: datetime | None = None,
    ) -> Answer:
        """Every cause that many cases share."""
        book, _, found, cases = self._found(ledger, playbook, tables, as_of)
        return Answer(_problems.tables.PROBLEMS, _problems.problems(found, cases, book), book, _struck)

    def cases(
        self,
        ledger: Ledger,
        playbook: Playbook | str | Path,
        *,
        tables: Mapping[str, Any] | None = None,
        as_of: datetime | None = None,
    ) -> Answer:
        """Everyone whom a problem struck, and whether he ever said a word."""
        book, _, _, cases = self._found(ledger, playbook, tables, as_of)
        return Answer(_problems.tables.CASES, cases, book)

    def factors(
        self,
        ledger: Ledger,
        playbook: Playbook | str | Path,
        *,
        tables: Mapping[str, Any] | None = None,
        as_of: datetime | None = None,
    ) -> Answer:
        """What contributes to each, in order, the person last."""
        book, given, found, _ = self._found(ledger, playbook, tables, as_of)
        rows = _problems.factors(ledger.events, found, book, tables=given, as_of=as_of)
        return Answer(_problems.tables.FACTORS, rows, book)

    def _given(
        self, ledger: Ledger, book: Playbook, tables: Mapping[str, Any] | None, as_of: datetime | None
    ) -> dict[str, Any]:
        given = {name: table.table if isinstance(table, Answer) else table for name, table in (tables or {}).items()}
        if "promises" not in given:
            outcomes = _promises.outcomes(ledger.events, book, as_of=as_of)
            given["promises"] = ledger.keep(outcomes, "promises_for_notebook")
        return given

    def _found(
        self,
        ledger: Ledger,
        playbook: Playbook | str | Path,
        tables: Mapping[str, Any] | None,
        as_of: datetime | None,
    ) -> tuple[Playbook, dict[str, Any], _problems.Clusters, Any]:
        book = _book(playbook)
        given = self._given(ledger, book, tables, as_of)
        occasions = ledger.keep(
            _problems.occasions(ledger.events, book, tables=given, as_of=as_of), "occasions_for_notebook"
        )
        found = _problems.clusters(ledger.events, occasions, book, as_of=as_of)
        cases = ledger.keep(_problems.cases(ledger.events, found, book, as_of=as_of), "problem_cases_for_notebook")
        return book, given, found, cases


class Conflicts:
    """`ab.conflicts`: which rules cannot all be kept, whom that struck, and what would free them. `ab.prove` needs no events."""

    def conflicts(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """Every conflict, with the real cases that fell into it."""
        book, events, proof, outcomes = self._laid_over(ledger, playbook, as_of)
        return Answer(_conflicts.tables.CONFLICTS, _conflicts.conflicts(proof, events, outcomes, book), book)

    def cases(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """Real cases over the two facts that decide, with the picture of the first conflict that has one."""
        book, events, proof, outcomes = self._laid_over(ledger, playbook, as_of)
        boxes = ledger.arrow(_conflicts.boxes(proof, book)).to_pylist()
        drawn = next((box["rules"] for box in boxes if box["x_fact"]), None)

        def picture(rows: list[Row], _book: Playbook) -> str | None:
            mine = [row for row in rows if row["rules"] == drawn]
            some = [box for box in boxes if box["rules"] == drawn]
            return (
                theme.svg(conflict_charts.region(some, mine, theme.WIDE), f"Where {drawn} cannot all be kept")
                if some
                else None
            )

        return Answer(_conflicts.tables.CASES, _conflicts.cases(proof, events, outcomes, book), book, picture)

    def edits(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """The edits that free each conflict."""
        book, _, proof, _ = self._laid_over(ledger, playbook, as_of)
        return Answer(_conflicts.tables.EDITS, _conflicts.edits(proof), book)

    def remarks(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """Gaps, dead rules, refusals without evidence, authority that nobody holds."""
        book, events, proof, _ = self._laid_over(ledger, playbook, as_of)
        return Answer(_conflicts.tables.REMARKS, _conflicts.remarks(proof, events), book)

    def _laid_over(self, ledger: Ledger, playbook: Playbook | str | Path, as_of: datetime | None) -> Any:
        book = _book(playbook)
        moment = as_of or ledger.arrow(ledger.events.aggregate(last=ledger.events.time.max()))["last"][0].as_py()
        outcomes = ledger.keep(_promises.outcomes(ledger.events, book, as_of=moment), "promises_for_notebook")
        return book, ledger.events, _conflicts.proof(book, as_of=moment), outcomes


class Enablement:
    """`ab.enablement`: what teams miss, whether they were answered; nothing that rests on fewer than five people."""

    def pulse(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """The four questions by team and over time, with the promises that the same team broke."""
        book = _book(playbook)
        return Answer(_enablement.tables.PULSE, self._pulse(ledger, book, as_of), book, _pulse_over_time)

    def replies(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """How many answers got a reply, how soon, and how long the others wait."""
        book = _book(playbook)
        study = _enablement.studied(ledger.events, book, as_of=as_of)
        return Answer(_enablement.tables.REPLIES, _enablement.replies(study), book)

    def links(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """Whether teams that miss something break more promises."""
        book = _book(playbook)
        pulse = ledger.keep(self._pulse(ledger, book, as_of), "pulse_for_notebook")
        return Answer(_enablement.tables.LINKS, _enablement.links(pulse), book)

    def _pulse(self, ledger: Ledger, book: Playbook, as_of: datetime | None) -> Any:
        study = _enablement.studied(ledger.events, book, as_of=as_of)
        promises = _outcomes(ledger, book, as_of) if book.promises else None
        return _enablement.pulse(study, promises=promises, zone=book.timezone)


class Voice:
    """`ab.voice`: what customers say, how they mean it, what is new, and what they ask for. Each call reads the texts anew.

    `vectors`, where given, is `aboveboard.analyses.voice.vectors.packaged()` or `.endpoint(url, model=…)`.
    """

    def texts(
        self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None, vectors: Any = None
    ) -> Answer:
        """Every text with its sentiment, its reason and its theme."""
        read, book = self._read(ledger, playbook, as_of, vectors)
        return Answer(_voice.tables.VOICE, _voice.voice(read), book)

    def themes(
        self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None, vectors: Any = None
    ) -> Answer:
        """What customers speak about."""
        read, book = self._read(ledger, playbook, as_of, vectors)
        return Answer(_voice.tables.THEMES, read.themes, book, _themes)

    def by(
        self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None, vectors: Any = None
    ) -> Answer:
        """Where customers are discontent, and about what."""
        read, book = self._read(ledger, playbook, as_of, vectors)
        said = ledger.keep(_voice.voice(read), "voice_for_notebook")
        return Answer(_voice.tables.BY, _voice.by(said), book)

    def emerging(
        self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None, vectors: Any = None
    ) -> Answer:
        """What customers say now and did not say before."""
        read, book = self._read(ledger, playbook, as_of, vectors)
        return Answer(_voice.tables.EMERGING, _voice.emerging(read), book)

    def requests(self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None) -> Answer:
        """What customers ask for that is not there."""
        read, book = self._read(ledger, playbook, as_of, None)
        return Answer(_voice.tables.REQUESTS, read.requests, book)

    def models(
        self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None, vectors: Any = None
    ) -> Answer:
        """How often what is read is right."""
        read, book = self._read(ledger, playbook, as_of, vectors)
        return Answer(_voice.tables.MODELS, read.models, book)

    def _read(
        self, ledger: Ledger, playbook: Playbook | str | Path, as_of: datetime | None, vectors: Any
    ) -> tuple[_voice.Read, Playbook]:
        book = _book(playbook)
        return _voice.read(ledger.events, book, as_of=as_of, vectors=vectors), book


promises = Promises()
episodes = Episodes()
claims = Claims()
journeys = Journeys()
procedures = Procedures()
conflicts = Conflicts()
fixes = Fixes()
problems = Problems()
enablement = Enablement()
voice = Voice()
money = Money()
