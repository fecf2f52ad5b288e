"""Does the pulse say what is so? Companies whose teams lack known things, and others whose teams lack nothing.

Run: `python -m benchmarks planted_pulses [COMPANIES]` (40 by default, about two minutes). It prints the figures of
docs/measures/enablement.md.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from aboveboard.analyses import enablement, promises
from aboveboard.analyses.shared import intervals
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.simulate import planted_pulses
from aboveboard.simulate.planted_pulses import QUESTIONS, Team

SEED = 4_130_000
BOOK = reader.read(planted_pulses.PLAYBOOK)
Row = Mapping[str, Any]


def tables(company: list[Team], seed: int) -> tuple[list[Row], list[Row]]:
    """The rows of `pulse` and of `pulse_links`."""
    events = planted_pulses.events(company, seed)
    with Ledger.of(events) as led:
        outcomes = led.keep(promises.outcomes(led.events, BOOK, as_of=max(events["time"].to_pylist())), "promises")
        study = enablement.studied(led.events, BOOK)
        pulse = led.keep(enablement.pulse(study, promises=outcomes, zone=BOOK.timezone), "pulse")
        return led.arrow(pulse).to_pylist(), led.arrow(enablement.links(pulse)).to_pylist()


def truths(question: str, lack: float) -> float:
    """The mean of many answers of a team that lacks so much, the ends of the scale allowed for."""
    rng = np.random.default_rng([SEED, QUESTIONS.index(question)])
    drawn = planted_pulses.USUAL - lack + rng.normal(0, planted_pulses.PERSON, 200_000)
    return float(np.clip(np.round(drawn + rng.normal(0, planted_pulses.SPREAD, 200_000)), 1, 5).mean())


def share(hits: list[bool]) -> str:
    """A share with its Wilson interval."""
    low, high = intervals.wilson(sum(hits), len(hits))
    return f"{sum(hits)} of {len(hits)} ({100 * np.mean(hits):.1f} %, {100 * float(low):.1f}–{100 * float(high):.1f} %)"


def main() -> None:
    """Print what was measured."""
    companies = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    began = time.process_time()
    mean = {lack: truths("tools", lack) for lack in (0.0, 1.2)}
    held: list[bool] = []
    found: list[bool] = []
    false: list[bool] = []
    linked: list[bool] = []
    unlinked: list[bool] = []
    for number in range(companies):
        company = [Team(f"team {n:02d}", 8 + n) for n in range(14)]
        company.append(Team("without tools", 16, {"tools": 1.2}, 0.1))
        pulse, _ = tables(company, SEED + number)
        for row in pulse:
            if row["week_start_at"] is None and row["team"] != "all":
                lacking = row["team"] == "without tools" and row["question"] == "tools"
                held.append(bool(row["score_low"] <= mean[1.2 if lacking else 0.0] <= row["score_high"]))
                (found if lacking else false).append(bool(row["differs"]))
        for strains, into in ((0.0, unlinked), (0.2, linked)):
            links = tables(planted_pulses.teams(15, SEED + number, strains=strains), SEED + 500 + number)[1]
            into += [
                bool(row["q"] <= 0.05)
                for row in links
                if row["q"] is not None and (strains == 0 or row["question"] == "tools")
            ]
    print("| asked | came out |\n|---|---|")
    print(f"| a team's interval over all weeks holds what its like would answer | {share(held)} |")
    print(f"| a team that lacks 1.2 points of tools is told to differ | {share(found)} |")
    print(f"| a team and question of which nothing is lacking is told to differ | {share(false)} |")
    print(f"| lacking tools breaks 20 % more promises a point: the link is found (15 teams) | {share(linked)} |")
    print(f"| nothing lacking breaks promises: a link is found all the same | {share(unlinked)} |")
    print(f"\n{time.process_time() - began:.0f} s of processor time.")


if __name__ == "__main__":
    main()
