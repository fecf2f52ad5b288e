"""Formula text → tree: a scanner that knows brackets, and one function for each level of binding.

From the loosest: `implies` (to the right), `or`, `and`, `since` and `until` (one of them, between brackets or prefixed formulas),
then `not`, `once`, `historically`, `eventually`, `always`. A bracket that holds nothing but brackets and these words is a group of
formulas; every other bracket is a condition, read by `playbook.conditions`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn
from zoneinfo import ZoneInfo

from aboveboard.playbook import conditions, durations
from aboveboard.playbook.problems import nearest
from aboveboard.playbook.temporal import tree

WORDS = (*tree.PREFIXES, *tree.INFIXES, "and", "or", "not", "implies")
CLAIM: dict[str, str] = {
    "claim.event": "text",
    "claim.time": "timestamp",
    "claim.due": "timestamp",
    "claim.subject": "text",
    "claim.customer": "text",
    "claim.employee": "text",
    "claim.value": "number",
    "claim.topic": "text",
}
"""What a condition may ask of the claim under judgement, with its type."""

_COLUMNS = {**conditions.LEDGER, **CLAIM}
_LONGEST = 20_000
_WORD = re.compile(r"[A-Za-z_]\w*")
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


class FormulaError(conditions.ConditionError):
    """A formula cannot be understood; its parts as in ConditionError, `sql` being the text of the whole formula."""


@dataclass(frozen=True)
class _Token:
    """A word, or what stands between brackets: `kind` is `word`, `(` or `[`; `at` is where `text` begins in the formula."""

    kind: str
    text: str
    at: int


def parse(text: str, *, timezone: ZoneInfo) -> tree.Formula:
    """Read a formula; `timezone` is that of its conditions. Raises FormulaError at the first thing wrong."""
    if not text.strip():
        raise FormulaError("the formula is empty", sql=text)
    if len(text) > _LONGEST:
        raise FormulaError(f"the formula is longer than {_LONGEST:,} characters", sql=text)
    try:
        return _Reading(text, timezone).whole(0, len(text))
    except RecursionError:
        raise FormulaError("the formula is nested too deeply", sql=text) from None


class _Reading:
    """One formula being read. The tokens of a bracket's inside are read by a reading of their own, over the same text."""

    def __init__(self, text: str, timezone: ZoneInfo) -> None:
        self.text, self.timezone = text, timezone
        self.tokens: list[_Token] = []
        self.next = 0
        self.end = len(text)

    def whole(self, start: int, end: int) -> tree.Formula:
        """Read text[start:end], to its end."""
        self.tokens, self.next, self.end = list(self._scan(start, end)), 0, end
        found = self._implies()
        if self.next < len(self.tokens):
            token = self.tokens[self.next]
            clue = (
                "brackets say which of the two comes first"
                if token.text in tree.INFIXES
                else "'and' or 'or' is missing"
            )
            self.fail(f"the formula is over before {self._called(token)}: {clue}", token.at)
        return found

    def fail(self, message: str, at: int | None, suggestion: str | None = None) -> NoReturn:
        raise FormulaError(message, sql=self.text, at=at, suggestion=suggestion)

    def _scan(self, start: int, end: int) -> Iterator[_Token]:
        at = start
        while at < end:
            sign = self.text[at]
            if sign.isspace():
                at += 1
            elif sign in "([":
                closed = self._closing(at, end)
                yield _Token(sign, self.text[at + 1 : closed], at + 1)
                at = closed + 1
            elif word := _WORD.match(self.text, at, end):
                yield _Token("word", self._known(word[0], at), at)
                at = word.end()
            else:
                self.fail(f"{sign!r} does not belong here: a condition stands in brackets, (type = 'order.paid')", at)

    def _known(self, word: str, at: int) -> str:
        if word.lower() in WORDS:
            return word.lower()
        raise self._unknown(word, at)

    def _unknown(self, word: str, at: int) -> FormulaError:
        near = nearest(word, WORDS)
        cure = "" if near else ": a condition stands in brackets, (type = 'order.paid')"
        said = f"{word!r} is no word of formulas, which are {', '.join(WORDS)}{cure}"
        return FormulaError(said, sql=self.text, at=at, suggestion=near)

    def _closing(self, at: int, end: int) -> int:
        """Where the bracket that opens at `at` is closed; what stands in quotes does not count."""
        opened, closing, depth, place = self.text[at], ")" if self.text[at] == "(" else "]", 0, at
        while place < end:
            sign = self.text[place]
            if sign in "'\"":
                quoted = _QUOTED.match(self.text, place, end)
                if quoted is None:
                    self.fail("a quotation mark is not closed", place)
                place = quoted.end()
                continue
            depth += (sign == opened) - (sign == closing)
            if depth == 0:
                return place
            place += 1
        raise FormulaError(f"this {opened!r} is not closed", sql=self.text, at=at)

    def _take(self, *words: str) -> str | None:
        """Step over the next token if it is one of the words."""
        if self.next < len(self.tokens):
            token = self.tokens[self.next]
            if token.kind == "word" and token.text in words:
                self.next += 1
                return token.text
        return None

    def _implies(self) -> tree.Formula:
        left = self._joined("or")
        return tree.Implies(left, self._implies()) if self._take("implies") else left

    def _joined(self, word: str) -> tree.Formula:
        parts = [self._part(word)]
        while self._take(word):
            parts.append(self._part(word))
        if len(parts) == 1:
            return parts[0]
        return tree.Or(tuple(parts)) if word == "or" else tree.And(tuple(parts))

    def _part(self, word: str) -> tree.Formula:
        return self._joined("and") if word == "or" else self._infix()

    def _infix(self) -> tree.Formula:
        left = self._prefix()
        word = self._take(*tree.INFIXES)
        if word is None:
            return left
        kind = tree.INFIXES[word]
        interval = self._interval(backwards=kind is tree.Since)
        return kind(left, self._prefix(), interval)

    def _prefix(self) -> tree.Formula:
        if self._take("not"):
            return tree.Not(self._prefix())
        word = self._take(*tree.PREFIXES)
        if word is None:
            return self._bracket()
        kind = tree.PREFIXES[word]
        interval = self._interval(backwards=kind in (tree.Once, tree.Historically))
        return kind(self._prefix(), interval)

    def _bracket(self) -> tree.Formula:
        if self.next >= len(self.tokens):
            self.fail("the formula stops too early: a condition in brackets is missing", self.end)
        token = self.tokens[self.next]
        if token.kind != "(":
            before = " (an interval follows once, historically, eventually, always, since or until)"
            self.fail(
                f"a condition in brackets is missing before {self._called(token)}{before * (token.kind == '[')}",
                token.at,
            )
        self.next += 1
        if is_group(token.text):
            return _Reading(self.text, self.timezone).whole(token.at, token.at + len(token.text))
        return tree.Atom(self._condition(token))

    def _condition(self, token: _Token) -> conditions.Condition:
        try:
            return conditions.parse(token.text, columns=_COLUMNS, timezone=self.timezone)
        except conditions.ConditionError as error:
            at = token.at if error.at is None else token.at + error.at
            self.fail(error.message, at, error.suggestion)

    def _interval(self, *, backwards: bool) -> tree.Interval:
        if self.next >= len(self.tokens) or self.tokens[self.next].kind != "[":
            return tree.EVER
        token = self.tokens[self.next]
        self.next += 1
        ends = [each.strip() for each in token.text.split(",")]
        if len(ends) != 2:
            self.fail("an interval has two ends, parted by one comma: [0, 2 hours], [30 minutes, *]", token.at)
        low, high = self._length(ends[0], token), self._high(ends[1], token, backwards=backwards)
        if isinstance(high, float) and high < low:
            self.fail("this window ends before it begins: the nearer end comes first, [30 minutes, 2 hours]", token.at)
        return tree.Interval(low, high)

    def _high(self, written: str, token: _Token, *, backwards: bool) -> tree.End:
        if written.lower() == tree.DUE:
            if backwards:
                self.fail(f"{tree.DUE} ends a window that looks ahead: eventually, always or until", token.at)
            return "claim.due"
        return None if written == "*" else self._length(written, token)

    def _length(self, written: str, token: _Token) -> float:
        """Minutes."""
        if written == "0":
            return 0.0
        try:
            minutes = durations.parse(written, on_calendar=False).minutes
        except durations.DurationError as error:
            near = tree.DUE if nearest(written, (tree.DUE,)) else error.suggestion
            said = "an end of an interval is missing" if not written else str(error)
            self.fail(f"{said}; an interval runs from 0 or a duration to a duration, * or {tree.DUE}", token.at, near)
        assert minutes is not None
        return minutes

    def _called(self, token: _Token) -> str:
        closing = {"(": ")", "[": "]"}.get(token.kind, "")
        return repr(f"{token.kind}{token.text}{closing}" if closing else token.text)


def is_group(inside: str) -> bool:
    """Whether what stands in a bracket is formulas (brackets and words of formulas), and not a condition."""
    bare, depth, at, brackets = "", 0, 0, 0
    while at < len(inside):
        quoted = _QUOTED.match(inside, at)
        if quoted:
            bare += "'" if depth == 0 else ""
            at = quoted.end()
            continue
        sign = inside[at]
        depth -= sign in ")]"
        if depth == 0:
            bare += " " if sign in ")]" or (sign in "([") else sign
        brackets += sign == "("
        depth += sign in "(["
        at += 1
    return brackets > 0 and all(word.lower() in WORDS for word in bare.split())
