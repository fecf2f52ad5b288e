"""Which model reads the texts: one that learnt from the organisation's own labels, else the one that ships; and how well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aboveboard.analyses.voice import errors, learning, shipped
from aboveboard.analyses.voice.errors import Judged
from aboveboard.analyses.voice.language import language_of
from aboveboard.analyses.voice.learning import Floats, Labelled, Learnt

Row = dict[str, Any]
ENOUGH = 100
"""Different texts with a label, below which nothing is learnt."""
ENOUGH_OF_A_LABEL = 15
"""Different texts of a label, below which it is not learnt; fewer than two such labels teach nothing."""
BETTER = 0.15
"""What was learnt is used where its mean recall is this far above guessing (one divided by the number of labels)."""
SLICE = 100
OWN_RATINGS, OWN_REASONS, WRITTEN = "own ratings", "own reasons", "sentences written for the purpose"


@dataclass(frozen=True)
class Opinions:
    """What each text is read as (None: cannot tell) with its probability, and the rows of MODELS."""

    said: tuple[str | None, ...]
    probability: tuple[float | None, ...]
    models: tuple[Row, ...]


def sentiment(
    texts: Sequence[str], rated: Sequence[Labelled], vectors: Floats | None = None, named: str | None = None
) -> Opinions:
    """Read the sentiment of different texts, of which some carry ratings. `named` is the name of the vectors."""
    learnt = _learnt(texts, rated, vectors)
    if learnt is not None:
        found = _of_learnt("sentiment", OWN_RATINGS, texts, rated, learnt, vectors, named)
        whole = [row for row in found.models if row["slice"] == errors.ALL]
        if errors.mean_recall(whole) >= 1 / len(learnt.labels) + BETTER:
            return found
    return _shipped(texts, rated)


def reasons(
    texts: Sequence[str], coded: Sequence[Labelled], vectors: Floats | None = None, named: str | None = None
) -> Opinions:
    """Read the reasons of different texts, of which some carry one; all None where there are too few to learn from."""
    learnt = _learnt(texts, coded, vectors)
    if learnt is None:
        return Opinions((None,) * len(texts), (None,) * len(texts), ())
    found = _of_learnt("reason", OWN_REASONS, texts, coded, learnt, vectors, named)
    whole = [row for row in found.models if row["slice"] == errors.ALL]
    if errors.mean_recall(whole) >= 1 / len(learnt.labels) + BETTER:
        return found
    return Opinions((None,) * len(texts), (None,) * len(texts), found.models)


def _learnt(texts: Sequence[str], examples: Sequence[Labelled], vectors: Floats | None) -> Learnt | None:
    seen = Counter(one.label for one in examples)
    kept = [one for one in examples if seen[one.label] >= ENOUGH_OF_A_LABEL]
    if len({one.label for one in kept}) < 2 or len({one.text for one in kept}) < ENOUGH:
        return None
    return learning.learn(texts, kept, vectors)


def _of_learnt(
    model: str,
    source: str,
    texts: Sequence[str],
    examples: Sequence[Labelled],
    learnt: Learnt,
    vectors: Floats | None,
    named: str | None,
) -> Opinions:
    said = tuple(learnt.label(row) for row in range(len(texts)))
    probability = tuple(None if one is None else float(learnt.probability[row].max()) for row, one in enumerate(said))
    taught = {one.text for one in learnt.examples}
    # Rare labels that were not learnt count as read wrongly.
    judged = {one: _judged(one, said, learnt) for one in examples if one.text in taught}
    about = {
        "model": model,
        "learnt_from": source,
        "weak": False,
        "sees": "words" if vectors is None else f"words, {named}",
        "folds_count": learning.FOLDS,
    }
    labels = sorted({one.label for one in examples})
    found = list(_rows(list(judged.values()), labels, about | {"slice": errors.ALL}))
    for code, held in _by_language(judged, texts):
        found += _rows(held, labels, about | {"slice": f"language {code}"})
    return Opinions(said, probability, tuple(found))


def _judged(one: Labelled, said: Sequence[str | None], learnt: Learnt) -> Judged:
    return Judged(one.label, said[one.text], one.count, str(learnt.group[one.text]))


def _by_language(judged: dict[Labelled, Judged], texts: Sequence[str]) -> Iterator[tuple[str, list[Judged]]]:
    spoken: dict[str, list[Judged]] = {}
    for one, how in judged.items():
        code = language_of(texts[one.text])
        if code is not None:
            spoken.setdefault(code, []).append(how)
    yield from ((code, held) for code, held in sorted(spoken.items()) if len(held) >= SLICE)


def _rows(judged: Sequence[Judged], labels: Sequence[str], about: Row) -> Iterator[Row]:
    present = [label for label in labels if any(one.label == label for one in judged)]
    yield from (about | row for row in errors.rows(judged, present))


def _shipped(texts: Sequence[str], rated: Sequence[Labelled]) -> Opinions:
    read = [shipped.read(text) for text in texts]
    said = tuple(None if one is None else one[0] for one in read)
    about = {"model": "sentiment", "learnt_from": WRITTEN, "sees": "words", "weak": True}
    if len({one.text for one in rated}) >= ENOUGH_OF_A_LABEL:
        # Own ratings, too few (or too odd) to learn from, still tell how well it reads here: it has seen none of them.
        judged = [Judged(one.label, said[one.text], one.count, str(one.text)) for one in rated]
        models = list(_rows(judged, shipped.LABELS, about | {"slice": errors.ALL, "folds_count": 1}))
    else:
        judged = _checked()
        models = list(_rows(judged, shipped.LABELS, about | {"slice": "its own sentences", "folds_count": None}))
    if all(one is None for one in said):
        return Opinions(said, (None,) * len(said), ())
    return Opinions(said, tuple(None if one is None else one[1] for one in read), tuple(models))


def _checked() -> list[Judged]:
    """The sentences it was trained on, each kind of customers read by a model of the others; each its own witness."""
    return [
        Judged(truth, said, 1, f"{code} {truth} {said} {number}")
        for (code, truth, said), count in sorted(shipped.checked().items())
        for number in range(count)
    ]
