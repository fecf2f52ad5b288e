"""Every question of the report has a place in its contents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aboveboard.reports import contents, sections

FOLDER = Path(sections.__file__).parent


def anchors() -> list[str]:
    return [
        anchor for path in FOLDER.glob("*.py") for anchor in re.findall(r'\bSection\(\s*"([a-z-]+)"', path.read_text())
    ]


def section(anchor: str) -> sections.Section:
    return sections.Section(anchor, "Why?", "Because.", [])


def test_every_section_stands_under_one_head() -> None:
    listed = [anchor for _, under in contents.HEADS for anchor in under]
    assert len(listed) == len(set(listed))
    assert len(anchors()) == len(sections.SUBJECTS)
    assert set(anchors()) <= set(listed)


def test_heads_without_sections_are_left_out_and_a_stranger_is_refused() -> None:
    found = contents.grouped([section("wording"), section("claims"), section("handoffs")])
    assert [(head, [one.anchor for one in under]) for head, under in found] == [
        ("Work and waiting", ["handoffs"]),
        ("What we say", ["claims", "wording"]),
    ]
    with pytest.raises(LookupError, match="weather"):
        contents.grouped([section("weather")])
