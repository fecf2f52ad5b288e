"""Struck dead under load, the desk has every act it accepted, once, and no state without its event."""

from __future__ import annotations

import pytest
from benchmarks import struck_desk

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_accepted_is_there_once(kind: str) -> None:
    found = struck_desk.strike(kind, 6)
    assert found.accepted > 20, "there was load"
    assert (found.missing, {name: count for name, count in found.broken.items() if count}) == (0, {})
    assert found.whole, found.verified
