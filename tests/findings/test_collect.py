from __future__ import annotations

import json
from pathlib import Path

import pytest

from aboveboard.findings import collect, kinds
from aboveboard.findings.model import Evidence, Finding

ROOT = Path(__file__).resolve().parents[2]


def finding(kind: str = "handoff.lost", weight: float = 1.0) -> Finding:
    evidence = Evidence(3, 0.5, "share", 0.1, 0.9, "Wilson", "Wilson (1927)")
    about = {"between": "team", "sender": "Büro", "receiver": "“x”"}
    return Finding(
        kind, about, "Ein Satz – 5 %.", evidence, "Do.", "sales", weight, ("a", "b"), "handoffs", {"lost": True}
    )


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "findings.json"
    collect.write([finding(), finding("handoff.slow")], path)
    assert collect.read(path) == [finding(), finding("handoff.slow")]
    assert list(tmp_path.iterdir()) == [path]
    document = json.loads(path.read_text())
    assert document["format"] == "aboveboard-findings/1"
    assert document["findings"][0]["id"] == finding().id


@pytest.mark.parametrize("text", ["", "[]", '{"format": "other/1", "findings": []}', "\udcff"])
def test_another_file_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(collect.FindingsError, match=r"other\.json"):
        collect.read(path)


def test_every_key_of_a_finding_is_on_the_page() -> None:
    written = finding().as_dict()
    for key in {*written, *written["evidence"]}:
        assert f"`{key}`" in kinds.page(), key


def test_every_kind_said_is_listed_with_its_keys() -> None:
    sources = (ROOT / "src" / "aboveboard" / "findings").glob("*.py")
    text = "".join(path.read_text() for path in sources if path.name != "kinds.py")
    for name in kinds.BY_NAME:
        family, word = name.split(".")
        assert f'"{name}"' in text or (f"{family}.getting-{{word}}" in text and word.startswith("getting")), name
