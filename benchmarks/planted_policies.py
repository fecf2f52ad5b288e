"""Are rules judged right? Companies of twelve policies, three for each verdict, and companies in which nothing should change.

Run: `python -m benchmarks planted_policies [COMPANIES [FIRST_SEED]]` (20 from seed 101 by default, about a minute). It
prints the tables of docs/measures/exceptions.md: verdicts right per company, what was taken for what, false proposals
where nothing should change, relaxed regions found, and how often intervals hold the truth. The tests run the same
functions on fewer companies.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from aboveboard.analyses import exceptions
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.simulate import rulebooks
from aboveboard.simulate.rulebooks import CHANGE, PUSH, Rulebook

Row = Mapping[str, Any]
FRESH = 101
"""The seeds below were looked at while the method was made; those from here on were not."""


@dataclass(frozen=True)
class Judged:
    """One company: what was planted, the rows of `policies` by name, and the confirmed regions."""

    made: Rulebook
    rows: Mapping[str, Row]
    regions: Sequence[Row]

    @property
    def right(self) -> int:
        """How many policies have the verdict they deserve."""
        return sum(self.rows[name]["verdict"] == verdict for name, verdict in self.made.verdicts.items())

    @property
    def proposals(self) -> list[str]:
        """The policies that are proposed for change."""
        return [name for name, row in self.rows.items() if row["verdict"] in (CHANGE, PUSH)]


def judge(seed: int, *, null: bool = False) -> Judged:
    """Make a company and judge its policies."""
    made = rulebooks.rulebook(seed, null=null)
    book = reader.read(made.playbook)
    with Ledger.of(made.events) as ledger:
        events = ledger.events
        asked = ledger.keep(exceptions.requests(events, book, as_of=made.as_of), "asked")
        beside = ledger.keep(exceptions.ordinary(events, asked, book, as_of=made.as_of), "beside")
        regions = ledger.keep(exceptions.relaxations(asked, events, beside, book), "regions")
        rows = ledger.arrow(exceptions.policies(events, asked, beside, regions, book, as_of=made.as_of)).to_pylist()
        confirmed = [row for row in ledger.arrow(regions).to_pylist() if row["confirmed"]]
    return Judged(made, {row["policy"]: row for row in rows}, confirmed)


def held(
    judged: Sequence[Judged], column: str, truth: Mapping[str, Mapping[str, float]] | None = None
) -> tuple[int, int]:
    """How many intervals of `column` hold the truth, and how many there are; the truth of harm where none is given."""
    inside = total = 0
    for number, one in enumerate(judged):
        known = one.made.harm if truth is None else truth[str(number)]
        for name, value in known.items():
            low, high = one.rows[name][f"{column}_low"], one.rows[name][f"{column}_high"]
            if low is not None and one.rows[name]["granted_count"] >= 20:
                inside, total = inside + (low <= value <= high), total + 1
    return inside, total


def main() -> None:
    """Run, and print."""
    companies, first = (int(word) for word in [*sys.argv[1:], *("20", str(FRESH))[len(sys.argv) - 1 :]])
    began = time.process_time()
    planted = [judge(seed) for seed in range(first, first + companies)]
    null = [judge(seed, null=True) for seed in range(first, first + companies)]
    right = [one.right for one in planted]
    print(f"seeds {first}–{first + companies - 1}, {rulebooks.REQUESTS:,} requests each\n")
    print(f"verdicts right of 12: median {median(right):g}, worst {min(right)}, {sorted(right)}\n")
    _print_confusion(planted)
    false = [one.proposals for one in null]
    print(
        f"\nnothing to change: {sum(map(len, false))} false proposals on {12 * len(null)} policies, "
        f"in {sum(map(bool, false))} of {len(null)} companies {Counter(name for names in false for name in names)}"
    )
    found = [one for one in planted if any(row["policy"] == "price-match" for row in one.regions)]
    print(f"relaxed region confirmed where planted: {len(found)} of {len(planted)}; such as")
    print("\n".join(f"  {row['region']}" for one in found[:4] for row in one.regions if row["policy"] == "price-match"))
    elsewhere = Counter(
        row["policy"] for one in (*planted, *null) for row in one.regions if row["policy"] != "price-match"
    )
    print(f"regions confirmed elsewhere: {dict(elsewhere)}")
    print("harm_difference holds the truth: {} of {}".format(*held([*planted, *null], "harm_difference")))
    blind = {str(n): {r.name: 0.5 for r in one.made.rules if r.verdict == PUSH} for n, one in enumerate(planted)}
    print("auc holds 0.5 where the approver is blind: {} of {}".format(*held(planted, "auc", blind)))
    approved = {str(n): {r.name: r.approve for r in one.made.rules} for n, one in enumerate(planted)}
    print("approval_share holds the truth: {} of {}".format(*held(planted, "approval_share", approved)))
    print(f"\n{time.process_time() - began:.0f} s of processor time")


def _print_confusion(planted: Sequence[Judged]) -> None:
    seen = Counter(
        (verdict, one.rows[name]["verdict"]) for one in planted for name, verdict in one.made.verdicts.items()
    )
    words = list(dict.fromkeys(planted[0].made.verdicts.values()))
    print("| deserved ↓, given → | " + " | ".join(words) + " |\n|---|" + "---:|" * len(words))
    for word in words:
        print(f"| {word} | " + " | ".join(str(seen[word, other]) for other in words) + " |")
    wrong = Counter(
        f"{name} taken for {one.rows[name]['verdict']}"
        for one in planted
        for name, verdict in one.made.verdicts.items()
        if one.rows[name]["verdict"] != verdict
    )
    print("\n" + "\n".join(f"{count} × {what}" for what, count in wrong.most_common()))


if __name__ == "__main__":
    main()
