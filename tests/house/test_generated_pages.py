"""Pages that are written from the code say what the code says."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"

PAGES = {
    "findings": "aboveboard.findings.kinds",
    "ledger": "aboveboard.ledger.reference",
    "playbook": "aboveboard.playbook.reference",
    "tables": "aboveboard.reports.reference",
    "wording": "aboveboard.wording.reference",
}


@pytest.mark.parametrize(("page", "module"), PAGES.items())
def test_page_is_what_its_module_prints(page: str, module: str) -> None:
    written = (REFERENCE / f"{page}.md").read_text(encoding="utf-8")
    assert written == import_module(module).page(), f"write it anew: python -m {module} > docs/reference/{page}.md"
