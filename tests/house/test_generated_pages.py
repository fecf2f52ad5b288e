"""Pages that are written from the code say what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PAGES = {
    "docs/reference/tables.md": "aboveboard.reports.reference",
    "docs/reference/ledger.md": "aboveboard.ledger.reference",
}


@pytest.mark.parametrize(("page", "module"), PAGES.items())
def test_page_is_what_its_module_prints(page: str, module: str) -> None:
    printed = subprocess.run([sys.executable, "-m", module], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert (ROOT / page).read_text() == printed, f"write it anew: python -m {module} > {page}"
