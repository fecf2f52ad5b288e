"""Adjusted p-values say at which rate each becomes a discovery."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aboveboard.analyses.shared import discoveries


def test_by_hand() -> None:
    # 0.01 × 4 ÷ 1, 0.02 × 4 ÷ 2, then 0.9 ÷ 3 × 4 is above 1; 0.03 × 4 ÷ 3 is above none before it.
    found = discoveries.adjusted([0.9, 0.01, np.nan, 0.02, 0.03])
    assert np.allclose(found, [0.9, 0.04, np.nan, 0.04, 0.04], equal_nan=True)
    assert discoveries.adjusted([]).shape == (0,)


@given(
    p=st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=12),
    rate=st.sampled_from((0.05, 0.1, 0.3)),
)
def test_it_agrees_with_the_procedure_it_inverts(p: list[float], rate: float) -> None:
    adjusted = discoveries.adjusted(p)
    clear = np.isnan(adjusted) | (np.abs(adjusted - rate) > 1e-9)
    found = discoveries.benjamini_hochberg(p, rate=rate)
    assert (found == (adjusted <= rate))[clear].all()
