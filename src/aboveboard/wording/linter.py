"""A text in, remarks out: those of the patterns, and those of the learnt model on sentences that no pattern knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from aboveboard.playbook.problems import nearest
from aboveboard.wording import detection, patterns, rewriting, rulebook, tokens
from aboveboard.wording.errors import WordingError
from aboveboard.wording.learnt import features, model, reading
from aboveboard.wording.lexicon import Lexicon, codes, lexicon
from aboveboard.wording.model import AUDIENCES, Audience, Remark, Rule, Severity, Wordings
from aboveboard.wording.patterns import Index, Pattern
from aboveboard.wording.tokens import Line

_QUOTED = re.compile(r"“[^”\n]{1,400}”|„[^“”\n]{1,400}[“”]|»[^«\n]{1,400}«|«[^»\n]{1,400}»|\"[^\"\n]{1,400}\"")
_CITED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_FLAGS, _SAVES, _REDEEMS = 0, 1, 2
Span = tuple[int, int]


@dataclass(frozen=True)
class Reading:
    """What became of one text. `language` is None where it is in none that has rules: then it was not read."""

    language: str | None
    remarks: tuple[Remark, ...]


def lint(
    text: str,
    *,
    language: str | None = None,
    audience: Audience = "customer",
    off: Collection[str] = (),
) -> list[Remark]:
    """The remarks on a message, in the order of the text; none where its language has no rules.

    `language` is a code (`en`, `de`), None to have it found out. `audience` is who the words are said to: `customer`, or
    `internal` for words about customers. `off` names rules that do not apply. Raises WordingError where one of them is
    unknown. Own rules of a playbook: `Linter(*rulebook.of(playbook))`.
    """
    return list(_shipped().read(text, language=language, audience=audience, off=off).remarks)


@cache
def _shipped() -> Linter:
    return Linter()


class Linter:
    """Rules made ready. Patterns are read when a language is first met, and compiled when a text first needs them.

    `learnt` gives the model of a language, or None for patterns alone.
    """

    def __init__(
        self,
        rules: Iterable[Rule] | None = None,
        off: Collection[str] = (),
        *,
        learnt: Callable[[str], model.Model | None] = model.load,
    ) -> None:
        self.learnt = learnt
        self.rules = tuple(rulebook.shipped() if rules is None else rules)
        self.off = frozenset(rulebook.known(name, self.rules) for name in off)
        self._by_language: dict[str, _Language] = {}

    def read(
        self,
        text: str,
        *,
        language: str | None = None,
        audience: Audience = "customer",
        off: Collection[str] = (),
    ) -> Reading:
        """What `lint` gives, with the language. Raises WordingError for an unknown language, audience or rule."""
        if audience not in AUDIENCES:
            raise WordingError(f"audience {audience!r} is none of {', '.join(AUDIENCES)}")
        silent = self.off | {rulebook.known(name, self.rules) for name in off}
        code = checked(language) if language else detection.detect(text, codes()[::-1])
        if code is None:
            return Reading(None, ())
        rules = [rule for rule in self.rules if rule.audience == audience and rule.id not in silent]
        return Reading(code, tuple(self._language(code).remarks(text, rules, audience)))

    def check(self) -> None:
        """Read and compile every pattern of every rule. Raises WordingError at the first that is none."""
        for code in codes():
            self._language(code).compile()

    def _language(self, code: str) -> _Language:
        if code not in self._by_language:
            self._by_language[code] = _Language(code, self.rules, self.learnt)
        return self._by_language[code]


def checked(code: str) -> str:
    """`code`, where there are rules in that language; raises WordingError where there are none."""
    if code not in codes():
        near = nearest(code, codes())
        meant = f" (did you mean {near}?)" if near else ""
        raise WordingError(f"there are no rules in the language {code!r}{meant}; there are {', '.join(codes())}")
    return code


class _Language:
    """All rules in one language."""

    def __init__(self, code: str, rules: Iterable[Rule], learnt: Callable[[str], model.Model | None]) -> None:
        self.learnt, self.judges = learnt, frozenset(rulebook.ORDER)
        self.lexicon: Lexicon = lexicon(code)
        self.rules = [(rule, rule.wordings[code]) for rule in rules if code in rule.wordings]
        self.roles: dict[int, tuple[int, int]] = {}
        self.index = Index()
        for number, (rule, wordings) in enumerate(self.rules):
            for role, written in _written(wordings):
                self._add(written, number, role, rule)

    def _add(self, written: str, number: int, role: int, rule: Rule) -> None:
        try:
            pattern = patterns.parse(written, self.lexicon)
        except WordingError as error:
            raise WordingError(f"wording rule {rule.id}, {self.lexicon.name}: {error}") from None
        self.index.add(pattern, len(self.roles))
        self.roles[len(self.roles)] = (number, role)

    def compile(self) -> None:
        for pattern in self.index.patterns():
            assert pattern.compiled

    def remarks(self, text: str, wanted: list[Rule], audience: Audience) -> Iterator[Remark]:
        line = tokens.read(text, self.lexicon)
        ids = {rule.id for rule in wanted}
        likely: dict[tuple[int, int], list[Pattern]] = {}
        for owner, pattern in self.index.candidates(line.words):
            likely.setdefault(self.roles[owner], []).append(pattern)

        def spans(number: int, role: int) -> list[Span]:
            return [m.span() for one in likely.get((number, role), ()) for m in one.compiled.finditer(line.line)]

        mentions = [line.stretch(*span) for span in _mentions(text)]
        probable, unsure = self._probable(line, ids, mentions, audience)
        found = []
        for number, (rule, wordings) in enumerate(self.rules):
            flags = spans(number, _FLAGS) if rule.id in ids else []
            kept = []
            if flags:
                off = [*spans(number, _SAVES), *mentions]
                kept = [span for span in flags if not any(_overlap(span, other) for other in off)]
            guessed = probable.get(rule.id, [])
            if kept or guessed:
                redeems = spans(number, _REDEEMS)
                kept = [span for span in kept if not any(_is_near(line, span, other) for other in redeems)]
                guessed = [span for span in guessed if not any(_is_near(line, span, other) for other in redeems)]
            found += [
                self._told(line, rule, wordings, span, "note" if (rule.id, span) in unsure else rule.severity)
                for span in _both(_merged(kept, line), guessed, line)
            ]
        yield from sorted(found, key=lambda remark: (remark.start, remark.end, remark.rule))

    def _probable(
        self, line: Line, ids: set[str], cited: list[Span], audience: Audience
    ) -> tuple[dict[str, list[Span]], set[tuple[str, Span]]]:
        """Stretches of the line, by rule, that the model holds to break one of the shipped rules among `ids`.

        And those of them of which it is not sure.
        """
        learnt = self.learnt(self.lexicon.code) if ids & self.judges else None
        found: dict[str, list[Span]] = {}
        unsure: set[tuple[str, Span]] = set()
        if learnt is None:
            return found, unsure
        for one in reading.read(learnt, features.sentences(line, self.lexicon, cited), audience):
            if one.rule in ids:
                span = line.offsets[one.tokens[0]], line.offsets[one.tokens[1]] + 1
                found.setdefault(one.rule, []).append(span)
                if not one.sure:
                    unsure.add((one.rule, span))
        return found, unsure

    def _told(self, line: Line, rule: Rule, wordings: Wordings, span: Span, severity: Severity) -> Remark:
        first, last = line.span(*span)
        edit = rewriting.edit(line, span, wordings, self.lexicon)
        better = rewriting.better(line, span[0], edit) if edit else wordings.better
        words = line.text[first:last]
        return Remark(rule.id, first, last, words, rule.why, better, self.lexicon.code, severity, edit)


def _written(wordings: Wordings) -> Iterator[tuple[int, str]]:
    roles = ((_FLAGS, wordings.patterns), (_SAVES, wordings.exceptions), (_REDEEMS, wordings.redeemed))
    return ((role, written) for role, held in roles for written in held)


def _merged(spans: list[Span], line: Line) -> list[Span]:
    """One stretch per sentence: a rule remarks on a sentence once, from its first to its last word that it minds."""
    by_sentence: dict[tuple[int, int], tuple[int, int]] = {}
    for start, end in sorted(spans):
        where = line.sentence(start)
        held = by_sentence.get(where, (start, end))
        by_sentence[where] = (min(start, held[0]), max(end, held[1]))
    return list(by_sentence.values())


def _both(known: list[Span], guessed: list[Span], line: Line) -> list[Span]:
    """What patterns found, and of what the model found the sentences that no pattern remarks on."""
    held = {line.sentence(start) for start, _ in known}
    return [*known, *(span for span in guessed if line.sentence(span[0]) not in held)]


def _is_near(line: Line, remarked: tuple[int, int], redeeming: tuple[int, int]) -> bool:
    """Is what makes the words right said in the same breath: in the sentence itself, the one before, or the two after?"""
    return -1 <= line.sentence_number(redeeming[0]) - line.sentence_number(remarked[0]) <= 2


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _mentions(text: str) -> Iterator[tuple[int, int]]:
    """What is only cited: words in quotation marks within a text that goes on outside them, and cited lines of a mail."""
    for match in _QUOTED.finditer(text):
        if len(text) - (match.end() - match.start()) > 8:
            yield match.span()
    for match in _CITED_LINE.finditer(text):
        yield match.span()


__all__ = ["Linter", "Reading", "checked", "lint"]
