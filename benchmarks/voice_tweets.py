"""Voice over tweets to airlines that people have labelled: sentiment, reasons and themes, beside what others would use.

    python -m benchmarks voice_tweets

The labels are what the learner learns from; it is judged in five folds, nearly equal tweets kept together, and its peers in
the same folds: VADER (a lexicon, which learns nothing), and TF-IDF with logistic regression, scikit-learn's defaults.
Sentence vectors take ten minutes on one core; they are kept in .build.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from aboveboard.analyses import voice
from aboveboard.analyses.voice import alike, errors, learning, vectors
from aboveboard.engines import Ledger, ledgers
from aboveboard.ledger.columns import NAMES, SCHEMA
from aboveboard.playbook import reader

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("ABOVEBOARD_DATA", ROOT.parent / "shared" / "data"))
KEPT = ROOT / ".build"
PLAYBOOK = "organisation: Airlines\nmeasures:\n  mood: {scale: [-1, 1]}\n"
VALUE = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
Row = dict[str, Any]


def events() -> pa.Table:
    """The tweets as posts with the labelled mood as their value and the labelled reason as an attribute."""
    with (DATA / "airline-tweets" / "tweets.csv").open(encoding="utf-8") as file:
        return pa.Table.from_pylist([_event(n, row) for n, row in enumerate(csv.DictReader(file))], schema=SCHEMA)


def _event(number: int, row: dict[str, str]) -> Row:
    at = datetime.strptime(row["tweet_created"], "%d-%m-%Y %H:%M").replace(tzinfo=UTC)
    reason = row["negativereason"]
    return dict.fromkeys(NAMES) | {
        "id": f"tweet{number:05d}",
        "type": "post.published",
        "time": at,
        "recorded_at": at,
        "source": "tweets",
        "channel": "social",
        "team": row["airline"],
        "outcome": "mood",
        "value": VALUE[row["airline_sentiment"]],
        "text": row["text"],
        "attributes": json.dumps({"reason": reason}) if reason else None,
    }


def kept(source: vectors.Vectors, name: str) -> vectors.Vectors:
    """The same vectors, made once and kept in .build."""

    def encode(texts: Sequence[str]) -> Any:
        file = KEPT / f"{name}-{hashlib.sha256(chr(0).join(texts).encode()).hexdigest()[:16]}.npy"
        if not file.exists():
            KEPT.mkdir(exist_ok=True)
            np.save(file, np.asarray(source.encode(texts), np.float32))
        return np.load(file)

    return vectors.Vectors(source.name, encode)


def measured(table: pa.Table, playbook: str, source: vectors.Vectors | None) -> dict[str, list[Row]]:
    """Every table of voice, as rows."""
    with Ledger.of(table) as ledger:
        start = time.perf_counter()
        read = voice.read(ledger.events, reader.read(playbook), vectors=source)
        said = ledger.keep(voice.voice(read), "voice")
        tables = {
            "voice": said, "themes": read.themes, "models": read.models, "requests": read.requests,
            "by": voice.by(said), "emerging": voice.emerging(read),
        }  # fmt: skip
        rows = {name: ledgers.arrow(one).to_pylist() for name, one in tables.items()}
        print(f"\n{len(read.of_text):,} different texts read in {time.perf_counter() - start:.0f} s", flush=True)
    return rows


def peers(rows: Sequence[Row], label: str, lexicon: bool) -> Iterator[tuple[str, float, float]]:
    """Accuracy and macro-F1 of each peer, in the folds that Aboveboard used."""
    known = [row for row in rows if row[label] is not None]
    truth = [row[label] for row in known]
    commonest = Counter(truth).most_common(1)[0][0]
    yield "always the commonest", *_scored(truth, [commonest] * len(truth))
    if lexicon:
        yield "VADER", *_scored(truth, [_vader(row["text"]) for row in known])
    yield "TF-IDF and logistic regression", *_scored(truth, _tfidf(known, truth))


def _scored(truth: Sequence[str], said: Sequence[str]) -> tuple[float, float]:
    judged = [errors.Judged(t, s, 1, str(n)) for n, (t, s) in enumerate(zip(truth, said, strict=True))]
    whole = next(errors.rows(judged, sorted(set(truth))))
    return whole["accuracy"], whole["f1"]


def _vader(text: str) -> str:
    """As its authors say: compound from 0.05 on is positive, down to −0.05 negative."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    global _ANALYSER
    _ANALYSER = _ANALYSER or SentimentIntensityAnalyzer()
    compound = _ANALYSER.polarity_scores(text)["compound"]
    return "positive" if compound >= 0.05 else "negative" if compound <= -0.05 else "neutral"


