"""Claims in real conversations against labels made by reading: the floor under what docs/measures/claims.md says."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from benchmarks import claim_labels, claims_real
from benchmarks.claims_real import Half

pytestmark = pytest.mark.slow


def both(halves: Iterable[Half], **wanted: str) -> tuple[float, float]:
    """Precision and recall over both halves together."""
    scores = [claim_labels.score(known, seen, **wanted) for _, known, seen in halves]
    right = sum(one.right for one in scores)
    return right / sum(one.found for one in scores), right / sum(one.labelled for one in scores)


def test_claims_are_found_and_false_ones_called_contradicted(real_data: Path) -> None:
    study = claims_real.studied("tau-bench", real_data)
    precision, recall = both(study.whole)
    assert precision >= 0.9
    assert recall >= 0.8
    precision, recall = both(study.bare, verdict="contradicted")
    assert precision >= 0.9
    assert recall >= 0.8
