"""Planted rules get the verdict they deserve, and who the employees are makes no difference."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from benchmarks import planted_policies

from aboveboard.analyses import exceptions
from aboveboard.engines import Ledger
from aboveboard.playbook import conditions, reader
from aboveboard.simulate import rulebooks
from aboveboard.simulate.rulebooks import Rulebook


@pytest.fixture(scope="module")
def judged() -> planted_policies.Judged:
    return planted_policies.judge(31)


def test_verdicts_are_right(judged: planted_policies.Judged) -> None:
    assert judged.right >= 10
    assert planted_policies.judge(32).right >= 10


def test_where_nothing_should_change_nothing_is_proposed() -> None:
    assert planted_policies.judge(31, null=True).proposals == []


def test_the_relaxed_region_is_found_in_the_playbooks_words(judged: planted_policies.Judged) -> None:
    (region,) = [row for row in judged.regions if row["policy"] == "price-match"]
    assert region["condition"].startswith("channel <> 'phone' and value <= ")
    assert judged.rows["price-match"]["condition"] == region["condition"]
    said = conditions.parse(region["condition"])
    assert said.to_sql() == region["condition"]
    meets = said.to_python()
    asking = [
        row
        for row in judged.made.events.to_pylist()
        if row["type"] == "exception.requested" and row["rule"] == "policy:price-match"
    ]
    assert region["requests_count"] == sum(meets(row) is True for row in asking)


def test_who_the_employees_are_makes_no_difference(judged: planted_policies.Judged) -> None:
    made, book = judged.made, reader.read(judged.made.playbook)
    names = sorted({name for name in made.events["employee"].to_pylist() if name})
    turned = dict(zip(names, np.random.default_rng(1).permutation(names).tolist(), strict=True))
    employees = pa.array([turned.get(name) for name in made.events["employee"].to_pylist()])
    column = made.events.schema.get_field_index("employee")
    with Ledger.of(made.events.set_column(column, "employee", employees)) as ledger:
        asked = ledger.keep(exceptions.requests(ledger.events, book, as_of=made.as_of), "asked")
        beside = ledger.keep(exceptions.ordinary(ledger.events, asked, book, as_of=made.as_of), "beside")
        regions = ledger.keep(exceptions.relaxations(asked, ledger.events, beside, book), "regions")
        rules = exceptions.policies(ledger.events, asked, beside, regions, book, as_of=made.as_of)
        assert {row["policy"]: row for row in ledger.arrow(rules).to_pylist()} == judged.rows


def test_a_company_is_the_same_for_the_same_seed() -> None:
    def ids(made: Rulebook) -> list[object]:
        return made.events.slice(0, 50).to_pylist()

    assert ids(rulebooks.rulebook(5, requests=300)) == ids(rulebooks.rulebook(5, requests=300))
    assert ids(rulebooks.rulebook(5, requests=300)) != ids(rulebooks.rulebook(6, requests=300))