_ANALYSER: Any = None


def _tfidf(known: Sequence[Row], truth: Sequence[str]) -> list[str]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = np.array([row["text"] for row in known], dtype=object)
    groups = dict(zip(sorted(set(texts)), alike.groups(sorted(set(texts))), strict=True))
    fold = np.array([alike.fold(groups[text], learning.FOLDS) for text in texts])
    labels, said = np.array(truth), np.empty(len(truth), dtype=object)
    for number in range(learning.FOLDS):
        model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
        model.fit(texts[fold != number], labels[fold != number])
        said[fold == number] = model.predict(texts[fold == number])
    return [str(one) for one in said]


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    cell = lambda v: f"{v:.3f}" if isinstance(v, float) else "–" if v is None else f"{v:,}" if isinstance(v, int) else v  # noqa: E731
    return "\n".join([*lines, *("| " + " | ".join(str(cell(value)) for value in row) + " |" for row in rows)])


def show_models(found: dict[str, list[Row]], model: str) -> None:
    """All rows of one model."""
    head = ("slice", "label", "texts", "right", "95 %", "precision", "F1")
    rows = [
        (r["slice"], r["label"], r["texts_count"], r["accuracy"], f"{r['accuracy_low']:.3f}–{r['accuracy_high']:.3f}",
         r["precision"], r["f1"])
        for r in found["models"] if r["model"] == model
    ]  # fmt: skip
    print("\n" + table(head, rows), flush=True)


def show_said(found: dict[str, list[Row]]) -> None:
    """Themes, what emerges, what is asked for."""
    rows = [
        (r["theme"], r["texts_count"], f"{100 * r['negative_count'] / r['texts_count']:.0f} %") for r in found["themes"]
    ]
    print("\n" + table(("theme", "texts", "negative"), rows))
    rows = [
        (
            r["words"],
            r["kind"],
            f"{r['since_at']:%Y-%m-%d %H:%M}",
            r["customers_count"],
            float(r["expected"]),
            f"{r['q']:.1g}",
        )
        for r in found["emerging"]
    ]
    print("\n" + table(("emerging", "kind", "since", "customers", "expected", "q"), rows))
    asked = Counter(row["about"] for row in found["requests"])
    print(f"\n{len(found['requests'])} requests; about: {dict(asked.most_common(8))}", flush=True)


def main() -> None:
    """Print everything that docs/measures/voice.md quotes of the tweets."""
    tweets = events()
    texts = dict(zip(tweets["id"].to_pylist(), tweets["text"].to_pylist(), strict=True))
    for name, source in (("words", None), ("words and vectors", kept(vectors.packaged(), "tweets"))):
        print(f"\n### {name}")
        found = measured(tweets, PLAYBOOK, source)
        show_models(found, "sentiment")
        show_models(found, "reason")
        show_said(found)
    known = [row | {"text": texts[row["event"]]} for row in found["voice"]]
    coded = {row["id"]: json.loads(row["attributes"] or "{}").get("reason") for row in tweets.to_pylist()}
    print("\n### peers\n")
    rows = [("sentiment", *one) for one in peers(known, "rated", lexicon=True)]
    known = [row | {"coded": coded[row["event"]]} for row in known]
    rows += [("reason", *one) for one in peers(known, "coded", lexicon=False)]
    print(table(("", "peer", "accuracy", "macro-F1"), rows))


if __name__ == "__main__":
    main()
