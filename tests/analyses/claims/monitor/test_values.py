"""The monitor says what the definition says, on random formulas and traces; and what it says for good stays so."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analyses.claims.monitor import made, reference
from tests.analyses.claims.monitor.reference import MINUTE, Trace

from aboveboard.analyses.claims import monitor
from aboveboard.analyses.claims.monitor.evaluation import Evaluation
from aboveboard.analyses.claims.monitor.reach import reach
from aboveboard.analyses.claims.monitor.witnesses import Witnesses
from aboveboard.playbook import formulas
from aboveboard.playbook.temporal import tree

A, B, C = made.ATOMS
draws = st.randoms(use_true_random=False)


def disagreements(seed: int, formula_count: int, traces_each: int) -> int:
    """How many events the monitor and the definition see differently."""
    draw, found = random.Random(seed), 0
    for _ in range(formula_count):
        node, traces = made.formula(draw), made.batch(draw, traces_each)
        said = iter(monitor.values(node, made.together(traces)).tolist())
        for trace in traces:
            found += sum(next(said) != reference.truth(node, here, trace) for here in range(len(trace.times)))
    return found


def test_a_thousand_traces_as_defined() -> None:
    assert disagreements(seed=1, formula_count=200, traces_each=5) == 0


@pytest.mark.slow
def test_ten_thousand_traces_as_defined() -> None:
    assert disagreements(seed=2, formula_count=2_000, traces_each=5) == 0


@given(draws)
def test_one_trace_as_defined(draw: random.Random) -> None:
    node, trace = made.formula(draw, depth=2), made.trace(draw)
    said = monitor.values(node, made.together([trace])).tolist()
    assert said == [reference.truth(node, here, trace) for here in range(len(trace.times))], str(node)


@given(draws)
def test_presumed_or_not_it_is_what_the_record_says_as_it_stands(draw: random.Random) -> None:
    node, trace = made.formula(draw), made.trace(draw)
    said = monitor.values(node, made.together([trace])) >= monitor.Truth.PRESUMABLY_TRUE
    assert said.tolist() == [reference.holds(node, here, trace) for here in range(len(trace.times))], str(node)


@given(draws)
def test_no_later_event_changes_what_is_for_good(draw: random.Random) -> None:
    node, trace = made.formula(draw), made.trace(draw)
    more = sorted(trace.as_of + draw.randrange(1, 12) * MINUTE // 2 for _ in range(draw.randint(0, 5)))
    later = Trace(
        [*trace.times, *more],
        {atom: [*met, *(draw.random() < 0.5 for _ in more)] for atom, met in trace.met.items()},
        max([trace.as_of, *more]) + draw.randrange(4) * MINUTE,
        trace.due,
    )
    before = monitor.values(node, made.together([trace]))
    after = monitor.values(node, made.together([later]))[: len(before)]
    final = np.isin(before, (monitor.Truth.TRUE, monitor.Truth.FALSE))
    assert (before[final] == after[final]).all(), str(node)


def test_events_beyond_its_reach_do_not_matter() -> None:
    draw = random.Random(3)
    for _ in range(1_500):
        node, trace = made.formula(draw, depth=2), made.trace(draw)
        here = draw.randrange(len(trace.times))
        less, there = within_reach(node, trace, here)
        assert reference.truth(node, there, less) == reference.truth(node, here, trace), str(node)


def within_reach(node: tree.Formula, trace: Trace, here: int) -> tuple[Trace, int]:
    """The event and what lies in the formula's reach from there."""
    span, now = reach(node), np.array([trace.times[here]])
    due = np.array([monitor.FAR if trace.due is None else trace.due])
    least, most = int(span.earliest(now)[0]), int(span.latest(now, due)[0])
    kept = [j for j, then in enumerate(trace.times) if least <= then <= most or j == here]
    return only(trace, kept), kept.index(here)


def only(trace: Trace, kept: list[int]) -> Trace:
    """The trace with these events alone."""
    met = {atom: [values[j] for j in kept] for atom, values in trace.met.items()}
    return Trace([trace.times[j] for j in kept], met, trace.as_of, trace.due)


@given(draws)
def test_witnesses_alone_show_it(draw: random.Random) -> None:
    """Without `not`, `historically` and `always`, the witnesses of a true formula are enough to make it true."""
    node, trace = positive(draw), made.trace(draw)
    rows = made.together([trace])
    evaluation = Evaluation(rows)
    witnesses = Witnesses(evaluation)
    for here in np.flatnonzero(evaluation.values(node) == monitor.Truth.TRUE).tolist():
        kept = sorted({*witnesses.of(node, here, monitor.Truth.TRUE), here})
        alone = only(trace, kept)
        assert reference.truth(node, kept.index(here), alone) == monitor.Truth.TRUE, str(node)


