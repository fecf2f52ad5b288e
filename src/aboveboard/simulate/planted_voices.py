"""Customers who write about known matters in a known mood: the test bed of the analyses of voice.

Each text is about one matter, in a mood; two of three carry stars, which follow the mood but for a few mistakes. One shop is
worse than the others, one new matter comes up in the last days, and some ask for one thing. All of it is in `Voices.truth`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from aboveboard.ledger.columns import SCHEMA

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
SHOPS = ("Northgate", "Riverside", "Hillcrest", "Old Mill")
WORSE = "Riverside"
MOODS = ("negative", "neutral", "positive")
NEW = "card reader"
WANTED = "evening delivery"
MATTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "delivery": {
        "negative": (
            "the courier left my parcel in the rain",
            "the parcel came a week late and soaked",
            "no courier turned up with the parcel",
            "the courier bent the parcel and ran off",
        ),
        "neutral": (
            "the parcel is with the courier",
            "the courier needs a signature for the parcel",
            "my parcel went to the depot first",
        ),
        "positive": (
            "the courier brought the parcel early",
            "the courier was lovely and carried the parcel in",
            "the parcel came quickly and well packed",
        ),
    },
    "invoice": {
        "negative": (
            "my invoice was wrong again and too high",
            "you charged the invoice twice",
            "nobody can explain the invoice",
            "the invoice has fees nobody mentioned",
        ),
        "neutral": (
            "the invoice should go to my office",
            "I need the invoice as a file",
            "the invoice is dated in March",
        ),
        "positive": (
            "the invoice was corrected at once",
            "a clear invoice, easy to read",
            "you sorted the invoice kindly",
        ),
    },
    "sofa": {
        "negative": (
            "the sofa sags after a month",
            "the sofa fabric tore at once",
            "the sofa arrived with a broken leg",
            "such a poor sofa, the seams split",
        ),
        "neutral": ("the sofa is the grey one", "I measured the sofa for the hallway", "the sofa has three cushions"),
        "positive": (
            "the sofa is wonderful to sit on",
            "a beautiful sofa, solid and soft",
            "we love the sofa and its colour",
        ),
    },
    "website": {
        "negative": (
            "the website crashed at the checkout",
            "the website lost my basket twice",
            "the website is slow and confusing",
            "the website rejected my password again",
        ),
        "neutral": (
            "the website shows two addresses",
            "I looked it up on the website",
            "the website asks for a postcode",
        ),
        "positive": (
            "the website is quick and clear",
            "ordering on the website was a pleasure",
            "the website found it in seconds",
        ),
    },
}
_NEWS = (
    "the card reader refused every card",
    "your card reader was broken so I had to leave",
    "the card reader took the money twice",
)
_ASK = (
    "I wish you had evening delivery",
    "it would be great if you offered evening delivery",
    "please add evening delivery",
    "why is there no evening delivery",
)
_OPENERS = (
    "Well,",
    "To be honest,",
    "Last Tuesday",
    "As I told Anna,",
    "My neighbour saw it too:",
    "For the record,",
    "Just so you know,",
    "At the weekend",
    "After lunch",
    "So here it is:",
    "Once more,",
    "From what I saw,",
    "In our street",
    "This time",
    "On the phone I said",
)
_TAILS: dict[str, tuple[str, ...]] = {
    "negative": (
        "and I am fed up",
        "which is awful",
        "what a shame",
        "and nobody cared",
        "never again",
        "I want this put right",
    ),
    "neutral": (
        "that is all",
        "please take note",
        "as agreed",
        "for your files",
        "see the attached note",
        "until Friday",
    ),
    "positive": (
        "thank you so much",
        "really delighted",
        "keep it up",
        "five stars from us",
        "I will be back",
        "great work",
    ),
}
_NAMES = (
    (
        "Bram",
        "Cor",
        "Del",
        "El",
        "Fen",
        "Gar",
        "Hal",
        "Ing",
        "Jor",
        "Kel",
        "Lor",
        "Mar",
        "Nor",
        "Os",
        "Per",
        "Rod",
        "San",
        "Tor",
        "Ul",
        "Wen",
    ),
    (
        "by",
        "cott",
        "dale",
        "ford",
        "gate",
        "ham",
        "ley",
        "low",
        "man",
        "ner",
        "over",
        "son",
        "stow",
        "ton",
        "ven",
        "well",
        "wick",
        "worth",
    ),
)


@dataclass(frozen=True)
class Truth:
    """What is so: the mood and the matter of each event, by id."""

    mood: dict[str, str]
    matter: dict[str, str]


@dataclass(frozen=True)
class Voices:
    """The record (`events`, with the ledger's columns), its playbook as YAML, and what is true of it."""

    events: pa.Table
    truth: Truth
    playbook: str = "organisation: A furniture shop\nmeasures:\n  stars: {scale: [1, 5], good_from: 4}\n"


def planted_voices(
    *, seed: int, texts: int = 2000, days: int = 60, rated: float = 0.67, muddled: float = 0.1, null: bool = False
) -> Voices:
    """The voices of `seed`. `null`: every shop is alike, nothing is new, and nobody asks for anything.

    `rated` is the share that carries stars, `muddled` that of customers whose words are of another mood than they are.
    """
    draw = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    mood_of, matter_of = {}, {}
    for number in range(texts):
        shop = SHOPS[draw.integers(len(SHOPS))]
        at = FIRST + timedelta(seconds=int(draw.integers(days * 86_400)))
        worse = shop == WORSE and not null
        mood = MOODS[draw.choice(3, p=(0.65, 0.1, 0.25) if worse else (0.3, 0.2, 0.5))]
        matter = list(MATTERS)[draw.choice(len(MATTERS), p=(0.4, 0.2, 0.25, 0.15))]
        shown = MOODS[draw.integers(3)] if draw.random() < muddled else mood
        words = _one(draw, MATTERS[matter][shown])
        late = at >= FIRST + timedelta(days=days - 4)
        if not null and late and draw.random() < 0.35:
            mood = shown = "negative"
            matter, words = NEW, _one(draw, _NEWS)
        signed = "".join(_one(draw, part) for part in _NAMES)
        text = f"{_one(draw, _OPENERS)} {words}, {_one(draw, _TAILS[shown])}. {signed}"
        if not null and draw.random() < 0.03:
            text += f". {_one(draw, _ASK).capitalize()}."
        event = f"v{number:06d}"
        mood_of[event], matter_of[event] = mood, matter
        is_rated = draw.random() < rated
        rows.append(
            {
                "id": event,
                "type": "review.posted" if is_rated else "message.received",
                "time": at,
                "recorded_at": at,
                "source": "planted",
                "customer": f"customer-{draw.integers(texts)}",
                "team": shop,
                "channel": "web" if is_rated else "email",
                "touchpoint": "till" if matter == NEW else matter,
                "outcome": "stars" if is_rated else None,
                "value": float(_stars(draw, mood)) if is_rated else None,
                "text": text,
            }
        )
    return Voices(pa.Table.from_pylist(rows, schema=SCHEMA), Truth(mood_of, matter_of))


def _stars(draw: np.random.Generator, mood: str) -> int:
    """Stars as the mood says; one customer in twenty-five takes any."""
    if draw.random() < 0.04:
        return int(draw.integers(1, 6))
    low, high = {"negative": (1, 2), "neutral": (3, 3), "positive": (4, 5)}[mood]
    return int(draw.integers(low, high + 1))


def _one(draw: np.random.Generator, listed: tuple[str, ...]) -> str:
    return listed[draw.integers(len(listed))]
