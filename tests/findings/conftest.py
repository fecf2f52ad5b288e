"""Simulated promises, shared with the benchmark that measures error rates on them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "promise_coverage.py"


@pytest.fixture(scope="session")
def simulated() -> ModuleType:
    """The module benchmarks/promise_coverage.py: its processes, and its measures with fewer runs."""
    spec = importlib.util.spec_from_file_location("promise_coverage", BENCHMARK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
