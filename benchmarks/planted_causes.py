"""What the findings tell of causes that were planted, over many invented companies.

    python benchmarks/planted_causes.py [--seeds 20] [--first 1] [--customers 5000]

Prints, for docs/measures/planted-causes.md: per cause, in how many companies it was found (recall); the share of
comparing findings that a planted cause explains (precision); how many comparing findings a company says in which
nothing was planted; and how often the 95 % intervals of kept shares hold the true share (coverage).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.reports import run
from aboveboard.simulate import company
from aboveboard.simulate.score import Score, score
from aboveboard.simulate.truth import Rates, kept_shares


def judge(seed: int, customers: int, *, null: bool) -> tuple[Score, int, int]:
    """Return the score of one company, how many of its intervals hold the truth, and how many there are."""
    made = company.company(seed=seed, customers=customers, null=null)
    with Ledger.of(made.events) as ledger:
        results = run.run(ledger, reader.read(made.playbook))
    truth = kept_shares(Rates.without() if null else Rates())
    held = [
        row["kept_share_low"] <= truth[key] <= row["kept_share_high"]
        for row in results.tables["promise_slices"].to_pylist()
        if (key := (row["promise"], row["slice"], row["value"])) in truth and row["ended_count"] >= 20
    ]
    return score(made.truth, [(finding.kind, finding.about) for finding in results.findings]), sum(held), len(held)


def main() -> None:
    """Run, and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", type=int, default=20)
    asked.add_argument("--first", type=int, default=1, help="the first seed")
    asked.add_argument("--customers", type=int, default=5000)
    options = asked.parse_args()
    began = time.perf_counter()
    for null in (False, True):
        judged = [
            judge(seed, options.customers, null=null) for seed in range(options.first, options.first + options.seeds)
        ]
        print(
            f"\n{'nothing planted' if null else 'planted'}: {options.seeds} companies of {options.customers:,} customers"
        )
        _print([one for one, _, _ in judged])
        held, all_of_them = sum(one[1] for one in judged), sum(one[2] for one in judged)
        print(f"  coverage of 95 % intervals    {held / all_of_them:.1%} of {all_of_them:,}")
    print(f"\n{time.perf_counter() - began:.0f} s")


def _print(scores: list[Score]) -> None:
    found = Counter(name for one in scores for name in one.found)
    names = dict.fromkeys(name for one in scores for name in (*one.found, *one.missed))
    for name in names:
        print(f"  found {name:30} {found[name]} of {len(scores)}")
    told, false = sum(one.told for one in scores), Counter(kind for one in scores for kind, _ in one.false)
    wrong = sum(false.values())
    print(
        f"  comparing findings            {told}, without a cause {wrong}"
        + (f" (precision {1 - wrong / told:.1%})" if told else "")
    )
    for kind, count in false.most_common():
        print(f"    without a cause             {count} × {kind}")
    print(f"  companies with any of these   {sum(bool(one.false) for one in scores)} of {len(scores)}")
    accused = Counter(name for one in scores for name in one.accused)
    print(f"  innocents accused             {dict(accused) or 'none'}")


if __name__ == "__main__":
    main()
