"""Forbidden or not possible? The reason decides, in the refusal's own sentence or beside it."""

from __future__ import annotations

import re

import pytest

from aboveboard.analyses.claims import extraction
from aboveboard.analyses.claims.extraction import grounds, patterns, sentences


def proposed(text: str, code: str = "en") -> set[str]:
    return {one.claim for one in grounds.candidates(sentences.plain(text), code)}


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("I am unable to end it early.", "not-possible"),
        ("You are still within the minimum term. I am unable to end it early.", "policy-forbids"),
        ("I am unable to end it early. You are still within the minimum term.", "policy-forbids"),
        ("We can't take it back since the box was opened.", "policy-forbids"),
        ("That is against our rules. And our system is down, so I can't look it up.", "not-possible"),
        ("Due to the strike we are unable to deliver.", "not-possible"),
    ],
)
def test_the_reason_tells_a_rule_from_the_world(text: str, claim: str) -> None:
    assert claim in proposed(text)
    assert claim in {found.claim for found in extraction.extract(text)}
    assert ("not-possible" in proposed(text)) == (claim == "not-possible")


def test_a_rule_two_sentences_away_is_no_reason() -> None:
    assert proposed("You are within the minimum term. It is a fine day. I am unable to come.") == {
        "policy-forbids",
        "not-possible",
    }


def test_german_reasons() -> None:
    assert proposed("Es ist ein Sparpreis. Das ist nicht möglich.", "de") == {"policy-forbids"}
    assert proposed("Das ist nicht möglich.", "de") == {"not-possible"}


def test_words_of_a_playbook_keep_their_claim() -> None:
    own = [("not-possible", re.compile("no can do"))]
    found = grounds.candidates("it is against our rules. no can do.", "en", own)
    assert [one.claim for one in found if one.pattern.own] == ["not-possible"]


def test_every_language_has_grounds() -> None:
    assert all(patterns.language(code).grounds.rule.pattern for code in patterns.LANGUAGES)
