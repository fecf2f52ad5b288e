"""Three real rule books: what docs/measures/prover.md says was found in them is found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from aboveboard.playbook import reader
from aboveboard.prover import prove
from aboveboard.prover.proof import PROVED

BOOKS = Path(__file__).parents[2] / "docs/measures/playbooks/rules"
FOUND = {
    "airline-agent": ({"policy:cancelled-flights + policy:delayed-flights"}, {"gap": 1, "says the same": 1}),
    "retail-agent": (set(), {"says nothing new": 2}),
    "shop-guidelines": ({"policy:extension-others + policy:extension-else-the-manager"}, {"gap": 5}),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_the_page_says_is_found(name: str) -> None:
    proof = prove(reader.read(BOOKS / f"{name}.yaml"), with_edits=False)
    conflicts, remarks = FOUND[name]
    assert {found.key for found in proof.conflicts} == conflicts and proof.unknown == ()
    assert all(found.verdict == PROVED for found in proof.conflicts)
    counted = Counter(each.kind for each in proof.remarks)
    assert {kind: count for kind, count in counted.items() if kind != "refuses without evidence"} == remarks


def test_on_the_seventh_day_nothing_is_said_of_a_late_refund() -> None:
    proof = prove(reader.read(BOOKS / "shop-guidelines.yaml"), with_edits=False)
    gaps = {each.when.sql for each in proof.remarks if each.kind == "gap" and each.when}
    assert "days_waited = 7 and matter = 'late refund'" in gaps
    assert "amount_wrong >= 10 and matter = 'bill' and level = 'silver'" in gaps
