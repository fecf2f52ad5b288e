"""YAML text, of a playbook or a mapping → nodes that know their line, and nothing more than the plain parts of YAML.

Tags, anchors and aliases are refused: nothing is built that the text could choose, and no small text becomes a large one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, SequenceEndEvent, SequenceStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aboveboard.playbook.problems import Problem

LARGEST_BYTES = 4_000_000
DEEPEST = 20  # a playbook needs six levels
NO_WORD = "(not a word)"
"""What stands for a key that is itself a mapping or a list."""

__all__ = [
    "NO_WORD",
    "MappingNode",
    "Node",
    "Pair",
    "ScalarNode",
    "SequenceNode",
    "Source",
    "compose",
    "line",
    "pairs",
    "plain",
    "resolved",
    "source",
]


@dataclass(frozen=True)
class Source:
    """One file's name, as problems show it, and its text."""

    name: str
    text: str


@dataclass(frozen=True)
class Pair:
    """One key of a mapping with its node, so that a problem can point at either."""

    key: str
    line: int
    value: Node


def source(path: Path, name: str) -> Source | Problem:
    """Read a file as UTF-8 text, or say why not."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            return Problem(name, 0, f"the file is larger than {LARGEST_BYTES // 1_000_000} MB: is it the right one?")
        return Source(name, path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        return Problem(name, 0, f"the file is not UTF-8 text (byte {error.start + 1}): save it as UTF-8")
    except OSError as error:
        return Problem(name, 0, f"the file cannot be read: {error.strerror}")


def compose(read: Source) -> Node | Problem | None:
    """Return the root node of a text, None where it is empty, or the first thing that makes it no safe YAML."""
    if len(read.text) > LARGEST_BYTES:
        return Problem(read.name, 0, f"the text is larger than {LARGEST_BYTES // 1_000_000} MB: is it the right one?")
    try:
        unsafe = _unsafe(read)
        # Not the round-trip loader: it leaves a mark in a folded text (`>`) wherever two lines were joined.
        return unsafe if unsafe is not None else YAML(typ="safe", pure=True).compose(read.text)
    except MarkedYAMLError as error:
        return _broken(read, error)
    except (YAMLError, ValueError) as error:
        return Problem(read.name, 0, f"this is not YAML: {(str(error).splitlines() or ['unreadable'])[0]}")


def line(node: Node) -> int:
    """Return the line of a node, counted from one."""
    return int(node.start_mark.line) + 1


def pairs(node: Node) -> Iterator[Pair]:
    """Yield the keys of a mapping with their nodes, as written; a key that is no word is NO_WORD."""
    for key, value in node.value:
        yield Pair(str(key.value) if isinstance(key, ScalarNode) else NO_WORD, line(key), value)


def resolved(node: Node) -> str:
    """Return what YAML takes a plain value for: str, int, float, bool, null, timestamp."""
    return str(node.tag).rpartition(":")[2]


def plain(node: Node | None) -> Any:
    """Return what a node holds as mappings, lists, texts, numbers and truths; dates stay text, nothing is None."""
    if isinstance(node, MappingNode):
        return {pair.key: plain(pair.value) for pair in pairs(node)}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.value]
    if node is None or resolved(node) == "null":
        return None
    return _scalar(str(node.value), resolved(node))


def _scalar(written: str, kind: str) -> Any:
    if kind == "bool":
        return written.lower() in ("true", "yes", "on")
    try:
        return {"int": int, "float": float}.get(kind, str)(written)
    except ValueError:  # other ways to write a number: 0x1f, .inf
        return written


_ALIAS = "anchors and aliases (`&name`, `*name`) are not read here: a text that starts with & or * needs quotes"


def _unsafe(read: Source) -> Problem | None:
    """Look through the events, before anything is built: anchors, tags, depth."""
    depth = 0
    for event in YAML(pure=True).parse(read.text):
        depth += isinstance(event, (MappingStartEvent, SequenceStartEvent))
        depth -= isinstance(event, (MappingEndEvent, SequenceEndEvent))
        row = int(event.start_mark.line) + 1
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            return Problem(read.name, row, _ALIAS)
        if getattr(event, "tag", None):
            return Problem(read.name, row, f"a tag stands here ({event.tag}): tags are not read")
        if depth > DEEPEST:
            return Problem(read.name, row, f"nested more than {DEEPEST} deep: this is not YAML that anybody wrote")
    return None


def _broken(read: Source, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    row = int(mark.line) + 1 if mark else 0
    written = read.text.splitlines()[row - 1] if 0 < row <= len(read.text.splitlines()) else ""
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return Problem(read.name, row, "a tab stands where blanks must: indent with blanks")
    said = str(error.problem or error.context or "it cannot be read").strip()
    return Problem(read.name, row, f"this is not YAML: {said}{_hint(said)}")


def _hint(said: str) -> str:
    if "mapping values are not allowed" in said:
        return " (a text that holds ': ' stands in quotes)"
    if "%" in said or "@" in said or "`" in said:
        return " (a text that starts with this sign stands in quotes)"
    return ""
