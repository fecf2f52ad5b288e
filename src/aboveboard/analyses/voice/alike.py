"""Which texts are nearly equal: they stand in one fold, so that no text is judged by a model that has read its twin."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

SHINGLE = 3
"""Words that follow one another, of which a long text is a set."""
ALIKE = 0.5
"""Two texts with this much of their shingles in common (Jaccard 1912) are nearly equal."""
_MOST_IN_A_BUCKET = 200
_BANDS, _ROWS = 16, 3
_LINK = re.compile(r"https?://\S+|www\.\S+")
_NAME = re.compile(r"(?<!\w)@\w+")
_WORD = re.compile(r"[^\W\d_]+|\d")


def plain(text: str) -> str:
    """Without case, links, names of accounts, punctuation and numbers' values: what is left of two twins is the same."""
    bare = _NAME.sub(" ", _LINK.sub(" ", html.unescape(text).casefold()))
    return " ".join("0" if word.isdigit() else word for word in _WORD.findall(bare))


def groups(texts: Sequence[str]) -> list[str]:
    """For each text the name of its group: the least plain form among all that it is nearly equal to, directly or by others.

    Equal plain forms are one; of the others, pairs that share a band of their minhash signature (Broder 1997, On the
    resemblance and containment of documents; Leskovec, Rajaraman and Ullman 2014, Mining of massive datasets, 3.4) are
    compared. Texts of fewer words than a shingle only join equals.
    """
    forms = sorted({plain(text) for text in texts})
    joined = _Joined(len(forms))
    sets = [_shingles(form) for form in forms]
    for bucket in _buckets(sets):
        for other in bucket[1:_MOST_IN_A_BUCKET]:
            one = bucket[0]
            shared = len(sets[one] & sets[other])
            if shared >= ALIKE * (len(sets[one]) + len(sets[other]) - shared):
                joined.join(one, other)
    named = {form: forms[joined.first(number)] for number, form in enumerate(forms)}
    return [named[plain(text)] for text in texts]


def fold(group: str, folds: int) -> int:
    """Which fold a group stands in: the same on every machine."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") % folds


def _shingles(form: str) -> frozenset[int]:
    words = form.split()
    return frozenset(_number(" ".join(words[at : at + SHINGLE])) for at in range(len(words) - SHINGLE + 1))


def _number(words: str) -> int:
    return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=8).digest(), "big") >> 33


def _buckets(sets: Sequence[frozenset[int]]) -> Iterator[list[int]]:
    draw = np.random.default_rng(20260101)
    prime = (1 << 31) - 1
    factors, shifts = draw.integers(1, prime, (2, _BANDS * _ROWS), dtype=np.int64)
    found: dict[tuple[int, bytes], list[int]] = {}
    for number, shingles in enumerate(sets):
        if shingles:
            signature = _signature(shingles, factors, shifts, prime)
            for band in range(_BANDS):
                key = (band, signature[band * _ROWS : (band + 1) * _ROWS].tobytes())
                found.setdefault(key, []).append(number)
    return (bucket for bucket in found.values() if len(bucket) > 1)


def _signature(
    shingles: frozenset[int], factors: npt.NDArray[np.int64], shifts: npt.NDArray[np.int64], prime: int
) -> npt.NDArray[np.int64]:
    values = np.fromiter(shingles, np.int64, len(shingles)) % prime
    hashed = (values[:, None] * factors[None, :] + shifts[None, :]) % prime
    return np.asarray(hashed.min(axis=0), np.int64)


class _Joined:
    """Which numbers belong together; the least of them stands for all."""

    def __init__(self, count: int) -> None:
        self._to = list(range(count))

    def first(self, number: int) -> int:
        while self._to[number] != number:
            self._to[number] = number = self._to[self._to[number]]
        return number

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.first(one), self.first(other)))
        self._to[second] = first
