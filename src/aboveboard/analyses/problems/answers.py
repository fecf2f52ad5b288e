"""What a question about a problem comes to."""

from __future__ import annotations

from dataclasses import dataclass

CONTRIBUTES, NO_SIGN, NO_EVIDENCE = "contributes", "no sign of it", "no evidence"


@dataclass(frozen=True)
class Answer:
    """What one question comes to."""

    answer: str
    evidence: str
    measure: str | None = None
    n: int | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    source: str | None = None
