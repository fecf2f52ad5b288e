"""What a measure is, as the field defines it, and its score with the interval that is right for it (SPEC 9).

Net Promoter Score: the share of 9–10 less the share of 0–6, times 100. CSAT: the share of good answers. Customer Effort
Score: the mean. Anything else is a rating: the mean. Scales are never put together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from aboveboard.analyses.journeys.answers import LOW_IS_BEST
from aboveboard.analyses.shared import intervals
from aboveboard.playbook.model import Measure

Kind = Literal["nps", "csat", "ces", "rating"]
UNITS: dict[str, str] = {"nps": "points", "csat": "share", "ces": "mean", "rating": "mean"}
PROMOTER, DETRACTOR = 9, 6
"""NPS: from and up to (Reichheld 2003)."""
_PSEUDO = 0.75
"""What `nps` adds to promoters and detractors each (and twice as much to the passives) before it takes the interval."""


@dataclass(frozen=True)
class Score:
    """A score with its 95 % interval and standard error, in the unit of its kind. NaN where nothing is known."""

    value: float
    low: float
    high: float
    error: float


def kind(measure: Measure) -> Kind:
    """NPS by its name and its scale of 0–10, CES by `high_is` easy or hard, CSAT by `good_from`; else a rating."""
    named = measure.name.casefold().replace("_", "-").split("-")
    if "nps" in named and measure.scale == (0, 10) and measure.high_is == "good":
        return "nps"
    if measure.high_is in ("easy", "hard"):
        return "ces"
    return "csat" if measure.good_from is not None else "rating"


def formula(measure: Measure) -> str:
    """How the score is made, with the scale and the rule."""
    low, high = (f"{end:g}" for end in measure.scale)
    best = low if measure.high_is in LOW_IS_BEST else high
    if kind(measure) == "nps":
        return "100 × (share of 9–10 − share of 0–6), of 0–10"
    if kind(measure) == "csat":
        good = f"{measure.good_from:g}"
        return f"share of {f'{low}–{good}' if best == low else f'{good}–{high}'}, of {low}–{high}"
    word = {"ces": " is easiest"}.get(kind(measure), " is best")
    return f"mean of {low}–{high}, {best}{word}"


def nps(promoters: float, detractors: float, n: float, *, design_effect: float = 1.0) -> Score:
    """NPS, with SE = √((p + d − (p − d)²) ÷ n) in points (SPEC 9).

    The interval is the adjusted Wald one: ¾ of an answer is added to promoters and detractors each and 1½ to the passives
    (Rocks, B. (2016). Interval estimation for the Net Promoter Score. American Statistician 70, 365–372), for the plain one is
    too narrow where answers are few and has no width where all are alike. `design_effect` is how much wider the
    variance is because customers answer more than once.
    """
    if n <= 0:
        return Score(np.nan, np.nan, np.nan, np.nan)
    p, d = promoters / n, detractors / n
    error = _nps_error(p, d, n / design_effect)
    size = n / design_effect
    more = size + 4 * _PSEUDO
    p_more, d_more = (p * size + _PSEUDO) / more, (d * size + _PSEUDO) / more
    middle, reach = p_more - d_more, intervals.Z95 * _nps_error(p_more, d_more, more)
    return Score(100 * (p - d), 100 * max(middle - reach, -1), 100 * min(middle + reach, 1), 100 * error)


def share(count: float, n: float, *, design_effect: float = 1.0) -> Score:
    """A share of answers, Wilson's interval on the effective number of answers."""
    if n <= 0:
        return Score(np.nan, np.nan, np.nan, np.nan)
    size, p = n / design_effect, count / n
    low, high = intervals.wilson(p * size, size)
    return Score(p, float(low), float(high), float(np.sqrt(p * (1 - p) / size)))


def mean(value: float, error: float, customers: float, ends: tuple[float, float]) -> Score:
    """A mean whose standard error takes customers as witnesses; Student's t, within the scale. Open below two customers."""
    from scipy import special

    if not customers > 1:
        return Score(value, np.nan, np.nan, np.nan)
    reach = float(special.stdtrit(customers - 1, 0.975)) * error
    return Score(value, max(value - reach, ends[0]), min(value + reach, ends[1]), error)


def _nps_error(p: float, d: float, n: float) -> float:
    return float(np.sqrt(max(p + d - (p - d) ** 2, 0) / n))
