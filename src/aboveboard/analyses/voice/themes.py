"""What customers speak about: texts that share their words (or their sense) gathered into themes that name themselves."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aboveboard.analyses.voice import alike, phrases
from aboveboard.analyses.voice.features import Indices

Floats = npt.NDArray[np.float64]
FEWEST = 60
"""Below this many different texts with words of their own nothing is gathered."""
LEAST = 8
"""A theme of fewer different texts is none."""
MOST = 16
NEAR = 0.22
"""A text whose phrases point less than this (cosine) towards a theme belongs to none."""
NEAR_VECTORS = 0.35
MOST_FITTED = 20_000
AXES = 100
_COMMON, _RARE = 0.25, 4
_NAMED_BY = 3


@dataclass(frozen=True)
class Themes:
    """Each text's theme (a number, -1 for none), the themes' names, and how near each text is to its theme."""

    of_text: Indices
    names: tuple[str, ...]
    nearness: Floats


def gather(texts: Sequence[str], counts: Sequence[int], vectors: Floats | None = None) -> Themes:
    """Gather different texts (said `counts` times) into themes.

    By words: the phrases' weights on their hundred strongest axes (latent semantic analysis, Deerwester et al. 1990); by
    sense: sentence vectors. Either way k-means on the sphere (Dhillon and Modha 2001, Machine Learning 42, 143–175), with
    a quarter of the root of their number as many themes as there are texts, at most 16. A theme's name are the
    phrases that come up in it more than elsewhere, by log-odds with an informative Dirichlet prior (Monroe, Colaresi and
    Quinn 2008, Political Analysis 16, 372–403), no two of them of one word. Themes with one name are one.
    """
    held = [sorted(set(phrases.phrases(text))) for text in texts]
    twins = alike.groups(texts)
    spoken = _Spoken.of([{low for low, _ in one} for one in held], twins)
    nothing = Themes(np.full(len(texts), -1, np.int64), (), np.zeros(len(texts)))
    if spoken is None:
        return nothing
    wanted = max(2, min(MOST, round(math.sqrt(len(set(twins))) / 4)))
    if vectors is None:
        found, near = _by_words(spoken, wanted)
    else:
        found, near = _by_sense(vectors, wanted, spoken.first)
        found = np.where(near < NEAR_VECTORS, -1, found)
    return _named(found, near, held, counts, twins)


@dataclass(frozen=True)
class _Spoken:
    """Weights of phrases, a row per text, of unit length; `first` are the rows that stand for their group of twins."""

    weights: Any
    first: Indices

    @classmethod
    def of(cls, held: Sequence[set[str]], twins: Sequence[str]) -> _Spoken | None:
        from scipy import sparse

        first = np.array(sorted({name: row for row, name in reversed(list(enumerate(twins)))}.values()), np.int64)
        seen = Counter(phrase for row in first for phrase in held[row] if phrase.count(" ") < 2)
        words = sorted(p for p, n in seen.items() if n >= _RARE and n <= max(_COMMON * len(first), _RARE))
        column = {phrase: number for number, phrase in enumerate(words)}
        pairs = [(row, column[p]) for row, one in enumerate(held) for p in sorted(one) if p in column]
        if not pairs:
            return None
        rows, columns = np.array(pairs, np.int64).T
        rarity = np.log(len(first) / np.array([seen[p] for p in words], float))
        shape = (len(held), len(words))
        weights = sparse.csr_matrix((rarity[columns], (rows, columns)), shape=shape)
        length = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
        weights = sparse.diags(1 / np.where(length > 0, length, 1)) @ weights
        said = first[length[first] > 0]
        return cls(weights.tocsr(), said) if len(said) >= FEWEST else None


def _by_words(spoken: _Spoken, wanted: int) -> tuple[Indices, Floats]:
    from sklearn.decomposition import TruncatedSVD

    fitted = spoken.first[:: max(1, len(spoken.first) // MOST_FITTED)]
    width = min(AXES, min(len(fitted), spoken.weights.shape[1]) - 1)
    model = TruncatedSVD(n_components=width, random_state=0, n_iter=4).fit(spoken.weights[fitted])
    meant = model.transform(spoken.weights)
    found, near = _by_sense(meant, wanted, fitted)
    silent = np.linalg.norm(meant, axis=1) < 1e-9
    return np.where(silent | (near < NEAR), -1, found), near


def _by_sense(vectors: Floats, wanted: int, fitted: Indices) -> tuple[Indices, Floats]:
    from sklearn.cluster import KMeans

    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    model = KMeans(n_clusters=wanted, n_init=2, random_state=0).fit(unit[fitted])
    centres = model.cluster_centers_
    centres = centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    towards = unit @ centres.T
    near = towards.max(axis=1)
    return towards.argmax(axis=1), near


def _named(
    found: Indices, near: Floats, held: Sequence[Sequence[tuple[str, str]]], counts: Sequence[int], twins: Sequence[str]
) -> Themes:
    """Names; themes that are too small, or that cannot be told from the rest by any phrase, are none."""
    by_theme: dict[int, list[int]] = defaultdict(list)
    for row, theme in enumerate(found.tolist()):
        if theme >= 0:
            by_theme[theme].append(row)
    written = _written(held)
    whole = _spread(range(len(held)), held, twins)
    number: dict[str, int] = {}
    of_text = np.full(len(found), -1, np.int64)
    sizes = {theme: sum(counts[row] for row in rows) for theme, rows in by_theme.items()}
    for theme in sorted(by_theme, key=lambda one: (-sizes[one], one)):
        rows = by_theme[theme]
        name = _name(_spread(rows, held, twins), whole, written)
        if name and len({twins[row] for row in rows}) >= LEAST:
            of_text[rows] = number.setdefault(name, len(number))
    return Themes(of_text, tuple(number), near)


def _written(held: Iterable[Sequence[tuple[str, str]]]) -> dict[str, str]:
    """Each phrase as it is most often written."""
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for one in held:
        for low, form in one:
            forms[low][form] += 1
    return {low: min(seen, key=lambda form: (-seen[form], form)) for low, seen in forms.items()}


def _spread(
    rows: Iterable[int], held: Sequence[Sequence[tuple[str, str]]], twins: Sequence[str]
) -> tuple[Counter[str], int]:
    """In how many texts each phrase is, twins counted once; and how many texts there are."""
    seen: set[str] = set()
    found: Counter[str] = Counter()
    for row in rows:
        if twins[row] not in seen:
            seen.add(twins[row])
            found.update({low for low, _ in held[row]})
    return found, len(seen)


def _name(inside: tuple[Counter[str], int], whole: tuple[Counter[str], int], written: dict[str, str]) -> str:
    (here, n), (everywhere, total) = inside, whole
    least = max(3, 0.03 * n)
    scored = {}
    for phrase, count in here.items():
        if count >= least:
            # The prior is the phrase's own rate everywhere, worth as much as a tenth of the texts.
            prior = 0.1 * everywhere[phrase]
            there = max(0, everywhere[phrase] - count)
            odds = math.log((count + prior) / (n - count + 0.1 * total)) - math.log(
                (there + prior) / (max(0, total - n - there) + 0.1 * total + 1)
            )
            z = odds / math.sqrt(1 / (count + prior) + 1 / (there + prior))
            if z > 3:
                # Two words tell more than one: "cancelled flight" says what "flight" does not.
                scored[phrase] = z * (1 + 0.35 * phrase.count(" "))
    chosen: list[str] = []
    for phrase in sorted(scored, key=lambda one: (-scored[one], one)):
        if not any(_share_a_word(phrase, other) for other in chosen):
            chosen.append(phrase)
        if len(chosen) == _NAMED_BY:
            break
    return ", ".join(written[phrase] for phrase in chosen)


def _share_a_word(one: str, other: str) -> bool:
    """Whether two phrases have a word in common, or two that begin alike: "delay" and "delayed"."""
    stems = {word[:5] for word in other.split()}
    return any(word[:5] in stems for word in one.split())
