"""Files in, remarks with their places out: text, Markdown, HTML, YAML, templates, CSV, Parquet and ledgers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aboveboard.wording import cells, markup, switches
from aboveboard.wording.errors import UnreadableError
from aboveboard.wording.linter import Linter
from aboveboard.wording.model import Audience, Edit, Remark

LARGEST_BYTES = 20_000_000


@dataclass(frozen=True)
class Place:
    """Where a remark stands: the file, line and column (both from one, in characters), and the event of a ledger.

    `line` is None where the file has none (Parquet).
    """

    file: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    event: str | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line is not None else self.file
        return f"{where} ({self.event})" if self.event else where


@dataclass(frozen=True)
class Located:
    """A remark with its place. `start` and `end` of the remark, and of its edit, count in the file's text."""

    place: Place
    remark: Remark


@dataclass(frozen=True)
class Linted:
    """One file: its text (None for tables), its remarks, how many passages were read, and how many were not.

    `unread` passages are in no language that has rules.
    """

    file: str
    text: str | None
    located: tuple[Located, ...]
    read: int
    unread: int


@dataclass(frozen=True)
class Wanted:
    """How to lint: the audience and the language, None where each passage tells; the columns of a CSV to read."""

    audience: Audience | None = None
    language: str | None = None
    columns: tuple[str, ...] = ()


def found(paths: Sequence[Path]) -> Iterator[Path]:
    """The files named, and of folders every file of a known kind; hidden ones and ledgers' own parts are left alone."""
    for path in paths:
        if not path.is_dir() or cells.is_ledger(path):
            yield path
            continue
        for each in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in each.relative_to(path).parts)
            if not hidden and each.is_file() and markup.kind_of(each) is not None:
                yield each


def lint(path: Path, linter: Linter, wanted: Wanted) -> Linted:
    """Lint one file or ledger. Raises UnreadableError where it holds no text, OSError where it cannot be opened."""
    kind = "parquet" if path.is_dir() else markup.kind_of(path) or "text"
    if kind == "parquet":
        return _events(path, linter, wanted)
    text = decoded(path.read_bytes() if path.stat().st_size <= LARGEST_BYTES else _too_large(path), str(path))
    return lint_text(text, linter, wanted, file=str(path), kind=kind)


def lint_text(text: str, linter: Linter, wanted: Wanted, *, file: str, kind: str = "text") -> Linted:
    """Lint a file's text."""
    if kind == "csv":
        return _table(text, linter, wanted, file)
    # A byte order mark is no part of the first line.
    held = switches.find(text)
    prose = markup.prose(switches.blanked(text, held), kind)
    remarks, unread = _remarks(prose, linter, wanted)
    kept = switches.applied(remarks, held)
    names = [rule.id for rule in linter.rules]
    # A switch for rules of the other audience is not idle: another run reads it.
    other = [rule.id for rule in linter.rules if rule.audience != (wanted.audience or "customer")]
    wrong = switches.remarks(text, held, names, [*linter.off, *other])
    lines = _Lines(text)
    both = sorted([*kept, *wrong], key=lambda remark: (remark.start, remark.rule))
    return Linted(file, text, tuple(Located(lines.place(file, r), r) for r in both), 1 - unread, unread)


def decoded(data: bytes, name: str) -> str:
    """The text of a file: UTF-8, or UTF-16 where it begins with that mark. Raises UnreadableError where it is neither."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{name}: not UTF-8 text (byte {error.start + 1}): save it as UTF-8") from None
    if "\0" in text:
        raise UnreadableError(f"{name}: a binary file, not text")
    return text


def _too_large(path: Path) -> bytes:
    raise UnreadableError(f"{path}: larger than {LARGEST_BYTES // 1_000_000} MB: split it, or import it into a ledger")


def _remarks(prose: markup.Prose, linter: Linter, wanted: Wanted) -> tuple[list[Remark], int]:
    reading = linter.read(prose.text, language=wanted.language, audience=wanted.audience or "customer")
    return [_moved(remark, prose) for remark in reading.remarks], int(
        reading.language is None and bool(prose.text.strip())
    )


def _moved(remark: Remark, prose: markup.Prose) -> Remark:
    """The remark with its stretches counted in the file. An edit over markup is none: it would take the markup along."""
    start, end = prose.span(remark.start, remark.end)
    edit = remark.edit
    if edit is not None:
        first, last = prose.span(edit.start, edit.end)
        edit = Edit(first, last, edit.to) if last - first == edit.end - edit.start else None
    return replace(remark, start=start, end=end, edit=edit)


class _Lines:
    """Offsets as lines and columns; a line ends at a line feed, so that CRLF counts once."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(at + 1 for at, sign in enumerate(text) if sign == "\n")]

    def place(self, file: str, remark: Remark, event: str | None = None) -> Place:
        return Place(file, *self.at(remark.start), *self.at(remark.end), event)

    def at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def _table(text: str, linter: Linter, wanted: Wanted, file: str) -> Linted:
    lines, located, read, unread = _Lines(text), [], 0, 0
    for cell in cells.of_csv(text, wanted.columns, file):
        audience = wanted.audience or cell.audience
        reading = linter.read(cell.text, language=wanted.language, audience=audience)
        read, unread = read + (reading.language is not None), unread + (reading.language is None)
        for remark in reading.remarks:
            prose = markup.Prose(cell.text, cell.origin)
            moved = replace(_moved(remark, prose), edit=None)
            located.append(Located(lines.place(file, moved, cell.event), moved))
    return Linted(file, None, tuple(located), read, unread)


def _events(path: Path, linter: Linter, wanted: Wanted) -> Linted:
    located, read, unread = [], 0, 0
    for event, audience, text in cells.of_ledger(path, wanted.columns):
        reading = linter.read(text, language=wanted.language, audience=wanted.audience or audience)
        read, unread = read + (reading.language is not None), unread + (reading.language is None)
        located += [Located(Place(str(path), event=event), replace(remark, edit=None)) for remark in reading.remarks]
    return Linted(str(path), None, tuple(located), read, unread)
