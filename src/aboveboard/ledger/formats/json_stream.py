"""A large JSON document read element by element, with the line of each, in memory of one element."""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aboveboard.ledger import limits
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import packing

CHUNK = 1 << 20
ELEMENT = 64 << 20  # characters of one element; the longest real one is far below
_SPACE = re.compile(r"[ \t\n\r]*")


def members(path: Path) -> Iterator[tuple[str, Any, int]]:
    """What the object at the top of the file holds: `(key, element, line)` for each element of a member that is an
    array, and `(key, value, line)` for any other member.

    Raises LedgerError with the line where the file is not JSON, not an object, cut short, or not UTF-8.
    """
    text = _Text(path)
    if text.peek() != "{":
        raise text.wrong("the file is not a JSON object")
    text.skip()
    while text.peek() != "}":
        key, _ = text.value()
        if not isinstance(key, str) or text.peek() != ":":
            raise text.wrong("expected a key and a colon")
        text.skip()
        if text.peek() == "[":
            text.skip()
            while text.peek() != "]":
                value, line = text.value()
                yield key, value, line
                text.comma("]")
            text.skip()
        else:
            value, line = text.value()
            yield key, value, line
        text.comma("}")
    text.skip()
    if text.peek():
        raise text.wrong("something follows the end of the JSON object")


class _Text:
    """A window over the file's text that only moves forward."""

    def __init__(self, path: Path) -> None:
        self.path, self.line = path, 1
        self.window, self.at = "", 0
        self.decode = json.JSONDecoder().raw_decode
        self.chunks = self._chunks()

    def peek(self) -> str:
        """The next character that is not a space; empty at the end of the file."""
        while True:
            end = _SPACE.match(self.window, self.at).end()  # type: ignore[union-attr]
            self.line += self.window.count("\n", self.at, end)
            self.at = end
            if end < len(self.window):
                return self.window[end]
            if not self._more():
                return ""

    def skip(self) -> None:
        """Step over the character that `peek` showed."""
        self.at += 1

    def comma(self, closing: str) -> None:
        """Step over a comma, or stay before the closing bracket."""
        if self.peek() == ",":
            self.skip()
            if self.peek() == closing:
                raise self.wrong("a comma before the closing bracket")
        elif self.peek() != closing:
            raise self.wrong("the file is cut short" if not self.peek() else f"expected a comma or {closing}")

    def value(self) -> tuple[Any, int]:
        """The next JSON value, and the line it begins on."""
        self.peek()
        line = self.line
        while True:
            try:
                found, end = self.decode(self.window, self.at)
                if end < len(self.window) or not self._more():  # a number could go on in the next chunk
                    self.line += self.window.count("\n", self.at, end)
                    self.at = end
                    return found, line
            except json.JSONDecodeError as problem:
                enough = len(self.window) - self.at > ELEMENT
                if enough or (problem.pos < len(self.window) - 64 and not _in_string(problem)) or not self._more():
                    self.line += self.window.count("\n", self.at, problem.pos)
                    short = problem.pos >= len(self.window) - 1 or problem.msg.startswith("Unterminated")
                    raise self.wrong("the file is cut short" if short else problem.msg) from problem
            except (RecursionError, ValueError) as problem:
                raise self.wrong(f"nested too deeply, or a number of absurd length ({problem})") from problem

    def wrong(self, what: str) -> LedgerError:
        """The error to raise here."""
        return LedgerError(f"{self.path}, line {self.line}: not well-formed JSON: {what}.")

    def _more(self) -> bool:
        chunk = next(self.chunks, "")
        size = max(len(self.window) - self.at, 0)
        while (
            chunk and len(chunk) < size
        ):  # grow by doubling: a long element is not scanned from its start again and again
            further = next(self.chunks, "")
            if not further:
                break
            chunk += further
        self.window, self.at = self.window[self.at :] + chunk, 0
        return bool(chunk)

    def _chunks(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        unpacked = 0
        try:
            with packing.opened(self.path) as source:
                while raw := source.read(CHUNK):
                    unpacked += len(raw)
                    limits.refuse_bomb(self.path, packed=self.path.stat().st_size, unpacked=unpacked)
                    if text := decoder.decode(raw):
                        yield text
                if text := decoder.decode(b"", final=True):
                    yield text
        except UnicodeDecodeError as problem:
            line = self.line + self.window.count("\n", self.at)
            raise LedgerError(f"{self.path}, after line {line}: the text is not UTF-8 ({problem.reason}).") from problem
        except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
            raise LedgerError(f"{self.path}, line {self.line}: the gzip file is cut short or damaged.") from problem
        except OSError as problem:
            raise LedgerError(f"{self.path}: cannot be read: {problem.strerror or problem}.") from problem


def _in_string(problem: json.JSONDecodeError) -> bool:
    return problem.msg.startswith("Unterminated string")