def positive(draw: random.Random, depth: int = 3) -> tree.Formula:
    """A formula of atoms, `and`, `or`, `once` and `eventually`."""
    if depth == 0 or draw.random() < 0.2:
        return tree.Atom(draw.choice(made.ATOMS))
    parts = (positive(draw, depth - 1), positive(draw, depth - 1))
    return draw.choice(
        (
            tree.And(parts),
            tree.Or(parts),
            tree.Once(parts[0], made.interval(draw, ahead=False)),
            tree.Eventually(parts[0], made.interval(draw, ahead=True)),
        )
    )


def at(text: str, times: list[float], atoms: dict[str, list[int]], as_of: float) -> list[int]:
    """The values of a formula over events at these minutes."""
    length = len(times)
    trace = Trace(
        [int(minute * MINUTE) for minute in times],
        {atom: [bool(x) for x in atoms.get(name, [0] * length)] for name, atom in zip("abc", made.ATOMS, strict=True)},
        int(as_of * MINUTE),
    )
    return monitor.values(formulas.parse(text).tree, made.together([trace])).tolist()


def test_events_at_one_time_are_before_and_after_each_other() -> None:
    times, met = [0, 5, 5, 9], {"a": [0, 0, 1, 0]}
    assert at("once[0, 1 minute] (type = 'a')", times, met, 9) == [0, 3, 3, 0]
    assert at("eventually[0, 1 minute] (type = 'a')", times, met, 9) == [0, 3, 3, 1]
    assert at("once[1 minute, *] (type = 'a')", times, met, 9) == [0, 0, 0, 3]


def test_of_since_only_a_later_time_breaks() -> None:
    """a, with b at the same time, then b missing at a later time."""
    assert at("(type = 'b') since (type = 'a')", [0, 0, 1, 2], {"a": [1, 0, 0, 0], "b": [0, 0, 1, 0]}, 2) == [
        3,
        3,
        3,
        0,
    ]


def test_both_ends_belong_to_the_window() -> None:
    met = {"a": [1, 0, 0, 0]}
    assert at("once[2 minutes, 4 minutes] (type = 'a')", [0, 2, 4, 4.5], met, 5) == [0, 3, 3, 0]


@pytest.mark.parametrize(
    ("text", "as_of", "value"),
    [
        ("eventually[0, 10 minutes] (type = 'b')", 9, monitor.Truth.PRESUMABLY_FALSE),
        ("eventually[0, 10 minutes] (type = 'b')", 10, monitor.Truth.FALSE),
        ("always[0, 10 minutes] not (type = 'b')", 9, monitor.Truth.PRESUMABLY_TRUE),
        ("always[0, 10 minutes] not (type = 'b')", 10, monitor.Truth.TRUE),
        ("always (type = 'a')", 10, monitor.Truth.PRESUMABLY_TRUE),
        ("(type = 'a') until (type = 'b')", 10, monitor.Truth.PRESUMABLY_FALSE),
        ("(type = 'b') until (type = 'c')", 10, monitor.Truth.FALSE),
    ],
)
def test_a_window_is_open_until_the_record_passes_its_end(text: str, as_of: float, value: monitor.Truth) -> None:
    assert at(text, [0], {"a": [1]}, as_of) == [value]


def test_a_due_time_that_comes_before_the_window_closes_it() -> None:
    """Due after the end of the record, but before the window would begin: nothing to come can fall into it."""
    node = formulas.parse("eventually[10 minutes, claim.due] (type = 'a')").tree
    for due, value in ((9, monitor.Truth.FALSE), (10, monitor.Truth.PRESUMABLY_FALSE)):
        trace = Trace([0], {atom: [False] for atom in made.ATOMS}, as_of=MINUTE, due=due * MINUTE)
        assert monitor.values(node, made.together([trace])).tolist() == [value]


@pytest.mark.parametrize(
    ("truth", "recorded", "witnessed", "verdict"),
    [
        (monitor.Truth.TRUE, True, False, "supported"),
        (monitor.Truth.TRUE, False, True, "supported"),
        (monitor.Truth.TRUE, False, False, "unverifiable"),
        (monitor.Truth.PRESUMABLY_TRUE, True, True, "not yet"),
        (monitor.Truth.PRESUMABLY_FALSE, False, False, "not yet"),
        (monitor.Truth.FALSE, True, False, "contradicted"),
        (monitor.Truth.FALSE, False, False, "unverifiable"),
    ],
)
def test_what_the_values_become(truth: monitor.Truth, recorded: bool, witnessed: bool, verdict: str) -> None:
    assert monitor.verdict(truth, recorded=recorded, witnessed=witnessed) == verdict


def test_no_traces_at_all() -> None:
    none = np.empty(0, dtype=np.int64)
    rows = monitor.Traces(none, none, {atom: none.astype(bool) for atom in made.ATOMS}, 0)
    node = formulas.parse("once (type = 'a') and (type = 'b') until[0, 1 hour] not (type = 'c')").tree
    assert monitor.values(node, rows).tolist() == []
