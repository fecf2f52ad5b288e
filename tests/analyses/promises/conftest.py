"""Simulated promises, shared with the benchmark that measures error rates on them."""

from __future__ import annotations

from types import ModuleType

import pytest
from benchmarks import promise_coverage


@pytest.fixture(scope="session")
def simulated() -> ModuleType:
    """The module benchmarks/promise_coverage.py: its processes, and its measures with fewer runs."""
    return promise_coverage
