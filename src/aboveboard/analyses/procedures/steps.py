"""Which steps help the customer, and where? One row per step, and one per context where its worth differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from aboveboard.analyses.procedures import (
    acts,
    advice,
    case_mix,
    contexts,
    counting,
    saying,
    scores,
    visits,
)
from aboveboard.analyses.procedures.advice import Candidate, Verdict
from aboveboard.analyses.procedures.contexts import ALL, Context, Cut
from aboveboard.analyses.procedures.duties import duties as _duties
from aboveboard.analyses.procedures.scores import Measure
from aboveboard.analyses.procedures.tables import STEPS
from aboveboard.analyses.shared import arrays, design, doubly_robust, horizon

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook, Procedure, Step

Row = dict[str, Any]


@dataclass(frozen=True)
class Studied:
    """One step's visits with their influence terms; `columns` are the contexts' values, by what a condition calls them."""

    visits: doubly_robust.Cases
    pulls: doubly_robust.Pulls
    columns: Mapping[str, arrays.Array]
    measure: Measure
    worth_from: float

    def chosen(self, context: Context | None) -> doubly_robust.Bools:
        """The cells of a context; None is all of them."""
        if context is None:
            return np.ones(len(self.visits.n), dtype=bool)
        return np.asarray(self.columns[context.called] == context.value, dtype=bool)

    def effect(self, context: Context | None) -> doubly_robust.Effect | None:
        """The effect in a context."""
        return doubly_robust.effect(self.visits, self.pulls, self.chosen(context))


def steps(
    events: Any,
    playbook: Playbook,
    *,
    duties: Any | None = None,
    as_of: datetime | None = None,
    worth_from: float = advice.WORTH_FROM,
) -> Any:
    """Weigh every step of every procedure: table STEPS (see `tables`).

    The worth is estimated from visits in which the step was left out in the ordinary course of work (see `doubly_robust`), in the
    measure that most visits have (see `scores`), with the case mix held equal (see `case_mix`). For an offer what counts is
    whether it was made: the answer is the customer's, and comes after it. A step of which nothing is on record in a settled
    visit counts as left out.

    Contexts are found (see `contexts`): where a step's worth differs by touchpoint, channel or a text attribute of the starting
    event, there is a row for each value of the surest of them. Advice follows `advice.judge`; `worth_from` is the smallest
    effect worth having in standard deviations of the measure. What employees saw and nobody wrote down is not held equal.

    Executes several small queries. `duties` is the table of `duties` where it has been made already; `as_of` as there.
    A playbook without procedures gives no rows.
    """
    if not playbook.procedures:
        return arrays.rows_to_table(STEPS, [])
    held = _duties(events, playbook, as_of=as_of) if duties is None else duties
    timed, _ = horizon.until(events, as_of)
    begun = visits.starts(timed, playbook)
    studied = dict(_studied(timed, begun, held, playbook, worth_from))
    cuts = contexts.matter({name: contexts.cuts(one.visits, one.pulls, one.columns) for name, one in studied.items()})
    verdicts = advice.judge(list(_candidates(playbook, studied, cuts)))
    counted = counting.Counts.of(held, begun, playbook, {name: cut.called for name, cut in cuts.items()})
    return arrays.rows_to_table(STEPS, _rows(playbook, verdicts, studied, counted))


def _studied(timed: Any, begun: Any, held: Any, playbook: Playbook, worth_from: float) -> Iterator[tuple[str, Studied]]:
    found = scores.scores(timed, begun)
    measures = scores.chosen(found, playbook)
    if not measures:
        return
    mix = case_mix.mix(case_mix.with_crew(begun, acts.told(timed, begun, playbook)), playbook.timezone)
    cells = case_mix.scored(mix, case_mix.taken(held, playbook), found, measures)
    for name, measure in measures.items():
        mine = {column: values[cells["procedure"] == name] for column, values in cells.items()}
        for number, step in enumerate(playbook.procedures[name].steps):
            study = _study(mine, mix, name, number, measure, worth_from)
            yield visits.name(playbook.procedures[name], step.name), study


def _study(
    cells: arrays.Cells, mix: case_mix.Mix, procedure: str, number: int, measure: Measure, worth_from: float
) -> Studied:
    taken = np.asarray(cells[f"step_{number}"], float)
    known = {name: column[~np.isnan(taken)] for name, column in cells.items()}
    # Whose visits stand together: an employee's, else a team's.
    people = np.array([one or team for one, team in zip(known["employee"], known["team"], strict=True)], dtype=object)
    found = doubly_robust.Cases(
        n=np.asarray(known["visits"], float),
        total=np.asarray(known["total"], float),
        squares=np.asarray(known["squares"], float),
        taken=np.asarray(known[f"step_{number}"], float) == 1,
        fold=np.asarray(known["fold"], np.int64),
        cluster=design.codes(people),
        case_mix=design.matrix(known, mix.covariates, [f"step_{earlier}" for earlier in range(number)], count="visits"),
    )
    columns = {called: known[name] for name, called in mix.contexts[procedure].items()}
    return Studied(found, doubly_robust.pulls(found), columns, measure, worth_from * doubly_robust.spread(found))


def _candidates(playbook: Playbook, studied: Mapping[str, Studied], cuts: Mapping[str, Cut]) -> Iterator[Candidate]:
    for procedure, step in _each(playbook):
        name = visits.name(procedure, step.name)
        one = studied.get(name)
        if one is None:
            yield Candidate(name, None, None, np.nan)
            continue
        yield Candidate(name, None, one.effect(None), one.worth_from)
        if name in cuts:
            for context, effect in cuts[name].effects.items():
                yield Candidate(name, context, effect, one.worth_from)


def _rows(
    playbook: Playbook, verdicts: list[Verdict], studied: Mapping[str, Studied], counted: counting.Counts
) -> Iterator[Row]:
    by_step: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_step.setdefault(verdict.candidate.step, []).append(verdict)
    for procedure, step in _each(playbook):
        name = visits.name(procedure, step.name)
        whole, *parts = by_step[name]
        proposed = _proposed(parts) if whole.advice == advice.CONDITIONAL else None
        for verdict in (whole, *parts):
            row = _said(procedure, step) | counted.row(name, verdict.candidate.context)
            row |= _estimated(verdict, studied.get(name), parts if verdict is whole else [])
            yield row | {"proposed_when": proposed if verdict.advice == advice.CONDITIONAL else None}


def _said(procedure: Procedure, step: Step) -> Row:
    return {
        "step": visits.name(procedure, step.name),
        "procedure": procedure.name,
        "kind": step.kind,
        "why": step.why,
        "owner": procedure.owner,
    }


def _estimated(verdict: Verdict, one: Studied | None, parts: list[Verdict]) -> Row:
    context, effect = verdict.candidate.context, verdict.candidate.effect
    row: Row = {
        "context": context.words if context else ALL,
        "advice": verdict.advice,
        "scored_count": 0,
        "undertaken_count": 0,
    }
    if context is not None:
        row["condition"] = contexts.condition(context.called, [context.value])
    if one is not None:
        chosen = one.chosen(context)
        n = one.visits.n[chosen]
        row |= {
            "measure": one.measure.name,
            "scored_count": round(float(n.sum())),
            "undertaken_count": round(float(n[one.visits.taken[chosen]].sum())),
        }
    if one is not None and effect is not None:
        row |= {
            "effect": effect.value,
            "effect_low": effect.low,
            "effect_high": effect.high,
            "naive": doubly_robust.plain_difference(one.visits, one.chosen(context)),
            "worth_from": verdict.candidate.worth_from,
            "overlap_share": effect.overlap,
            "effective_count": effect.effective,
            "p": effect.p,
            "q": verdict.q,
            "q_too_small": verdict.q_too_small,
        }
    row["says"] = saying.sentence(
        verdict, measure=row.get("measure"), scored=row["scored_count"], taken=row["undertaken_count"], parts=parts
    )
    return row


def _proposed(parts: list[Verdict]) -> str | None:
    """Due wherever it is not shown to be of no worth: what is not known stays as it is."""
    held = [part.candidate.context for part in parts if part.candidate.context and part.advice != advice.CONDITIONAL]
    return contexts.condition(held[0].called, [context.value for context in held]) if held else None


def _each(playbook: Playbook) -> Iterator[tuple[Procedure, Step]]:
    return ((procedure, step) for procedure in playbook.procedures.values() for step in procedure.steps)
