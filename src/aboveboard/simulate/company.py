"""Larkfield Appliances: an invented company with planted causes, any size, the same for the same seed.

It sells washing machines in three stores, on the web and by phone, brings them from four depots, has them fitted by
another firm and mends them in a workshop. Most of it works. What does not is written down in `Company.truth`,
together with those who look guilty and are not; the analyses are tried on whether they find the one and spare the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from aboveboard.simulate import counter, desks, orders, visits, voices
from aboveboard.simulate.blocks import Blocks, Clock
from aboveboard.simulate.customers import Customers
from aboveboard.simulate.truth import Rates, Truth, causes

FIRST = date(2025, 7, 7)  # a Monday; the clocks go back on 26 October
ZONE = "Europe/London"
# Much happens there, and no more than its share of what goes wrong.
INNOCENT = ("Northgate", "phone line", "call-back", "ready-in-two-hours")


@dataclass(frozen=True)
class Company:
    """A company's record (`events`, with the ledger's columns), its playbook as YAML, and what is true of it."""

    events: pa.Table
    playbook: str
    truth: Truth

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write `events.parquet` and `playbook.yaml` into `folder` and return their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        events, playbook = folder / "events.parquet", folder / "playbook.yaml"
        pq.write_table(self.events, events, compression="zstd")
        playbook.write_text(self.playbook, encoding="utf-8")
        return events, playbook


def company(
    *, seed: int, customers: int = 5000, days: int = 182, null: bool = False, rates: Rates | None = None
) -> Company:
    """Return the company of `seed`, with some sixteen events per customer over `days` days.

    `null` plants nothing: the same company, in which every place behaves as all the others do. `rates` sets the
    strength of each cause by hand.
    """
    if customers < 1 or days < 1:
        raise ValueError(f"a company needs customers and days; got {customers} and {days}")
    chosen = rates or (Rates.without() if null else Rates())
    rng = np.random.default_rng(seed)
    clock, blocks = Clock(FIRST, days, ZONE), Blocks()
    people = Customers.of(customers, rng, second_key=chosen.second_key)
    delivered = orders.write(blocks, clock, rng, people, chosen)
    desks.write(blocks, clock, rng, people, chosen)
    voices.write(blocks, clock, rng, people, delivered)
    visits.write(blocks, rng, people, delivered, chosen)
    counter.write(blocks, clock, rng, people, chosen)
    truth = Truth(causes(chosen), INNOCENT, people.same_person())
    return Company(blocks.table(end=clock.end), _playbook(), truth)


def _playbook() -> str:
    return resources.files("aboveboard.simulate").joinpath("company.yaml").read_text(encoding="utf-8")
