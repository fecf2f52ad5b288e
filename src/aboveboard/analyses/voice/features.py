"""What a learner sees of texts: how often words, pairs of words and pieces of words occur, weighed by how rare they are."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]
_LINK = re.compile(r"https?://\S+|www\.\S+")
_NAME = re.compile(r"(?<!\w)@\w+")
_LONG = re.compile(r"(\w)\1{2,}")
_TOKEN = re.compile(r"#?\w+(?:['’]\w+)?|[^\w\s]+")
LEAST = {"word": 2, "char": 3}
"""A word or pair seen in fewer of the texts learnt from is no feature, nor a piece of a word."""
PIECES = (2, 5)
"""Pieces of a word are this many characters long, its borders included: they carry what languages put inside a word."""


def tokens(text: str) -> list[str]:
    """Words, signs and emoji, in lower case; links and names of accounts as one token each, a digit as 0, "soooo" as "soo"."""
    bare = _NAME.sub(" @@ ", _LINK.sub(" :// ", html.unescape(text).lower()))
    bare = re.sub(r"\d", "0", _LONG.sub(r"\1\1", bare))
    return _TOKEN.findall(bare)


@dataclass(frozen=True)
class Counted:
    """Counts of each text: `blocks` of features (sparse, a row per text), with the texts' number of tokens."""

    blocks: tuple[tuple[int, Any], ...]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Counted:
        """Count words, pairs of words, and pieces of words."""
        from sklearn.feature_extraction.text import CountVectorizer

        spaced = [" ".join(tokens(text)) for text in texts]
        word = CountVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False, ngram_range=(1, 2))
        piece = CountVectorizer(analyzer="char_wb", lowercase=False, ngram_range=PIECES)
        if not any(spaced):
            return cls(())
        return cls(
            tuple(
                (LEAST[name], _sublinear(one.fit_transform(spaced))) for name, one in (("word", word), ("char", piece))
            )
        )

    def seen_by(self, learnt: Indices) -> Any:
        """All texts as the learner sees them who has read those in `learnt`: what he never saw is not there.

        Each block: 1 + log of the count, times the inverse document frequency, to unit length (Salton and Buckley 1988).
        """
        from scipy import sparse

        return sparse.hstack([_weighed(block, learnt, least) for least, block in self.blocks], format="csr")


def _sublinear(counts: Any) -> Any:
    weighed = counts.astype(np.float64)
    weighed.data = 1 + np.log(weighed.data)
    return weighed.tocsr()


def _weighed(block: Any, learnt: Indices, least: int) -> Any:
    from scipy import sparse

    frequency = np.bincount(block[learnt].indices, minlength=block.shape[1])
    kept = np.flatnonzero(frequency >= least)
    rarity = np.log((1 + len(learnt)) / (1 + frequency[kept])) + 1
    weighed = block[:, kept] @ sparse.diags(rarity)
    length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    return sparse.diags(1 / np.where(length > 0, length, 1)) @ weighed
