"""The learnt model: what it sees, what it keeps, and what it does on writers it has not read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks import wording

import aboveboard as ab
from aboveboard.wording import Linter, rulebook, tokens
from aboveboard.wording.learnt import features, model, reading, training
from aboveboard.wording.lexicon import lexicon

EN, DE = lexicon("en"), lexicon("de")
ROWS = [
    *(
        ("customer", "guessing", f"It should probably be there by {day}, I guess.")
        for day in ("Monday", "noon", "four")
    ),
    *(("customer", "insisting", f"You said no, but take the {thing} anyway.") for thing in ("lamp", "suite", "card")),
    *(("customer", "", f"Your {thing} was delivered at nine.") for thing in ("lamp", "card", "box")),
    *(("internal", "contempt", f"He is an idiot about his {thing}.") for thing in ("lamp", "card", "box")),
    *(("internal", "", f"Customer called about the {thing}.") for thing in ("lamp", "card", "box")),
]


def words(text: str, language: object = EN) -> list[features.Words]:
    return [s.words for s in features.sentences(tokens.read(text, language), language)]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def small() -> model.Model:
    rows = [{"author": "A", "audience": who, "rule": rule, "sentence": said} for who, rule, said in ROWS]
    return training.fit([training.labelled(row, "en") for row in rows])


@pytest.mark.parametrize(
    ("plain", "polite"),
    [
        ("That is our policy.", "Unfortunately, that is, I'm afraid, our policy. Thank you!"),
        ("It should be there by 5.", "Sorry! It should please be there by 17."),
    ],
)
def test_politeness_and_which_number_it_is_are_not_seen(plain: str, polite: str) -> None:
    assert words(plain) == words(polite)


def test_politeness_is_not_seen_in_german_either() -> None:
    assert words("Das ist Vorschrift.", DE) == words("Tut mir leid, das ist leider Vorschrift. Vielen Dank.", DE)


def test_what_is_cited_is_not_seen() -> None:
    line = tokens.read('He wrote "you idiots" to us', EN)
    (sentence,) = features.sentences(line, EN, [line.stretch(9, 21)])
    assert "idiots" not in sentence.words


def test_groups_of_features() -> None:
    said = ("^", "not", "my", "job", ".")
    assert features.pairs(said) == ["^ not", "not my", "my job", "job ."]
    assert features.gaps(said) == ["^ my", "^ job", "^ .", "not job", "not .", "my ."]
    assert set(features.letters(("my",))) == {"_my", "my_", "_my_"}
    assert features.threes(said) == ["^ not my", "not my job", "my job ."]
    assert features.turns(said, frozenset({"^", "not", "my", "."}))[:3] == ["^ not my", "not my *", "my * ."]
    assert len(features.of(said, frozenset())) == len(features.GROUPS)
    runs = features.across(("ab", "cd"))
    assert "b_cd" in runs and "_ab_" not in runs and all("_" in run[1:-1] for run in runs)


def test_the_commonest_words_are_those_of_most_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "COMMON", 2)
    assert features.commonest({"job": 1, "not": 9, "my": 4, "is": 4}) == {"not", "is"}


def test_it_learns_what_is_there_and_keeps_to_the_audience(small: model.Model) -> None:
    (guess,) = reading.probabilities(small, words("It should probably be there by two, I guess."), "customer")
    kept = reading.columns(small, "customer")
    assert small.rules[kept[int(guess[1:].argmax()) + 1] - 1] == "guessing" and guess[1:].max() > guess[0]
    assert [small.rules[n - 1] for n in reading.columns(small, "internal")[1:]] == ["contempt"]


def test_one_half_of_what_two_sentences_pull_is_each_ones(small: model.Model) -> None:
    one, other = (small.seen(said) for said in words("I guess so. Take the lamp anyway."))
    both = one.with_(other)
    assert np.allclose(both.pulls, one.pulls + other.pulls) and np.allclose(both.squares, one.squares + other.squares)


def test_the_weightiest_words_are_those_that_tell(small: model.Model) -> None:
    (said,) = words("Your lamp, it should probably be there by four, I guess, at the door of the shop.")
    first, last = reading.weightiest(small, said, small.rules.index("guessing") + 1)
    assert {"probably", "be"} & set(said[first : last + 1]) and last - first + 1 >= reading.SHORTEST
    assert "shop" not in said[first : last + 1]


def test_what_is_written_is_what_is_read(small: model.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = replace(small, least=0.25, sure=0.75)
    training.write(known, tmp_path / "en.npz")
    again = (tmp_path / "en.npz").read_bytes()
    training.write(known, tmp_path / "en.npz")
    assert (tmp_path / "en.npz").read_bytes() == again
    monkeypatch.setattr(model, "FOLDER", tmp_path)
    read = model.load.__wrapped__("en")
    assert read is not None and read.numbers == small.numbers and (read.least, read.sure) == (0.25, 0.75)
    assert read.common == small.common
    for text in ("It should probably be there.", "He is an idiot."):
        said = words(text)[0]
        assert np.allclose(known.scores(known.seen(said)), read.scores(read.seen(said)), atol=0.1)


def test_the_threshold_is_the_lowest_at_which_enough_is_right() -> None:
    rows = [training.Labelled("A", "customer", rule, "", ()) for rule in ("guessing", "guessing", "", "guessing")]
    judged = [(row, "guessing", p) for row, p in zip(rows, (0.9, 0.8, 0.7, 0.6), strict=True)]
    assert training.threshold(judged, 0.9) == 0.8
    assert training.threshold(judged, 0.75) == 0.6
    assert training.threshold(judged[2:3], 0.9) == 1.0


def test_a_remark_is_made_by_what_independent_writers_call_for_and_sure_by_what_all_do() -> None:
    rows = [training.Labelled("A", "customer", rule, "", ()) for rule in ("guessing", "", "guessing")]
    plain, hard = [(rows[0], "guessing", 0.6)], [(rows[2], "guessing", 0.8), (rows[1], "guessing", 0.7)]
    assert training.thresholds({"en_1": plain, "en": hard}, "en") == (0.6, 0.8)
    assert training.thresholds({"en": hard}, "en") == (0.8, 0.8)


@pytest.mark.parametrize(("sure", "severity"), [(0.5, "warning"), (1.0, "note")])
def test_what_the_model_is_not_sure_of_is_a_note(small: model.Model, sure: float, severity: str) -> None:
    rule = next(rule for rule in rulebook.shipped() if rule.id == "insisting")
    unpatterned = replace(rule, wordings={"en": replace(rule.wordings["en"], patterns=("there is none",))})
    linter = Linter([unpatterned], learnt=lambda _: replace(small, sure=sure))
    (remark,) = linter.read("You said no, but take the book anyway.", language="en").remarks
    assert remark.severity == severity


def test_the_model_finds_what_no_pattern_knows() -> None:
    said = (
        "Good morning. The packers put the wrong lid in, so that is their doing and none of ours. The new one is here."
    )
    patterns = Linter(learnt=lambda _: None)
    assert patterns.read(said, language="en").remarks == ()
    (remark,) = ab.lint(said, language="en")
    assert remark.rule == "blaming-another-team" and said[remark.start : remark.end] == remark.words
    assert remark.start >= said.index("The packers") and remark.end <= said.index(" The new")


def test_a_sentence_of_few_words_is_not_guessed_at() -> None:
    assert [r.rule for r in Linter().read("Our policy.", language="en").remarks] == []


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_writer_who_was_not_learnt_from(language: str) -> None:
    rows = training.read(wording.SENTENCES, language)
    unseen = rows.pop(f"{language}_3")
    known = training.fit([row for held in rows.values() for row in held])
    assert wording.recall([(row, *training.probabilities(known, row)) for row in unseen]) >= 0.75
