"""Change entries of a playbook file and write it back: comments, order, quotes and blank lines stay as people left them.

>>> document = Document.of("promises:\\n  ready: {says: Ready in 3 hours., objective: 0.98}  # ours\\n")
>>> document.set("promises.ready.objective", 0.9)
>>> print(document.text(), end="")
promises:
  ready: {says: Ready in 3 hours., objective: 0.9}  # ours

Only the lines that hold the changed value change. The text is edited in place, at the marks the YAML reader gives, rather
than written anew: a writer that sets everything anew would fold long lines and move comments that nobody touched.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from aboveboard.ledger import places
from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook import yaml_nodes
from aboveboard.playbook.problems import PlaybookError, Problem, nearest
from aboveboard.playbook.yaml_nodes import MappingNode, Node, Pair, Source


class EditError(AboveboardError):
    """The change does not fit the file: no such entry, or not a place where a value can stand."""


@dataclass(frozen=True)
class _Spot:
    """Where a value stands: after which colon, from where to where, whether on the key's line, whether inside braces."""

    colon: int
    start: int
    end: int
    beside: bool
    flow: bool


class Document:
    """One playbook file under change. `text` gives it as it now reads, `save` writes it back."""

    def __init__(self, text: str, path: Path | None = None) -> None:
        self._text, self._path = text, path

    @classmethod
    def open(cls, path: Path | str) -> Document:
        """Return the file as a document. Raises PlaybookError where it is no readable YAML."""
        with Path(path).open(encoding="utf-8", newline="") as file:
            document = cls(file.read(), Path(path))
        document._root()
        return document

    @classmethod
    def of(cls, text: str) -> Document:
        """Return a text as a document that `save` needs a path for."""
        return cls(text)

    def text(self) -> str:
        """Return the document as it now reads; byte for byte the original where nothing was set."""
        return self._text

    def set(self, path: str | Sequence[str], value: Any) -> None:
        """Set the value at a path (`promises.pick-up.objective`, or its parts), adding the last key where it is missing.

        `value` is a text, number, boolean, list or mapping of these. Raises EditError where the entry above is missing.
        """
        parts = _parts(path)
        parent = self._find(parts[:-1])
        held = _pair(parent, parts[-1])
        if held is None:
            self._add(parent, parts, value)
            return
        spot = self._spot(parent, held)
        flow = spot.flow or bool(getattr(held.value, "flow_style", False))
        written = _written(value, parent.start_mark.column, flow=flow)
        if written.startswith("\n") or not spot.beside:
            self._replace(spot.colon, spot.end, _beside(written))
        else:
            self._replace(spot.start, spot.end, written)

    def remove(self, path: str | Sequence[str]) -> None:
        """Take out the key at a path with its value, and the comment on its line. Raises EditError where it is missing."""
        parts = _parts(path)
        parent = self._find(parts[:-1])
        held = _pair(parent, parts[-1])
        if held is None:
            raise EditError(f"there is no {'.'.join(parts)!r}{_near(parent, parts[-1])}")
        if parent.flow_style:
            self._remove_flow(parent, parts[-1])
        else:
            start, end = self._lines(parent, held)
            self._replace(start, end, "")

    def save(self, path: Path | str | None = None) -> None:
        """Write the document to its file (or another), whole or not at all. Its permissions stay."""
        target = Path(path) if path is not None else self._path
        if target is None:
            raise EditError("this document came from a text: name the file to write")
        with places.replacing(target.resolve()) as fresh:
            fresh.write_text(self._text, encoding="utf-8", newline="")
            if target.exists():
                fresh.chmod(target.stat().st_mode)

    def _root(self) -> Node | None:
        name = str(self._path or "<text>")
        root = yaml_nodes.compose(Source(name, self._text))
        if isinstance(root, Problem):
            raise PlaybookError([root])
        return root

    def _find(self, parts: Sequence[str]) -> MappingNode:
        node = self._root()
        for depth, part in enumerate(parts):
            held = _pair(node, part)
            if held is None:
                raise EditError(f"there is no {'.'.join(parts[: depth + 1])!r}{_near(node, part)}")
            node = held.value
        if not isinstance(node, MappingNode):
            raise EditError(f"{'.'.join(parts) or 'the playbook'!r} holds no keys")
        return node

    def _spot(self, parent: MappingNode, held: Pair) -> _Spot:
        key = next(key for key, value in parent.value if value is held.value)
        colon = self._text.index(":", key.end_mark.index) + 1
        if _empty(held.value):
            # The mark of an empty value stands where the next one starts.
            return _Spot(colon, colon, colon, False, bool(parent.flow_style))
        start, end = held.value.start_mark.index, _end(self._text, held.value)
        beside = start < end and "\n" not in self._text[colon:start]
        return _Spot(colon, start, max(end, colon), beside, bool(parent.flow_style))

    def _add(self, parent: MappingNode, parts: Sequence[str], value: Any) -> None:
        key = _scalar(parts[-1])
        if parent.flow_style:
            last = _end(self._text, parent) - 1
            comma = ", " if parent.value else ""
            at = last - (len(self._text[:last]) - len(self._text[:last].rstrip()))
            self._replace(at, at, f"{comma}{key}: {_written(value, 0, flow=True)}")
            return
        _, end = self._lines(parent, list(yaml_nodes.pairs(parent))[-1])
        indent = parent.start_mark.column
        written = _written(value, indent, flow=False)
        start = "" if end == 0 or self._text[end - 1] == "\n" else "\n"
        space = "" if written.startswith("\n") else " "
        self._replace(end, end, f"{start}{' ' * indent}{key}:{space}{written}\n")

    def _lines(self, parent: MappingNode, held: Pair) -> tuple[int, int]:
        """From the start of the key's line to the start of the line after its value."""
        key = next(key for key, value in parent.value if value is held.value)
        start = self._text.rfind("\n", 0, key.start_mark.index) + 1
        last = key.end_mark.index if _empty(held.value) else _end(self._text, held.value)
        end = self._text.find("\n", last)
        return start, len(self._text) if end < 0 else end + 1

    def _remove_flow(self, parent: MappingNode, name: str) -> None:
        names = [pair.key for pair in yaml_nodes.pairs(parent)]
        at = names.index(name)
        starts = [key.start_mark.index for key, _ in parent.value]
        ends = [_end(self._text, value) for _, value in parent.value]
        if at + 1 < len(names):
            self._replace(starts[at], starts[at + 1], "")
        else:
            self._replace(ends[at - 1] if at else starts[at], ends[at], "")

    def _replace(self, start: int, end: int, written: str) -> None:
        before = self._text
        self._text = before[:start] + written + before[end:]
        try:
            self._root()
        except PlaybookError as error:
            self._text = before
            raise EditError(f"the change would break the file: {error}") from None


