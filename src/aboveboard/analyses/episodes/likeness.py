"""How alike two spellings are: Jaro–Winkler for names, one slip of the finger for codes and addresses."""

from __future__ import annotations

_PREFIX, _PREFIX_WEIGHT = 4, 0.1


def jaro_winkler(one: str, other: str) -> float:
    """Likeness from 0 (nothing shared) to 1 (equal), kinder to words that begin alike.

    Winkler, W. E. (1990). String comparator metrics and enhanced decision rules in the Fellegi–Sunter model of record
    linkage. Proceedings of the Section on Survey Research Methods, ASA, 354–359.
    """
    jaro = _jaro(one, other)
    shared = 0
    for a, b in zip(one[:_PREFIX], other[:_PREFIX], strict=False):
        if a != b:
            break
        shared += 1
    return jaro + shared * _PREFIX_WEIGHT * (1 - jaro)


def _jaro(one: str, other: str) -> float:
    if one == other:
        return 1.0
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    taken = [False] * len(other)
    matched = []
    for at, letter in enumerate(one):
        for place in range(max(0, at - reach), min(len(other), at + reach + 1)):
            if not taken[place] and other[place] == letter:
                taken[place] = True
                matched.append(letter)
                break
    if not matched:
        return 0.0
    mirrored = [letter for letter, used in zip(other, taken, strict=True) if used]
    swaps = sum(a != b for a, b in zip(matched, mirrored, strict=True)) / 2
    n = len(matched)
    return (n / len(one) + n / len(other) + (n - swaps) / n) / 3


def one_slip(one: str, other: str) -> bool:
    """True when at most one letter was changed, left out, added, or swapped with its neighbour.

    Damerau, F. J. (1964). A technique for computer detection and correction of spelling errors. CACM 7, 171–176.
    """
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = 0
    while at < len(one) and one[at] == other[at]:
        at += 1
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return one[at + 1 :] == other[at + 1 :] or swapped


def sounds(word: str) -> str:
    """The Soundex code of a word (Russell 1918, as the US National Archives use it): first letter, three digits.

    Letters outside a–z have no code and are kept only in the first place.
    """
    code, last = word[:1], _SOUND.get(word[:1], "")
    for letter in word[1:]:
        sound = _SOUND.get(letter, "")
        if sound and sound != last:
            code += sound
        if letter not in "hw":
            last = sound
    return (code + "000")[:4]


_SOUND = {
    letter: str(number)
    for number, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), start=1)
    for letter in letters
}
