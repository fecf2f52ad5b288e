"""Fewer drawn series than the analysis takes: what these tests ask does not hang on the third digit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aboveboard.analyses.fixes import looks


@pytest.fixture(autouse=True)
def few_draws(request: pytest.FixtureRequest) -> Iterator[None]:
    if "slow" in request.keywords:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looks, "DRAWN", 300)
        looks._drawn.cache_clear()
        yield
    looks._drawn.cache_clear()
