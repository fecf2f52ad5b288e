"""What every test may ask for: the real data, if it is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of public data that nobody here wrote; the test is skipped where it is absent."""
    folder = Path(os.environ.get("ABOVEBOARD_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "README.md").exists():
        pytest.skip("real data is absent: set ABOVEBOARD_DATA to its folder")
    return folder
