"""The grammar of patterns, item by item."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aboveboard.wording import WordingError, patterns, tokens
from aboveboard.wording.lexicon import lexicon

EN, DE = lexicon("en"), lexicon("de")


def found(pattern: str, text: str, language: object = EN) -> str | None:
    line = tokens.read(text, language)  # type: ignore[arg-type]
    match = patterns.parse(pattern, language).compiled.search(line.line)  # type: ignore[arg-type]
    if match is None:
        return None
    start, end = line.span(*match.span())
    return text[start:end]


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        ("not supposed", "We are not supposed to", "not supposed"),
        ("not supposed", "We aren't supposed to", "aren't supposed"),
        ("don't tell", "Do not tell", "Do not tell"),
        ("not supposed", "not, please, supposed", "not, please, supposed"),
        ("not supposed", "not. Supposed", None),
        ("understaff*", "We're understaffed.", "understaffed"),
        ("(boss|team leader) knows", "My team leader knows", "team leader knows"),
        ("a very? good", "a good one", "a good"),
        ("a very? good", "a very good one", "a very good"),
        ("one ~2 four", "one two three four", "one two three four"),
        ("one ~2 five", "one two three four five", None),
        ("is ~2+ rude", "She is rather rude", "is rather rude"),
        ("is ~2+ rude", "She is not rude", None),
        ("wait # days", "wait 3 days", "wait 3 days"),
        ("you !not go", "you go", "you go"),
        ("you !(not|never) ~1 go", "you never go", None),
        ("<start> take it", "Take it.", "Take it"),
        ("<start> take it", "You take it.", None),
        ("for you <end>", "Only for you!", "for you"),
        ("for you <end>", "for you I will", None),
        ("why not <question>", "Why not today?", "Why not"),
        ("why not <statement>", "Why not today?", None),
        ("it is late", "It's late", "It's late"),
    ],
)
def test_grammar(pattern: str, text: str, words: str | None) -> None:
    assert found(pattern, text) == words


def test_umlauts_have_one_spelling() -> None:
    assert found("für dich", "fuer dich", DE) == "fuer dich"
    assert found("weiss", "Ich weiß", DE) == "weiß"


@pytest.mark.parametrize("pattern", ["(a", "a)", "a | | b", "<begin> a", "@nobody", "~3", "a?", "!", "()"])
def test_what_is_no_pattern_is_told(pattern: str) -> None:
    with pytest.raises(WordingError, match="pattern"):
        patterns.parse(pattern, EN)


@given(st.text(max_size=200))
@example("A´Öß")
@example("Straß'ns'")
def test_any_text_can_be_read_and_its_words_are_where_they_are_said_to_be(text: str) -> None:
    line = tokens.read(text, EN)
    assert all(0 <= start <= end <= len(text) for start, end in line.spans)
    assert line.line.count(" ^ ") == sum(line.line.count(f" {mark} ") for mark in ".?!")


def test_a_pattern_is_looked_for_where_all_it_needs_is() -> None:
    index = patterns.Index()
    index.add(patterns.parse("not ~2 (supposed|allowed)", EN), 7)
    assert [owner for owner, _ in index.candidates(frozenset({"we", "not", "allowed"}))] == [7]
    assert list(index.candidates(frozenset({"we", "are", "allowed"}))) == []
