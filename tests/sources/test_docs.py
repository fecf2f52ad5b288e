"""The reference says everything that a mapping may say, and nothing that it may not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aboveboard.playbook import reader
from aboveboard.sources import functions, mapping, reading

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = (ROOT / "docs/reference/mapping.md").read_text()
GUIDE = (ROOT / "docs/how-to/map-your-export.md").read_text()


def test_every_key_is_explained() -> None:
    for key in (*reading.TOP, *reading.EXPORT, *reading.BLOCK):
        assert f"`{key}`" in REFERENCE, key


def test_the_functions_are_those_of_the_allow_list() -> None:
    listed = REFERENCE.split("Functions:")[1].split("`moment(x)` reads")[0]
    assert set(re.findall(r"`(\w+)`", listed)) - {"per", "order"} == set(functions.NAMES)


def test_the_guide_lists_what_ships() -> None:
    for name in mapping.shipped():
        assert f"\n{name}  " in GUIDE, name


@pytest.mark.parametrize("text", re.findall(r"```yaml\n(.*?)```", GUIDE, re.S))
def test_the_examples_of_the_guide_pass_the_check(text: str) -> None:
    if "events:" not in text:
        text += "files: {f: '*.csv'}\nevents: {note.written: {time: at}}\n"
    mapping.parse(text if "source:" in text else f"source: shop\n{text}")


@pytest.mark.parametrize("path", sorted((ROOT / "docs/measures/playbooks").glob("*.yaml")), ids=lambda path: path.stem)
def test_each_real_set_has_a_playbook_that_passes_its_check(path: Path) -> None:
    assert path.stem in mapping.shipped()
    assert reader.read(path).promises
