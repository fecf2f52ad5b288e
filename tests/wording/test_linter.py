"""The linter keeps to its rules' own examples, to places in the text, and to languages it has rules for."""

from __future__ import annotations

from itertools import product

import pytest

import aboveboard as ab
from aboveboard.playbook import reader
from aboveboard.wording import Linter, WordingError, detection, lexicon, rulebook
from aboveboard.wording.model import Rule

EXAMPLES = [(rule, code) for rule in rulebook.shipped() for code in rule.wordings]
POLITE = {
    "en": ["{} please", "I'm afraid {}", "unfortunately {}", "I'm so sorry, but {}", "Dear customer, {}"],
    "de": ["leider {}", "bitte {}", "es tut mir leid, {}", "ehrlich gesagt, {}"],
}


def rules(text: str, **how: str) -> list[str]:
    return [remark.rule for remark in ab.lint(text, **how)]


@pytest.mark.parametrize(("rule", "code"), EXAMPLES, ids=lambda value: getattr(value, "id", value))
def test_each_rule_remarks_on_its_examples_and_leaves_the_fine_ones(rule: Rule, code: str) -> None:
    wordings = rule.wordings[code]
    assert len(wordings.flagged) >= 3 and len(wordings.fine) >= 2 and wordings.better and rule.why
    for text in wordings.flagged:
        assert rule.id in rules(text, language=code, audience=rule.audience), text
    for text in wordings.fine:
        assert rule.id not in rules(text, language=code, audience=rule.audience), text


def test_every_pattern_of_every_rule_compiles() -> None:
    Linter().check()


@pytest.mark.parametrize(("rule", "code"), EXAMPLES, ids=lambda value: getattr(value, "id", value))
def test_politeness_does_not_silence_a_rule(rule: Rule, code: str) -> None:
    for text, frame in product(rule.wordings[code].flagged, POLITE[code]):
        said = frame.format(text[:1].lower() + text[1:])
        assert rule.id in rules(said, language=code, audience=rule.audience), said


def test_politeness_in_the_middle_does_not_either() -> None:
    assert "indebting" in rules("We're unfortunately really not supposed to, but for you I'll ask.")
    assert "hiding-behind-policy" in rules("Those are, I'm afraid, the rules.")
    assert "hiding-behind-policy" in rules("Das ist bei uns leider Vorschrift.")


@pytest.mark.parametrize(
    "text",
    ["Don't tell anyone.", "Don’t tell anyone.", "Do not tell anyone.", "DON'T TELL ANYONE!", "dont tell anyone"],
)
def test_spelling_changes_nothing(text: str) -> None:
    assert rules(text, language="en") == ["conspiratorial"]


def test_a_remark_says_where_its_words_stand() -> None:
    text = "Dear {{ name }} 🎉,\tI checked.\n\nThat’s our policy, sorry."
    (remark,) = ab.lint(text, language="en")
    assert (remark.rule, remark.words) == ("hiding-behind-policy", "That’s our policy")
    assert text[remark.start : remark.end] == remark.words


def test_one_remark_per_rule_and_sentence() -> None:
    text = "Those are the rules, rules are rules, and that's our policy. That's our policy."
    assert rules(text) == ["hiding-behind-policy", "hiding-behind-policy"]


def test_a_reason_or_a_way_out_beside_a_rule_redeems_it_and_one_far_off_does_not() -> None:
    assert rules("That's our policy. What I can do is send it to your sister.") == []
    far = "That's our policy. You wrote on Monday. We saw it. The letter was long. What I can do is wait."
    assert rules(far) == ["hiding-behind-policy"]


def test_what_is_only_cited_is_not_remarked_on() -> None:
    assert rules('You wrote that he said "that\'s our policy" and hung up.', language="en") == []
    assert rules("> That's our policy.\n\nThat was not right of us.", language="en") == []
    assert rules('"That\'s our policy."', language="en") == ["hiding-behind-policy"]


def test_a_rewrite_keeps_the_rest() -> None:
    (remark,) = ab.lint("We're not supposed to, but for you I'll ask the kitchen.")
    assert remark.better == "I'll ask the kitchen."
    assert remark.edit is not None and (remark.edit.start, remark.edit.to) == (0, "I")


def test_words_about_customers_have_rules_of_their_own() -> None:
    assert rules("difficult customer", audience="internal") == ["contempt"]
    assert rules("difficult customer") == []
    assert rules("That's our policy.", audience="internal") == []


def test_rules_can_be_off() -> None:
    assert rules("That's our policy.", off=["hiding-behind-policy"]) == []  # type: ignore[arg-type]
    with pytest.raises(
        WordingError, match=r"no wording rule 'hiding-behind-polcy' \(did you mean hiding-behind-policy"
    ):
        ab.lint("x", off=["hiding-behind-polcy"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Sure, no problem", "en"),
        ("That's our policy.", "en"),
        ("Kein Problem", "de"),
        ("Das müsste morgen da sein.", "de"),
        ("Ihre Bestellung ist da.", "de"),
        ("Nous ne pouvons pas faire cela pour vous, désolé.", None),
        ("Lamentablemente no podemos devolver el dinero.", None),
        ("Мы не можем этого сделать", None),
        ("申し訳ございません", None),
        ("1234 !!", None),
        ("", None),
    ],
)
def test_the_language_is_found_out(text: str, language: str | None) -> None:
    assert detection.detect(text, ("en", "de")) == language
    if language is None:
        assert ab.lint(text) == []


def test_the_language_can_be_said() -> None:
    assert rules("Just this once", language="en") == ["indebting"]
    with pytest.raises(WordingError, match="no rules in the language 'eng'"):
        ab.lint("x", language="eng")


def test_a_playbook_switches_rules_off_and_adds_its_own() -> None:
    book = reader.read(
        """
wording:
  guessing: {off: We forecast for a living.}
  no-jargon:
    says: Speaks in jargon
    why: The customer does not know the word.
    better: Say what it is.
    patterns: {en: ["(ticket|case) ~2 escalat*"], de: [eskaliert]}
    exceptions: {en: ["escalator"]}
"""
    )
    linter = Linter(*rulebook.of(book))
    assert [r.rule for r in linter.read("Your ticket was escalated. It should be there tomorrow.").remarks] == [
        "no-jargon"
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("wording: {gessing: {off: because}}", "no wording rule 'gessing' \\(did you mean guessing"),
        ("wording: {guessing: {says: a, why: b, better: c, patterns: {en: [x]}}}", "that ships has that name"),
        ("wording: {own: {says: a, why: b, better: c, patterns: {fr: [x]}}}", "no rules in 'fr'"),
        (
            "wording: {own: {says: a, why: b, better: c, patterns: {en: ['(a']}}}",
            "own, English: pattern '\\(a': a \\( is not closed",
        ),
    ],
)
def test_what_a_playbook_can_have_wrong(text: str, says: str) -> None:
    with pytest.raises(WordingError, match=says):
        Linter(*rulebook.of(reader.read(text))).check()


def test_a_rule_of_the_playbook_needs_a_reason_or_patterns() -> None:
    with pytest.raises(reader.PlaybookError, match="neither `off`"):
        reader.read("wording: {guessing: {severity: note}}")
    with pytest.raises(reader.PlaybookError, match="needs `why`"):
        reader.read("wording: {own: {says: a, better: c, patterns: {en: [x]}}}")


def test_classes_are_used_by_name() -> None:
    assert set(lexicon.codes()) == {"de", "en"}
    with pytest.raises(KeyError):
        lexicon.lexicon("fr")