def _parts(path: str | Sequence[str]) -> list[str]:
    parts = path.split(".") if isinstance(path, str) else list(path)
    if not all(parts) or not parts:
        raise EditError(f"{path!r} is no path: write section.entry.key")
    return parts


def _pair(node: Node | None, key: str) -> Pair | None:
    if not isinstance(node, MappingNode):
        return None
    return next((pair for pair in yaml_nodes.pairs(node) if pair.key == key), None)


def _near(node: Node | None, key: str) -> str:
    known = [pair.key for pair in yaml_nodes.pairs(node)] if isinstance(node, MappingNode) else []
    near = nearest(key, known)
    return f" (did you mean {near}?)" if near else ""


def _end(text: str, node: Node) -> int:
    """Where the node's own text ends; the reader's mark of a block stands beyond the blanks and comments that follow it."""
    if isinstance(node, yaml_nodes.ScalarNode):
        start, end = int(node.start_mark.index), int(node.end_mark.index)
        if node.style in ("|", ">"):
            return start + len(text[start:end].rstrip("\n"))
        return start + len(text[start:end].rstrip())
    if getattr(node, "flow_style", False) or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(text, last[1] if isinstance(last, tuple) else last)


def _empty(node: Node) -> bool:
    return isinstance(node, yaml_nodes.ScalarNode) and not node.value and node.style is None


def _written(value: Any, indent: int, *, flow: bool) -> str:
    """A value as YAML: inside braces on one line, else mappings and long lists on lines of their own below the key."""
    if isinstance(value, Mapping) and value and not flow:
        inner = " " * (indent + 2)
        lines = (
            f"{inner}{_scalar(str(key))}:{_beside(_written(held, indent + 2, flow=False))}"
            for key, held in value.items()
        )
        return "\n" + "\n".join(lines)
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{_scalar(str(key))}: {_written(held, 0, flow=True)}" for key, held in value.items()) + "}"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_written(held, 0, flow=True) for held in value) + "]"
    return _scalar(value, flow=flow)


def _beside(written: str) -> str:
    return written if written.startswith("\n") else f" {written}"


def _scalar(value: Any, *, flow: bool = True) -> str:
    """A plain value on one line, in quotes only where it needs them."""
    writer = YAML(pure=True)
    writer.width = 2**20
    writer.default_flow_style = flow
    sink = io.StringIO()
    writer.dump([value], sink)
    written = sink.getvalue().strip()
    return written[1:-1].strip() if flow else written.removeprefix("- ")
