"""YAML with line numbers, and only its plain parts."""

from __future__ import annotations

import pytest

from aboveboard.sources import yaml_lines
from aboveboard.sources.problems import MappingError


def test_values_and_keys_know_their_lines() -> None:
    tree = yaml_lines.load("a: 1\nb:\n  - x\n  - ~\nc: {d: '~'}\n", file="m")
    assert isinstance(tree, yaml_lines.Entries)
    assert tree.lines == {"a": 1, "b": 2, "c": 5}
    listed = tree.items["b"]
    assert isinstance(listed, yaml_lines.Sequence)
    assert [(item.value, item.line) for item in listed.items if isinstance(item, yaml_lines.Text)] == [
        ("x", 3),
        (None, 4),
    ]


def test_quotes_make_a_text_of_what_would_be_nothing() -> None:
    tree = yaml_lines.load("a: ''\nb:\n", file="m")
    assert isinstance(tree, yaml_lines.Entries)
    assert tree.items == {"a": yaml_lines.Text("", 1), "b": yaml_lines.Text(None, 2)}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3", 3, "first is on line 1"),
        ("a: 1\nb: &x 2", 2, "Anchors"),
        ("a: 1\nb: !thing 2", 2, "tag"),
        ("a: *.csv", 1, "needs quotes"),
        ("a: [", 1, "not YAML"),
        ("? [a]\n: b", 1, "a word"),
        ("", 0, "empty"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(MappingError) as caught:
        yaml_lines.load(text, file="m.yaml")
    (problem,) = caught.value.problems
    assert problem.line == line
    assert says in str(problem)


def test_folded_lines_are_one_text_without_marks() -> None:
    tree = yaml_lines.load("a: >-\n  one\n  two\n", file="m.yaml")
    assert isinstance(tree, yaml_lines.Entries)
    assert tree.items["a"] == yaml_lines.Text("one two", 1)
