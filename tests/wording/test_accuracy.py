"""How often the linter errs on the sentences it was made by. What it does on others is measured: docs/measures/wording.md."""

from __future__ import annotations

from collections import Counter

import pytest
from benchmarks import wording

from aboveboard.wording import Linter

LINTER = Linter()


def some(language: str) -> list[wording.Row]:
    """Every eighth sentence of every writer."""
    return [row for file in sorted(wording.SENTENCES.glob(f"{language}*.csv")) for row in wording.rows_of(file)[::8]]


@pytest.mark.parametrize("language", ["en", "de"])
def test_precision_and_recall_on_the_sentences_it_was_made_by(language: str) -> None:
    counts = wording.judged(LINTER, some(language), language)
    whole = sum(counts.values(), Counter[str]())
    assert whole["right"] / (whole["right"] + whole["wrong"]) >= 0.9
    assert whole["right"] / (whole["right"] + whole["missed"]) >= 0.9


@pytest.mark.parametrize(
    ("language", "before", "after"), [("en", "Unfortunately, ", " Thank you."), ("de", "Leider: ", " Vielen Dank.")]
)
def test_politeness_silences_no_remark_on_any_of_their_sentences(language: str, before: str, after: str) -> None:
    for row in some(language):
        audience = "internal" if row["audience"] == "internal" else "customer"
        plain = {r.rule for r in LINTER.read(row["sentence"], language=language, audience=audience).remarks}
        polite = LINTER.read(before + row["sentence"] + after, language=language, audience=audience).remarks
        assert plain <= {r.rule for r in polite}, row["sentence"]


def test_counts_tell_right_wrong_and_missed() -> None:
    rows = [
        {"audience": "customer", "rule": "hiding-behind-policy", "sentence": "That's our policy."},
        {"audience": "customer", "rule": "", "sentence": "That's our policy."},
        {"audience": "customer", "rule": "guessing", "sentence": "Good morning."},
    ]
    counts = wording.judged(LINTER, rows, "en")
    assert counts["hiding-behind-policy"] == {"right": 1, "wrong": 1}
    assert counts["guessing"] == {"missed": 1}
