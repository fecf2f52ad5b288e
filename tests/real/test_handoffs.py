"""Hand-offs in the incident log of BPI Challenge 2013, against figures counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aboveboard.analyses import episodes
from aboveboard.engines import ledgers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def incidents(real_data: Path) -> Iterator[ledgers.Ledger]:
    with ledgers.read(real_data / "bpic2013" / "incidents.xes.gz") as led:
        yield led


def test_teams_hand_over_and_get_back(incidents: ledgers.Ledger) -> None:
    hops = incidents.keep(episodes.handoffs(incidents.events), "hops")
    assert incidents.events.count().to_pyarrow().as_py() == 65_533
    assert hops.subject.nunique().to_pyarrow().as_py() == 3_820, "cases with more than one team"
    assert hops.filter(hops.returned).subject.nunique().to_pyarrow().as_py() == 1_177, "cases with A→B→A"
    flows = incidents.arrow(episodes.flows(hops)).to_pylist()
    assert sum(row["handoffs_count"] for row in flows) == hops.count().to_pyarrow().as_py()
    assert all(row["lost_share"] is None for row in flows), "nothing was told, so nothing can be known to be lost"
