"""Record linkage on invented crowds whose truth is known: precision, recall, F1, seconds.

    python -m benchmarks linkage

Five seeds per size, 5 % of the fields of a second key typed with a slip, one in ten left out, one person in five in a
household with the one before. Beside it the baseline that most people have: the same e-mail or the same telephone.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from aboveboard.analyses.episodes.links import linked
from aboveboard.analyses.episodes.people import Person, person
from aboveboard.simulate.crowd import crowd

SEEDS = range(1, 6)
Pairs = set[tuple[str, str]]


def same_id(persons: Sequence[Person]) -> Pairs:
    """The baseline: every two keys with one e-mail or one telephone."""
    held = defaultdict(list)
    for one in persons:
        for name in ("email", "phone"):
            if value := getattr(one, name):
                held[name, value].append(one.key)
    return {(min(pair), max(pair)) for keys in held.values() for pair in combinations(keys, 2)}


def scores(found: Pairs, true: Pairs) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean."""
    right = len(found & true)
    precision, recall = right / max(len(found), 1), right / len(true)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def main() -> None:
    """Print one row per size and method: means over the seeds, the worst F1, and the clerical band."""
    print("| persons | method | precision | recall | F1 (worst) | clerical pairs | of them true | s |")
    print("|--:|---|--:|--:|--:|--:|--:|--:|")
    for size in (500, 2_000, 10_000):
        rows = defaultdict(list)
        for seed in SEEDS:
            made = crowd(seed=seed, persons=size)
            persons = [person(key, **details) for key, details in made.details.items()]
            start = time.perf_counter()
            found = linked(persons)
            seconds = time.perf_counter() - start
            bands: dict[str, Pairs] = {"linked": set(), "clerical": set()}
            for row in found:
                bands[row["band"]].add((row["left"], row["right"]))
            clerical = bands["clerical"]
            rows["linked band"].append(
                (*scores(bands["linked"], made.same), len(clerical), len(clerical & made.same), seconds)
            )
            rows["same e-mail or telephone"].append((*scores(same_id(persons), made.same), 0, 0, 0.0))
        for method, runs in rows.items():
            precision, recall, f1, clerical_n, true_n, seconds = map(statistics.mean, zip(*runs, strict=True))
            worst = min(run[2] for run in runs)
            print(
                f"| {size:,} | {method} | {precision:.4f} | {recall:.4f} | {f1:.4f} ({worst:.4f}) "
                f"| {clerical_n:.0f} | {true_n:.0f} | {seconds:.1f} |"
            )


if __name__ == "__main__":
    main()
