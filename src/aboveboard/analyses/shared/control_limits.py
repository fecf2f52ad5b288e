"""Common and special cause: how far a figure of one period may lie from the centre in the ordinary course of work."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
FEWEST_PERIODS = 8
"""Fewer complete periods than this give no limits: their spread would be a guess."""
_MOVING_RANGE = 1.128  # the mean range of two standard normal numbers (d₂ for n = 2; Shewhart 1931)


def spread(z: Floats) -> float:
    """σ_z: how much more than chance the periods vary, from the z-scores in order of time.

    The mean moving range ÷ 1.128. It is held at 1 or above: below, it would claim less than chance itself, which with a few
    dozen periods is a guess.
    """
    return max(1.0, float(np.abs(np.diff(z)).mean()) / _MOVING_RANGE) if len(z) > 1 else 1.0


def reach(values: Floats, center: float, sigma: Floats) -> Floats:
    """Half the width of the limits of each period: 3 σ_i σ_z, where σ_i is the standard error of its figure.

    Laney, D. B. (2002). Improved control charts for attributes. Quality Engineering 14, 531–537: the individuals chart
    (XmR) of z-scores. For shares it is his p′ chart; for means σ_i is the standard deviation within periods ÷ √n_i.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(sigma > 0, (values - center) / sigma, 0.0)
    return 3 * sigma * spread(z)
