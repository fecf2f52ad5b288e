"""XML read as a stream, with the doors shut: no DTD, no entities, no bottomless nesting, no endless attribute.

Plain expat, because it streams, knows its line, and resolves nothing by itself. A document type declaration is where
every XML bomb and every external file begins, and neither XES nor OCEL needs one, so it is refused outright.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from xml.parsers import expat

from aboveboard.ledger import limits
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import packing

CHUNK = 1 << 18
DEPTH = 100  # elements within elements; real logs stay under ten
TOKEN = 64 << 20  # bytes of one tag with its attributes; the longest real text is far below

Start = Callable[[str, dict[str, str], int], None]
End = Callable[[str], None]
Text = Callable[[str], None]

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_ESCAPED = re.compile('[&<>"\n\r\t]')


def stream(path: Path, start: Start, end: End, text: Text | None = None) -> Iterator[None]:
    """Feed a file (gzip or not) to the three handlers; yields after each chunk, so that the caller can hand on rows.

    `start(tag, attributes, line)` and `end(tag)` get tags without a namespace prefix. Raises LedgerError, with the line,
    for what is not well-formed, cut short, in a wrong encoding, or built to do harm.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    _install(parser, path, start, end, text)
    fed = 0
    try:
        with packing.opened(path) as source:
            while chunk := source.read(CHUNK):
                fed += len(chunk)
                parser.Parse(chunk, False)
                if fed - max(parser.CurrentByteIndex, 0) > TOKEN:
                    raise LedgerError(f"{_place(path, parser)}: a single tag longer than {TOKEN >> 20} MB; not read.")
                limits.refuse_bomb(path, packed=path.stat().st_size, unpacked=fed)
                yield
            parser.Parse(b"", True)
    except expat.ExpatError as problem:
        raise LedgerError(_what(path, problem, fed)) from problem
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise LedgerError(f"{_place(path, parser)}: the gzip file is cut short or damaged ({problem}).") from problem
    except OSError as problem:
        raise LedgerError(f"{path}: cannot be read: {problem.strerror or problem}.") from problem
    except (KeyError, IndexError):
        raise
    except (LookupError, ValueError) as problem:  # an encoding that Python does not know, or expat cannot use
        raise LedgerError(f"{_place(path, parser)}: the text cannot be decoded ({problem}).") from problem


def escaped(text: str) -> str:
    """Text for an attribute or an element; whitespace is kept by writing it as a number."""
    return _ESCAPED.sub(lambda hit: _ESCAPES[hit[0]], text)


def legal(text: str) -> bool:
    """Whether XML 1.0 can hold the text at all; control characters it cannot, not even escaped."""
    return _ILLEGAL.search(text) is None


def mended(text: str) -> str:
    """The text with every character that XML cannot hold spelt out, such as `\\u0000`."""
    return _ILLEGAL.sub(lambda hit: f"\\u{ord(hit[0]):04x}", text)


def tag(name: str, attributes: Mapping[str, str | None], *, close: bool = False) -> str:
    """An opening tag; attributes that are None are left out."""
    inside = "".join(f' {key}="{escaped(value)}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{inside}{'/' if close else ''}>"


def _install(parser: expat.XMLParserType, path: Path, start: Start, end: End, text: Text | None) -> None:
    depth = 0

    def opening(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise LedgerError(f"{_place(path, parser)}: elements nested deeper than {DEPTH}; not read.")
        start(name.rpartition(":")[2], attributes, parser.CurrentLineNumber)

    def closing(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(":")[2])

    def refuse(*_: object) -> None:
        raise LedgerError(
            f"{_place(path, parser)}: the file declares a document type or entities (DTD), which can be used to attack "
            "the reader. Event logs need none: remove the declaration."
        )

    parser.StartElementHandler, parser.EndElementHandler = opening, closing
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    if text is not None:
        parser.CharacterDataHandler = text


def _place(path: Path, parser: expat.XMLParserType) -> str:
    return f"{path}, line {parser.CurrentLineNumber}"


def _what(path: Path, problem: expat.ExpatError, fed: int) -> str:
    reason = expat.ErrorString(problem.code) or str(problem)
    if not fed:
        return f"{path}: the file is empty."
    if problem.code in _CUT:
        return f"{path}, line {problem.lineno}: the file ends before its last element is closed ({reason})."
    if problem.code in _ENCODING:
        return (
            f"{path}, line {problem.lineno}: the text is not in the encoding that the first line declares ({reason})."
        )
    return f"{path}, line {problem.lineno}, column {problem.offset + 1}: not well-formed XML ({reason})."


_CODES = expat.errors.codes
_CUT = {_CODES[expat.errors.XML_ERROR_NO_ELEMENTS], _CODES[expat.errors.XML_ERROR_UNCLOSED_TOKEN]}
_ENCODING = {
    _CODES[expat.errors.XML_ERROR_INVALID_TOKEN],
    _CODES[expat.errors.XML_ERROR_PARTIAL_CHAR],
    _CODES[expat.errors.XML_ERROR_UNKNOWN_ENCODING],
    _CODES[expat.errors.XML_ERROR_INCORRECT_ENCODING],
}
