"""YAML read as a tree that remembers its lines, and nothing more than the plain parts of YAML.

Tags, anchors and aliases are refused: a mapping has no use for them, and they are how a small file becomes a large one.
"""

from __future__ import annotations

from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aboveboard.sources.problems import MappingError, Problem

MOST_CHARACTERS = 1_000_000
DEEPEST = 20
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp")
}
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
    if len(text) > MOST_CHARACTERS:
        raise MappingError([Problem(file, 0, f"This is longer than {MOST_CHARACTERS:,} characters: not a mapping.")])
    try:
        node = YAML(typ="rt").compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        hint = "Text that starts with * needs quotes." if "alias" in str(error.problem) else ""
        raise MappingError(
            [Problem(file, line, f"This is not YAML: {error.problem or error.context}.", hint)]
        ) from None
    except (YAMLError, RecursionError, ValueError) as error:
        first = (str(error).splitlines() or ["unreadable"])[0]
        raise MappingError([Problem(file, 0, f"This is not YAML: {first}.")]) from None
    if node is None:
        raise MappingError([Problem(file, 0, "This file is empty.", "`aboveboard sources guess` writes a first one.")])
    return _plain(node, file, 0)


def _plain(node: Node, file: str, depth: int) -> Value:
    line = node.start_mark.line + 1
    _refuse(node, file, line, depth)
    if isinstance(node, ScalarNode):
        missing = node.style is None and node.value in _NULLS
        return Text(None if missing else str(node.value), line)
    if isinstance(node, SequenceNode):
        return Sequence(tuple(_plain(item, file, depth + 1) for item in node.value), line)
    items: dict[str, Value] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        key_line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            raise MappingError([Problem(file, key_line, "A key must be a word.")])
        _refuse(key, file, key_line, depth)
        if key.value in items:
            message = f"`{key.value}` stands here twice; the first is on line {lines[key.value]}."
            raise MappingError([Problem(file, key_line, message)])
        plain = _plain(value, file, depth + 1)
        # An empty value has no place of its own: YAML sees it where the next thing begins.
        items[str(key.value)] = Text(None, key_line) if plain == Text(None, value.start_mark.line + 1) else plain
        lines[str(key.value)] = key_line
    return Entries(items, lines, line)


def _refuse(node: Node, file: str, line: int, depth: int) -> None:
    if node.anchor:
        message = "Anchors and aliases (`&name`, `*name`) are not read in a mapping."
        raise MappingError([Problem(file, line, message, "Text that starts with * or & needs quotes.")])
    if node.ctag and str(node.ctag) not in _PLAIN_TAGS:
        raise MappingError([Problem(file, line, f"The tag {node.ctag} is not read in a mapping.")])
    if depth > DEEPEST:
        raise MappingError([Problem(file, line, f"Nested more than {DEEPEST} deep.")])
    assert isinstance(node, (ScalarNode, SequenceNode, MappingNode))
