"""Where the records of a CSV file begin, told from its bytes alone: quotes and line ends, never what a field says.

This is the second opinion on DuckDB's reader. How many records there are is counted here in another way, so that none
can be lost unseen; and the record that DuckDB calls the millionth gets the physical line on which it stands. The bytes
are looked at in bulk with numpy, at a few times the rate of the reader itself.

What is counted holds where every quote opens a field, closes one, or is doubled within one. Quotes that do none of
this are listed: they must all lie in records that are rejected, or the count is no proof.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

_BLOCK = 8 << 20
_LF, _CR, _QUOTE = 10, 13, 34
_MOST_STRAY = 1_000
_WIDEST_BLANK = 1_000

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Mark:
    """A place between two records: the byte it is at, and how many records and physical lines end before it."""

    offset: int
    records: int
    lines: int


@dataclass(frozen=True)
class Extent:
    """A record: its number in the file (the header is 0; blank lines do not count), the physical line on which it
    begins (from 1), and its bytes `start` to `end`."""

    record: int
    line: int
    start: int
    end: int


@dataclass(frozen=True)
class Shape:
    """`records` are those of the file, with its header. `stray` are the bytes at which quotes stand that neither open
    nor close a field (None: more than a thousand). `spaced` says that blanks may stand between a quote and the end of
    its field, which readers of CSV take in different ways. Where not `quoted`, quotes were left out of account, and every
    line is a record."""

    records: int
    stray: tuple[int, ...] | None
    spaced: bool
    marks: tuple[Mark, ...]
    quoted: bool = True


def of(path: Path, delimiter: str, longest: int, *, quoted: bool = True) -> Shape | None:
    """The shape of a file; None where it has none.

    That is: a quote is never closed, a record is longer than about `longest` bytes, the first line is blank, or a
    carriage return alone ends a record.

    There can be no more records than lines; so where another reader finds as many records as a file that is not `quoted`
    has lines, each line is one, whatever quotes there are in it.
    """
    counter = _Counter(delimiter, quoted=quoted)
    try:
        for offset, chunk in _chunks(path, longest, quoted=quoted):
            counter.count(offset, chunk)
    except _ShapelessError:
        return None
    stray = None if len(counter.stray) > _MOST_STRAY else tuple(counter.stray)
    return Shape(counter.records, stray, counter.spaced, tuple(counter.marks), quoted)


def is_spaced(path: Path, delimiter: str) -> bool:
    """Whether there may be blanks between a quote and the end of its field, in a file that has no shape."""
    blanks = _blanks_beside_quotes(delimiter)
    with path.open("rb") as file:
        rest = b"\n"
        while block := file.read(_BLOCK):
            if blanks.search(rest + block):
                return True
            rest = block[-_WIDEST_BLANK:]
    return False


def _blanks_beside_quotes(delimiter: str) -> re.Pattern[bytes]:
    edge = rb"\r\n" + re.escape(delimiter.encode())
    return re.compile(rb'(?:\A|[%b])[ ]+"(?!")|(?<!")"[ ]+(?:[%b]|\Z)' % (edge, edge))


def extents(
    path: Path, shape: Shape, *, accepted: Sequence[int], refused: Sequence[int], skipped: int
) -> list[Extent] | None:
    """The extents of some records, in file order.

    `refused` are bytes at which records begin that another reader left out (or line ends before those); `accepted` are
    places, from 0, among the records that it did read. It saw none of the first `skipped`. None where this does not fit.
    """
    with path.open("rb") as file:
        left_out = np.asarray(sorted({_past_line_ends(file, position) for position in refused}), np.int64)
        wanted = np.asarray(accepted, np.int64)
        stops = [*shape.marks[1:], Mark(path.stat().st_size, shape.records, 0)]
        found = [
            extent
            for mark, stop in zip(shape.marks, stops, strict=True)
            for extent in _extents(file, mark, stop, wanted + skipped, left_out, quoted=shape.quoted)
        ]
    return found if len(found) == len(accepted) + len(refused) else None


def _extents(
    file: BinaryIO, mark: Mark, stop: Mark, wanted: Positions, left_out: Positions, *, quoted: bool
) -> Iterator[Extent]:
    """Those between two marks: the records that begin at `left_out`, and the `wanted`, counted without the left out."""
    taken, taken_then = np.searchsorted(left_out, [mark.offset, stop.offset])
    first, then = np.searchsorted(wanted, [mark.records - taken, stop.records - taken_then])
    if first == then and taken == taken_then:
        return
    file.seek(mark.offset)
    data = file.read(stop.offset - mark.offset)
    starts, ends = _records(np.frombuffer(data, np.uint8), _line_ends(data, quoted=quoted).ending)
    out = np.isin(starts, left_out[taken:taken_then] - mark.offset)
    places = mark.records - taken + np.arange(len(starts)) - np.cumsum(out)
    for number in np.flatnonzero(out | np.isin(places, wanted[first:then])):
        yield _extent(mark, int(number), starts, ends, data)


def _past_line_ends(file: BinaryIO, position: int) -> int:
    """The first byte from `position` on that is no line end."""
    file.seek(position)
    while (some := file.read(64)) and not some.strip(b"\r\n"):
        position += len(some)
    return position + len(some) - len(some.lstrip(b"\r\n"))


def _extent(mark: Mark, number: int, starts: Positions, ends: Positions, data: bytes) -> Extent:
    start, end = int(starts[number]), int(ends[number])
    line = mark.lines + _lines(data, start) + 1
    return Extent(mark.records + number, line, mark.offset + start, mark.offset + end)


class _ShapelessError(Exception):
    """The bytes cannot be told apart into records."""


class _Counter:
    """Counts records chunk by chunk."""

    def __init__(self, delimiter: str, *, quoted: bool) -> None:
        self.quoted = quoted
        self.records = self.lines = 0
        self.spaced = False
        self.stray: list[int] = []
        self.marks: list[Mark] = []
        self._beside = np.zeros(256, bool)
        self._beside[[_LF, _CR, _QUOTE, ord(delimiter)]] = True
        self._blanks = _blanks_beside_quotes(delimiter)

    def count(self, offset: int, chunk: bytes) -> None:
        self.marks.append(Mark(offset, self.records, self.lines))
        bytes_ = np.frombuffer(chunk, np.uint8)
        found = _line_ends(chunk, quoted=self.quoted)
        starts, _ = _records(bytes_, found.ending)
        if not self.lines and not (len(starts) and starts[0] == 0):
            raise _ShapelessError  # a blank first line, which readers take for different things
        self.records += len(starts)
        self.lines += found.number
        if found.quotes is not None:
            self._look_at(found.quotes, bytes_, offset, chunk)

    def _look_at(self, quotes: Positions, bytes_: npt.NDArray[np.uint8], offset: int, chunk: bytes) -> None:
        opening, closing = quotes[::2], quotes[1::2]
        before = self._beside[bytes_[opening - 1]] | (opening == 0)
        after = self._beside[bytes_[np.minimum(closing + 1, len(bytes_) - 1)]]
        odd = np.concatenate([opening[~before], closing[~after]])
        if not len(odd):
            return
        self.stray += [offset + int(position) for position in odd[: _MOST_STRAY + 1]]
        self.spaced = self.spaced or self._blanks.search(chunk) is not None


def _chunks(path: Path, longest: int, *, quoted: bool) -> Iterator[tuple[int, bytes]]:
    """The file in pieces of some megabytes that end where a record does, and where each begins; a mark is left out."""
    with path.open("rb") as file:
        offset = len(codecs.BOM_UTF8) if file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8 else 0
        file.seek(offset)
        rest = b""
        while block := file.read(_BLOCK):
            data = rest + block
            end = _last_end(data) if quoted else data.rfind(b"\n") + 1
            if not end:
                if len(data) > longest + _BLOCK:
                    raise _ShapelessError
                rest = data
                continue
            yield offset, data[:end]
            offset, rest = offset + end, data[end:]
        if rest:
            if quoted and rest.count(b'"') % 2:
                raise _ShapelessError
            yield offset, rest


def _last_end(data: bytes) -> int:
    """Where the last whole record of the bytes ends, that begin with a record; 0 where none does."""
    quotes, end = data.count(b'"'), len(data)
    while (newline := data.rfind(b"\n", 0, end)) >= 0:
        quotes -= data.count(b'"', newline, end)
        if quotes % 2 == 0:
            return newline + 1
        end = newline
    return 0


def _at(bytes_: npt.NDArray[np.uint8], value: int) -> Positions:
    found: Positions = np.flatnonzero(bytes_ == value)
    return found


@dataclass(frozen=True)
class _LineEnds:
    """In a chunk: where the line ends are that end records, how many there are of any kind, and where the quotes are."""

    ending: Positions
    number: int
    quotes: Positions | None


def _line_ends(chunk: bytes, *, quoted: bool) -> _LineEnds:
    """Line ends with an odd number of quotes before them stand within a field. A carriage return alone may only there."""
    bytes_ = np.frombuffer(chunk, np.uint8)
    newlines, quotes = _at(bytes_, _LF), _at(bytes_, _QUOTE) if quoted and _QUOTE in chunk else None
    alone = _lone_returns(bytes_) if _CR in chunk else newlines[:0]
    if len(alone) and (quotes is None or not _within(alone, quotes).all()):
        raise _ShapelessError
    ending = newlines if quotes is None else newlines[~_within(newlines, quotes)]
    return _LineEnds(ending, len(newlines) + len(alone), quotes)


def _within(positions: Positions, quotes: Positions) -> npt.NDArray[np.bool_]:
    within: npt.NDArray[np.bool_] = np.searchsorted(quotes, positions) % 2 == 1
    return within


def _lone_returns(bytes_: npt.NDArray[np.uint8]) -> Positions:
    returns = _at(bytes_, _CR)
    alone: Positions = returns[bytes_[np.minimum(returns + 1, len(bytes_) - 1)] != _LF]
    return alone


def _records(bytes_: npt.NDArray[np.uint8], ends: Positions) -> tuple[Positions, Positions]:
    """Where the records start and end (their line end is part of them), blank lines left out."""
    size = len(bytes_)
    stops = ends + 1
    if not len(stops) or stops[-1] != size:
        stops = np.append(stops, size)
    starts = np.concatenate([np.zeros(1, np.int64), stops[:-1]])
    first = bytes_[starts]
    blank = (first == _LF) | ((first == _CR) & (stops - starts == 2))
    return (starts[~blank], stops[~blank]) if blank.any() else (starts, stops)


def _lines(data: bytes, end: int) -> int:
    """How many physical lines end in the first `end` bytes; a carriage return alone ends one too."""
    return data.count(b"\n", 0, end) + data.count(b"\r", 0, end) - data.count(b"\r\n", 0, end)
