"""The company of planted steps: the same again from the same seed, and true to what is planted."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
import pytest

from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader
from aboveboard.simulate import planted_steps


def test_the_same_seed_gives_the_same_events() -> None:
    one, other = (planted_steps.events(planted_steps.visits(3, count=200)) for _ in range(2))
    assert one.equals(other) and one.schema == SCHEMA
    assert not one.equals(planted_steps.events(planted_steps.visits(4, count=200)))
    assert len(pc.unique(one["id"])) == one.num_rows


def test_forcing_a_step_changes_it_and_what_follows_alone() -> None:
    free = planted_steps.visits(3, count=400)
    forced = planted_steps.visits(3, count=400, force={"offer-water": True})
    assert forced.taken["offer-water"].all()
    for step in ("explain", "check-tyres"):
        assert (free.taken[step] == forced.taken[step]).all(), "what came before stays"
    for name in ("at", "touchpoint", "customer", "channel", "employee", "answered"):
        assert (getattr(free, name) == getattr(forced, name)).all()


def test_the_truth_is_what_is_planted() -> None:
    truth = planted_steps.effects(1, count=6_000)
    for step in planted_steps.STEPS:
        # Beyond what is planted: what the step does to the next ones, less what the ends of the scale swallow.
        if step.name != "greet":
            assert truth[step.name, "roadside"] == pytest.approx(
                step.adds + step.adds_where.get("roadside", 0.0), abs=0.31
            )
    assert truth["offer-water", "roadside"] > 0.7 > 0.2 > truth["offer-water", "at home"]
    assert abs(truth["hand-over-leaflet", "all"]) < 0.05 and truth["offer-insurance", "all"] < -0.4


def test_steps_are_left_out_for_reasons_that_move_the_rating() -> None:
    drawn = planted_steps.visits(1, count=6_000)
    taken = drawn.taken["hand-over-leaflet"]
    assert drawn.rating[taken].mean() - drawn.rating[~taken].mean() > 0.3
    assert 0.3 < np.mean(taken) < 0.7


def test_the_playbook_names_its_steps() -> None:
    (procedure,) = reader.read(planted_steps.playbook()).procedures.values()
    assert [(step.name, step.kind) for step in procedure.steps] == [(s.name, s.kind) for s in planted_steps.STEPS]
