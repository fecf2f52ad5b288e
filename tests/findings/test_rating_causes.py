"""What is said of low ratings: causes of the system by name, employees never."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses.attribution.ratings_table import RATINGS
from aboveboard.findings import rating_causes
from aboveboard.playbook.model import Measure, Playbook
from aboveboard.reports import run
from aboveboard.reports.sections import rating_causes as section

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
PLAYBOOK = Playbook("A shop", measures={"csat": Measure("csat", (1, 5), good_from=4)})


def _row(rating: int, cause: str, weight: float, *, score: float = 2.0, **more: Any) -> dict[str, Any]:
    side = cause if cause in ("employee", "unknown") else "system"
    found = {"rating": f"r{rating}", "measure": "csat", "score": score, "cause": cause, "side": side, "weight": weight}
    return dict.fromkeys(RATINGS.columns) | found | more


def _tables(many: int = 30, *, score: float = 2.0) -> dict[str, pa.Table]:
    made = [_row(n, "promise", 0.4 if n % 3 else 0.7, name="by-noon", score=score) for n in range(many)]
    made += [_row(n, "employee", 0.6 if n % 3 else 0.3, employee="e-1", score=score) for n in range(many)]
    return {"ratings": pa.Table.from_pylist(made)}


def test_a_cause_is_named_with_its_weight_and_nobody_who_served() -> None:
    (found,) = rating_causes.findings(_tables(), PLAYBOOK, as_of=AS_OF)
    assert found.about == {"measure": "csat", "cause": "promise", "name": "by-noon"}
    assert found.sentence.startswith(
        "Of 30 low answers on csat, 50 % (45–55 %) by weight comes from the promise by-noon"
    )
    assert "it had part in 30 of them" in found.sentence
    assert "e-1" not in str(found.as_dict())


@pytest.mark.parametrize("tables", [{}, _tables(19), _tables(score=5.0)])
def test_nothing_is_said_of_few_or_of_good_ratings(tables: dict[str, pa.Table]) -> None:
    assert list(rating_causes.findings(tables, PLAYBOOK, as_of=AS_OF)) == []
    assert section.section(run.Results(tables, (), AS_OF), PLAYBOOK) is None


def test_the_section_says_the_systems_part_and_shows_no_key() -> None:
    shown = section.section(run.Results(_tables(), (), AS_OF), PLAYBOOK)
    assert shown is not None
    assert shown.answer.startswith("Of 30 low ratings, 50 % by weight comes from promises, policies")
    assert "e-1" not in str(shown)
