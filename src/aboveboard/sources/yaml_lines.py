"""A mapping's YAML as a tree of texts, lists and keys that remember their lines."""

from __future__ import annotations

from dataclasses import dataclass

from aboveboard.playbook import yaml_nodes
from aboveboard.playbook.problems import Problem
from aboveboard.playbook.yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode
from aboveboard.sources.problems import MappingError

_NULLS = {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True)
class Text:
    """A scalar as written; None for an empty value or `null`."""

    value: str | None
    line: int


@dataclass(frozen=True)
class Sequence:
    """A list of values."""

    items: tuple[Value, ...]
    line: int


@dataclass(frozen=True)
class Entries:
    """A mapping: key → value, in the order of the file; `lines` holds the line of each key."""

    items: dict[str, Value]
    lines: dict[str, int]
    line: int


Value = Text | Sequence | Entries


def load(text: str, *, file: str) -> Value:
    """Return the tree of `text`. Raises MappingError for anything that is not plain YAML."""
    node = yaml_nodes.compose(yaml_nodes.Source(file, text))
    if node is None:
        raise _wrong(file, 0, "This file is empty.", "`aboveboard sources guess` writes a first one.")
    if isinstance(node, Problem):
        raise _wrong(file, node.line, f"{node.message[0].upper()}{node.message[1:]}.")
    return _plain(node, file)


def _plain(node: Node, file: str) -> Value:
    line = yaml_nodes.line(node)
    if isinstance(node, ScalarNode):
        missing = node.style is None and node.value in _NULLS
        return Text(None if missing else str(node.value), line)
    if isinstance(node, SequenceNode):
        return Sequence(tuple(_plain(item, file) for item in node.value), line)
    assert isinstance(node, MappingNode)
    items: dict[str, Value] = {}
    lines: dict[str, int] = {}
    for pair in yaml_nodes.pairs(node):
        if pair.key == yaml_nodes.NO_WORD:
            raise _wrong(file, pair.line, "A key must be a word.")
        if pair.key in items:
            raise _wrong(file, pair.line, f"`{pair.key}` stands here twice; the first is on line {lines[pair.key]}.")
        plain = _plain(pair.value, file)
        # An empty value has no place of its own: YAML sees it where the next thing begins.
        empty = plain == Text(None, yaml_nodes.line(pair.value))
        items[pair.key] = Text(None, pair.line) if empty else plain
        lines[pair.key] = pair.line
    return Entries(items, lines, line)


def _wrong(file: str, line: int, message: str, hint: str = "") -> MappingError:
    return MappingError([Problem(file, line, message, hint=hint)])
