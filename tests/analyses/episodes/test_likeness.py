"""Spelling against the published examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aboveboard.analyses.episodes.likeness import jaro_winkler, one_slip, sounds

WORDS = st.text(alphabet="abcdé", max_size=7)


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("martha", "marhta", 0.961),
        ("dwayne", "duane", 0.840),
        ("dixon", "dicksonx", 0.813),
        ("jones", "johnson", 0.832),
    ],
)
def test_jaro_winkler_gives_the_values_of_its_paper(one: str, other: str, likeness: float) -> None:
    assert jaro_winkler(one, other) == pytest.approx(likeness, abs=5e-4)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("robert", "r163"),
        ("rupert", "r163"),
        ("ashcraft", "a261"),
        ("tymczak", "t522"),
        ("pfister", "p236"),
        ("lee", "l000"),
    ],
)
def test_soundex_gives_the_codes_of_the_national_archives(word: str, code: str) -> None:
    assert sounds(word) == code


@given(one=WORDS, other=WORDS)
def test_likeness_is_symmetric_and_between_zero_and_one(one: str, other: str) -> None:
    assert jaro_winkler(one, other) == pytest.approx(jaro_winkler(other, one))
    assert 0 <= jaro_winkler(one, other) <= 1
    assert one_slip(one, other) == one_slip(other, one) == (_distance(one, other) <= 1)


def _distance(one: str, other: str) -> int:
    """Optimal string alignment, by the book."""
    rows = {(i, j): max(i, j) for i in range(len(one) + 1) for j in range(len(other) + 1)}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            change = rows[i - 1, j - 1] + (one[i - 1] != other[j - 1])
            rows[i, j] = min(rows[i - 1, j] + 1, rows[i, j - 1] + 1, change)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i, j] = min(rows[i, j], rows[i - 2, j - 2] + 1)
    return rows[len(one), len(other)]
