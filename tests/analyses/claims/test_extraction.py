"""What is a claim, and what only looks like one? The sentences here are not those that the model was trained on."""

from __future__ import annotations

import re
import time

import pytest

from aboveboard.analyses.claims import extraction
from aboveboard.analyses.claims.extraction import model, patterns, sentences, training
from aboveboard.analyses.claims.tables import KINDS


def claims(text: str) -> list[str]:
    return [one.claim for one in extraction.extract(text)]


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("I have just spoken with the duty manager about your stay.", "asked-superior"),
        ("Your complaint was escalated this afternoon.", "asked-superior"),
        ("We've gone through the photos that you sent us.", "checked"),
        ("I've put a pair aside for you at the counter.", "reserved"),
        ("The delivery charge has been refunded to your card.", "refunded"),
        ("I went ahead and cancelled the second order.", "changed"),
        ("Someone from the workshop will ring you before noon.", "will-do"),
        ("Our terms do not allow a return after thirty days.", "policy-forbids"),
        ("I'm afraid we are sold out.", "not-possible"),
        ("The fault on your line has been repaired.", "fixed"),
        ("Ich habe das soeben mit meiner Vorgesetzten besprochen.", "asked-superior"),
        ("Wir haben Ihre Unterlagen noch einmal durchgesehen.", "checked"),
        ("Die Karten liegen an der Kasse für Sie bereit.", "reserved"),
        ("Den Betrag haben wir Ihrem Konto gutgeschrieben.", "refunded"),
        ("Ihre Bestellung wurde soeben storniert.", "changed"),
        ("Wir melden uns bis Donnerstag bei Ihnen.", "will-do"),
        ("Das verstößt leider gegen unsere Richtlinien.", "policy-forbids"),
        ("Die Größe ist leider nicht mehr vorrätig.", "not-possible"),
        ("Die Störung an Ihrem Anschluss ist behoben.", "fixed"),
    ],
)
def test_each_claim_in_both_languages(text: str, claim: str) -> None:
    assert claims(text) == [claim]


@pytest.mark.parametrize(
    "text",
    [
        "I have not asked my manager.",
        "Has the fee been refunded?",
        "If you confirm, I will cancel the order.",
        "Once the line has been repaired, you can phone again.",
        "I can refund the fee if you like.",
        "You wrote that your order had been cancelled.",
        "The store told you that they have reserved it.",
        "The refund should have been issued.",
        "“I have refunded the fee and cancelled the order” is what you were told.",
        "On Monday 3 May Anna wrote:\nI have refunded the fee.",
        "> I have refunded the fee.",
        "Ich habe meine Chefin nicht gefragt.",
        "Wurde der Betrag schon erstattet?",
        "Wenn Sie zustimmen, storniere ich die Bestellung.",
        "Sie schreiben, dass der Betrag erstattet wurde.",
        "Der Betrag hätte erstattet werden müssen.",
        "",
        "   \n ",
    ],
)
def test_what_only_looks_like_a_claim(text: str) -> None:
    assert claims(text) == []


def test_politeness_changes_nothing() -> None:
    bare = "I have asked my manager, and the fee has been refunded."
    assert claims(f"Dear Ms Lee, thank you so much for your patience. {bare} Kind regards") == claims(bare)


def test_words_stand_where_the_message_has_them() -> None:
    text = "Hello’s “big” sale! İ I’ve asked **my manager**,\nand your order is cancelled. I will call you by Friday."
    found = extraction.extract(text)
    assert [one.claim for one in found] == ["asked-superior", "changed", "will-do"]
    for one in found:
        assert " ".join(text[one.start : one.end].split()) == one.words
        assert one.sentence[0] <= one.start < one.end <= one.sentence[1]


def test_a_question_may_follow_a_claim() -> None:
    assert claims("I have booked the later train, is that all right?") == ["changed"]


def test_other_languages_say_nothing() -> None:
    assert (
        claims("Wij hebben uw bestelling in het systeem gevonden en het bedrag is ook al betaald aan u, dank u wel.")
        == []
    )


def test_words_of_the_playbook_are_tried_under_the_same_guards() -> None:
    own = {"en": [("sent-technician", re.compile(r"sent (?:out )?a technician"))]}
    (found,) = extraction.extract("We sent out a technician this morning.", own)
    assert (found.claim, found.words, found.probability) == ("sent-technician", "sent out a technician", 1.0)
    assert extraction.extract("Once we sent a technician nobody complained?", own) == []


@pytest.mark.parametrize("code", patterns.LANGUAGES)
def test_the_shipped_weights_are_what_training_gives(code: str) -> None:
    weights = training.fit(training.examples(training.read(code), code))
    shipped = model.weights(code)
    assert weights.keys() ^ shipped.keys() <= {
        name for name in weights | shipped if abs((weights | shipped)[name]) < 0.0015
    }
    assert max(abs(weights.get(name, 0.0) - weight) for name, weight in shipped.items()) < 0.0015


@pytest.mark.parametrize("code", patterns.LANGUAGES)
def test_what_was_trained_on_is_told_apart(code: str) -> None:
    lines = training.read(code)
    found = [
        (example, training.score(dict(model.weights(code)), example) >= model.THRESHOLD)
        for example in training.examples(lines, code)
    ]
    counts = training.tally(lines, found)
    right, wrong, missed = (sum(counts[claim, what] for claim in KINDS) for what in ("right", "wrong", "missed"))
    assert right / (right + wrong) > 0.97 and right / (right + missed) > 0.97
    assert all(line.claims <= KINDS.keys() for line in lines)


def test_a_sentence_ends_at_its_end() -> None:
    text = sentences.plain("It is Mr. Lee, nr. 5. I called e.g. today; he came am 5. Mai. Then\nnothing")
    assert [text[slice(*span)].strip() for span in sentences.spans(text)] == [
        "it is mr. lee, nr. 5.", "i called e.g. today;", "he came am 5. mai.", "then", "nothing",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words", ["if ", "i have ", "“ ", '" ', "refund to be ", "\u0130", "wir haben nicht ", "a.b. ", "> ", "1 "]
)
def test_hostile_text_costs_no_more_than_its_length(words: str) -> None:
    began = time.process_time()
    extraction.extract(words * 20_000 + "I will refund it by Friday")
    assert time.process_time() - began < 4
