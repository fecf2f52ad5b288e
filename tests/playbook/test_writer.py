"""Writing playbooks back: what nobody touched stays byte for byte."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from tests.playbook.test_reader import ROOT, WHOLE

from aboveboard.playbook import reader
from aboveboard.playbook.writer import Document, EditError


def changed_lines(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


@pytest.mark.parametrize("path", sorted((ROOT / "stories").glob("*/playbook.yaml")), ids=lambda path: path.parent.name)
def test_the_stories_come_back_byte_for_byte(path: Path, tmp_path: Path) -> None:
    document = Document.open(path)
    document.save(tmp_path / "copy.yaml")
    assert (tmp_path / "copy.yaml").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("path", sorted((ROOT / "stories").glob("*/playbook.yaml")), ids=lambda path: path.parent.name)
def test_each_value_can_be_changed_alone(path: Path) -> None:
    before = path.read_text()
    document = Document.of(before)
    document.set("organisation", "Another: name # here")
    assert len(changed_lines(before, document.text())) == 2
    assert reader.read(document.text()).organisation == "Another: name # here"


def test_a_value_changes_and_its_comment_stays() -> None:
    text = "policies:\n  p:  # ours\n    says: A.   # the words\n\n    harm_margin: 0.02     # agreed\n# the end\n"
    document = Document.of(text)
    document.set("policies.p.harm_margin", 0.05)
    assert document.text() == text.replace("0.02", "0.05")


def test_line_ends_of_windows_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"organisation: A\r\ntimezone: UTC\r\n")
    document = Document.open(path)
    document.set("organisation", "B")
    document.save()
    assert path.read_bytes() == b"organisation: B\r\ntimezone: UTC\r\n"


def test_entries_are_added_and_removed() -> None:
    document = Document.of(WHOLE)
    document.set("promises.fresh-by-seven.same", "customer")
    document.set(
        "promises.new", {"says": "Yes: soon.", "starts": "type = 'a'", "kept_by": "type = 'b'", "within": "2 hours"}
    )
    document.set("measures.csat.high_is", "good")
    document.remove("promises.cake-in-two-days")
    document.remove("policies.no-credit.authority")
    document.set("situation.weather.options", ["dry", "wet", "snow: much"])
    book = reader.read(document.text())
    assert book.promises["fresh-by-seven"].same == "customer"
    assert list(book.promises) == ["fresh-by-seven", "new"] and book.promises["new"].says == "Yes: soon."
    assert book.policies["no-credit"].authority == {}
    assert book.situation["weather"].options == ("dry", "wet", "snow: much")


@pytest.mark.parametrize(
    "value", ["yes", "3", "null", "a: b", "# c", "- d", "'e'", '"f"', "{g", "x" * 300, "ü, ß", "%h", " i ", "true"]
)
def test_any_words_come_back_as_they_are(value: str) -> None:
    for text in ("policies:\n  p: {says: old, owner: me}\n", "policies:\n  p:\n    says: old\n    owner: me\n"):
        document = Document.of(text)
        document.set("policies.p.says", value)
        policy = reader.read(document.text()).policies["p"]
        assert (policy.says, policy.owner) == (value.strip(), "me")


def test_changes_that_do_not_fit() -> None:
    document = Document.of(WHOLE)
    with pytest.raises(EditError, match="did you mean fresh-by-seven"):
        document.set("promises.fresh-by-sevn.objective", 0.9)
    with pytest.raises(EditError, match="there is no"):
        document.remove("promises.x")
    with pytest.raises(EditError, match="name the file"):
        document.save()
    assert document.text() == WHOLE


def test_a_failed_save_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(WHOLE)
    document = Document.open(path)
    document.set("organisation", "B")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        document.save()
    assert path.read_text() == WHOLE and [each.name for each in tmp_path.iterdir()] == ["a.yaml"]
