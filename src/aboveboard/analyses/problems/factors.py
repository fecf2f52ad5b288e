"""What contributes to each problem? Seven questions in a fixed order, each with its evidence; the person comes last.

Deming (1986), *Out of the Crisis*, and Reason (1990), *Human Error*: look for what the system brings about before asking who was
there. A sign is not a cause: what goes with a problem may come from the same source as the problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aboveboard.analyses.problems import incentives, kinds, pulses, regions, traces
from aboveboard.analyses.problems.answers import CONTRIBUTES, NO_EVIDENCE, NO_SIGN, Answer
from aboveboard.analyses.problems.clusters import Cluster, Clusters
from aboveboard.analyses.problems.incentives import Exposure
from aboveboard.analyses.problems.pulses import Pulse
from aboveboard.analyses.problems.tables import FACTORS
from aboveboard.analyses.problems.traces import Trace
from aboveboard.analyses.shared import arrays, horizon, intervals
from aboveboard.engines import ledgers

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook

Row = Mapping[str, Any]
ENOUGH = 20
"""Fewer cases on either side, and no share is compared."""
PERSONAL = 0.05
"""Persons contribute where their share of the variance is surely above this."""
QUESTIONS = (
    ("promise", "Can the promise be kept as it stands?"),
    ("channels", "Are channels and teams coordinated?"),
    ("incentives", "Do incentives pull the same way?"),
    ("staffing", "Are there enough people when it is busy?"),
    ("training and tools", "Do those who do the work feel trained and equipped?"),
    ("vendor", "Is a vendor in between?"),
    ("person", "Does it hang on who serves?"),
)
_READ = ("deliverability", "promise_slices", "variance", "conflicts")


@dataclass(frozen=True)
class Known:
    """Everything that the questions are answered from: small tables by name, and what was counted for the purpose."""

    tables: Mapping[str, list[Row]]
    traces: list[Trace]
    exposures: list[Exposure]
    pulses: list[Pulse]
    playbook: Playbook

    def rows(self, table: str, **where: Any) -> list[Row]:
        return [
            row for row in self.tables.get(table, []) if all(row.get(name) == value for name, value in where.items())
        ]


def factors(
    events: Any,
    found: Clusters,
    playbook: Playbook,
    *,
    tables: Mapping[str, Any] | None = None,
    as_of: datetime | None = None,
) -> Any:
    """Seven rows per problem: table FACTORS (see `tables`).

    `tables` are analysis tables by name; of them `deliverability`, `promise_slices`, `variance`, `conflicts`, `handoffs`,
    `handoff_flows` and `contradictions` are read. What is missing leaves its question without evidence. Exposure to
    incentives and the pulse are read from the events.
    """
    given = tables or {}
    timed, _ = horizon.until(events, as_of)
    scanned = any(each.lead for each in found.problems)
    known = Known(
        {name: ledgers.arrow(given[name]).to_pylist() for name in _READ if name in given},
        traces.traces(found, given) if scanned else [],
        incentives.exposures(timed, found, playbook) if scanned else [],
        pulses.pulses(timed) if scanned else [],
        playbook,
    )
    return arrays.rows_to_table(FACTORS, _rows(found, known))


def _rows(found: Clusters, known: Known) -> Iterator[dict[str, Any]]:
    for each in found.problems:
        for place, ((factor, question), ask) in enumerate(zip(QUESTIONS, _ASKED, strict=True), start=1):
            said = (
                ask(each, known) if each.lead else _nothing("no scan sees this problem, so there is nothing to compare")
            )
            yield {"problem": each.problem, "place": place, "factor": factor, "question": question, **vars(said)}


def _nothing(why: str) -> Answer:
    return Answer(NO_EVIDENCE, f"No evidence: {why}.")


def _promise(each: Cluster, known: Known) -> Answer:
    """Read where the problem's own hours or weekdays are, else of the promise as a whole: a bad team does not make it too much."""
    region = each.members[0].region
    if region.kind != kinds.PROMISE:
        return _nothing("it is not a promise that is missed")
    name = (region.rule or "").removeprefix("promise:")
    cut, values = "all", ["all"]
    if region.axis in (regions.HOUR, regions.WEEKDAY):
        cut, values = region.axis, [str(step) for step in range(region.start, region.end)]
    said = [row for row in known.rows("deliverability", promise=name, slice=cut) if row["value"] in values]
    verdicts = {row["verdict"] for row in said}
    shares = [row for row in known.rows("promise_slices", promise=name, slice=cut) if row["value"] in values]
    n, missed = (sum(row[column] for row in shares) for column in ("ended_count", "missed_count"))
    if not verdicts & {"deliverable", "not deliverable"} or not n:
        return _nothing("too few promises have ended to say what could be kept")
    low, high = (float(end) for end in intervals.wilson(n - missed, n))
    where = "then" if cut != "all" else "in all"
    evidence = f"Kept in {_percent(1 - missed / n)} of {n:,} ({_range(low, high)}) {where}"
    answer = CONTRIBUTES if "not deliverable" in verdicts else NO_SIGN
    can = "cannot be kept at its objective" if answer == CONTRIBUTES else "can be kept at its objective"
    return Answer(
        answer, f"{evidence}: it {can}.", "kept share", n, 1 - missed / n, low, high, "deliverability, promise_slices"
    )


def _channels(each: Cluster, known: Known) -> Answer:
    return _traced(each, known, traces.COORDINATION, "hand-offs or statements on the same matter")


def _vendor(each: Cluster, known: Known) -> Answer:
    return _traced(each, known, (traces.VENDOR,), "hand-offs to or from a vendor")


