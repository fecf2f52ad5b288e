"""Every table of the public sets: the same rows on DuckDB and PostgreSQL.

On a Spark cluster each set takes minutes: `tests/real/test_spark.py` holds promises, episodes and hand-offs of all five there, and
every other family is held on smaller ledgers in this folder.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aboveboard import engines
from aboveboard.analyses import catalogue
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.reports import run

ROOT = Path(__file__).resolve().parents[2]
# BPI 2013 takes as long as the other four together: it is held by hand, `SETS = ("bpic2013",)`.
SETS = ("baltimore311", "helpdesk", "olist", "servicenow")
KEYS = {name: spec.key for name, spec in catalogue.SPECS.items()}


def _analysed(name: str, real_data: Path, opened: Callable[[pa.Table], Any]) -> tuple[run.Results, run.Results]:
    """The results on DuckDB, and those on what `opened` makes of the same events."""
    playbook = reader.read(ROOT / "docs" / "measures" / "playbooks" / f"{name}.yaml")
    with engines.read(real_data / name, mapping=name, timezone=playbook.timezone.key) as ledger:
        events = ledger.arrow(ledger.events)
        here = run.run(ledger, playbook)
    with opened(events) as ledger:
        return here, run.run(ledger, playbook)


def _rows(table: pa.Table, key: tuple[str, ...]) -> list[dict[str, Any]]:
    return sorted(table.to_pylist(), key=lambda row: [str(row[column]) for column in key])


def _same(one: object, other: object) -> bool:
    """Equal; numbers that were summed up in another order may differ in the last digits."""
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-9, abs=1e-9, nan_ok=True)
    return one == other


def _assert_equal(here: run.Results, there: run.Results) -> None:
    assert here.tables.keys() == there.tables.keys() == KEYS.keys()
    for name, key in KEYS.items():
        one, other = _rows(here.tables[name], key), _rows(there.tables[name], key)
        assert len(one) == len(other), name
        for left, right in zip(one, other, strict=True):
            differs = {
                column: (left[column], right[column]) for column in left if not _same(left[column], right[column])
            }
            assert not differs, (name, [left[column] for column in key])
    assert [finding.sentence for finding in here.findings] == [finding.sentence for finding in there.findings]


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_postgres_has_the_same_rows(name: str, real_data: Path, postgres: str) -> None:
    _assert_equal(*_analysed(name, real_data, lambda events: Ledger.of(events, engine="postgres", url=postgres)))
