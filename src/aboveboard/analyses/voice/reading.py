"""One pass over what customers said: every different text leaves the engine once, and is read once for all tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa

from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.analyses.voice import opinions, requests, themes
from aboveboard.analyses.voice.language import language_of
from aboveboard.analyses.voice.learning import Labelled
from aboveboard.analyses.voice.tables import MODELS, REQUESTS, THEMES, VOICE
from aboveboard.analyses.voice.texts import texts
from aboveboard.analyses.voice.vectors import Vectors
from aboveboard.engines import ledgers
from aboveboard.playbook.model import Playbook

Row = dict[str, Any]
MOST_VECTORS = 20_000
"""With more different texts than this no sentence vectors are made: they would take hours."""
_READ = ("of_text", "language", "read_as", "reason_read_as", "theme")
_SCHEMA = pa.schema([*((name, pa.string()) for name in _READ), ("probability", pa.float64())])


@dataclass(frozen=True)
class Read:
    """What was said (`said`, an Ibis table), what was read of each different text, and the small tables that come of it."""

    said: Any
    of_text: tuple[Row, ...]
    models: Any
    themes: Any
    requests: Any


def read(
    events: Any, playbook: Playbook | None = None, *, as_of: datetime | None = None, vectors: Vectors | None = None
) -> Read:
    """Read what customers said up to `as_of`: how it is meant, why, what it is about, and what is asked for.

    Executes: different texts leave the engine, each once, with how often it was rated how. `vectors` gives sentence vectors
    (see `vectors`); without them words alone are read. Nothing is fetched from a network.
    """
    said = texts(events, playbook or Playbook(), as_of=as_of)
    each = said.group_by("text", "rated", "coded").aggregate(n=said.event.count(), first=said.event.min())
    rows = sorted(
        ledgers.arrow(each).to_pylist(), key=lambda row: (row["text"], row["rated"] or "", row["coded"] or "")
    )
    different = sorted({row["text"] for row in rows})
    number = {text: index for index, text in enumerate(different)}
    used = vectors if vectors is not None and len(different) <= MOST_VECTORS else None
    meant = used.of(different) if used is not None and different else None
    name = used.name if used is not None else None
    felt = opinions.sentiment(different, _labelled(rows, number, "rated"), meant, name)
    why = opinions.reasons(different, _labelled(rows, number, "coded"), meant, name)
    counts = Counter({row["text"]: 0 for row in rows})
    for row in rows:
        counts[row["text"]] += row["n"]
    about = themes.gather(different, [counts[text] for text in different], meant)
    of_text = tuple(
        {
            "of_text": text,
            "language": language_of(text),
            "read_as": felt.said[at],
            "probability": felt.probability[at],
            "reason_read_as": why.said[at],
            "theme": about.names[about.of_text[at]] if about.of_text[at] >= 0 else None,
        }
        for at, text in enumerate(different)
    )
    first: dict[str, str] = {}
    for row in rows:
        first[row["text"]] = min(first.get(row["text"], row["first"]), row["first"])
    joined = _joined(said, of_text)
    return Read(
        joined,
        of_text,
        rows_to_table(MODELS, [*felt.models, *why.models]),
        _themes(joined, about, different, first, name),
        _requests(said, different),
    )


def voice(read: Read) -> Any:
    """Table VOICE (see `tables`) of what `read` gave: a text that was said often stands in it as often."""
    return read.said.select(*VOICE.columns)


def _labelled(rows: Sequence[Row], number: dict[str, int], column: str) -> list[Labelled]:
    found: Counter[tuple[int, str]] = Counter()
    for row in rows:
        if row[column] is not None:
            found[number[row["text"]], row[column]] += row["n"]
    return [Labelled(text, label, count) for (text, label), count in sorted(found.items())]


def _joined(said: Any, of_text: Sequence[Row]) -> Any:
    known = ibis.memtable(pa.Table.from_pylist(list(of_text), schema=_SCHEMA))
    joined = said.left_join(known, said.text == known.of_text).drop("of_text")
    return joined.mutate(
        sentiment=ibis.coalesce(joined.rated, joined.read_as), reason=ibis.coalesce(joined.coded, joined.reason_read_as)
    )


def _themes(
    joined: Any, about: themes.Themes, different: Sequence[str], first: dict[str, str], name: str | None
) -> Any:
    from aboveboard.analyses.shared import intervals

    negative, positive = ((joined.sentiment == label).ifelse(1, 0) for label in ("negative", "positive"))
    summed = joined.group_by("theme").aggregate(
        texts_count=joined.event.count(), negative_count=negative.sum(), positive_count=positive.sum()
    )
    found = ledgers.arrow(summed).to_pylist()
    total = sum(row["texts_count"] for row in found)
    nearest = _nearest(about, different)
    rows = []
    for row in sorted(found, key=lambda one: (-one["texts_count"], one["theme"] or "")):
        if row["theme"] is not None:
            low, high = intervals.wilson(row["texts_count"], total)
            example = nearest[row["theme"]]
            rows.append(
                row
                | {
                    "share": row["texts_count"] / total,
                    "share_low": float(low),
                    "share_high": float(high),
                    "example": shortened(example),
                    "example_event": first[example],
                    "by": name or "words",
                }
            )
    return rows_to_table(THEMES, rows)


def _nearest(about: themes.Themes, different: Sequence[str]) -> dict[str, str]:
    """Of each theme the text nearest to its middle, rather one that can be read at a glance than a long one."""
    best: dict[str, tuple[float, str]] = {}
    for at, theme in enumerate(about.of_text.tolist()):
        if theme >= 0:
            near = float(about.nearness[at]) - max(0, len(different[at]) - 160) / 1000
            best[about.names[theme]] = max(best.get(about.names[theme], (-9.0, "")), (near, different[at]))
    return {name: text for name, (_, text) in best.items()}


def shortened(text: str, most: int = 200) -> str:
    """A text on one line, cut at a word."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + "…"


def _requests(said: Any, different: Sequence[str]) -> Any:
    found = requests.requests(different)
    if not found:
        return rows_to_table(REQUESTS, [])
    names = ("of_text", "wanted", "about", "sentence", "pattern", "language")
    schema = pa.schema([*((name, pa.string()) for name in names), ("start", pa.int64())])
    known = ibis.memtable(pa.Table.from_pylist(found, schema=schema))
    return said.inner_join(known, said.text == known.of_text).select(*REQUESTS.columns)
