"""Contractions and sloppy spellings as the words they stand for: "won't" → will, not; "geht's" → geht, es."""

from __future__ import annotations

from aboveboard.wording.lexicon import Lexicon, folded

Found = list[tuple[str, tuple[int, int]]]
"""Words, each with the stretch of the text that it stands for."""

_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'", "´": "'"})


def expanded(written: str, at: int, lexicon: Lexicon) -> Found:
    """The words of one written word that begins at `at`. Those of one contraction share its stretch, or divide it."""
    straight = written.translate(_APOSTROPHES)
    word = folded(straight)
    word = word.rstrip("'") or word
    end = at + len(written)
    if word in lexicon.spoken:
        return [(part, (at, end)) for part in lexicon.spoken[word]]
    stem, mark, ending = word.rpartition("'")
    if not mark or not stem:
        return [(word, (at, end))]
    cut = at + straight.rstrip("'").rindex("'")  # in the text: a folded word may be longer
    if stem.endswith("n") and ending == "t":  # didn't, couldn't
        return [(stem[:-1], (at, end)), ("not", (at, end))]
    return [(lexicon.spoken.get(stem, (stem,))[0], (at, cut)), (lexicon.endings.get(ending, mark + ending), (cut, end))]
