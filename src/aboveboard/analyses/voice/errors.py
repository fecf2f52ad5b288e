"""How often what was read is right: rows of the table MODELS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aboveboard.analyses.shared import intervals

Row = dict[str, Any]
ALL = "all"


@dataclass(frozen=True)
class Judged:
    """A label that came with a text, what was read (None: could not be read), how many such texts, and the text's group."""

    label: str
    said: str | None
    count: int
    group: str


def rows(judged: Sequence[Judged], labels: Sequence[str]) -> Iterator[Row]:
    """One row for all and one per label: counts, accuracy (recall) with interval, precision, F1."""
    each = [_of_label(judged, label) for label in labels]
    n = sum(one.count for one in judged)
    whole = _right(list(judged))
    yield whole | {
        "label": ALL,
        "f1": float(np.mean([row["f1"] for row in each])),
        "precision": None,
        "read_count": sum(one.count for one in judged if one.said is not None),
        "majority_share": max(row["texts_count"] for row in each) / n,
    }
    yield from each


def _of_label(judged: Sequence[Judged], label: str) -> Row:
    found = _right([one for one in judged if one.label == label])
    said = sum(one.count for one in judged if one.said == label)
    right = found["right_count"]
    both = found["texts_count"] + said
    return found | {
        "label": label,
        "precision": right / said if said else None,
        "f1": 2 * right / both if both else 0.0,
        "read_count": said,
        "majority_share": None,
    }


def _right(judged: Sequence[Judged]) -> Row:
    n = sum(one.count for one in judged)
    right = sum(one.count for one in judged if one.said == one.label)
    low, high = _interval(judged, right, n)
    return {
        "texts_count": n,
        "different_count": len({one.group for one in judged}),
        "right_count": right,
        "accuracy": right / n if n else None,
        "accuracy_low": low,
        "accuracy_high": high,
    }


def _interval(judged: Sequence[Judged], right: int, n: int) -> tuple[float | None, float | None]:
    """Wilson's, with as many cases as groups are worth: nearly equal texts are right or wrong together (Kish 1965, 5.4)."""
    if not n:
        return None, None
    share = right / n
    pulls: dict[str, float] = {}
    for one in judged:
        pulls[one.group] = pulls.get(one.group, 0.0) + one.count * ((one.said == one.label) - share)
    spread = float(np.sum(np.square(list(pulls.values()))))
    plain = n * share * (1 - share)
    worth = n / max(1.0, spread / plain) if plain > 0 else len(pulls)
    low, high = intervals.wilson(share * worth, worth)
    return float(low), float(high)


def mean_recall(found: Sequence[Row]) -> float:
    """The mean over labels of the share read rightly."""
    return float(np.mean([row["accuracy"] for row in found if row["label"] != ALL]))


def counts_matrix(judged: Sequence[Judged], labels: Sequence[str]) -> npt.NDArray[np.int64]:
    """Labels (rows) by what was read (columns)."""
    found = np.zeros((len(labels), len(labels)), np.int64)
    for one in judged:
        if one.said is not None:
            found[labels.index(one.label), labels.index(one.said)] += one.count
    return found
