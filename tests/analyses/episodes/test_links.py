"""Linkage on crowds whose truth is known."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest

from aboveboard.analyses import episodes
from aboveboard.analyses.episodes import fellegi_sunter
from aboveboard.analyses.episodes.links import linked
from aboveboard.analyses.episodes.people import Person, people, person
from aboveboard.analyses.episodes.tables import LINKS
from aboveboard.simulate.crowd import Crowd, crowd


def records(made: Crowd) -> list[Person]:
    return [person(key, **details) for key, details in made.details.items()]


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_linkage_finds_who_is_who(seed: int) -> None:
    made = crowd(seed=seed, persons=2000)
    found = {(row["left"], row["right"]) for row in linked(records(made)) if row["band"] == "linked"}
    right = len(found & made.same)
    precision, recall = right / len(found), right / len(made.same)
    assert precision >= 0.99
    assert 2 * precision * recall / (precision + recall) >= 0.95


def test_strangers_are_not_linked() -> None:
    """A crowd in which nobody is there twice: whatever is linked is wrong."""
    made = crowd(seed=5, persons=2000, twice=0)
    assert sum(row["band"] == "linked" for row in linked(records(made))) <= 5


def test_the_order_of_the_records_does_not_matter() -> None:
    persons = records(crowd(seed=4, persons=200))
    shuffled = random.Random(1).sample(persons, len(persons))
    assert linked(persons) == linked(shuffled)


def test_housemates_are_two_people() -> None:
    shared = {"phone": "030 1234567", "postcode": "10117"}
    pair = [person("a", name="Ada Byron", email="ada@x.example", **shared), person("b", name="Ralph Byron", **shared)]
    found = {(row["left"], row["right"]) for row in linked(pair + records(crowd(seed=1, persons=300)))}
    assert found
    assert ("a", "b") not in found


def test_a_shared_mailbox_is_nobodys_own() -> None:
    crowd_ = records(crowd(seed=2, persons=300))
    two, many = ([person(f"k{n}", email="info@firm.example") for n in range(count)] for count in (2, 12))
    bands = [[r["band"] for r in linked(keys + crowd_) if r["left"] in ("k0", "k1")] for keys in (two, many)]
    assert bands == [["linked"], []]


def test_no_personal_text_leaves(opened: Any) -> None:
    columns = [
        {"customer": key, "attributes": {"name": "Zoë Quixote", "email": "zoe@q.example"}} for key in ("k1", "k2")
    ]
    rest = [{"customer": k, "attributes": d} for k, d in crowd(seed=6, persons=100).details.items()]
    led = opened(*[(float(n), "contact.started", row) for n, row in enumerate(columns + rest)])
    table = episodes.links(led.events).to_pyarrow()
    assert tuple(table.column_names) == LINKS.columns
    rows = {(row["left"], row["right"]): row for row in table.to_pylist()}
    assert rows["k1", "k2"]["band"] == "linked"
    assert rows["k1", "k2"]["because"] == "given name exact, family name exact, e-mail exact"
    assert not any(word in json.dumps(table.to_pylist()).casefold() for word in ("quixote", "zoe", "zoë"))


def test_the_latest_word_counts(opened: Any) -> None:
    said = [{"name": "A B", "email": "old@x.example"}, {"email": "new@x.example"}, {"email": None, "phone": 491234567}]
    led = opened(*[(float(n), "x", {"customer": "k", "attributes": held}) for n, held in enumerate(said)])
    assert people(led.events) == [Person("k", "a", "b", "new@x.example", "491234567", None)]


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ({"name": "Dr. Núñez, José"}, {"given": "jose", "family": "nunez"}),
        ({"name": "O’Brien"}, {"family": "obrien"}),
        ({"phone": "+49 (30) 123 456 78"}, {"phone": "012345678"}),
        ({"phone": "030 / 12345678"}, {"phone": "012345678"}),
        ({"email": " X@Y.Example ", "postcode": "sw1a 1aa"}, {"email": "x@y.example", "postcode": "sw1a1aa"}),
        ({"name": "", "email": "none", "phone": "n/a", "postcode": "-"}, {}),
    ],
)
def test_what_was_typed_is_made_comparable(typed: dict[str, str], known: dict[str, str]) -> None:
    assert person("k", **typed) == Person("k", **known)


def test_em_recovers_planted_probabilities() -> None:
    rng = np.random.default_rng(3)
    m, u, pairs, matches = np.array([0.05, 0.15, 0.8]), np.array([0.94, 0.05, 0.01]), 400_000, 4_000
    levels = np.concatenate([rng.choice(3, (matches, 4), p=m), rng.choice(3, (pairs - matches, 4), p=u)])
    met, counts = np.unique(levels, axis=0, return_counts=True)
    apart, apart_counts = np.unique(levels[matches:], axis=0, return_counts=True)
    model = fellegi_sunter.learn(
        met, counts.astype(float), apart, apart_counts.astype(float), levels=[3] * 4, pairs=pairs
    )
    assert model.prior == pytest.approx(matches / pairs, rel=0.05)
    for field in range(4):
        assert model.m[field] == pytest.approx(m, abs=0.03)
        assert model.u[field] == pytest.approx(u, abs=0.005)


def test_the_weight_is_the_log_of_the_bayes_factor() -> None:
    model = fellegi_sunter.Model((np.array([0.1, 0.9]),) * 2, (np.array([0.9, 0.1]),) * 2, prior=0.5)
    patterns = np.array([[1, 1], [1, 0], [1, fellegi_sunter.MISSING], [fellegi_sunter.MISSING] * 2])
    assert model.weights(patterns) == pytest.approx([2 * np.log2(9), 0, np.log2(9), 0])
    assert model.probabilities(patterns) == pytest.approx([81 / 82, 0.5, 0.9, 0.5])
