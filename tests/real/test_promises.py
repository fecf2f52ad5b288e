"""Promise outcomes of the real logs: the same on DuckDB and PostgreSQL, and the same as plain Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.agreement import reference

from aboveboard import engines
from aboveboard.analyses import promises
from aboveboard.engines import Ledger
from aboveboard.playbook import reader

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
# The set, what of it is read, and how many starts its playbook finds.
SETS = ["baltimore311", "bpic2013", "helpdesk", "olist", "servicenow"]


@pytest.mark.parametrize("name", SETS)
def test_real_logs_agree(name: str, real_data: Path, postgres: str) -> None:
    playbook = reader.read(ROOT / "docs" / "measures" / "playbooks" / f"{name}.yaml")
    with engines.read(real_data / name, mapping=name, timezone=playbook.timezone.key) as ledger:
        events = ledger.arrow(ledger.events)
        told = _sorted(ledger.arrow(promises.outcomes(ledger.events, playbook)).to_pylist())
    assert told
    with Ledger.of(events, engine="postgres", url=postgres) as ledger:
        assert _sorted(ledger.arrow(promises.outcomes(ledger.events, playbook)).to_pylist()) == told
    assert _sorted(reference.outcomes(events.to_pylist(), playbook)) == told


def _sorted(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(rows, key=lambda row: (str(row["promise"]), str(row["event"])))