def _traced(each: Cluster, known: Known, which: tuple[str, ...], missing: str) -> Answer:
    """Of several traces the one that differs most surely; one that is the breakdown itself says nothing of it."""
    region = each.members[0].region
    mine = [
        trace
        for trace in known.traces
        if trace.problem == each.problem and trace.name in which and traces.SELF.get(trace.name) != region.kind
    ]
    told = [
        trace for trace in mine if trace.n >= ENOUGH and trace.other_n >= ENOUGH and trace.count + trace.other_count
    ]
    if not told:
        return _nothing(f"no {missing} are on record for enough of these cases")
    answers = [
        _compared(trace.count, trace.n, trace.other_count, trace.other_n, trace.says, trace.source) for trace in told
    ]
    return max(answers, key=lambda answer: answer.low if answer.low is not None else -1.0)


def _compared(count: int, n: int, other_count: int, other_n: int, says: str, source: str) -> Answer:
    difference, low, high = (float(end) for end in intervals.newcombe(count, n, other_count, other_n))
    evidence = (
        f"{says}: {_of(count, n)} against {_of(other_count, other_n)}, a difference of {_points(difference)} points "
    )
    evidence += f"({_points(low)} to {_points(high)})."
    answer = CONTRIBUTES if low > 0 else NO_SIGN
    return Answer(answer, evidence, "difference of shares", n + other_n, difference, low, high, source)


def _incentives(each: Cluster, known: Known) -> Answer:
    region = each.members[0].region
    for row in known.tables.get("conflicts", []):
        rules = str(row.get("rules"))
        if region.rule and region.rule in rules and "incentive:" in rules:
            return Answer(CONTRIBUTES, f"The rules cannot all hold: {rules}.", source="conflicts")
    mine = [one for one in known.exposures if one.stratum == region.stratum]
    told = [one for one in mine if min(one.high_n, one.low_n) >= ENOUGH]
    if not known.playbook.incentives:
        return _nothing("the playbook names no incentive")
    if not told:
        return _nothing("what the incentives pay for does not occur where this went wrong, or hardly differs by day")
    answers = [
        _compared(
            one.high_broken, one.high_n, one.low_broken, one.low_n,
            f"On days with more of what “{one.incentive}” pays for, at the same team, it went wrong", "events, playbook",
        )
        for one in told
    ]  # fmt: skip
    return max(answers, key=lambda answer: answer.low if answer.low is not None else -1.0)


def _staffing(each: Cluster, known: Known) -> Answer:
    """The busiest quarter of a team's moments beside its calmest."""
    region = each.members[0].region
    if region.kind != kinds.PROMISE:
        return _nothing("how busy it was is known of promises only")
    name = (region.rule or "").removeprefix("promise:")
    rows = {row["value"]: row for row in known.rows("deliverability", promise=name, slice="load")}
    calm, busy = rows.get("1"), rows.get("4")
    if calm is None or busy is None or min(calm["starts_count"], busy["starts_count"]) < ENOUGH:
        return _nothing("too few promises were made when it was busy, or when it was calm")
    if calm["kept_share"] is None or busy["kept_share"] is None:
        return _nothing("too few of them have ended")
    says = "Missed when the team was at its busiest, against its calmest"
    missed, other = (round(row["starts_count"] * (1 - row["kept_share"])) for row in (busy, calm))
    return _compared(missed, busy["starts_count"], other, calm["starts_count"], says, "deliverability")


def _training(each: Cluster, known: Known) -> Answer:
    team = dict(each.members[0].region.place).get("team")
    if team is None:
        return _nothing("the problem is not one team's, so no team's pulse can be set against the others'")
    mine = [one for one in known.pulses if one.team == team]
    rest = [one for one in known.pulses if one.team != team]
    count, n = sum(one.low for one in mine), sum(one.answers for one in mine)
    other, other_n = sum(one.low for one in rest), sum(one.answers for one in rest)
    if n < pulses.FEWEST or other_n < pulses.FEWEST:
        return _nothing(f"fewer than {pulses.FEWEST} answers to the pulse at {team}, or elsewhere")
    says = f"Said at {team} that training or tools are lacking (1 or 2 of 5)"
    return _compared(count, n, other, other_n, says, "pulse.answered")


def _person(each: Cluster, known: Known) -> Answer:
    region = each.members[0].region
    outcome = {kinds.PROMISE: "promise kept"}.get(region.kind)
    if region.kind == kinds.RATING:
        outcome = f"survey {(region.rule or '').removeprefix('measure:')}"
    rows = [row for row in known.rows("variance", outcome=outcome, component="employee") if row["identified"]]
    if outcome is None or not rows or rows[0]["share"] is None:
        return _nothing("what goes with who serves cannot be told from the rest here")
    row = rows[0]
    answer = CONTRIBUTES if row["low"] is not None and row["low"] > PERSONAL else NO_SIGN
    evidence = f"Of the differences in all such cases, {_percent(row['share'])} ({_range(row['low'], row['high'])}) "
    evidence += "goes with who serves."
    return Answer(answer, evidence, "share of variance", row["n"], row["share"], row["low"], row["high"], "variance")


_ASKED: tuple[Callable[[Cluster, Known], Answer], ...] = (
    _promise, _channels, _incentives, _staffing, _training, _vendor, _person,
)  # fmt: skip


def _of(count: int, n: int) -> str:
    return f"{count:,} of {n:,} ({_percent(count / n)})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share in (0, 1) or 0.01 <= share <= 0.99 else f"{100 * share:.2g} %"


def _range(low: float, high: float) -> str:
    return f"{_percent(low).removesuffix(' %')}–{_percent(high)}"


def _points(difference: float) -> str:
    return f"{100 * difference:+.0f}".replace("-", "−")
