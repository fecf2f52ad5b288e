"""Files of text as physical lines: their encoding found out, their line ends of any kind, no line too long."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aboveboard.ledger.errors import LedgerError

HEAD = 65_536
_CHUNK = 1 << 20
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x0c\x1b"))
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


@dataclass(frozen=True)
class Encoding:
    """How to decode a file: the codec, and what the user should know about the choice (None: plain UTF-8)."""

    codec: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line with its end, numbered from 1; `cut` where it was longer than allowed and lost its tail."""

    number: int
    text: str
    cut: bool = False


def encoding(path: Path) -> Encoding:
    """Find out how the file is encoded: by its mark, else UTF-8, else Windows-1252.

    A file that is mostly good UTF-8 stays UTF-8, and its bad bytes become lone surrogates, which mark the rows to
    reject. Raises LedgerError where the file is no text, or in neither encoding.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return Encoding(codec, None if codec == "utf-8-sig" else f"read as {codec.upper()}, as its first bytes say")
    _must_be_text(path, head)
    return Encoding("utf-8") if _is_utf8(path) else _eight_bits(path)


def encoding_of_head(path: Path) -> str | None:
    """The codec, if the first bytes are those of UTF-8; None where only `encoding`, which reads the whole file, can tell."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if any(head.startswith(mark) for mark, codec in _BOMS if codec != "utf-8-sig"):
        return None
    _must_be_text(path, head)
    sound = _decodes(head.rsplit(b"\n", 1)[0], "utf-8")  # the last line may be cut within a character
    return ("utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8") if sound else None


def physical(path: Path, codec: str, limit: int) -> Iterator[Line]:
    """The lines of the file; they end in LF, CR LF or CR, whichever comes. Bad bytes become lone surrogates.

    A line of more than `limit` characters is cut there, and the rest of it is skipped.
    """
    errors = "surrogateescape" if codec.startswith("utf-8") else "replace"
    with path.open(encoding=codec, errors=errors, newline="") as file:
        number = 0
        while text := file.readline(limit):
            number += 1
            cut = len(text) == limit and text[-1] not in "\r\n"
            while cut and (tail := file.readline(_CHUNK)) and tail[-1] not in "\r\n":
                pass
            yield Line(number, text, cut)


def as_utf8(path: Path, codec: str, target: Path) -> Path:
    """Write the text of a file into another, in UTF-8 without a mark, line ends as they are."""
    with (
        path.open(encoding=codec, errors="replace", newline="") as file,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        while text := file.read(_CHUNK):
            out.write(text)
    return target


def is_sound(text: str) -> bool:
    """Whether the text is free of the lone surrogates that stand for bytes which could not be decoded."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _must_be_text(path: Path, head: bytes) -> None:
    nuls, controls = head.count(0), len(head) - len(head.translate(None, _CONTROLS))
    if nuls > len(head) // 4 and nuls >= 2:
        raise LedgerError(
            f"{path}: this looks like UTF-16 without its byte order mark, or is no text; save it as UTF-8"
        )
    if controls > len(head) // 20 and controls > 8:
        raise LedgerError(f"{path}: this is no text: every {len(head) // controls}th byte is a control character")


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _eight_bits(path: Path) -> Encoding:
    """UTF-8 with some bad rows, or Windows-1252 throughout: whichever more of the lines with accents speak for."""
    good = bad = unknown = 0
    with path.open("rb") as file:
        while line := file.readline(_CHUNK):
            if not line.isascii():
                sound = _decodes(line, "utf-8")
                good, bad = good + sound, bad + (not sound)
                unknown += not sound and not _decodes(line, "cp1252")
    if good >= bad:
        return Encoding("utf-8", f"{bad:,} lines hold bytes that are not UTF-8")
    if unknown:
        raise LedgerError(f"{path}: neither UTF-8 nor Windows-1252; save it as UTF-8 and import it again")
    return Encoding("cp1252", "not UTF-8; read as Windows-1252 (Latin-1)")


def _decodes(line: bytes, codec: str) -> bool:
    try:
        line.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
