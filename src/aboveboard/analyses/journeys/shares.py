"""Whose is the explained part? R² divided among correlated drivers: the LMG measure, which is the Shapley value of R².

Lindeman, R. H., Merenda, P. F. and Gold, R. Z. (1980). Introduction to Bivariate and Multivariate Analysis, p. 119 f.;
Grömping, U. (2007). Estimators of relative importance in linear regression based on variance decomposition. American
Statistician 61, 139–147. What a driver adds to R² is averaged over all orders in which the drivers can enter.

All of it works on covariance matrices: the outcome stands last.
"""

from __future__ import annotations

from math import factorial

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MOST_EXACT = 15
"""Up to so many drivers all subsets are worked out; beyond, orders are drawn."""
ORDERS = 500
"""So many orders are drawn, each with its reverse."""
_TOO_ALIKE = 1e-9
"""A driver of which the others leave less than this part adds nothing that could be told from them."""
_CELLS = 4_000_000
"""So many numbers are held at once."""


def lmg(covariances: Floats) -> Floats:
    """What each driver adds to R²: from (…, p + 1, p + 1) to (…, p). They sum to the R² of all drivers together.

    Exact up to 15 drivers, from 1,000 drawn orders beyond. NaN where the outcome does not vary.
    """
    held = np.asarray(covariances, float)
    flat = held.reshape(-1, *held.shape[-2:])
    p = flat.shape[-1] - 1
    chunk = max(1, _CELLS // (4 * 2 ** min(p, MOST_EXACT)))
    find = _exact if p <= MOST_EXACT else _drawn
    parts = [find(_correlations(flat[at : at + chunk])) for at in range(0, len(flat), chunk)]
    return np.concatenate(parts).reshape(*held.shape[:-2], p)


def r_squared(correlations: Floats) -> Floats:
    """R² of every subset of the drivers: (…, 2^p); bit p − 1 − j of the place says whether driver j is in.

    One driver after the other is swept out or left out, so that the matrices halve in size as their number doubles: all subsets
    together cost a few times 2^p.
    """
    state = correlations[:, None]
    while state.shape[-1] > 1:
        pivot = state[..., 0, 0]
        known = pivot > _TOO_ALIKE
        rest = state[..., 1:, 1:]
        share = state[..., 1:, 0] / np.where(known, pivot, 1.0)[..., None] * known[..., None]
        swept = rest - share[..., :, None] * state[..., 0, None, 1:]
        state = np.stack([rest, swept], axis=2).reshape(len(state), -1, *rest.shape[-2:])
    return 1 - state[..., 0, 0]


def _exact(correlations: Floats) -> Floats:
    p = correlations.shape[-1] - 1
    explained = r_squared(correlations).reshape(-1, *(2,) * p)
    weight = _weights(p)
    parts = [np.diff(np.moveaxis(explained, place + 1, -1), axis=-1)[..., 0].reshape(len(explained), -1) @ weight
             for place in range(p)]  # fmt: skip
    return np.stack(parts, axis=-1)


def _weights(p: int) -> Floats:
    """The share of orders in which just these of the p − 1 others stand before a driver."""
    sizes = np.array([bin(place).count("1") for place in range(2 ** (p - 1))])
    by_size = np.array([factorial(size) * factorial(p - 1 - size) / factorial(p) for size in range(p)])
    return np.asarray(by_size[sizes], float)


def _drawn(correlations: Floats) -> Floats:
    """The same, averaged over drawn orders and their reverses: a Cholesky factor's last row holds an order's increments."""
    p = correlations.shape[-1] - 1
    rng = np.random.default_rng(p)
    total = np.zeros((len(correlations), p))
    ridged = correlations + _TOO_ALIKE * np.eye(p + 1)
    for _ in range(ORDERS):
        order = rng.permutation(p)
        for one in (order, order[::-1]):
            at = np.append(one, p)
            factor = np.linalg.cholesky(ridged[:, at[:, None], at[None, :]])
            total[:, one] += factor[:, p, :p] ** 2
    return total / (2 * ORDERS)


def _correlations(covariances: Floats) -> Floats:
    """A driver that does not vary is given no correlation with anything."""
    deviation = np.sqrt(np.maximum(np.diagonal(covariances, axis1=-2, axis2=-1), 0))
    outcome = deviation[:, -1:]
    scale = np.where(deviation > 0, deviation, 1.0)
    found = covariances / scale[:, :, None] / scale[:, None, :]
    return np.where(outcome[:, :, None] > 0, found, np.nan)
