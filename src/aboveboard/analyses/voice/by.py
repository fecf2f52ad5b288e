"""Where are customers discontent, and about what? Shares by touchpoint, team, channel, type and week, and by theme in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np

from aboveboard.analyses.shared import discoveries, intervals
from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.analyses.voice import shipped
from aboveboard.analyses.voice.tables import BY
from aboveboard.engines import ledgers
from aboveboard.ledger import epochs

Row = dict[str, Any]
CUTS = ("touchpoint", "team", "channel", "type")
ALL = "all"
ENOUGH = 20
"""Texts on either side of a comparison, below which there is none; and rated texts behind a rate of errors."""
_WEEK = 7 * 86_400 * epochs.SECOND
_MONDAY = 4 * 86_400 * epochs.SECOND  # 1970-01-05 was the first
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Truth:
    """Of texts read as a sentiment (none, where nothing could be read) the share that is negative, and its variance."""

    share: Mapping[str, float]
    variance: Mapping[str, float]


@dataclass
class Part:
    """The texts of one value of one cut in one theme: by rating (or none) and by what was read."""

    texts: int = 0
    rated: dict[str, int] | None = None
    read: dict[str, int] | None = None
    shown: dict[str, int] | None = None

    def __post_init__(self) -> None:
        self.rated, self.read, self.shown = {}, {}, {}

    def add(self, row: Row) -> None:
        """Count texts that are rated, or only read, alike."""
        n = row["n"]
        self.texts += n
        label = row["rated"] or row["read_as"]
        held = self.rated if row["rated"] else self.read
        assert held is not None and self.shown is not None
        if label is not None:
            held[label] = held.get(label, 0) + n
            self.shown[label] = self.shown.get(label, 0) + n


def by(voice: Any) -> Any:
    """Table BY (see `tables`) of the table VOICE.

    **Share negative.** What is rated counts as rated. Of what is only read as some sentiment, that share counts as negative
    which is so among rated texts read so (post-stratification by what was read; the calibrated adjusted count: Hopkins and
    King 2010, American J. of Political Science 54, 229–247). It assumes that those who rate mean by a word what those who
    do not rate mean by it. The variance adds that of the rated texts to that of a count; the interval is Wilson's with as
    many cases as that is worth. Where fewer than 20 rated texts were read as a sentiment, the shipped model's check stands in.

    **Share of a theme.** Wilson; a score test against the other values (`shared.discoveries`). False-discovery rates are
    over the rows of a cut. Texts count as independent.
    """
    cells = [_dated(row) for row in ledgers.arrow(_counted(voice)).to_pylist()]
    if not cells:
        return rows_to_table(BY, [])
    truth = _truth(cells)
    parts: dict[Key, Part] = {}
    for row in cells:
        for theme in {ALL, row["theme"] or ""} - {""}:
            key = (row["cut"], row["value"], theme)
            parts.setdefault(key, Part()).add(row)
    return rows_to_table(BY, _rows(parts, truth))


def _counted(voice: Any) -> Any:
    """n by cut, value, theme, rated and read_as."""
    at = epochs.micros(voice.said_at)
    monday = (at - _MONDAY) // _WEEK * _WEEK + _MONDAY
    dated = voice.mutate(week=monday.cast("string"), everything=ibis.literal(ALL))
    pieces = []
    for cut, column in ((ALL, "everything"), *((name, name) for name in CUTS), ("week", "week")):
        known = dated.filter(dated[column].notnull())
        pieces.append(
            known.mutate(cut=ibis.literal(cut), value=known[column])
            .group_by("cut", "value", "theme", "rated", "read_as")
            .aggregate(n=known.event.count())
            .cast({"cut": ibis.dtype("string"), "value": ibis.dtype("string"), "n": ibis.dtype("int64")})
        )
    return ibis.union(*pieces)


def _dated(row: Row) -> Row:
    """A week's microseconds as the date of its Monday."""
    return row | {"value": epochs.moment_of(int(row["value"])).date().isoformat()} if row["cut"] == "week" else row


def _truth(cells: list[Row]) -> Truth:
    """How often what is read so is negative, from texts that are both rated and read."""
    negative: dict[str, int] = {}
    n: dict[str, int] = {}
    for row in cells:
        if row["cut"] == ALL and row["rated"] and row["read_as"]:
            n[row["read_as"]] = n.get(row["read_as"], 0) + row["n"]
            negative[row["read_as"]] = negative.get(row["read_as"], 0) + row["n"] * (row["rated"] == "negative")
    for label in shipped.LABELS:
        if n.get(label, 0) < ENOUGH:
            checked = shipped.checked()
            n[label] = sum(count for (_, _, said), count in checked.items() if said == label)
            negative[label] = sum(c for (_, true, said), c in checked.items() if (true, said) == ("negative", label))
    # Half a text on either side keeps a share of none from being certain (Agresti and Coull 1998, in small).
    share = {label: (negative.get(label, 0) + 0.5) / (n[label] + 1) for label in n}
    return Truth(share, {label: share[label] * (1 - share[label]) / (n[label] + 1) for label in n})


def _rows(parts: Mapping[Key, Part], truth: Truth) -> Iterator[Row]:
    by_cut: dict[str, list[Key]] = {}
    for key in sorted(parts):
        by_cut.setdefault(key[0], []).append(key)
    for cut in (ALL, *CUTS, "week"):
        keys = by_cut.get(cut, [])
        rows = [_row(key, parts, truth) for key in keys]
        for name in ("share", "negative"):
            found = discoveries.benjamini_hochberg([row[f"p_{name}"] for row in rows])
            for row, is_real in zip(rows, found, strict=True):
                row[f"{name}_differs"] = bool(is_real and row[f"z_{name}"] > 0)
        yield from rows


def _row(key: Key, parts: Mapping[Key, Part], truth: Truth) -> Row:
    cut, value, theme = key
    mine = parts[key]
    row: Row = {"cut": cut, "value": value, "theme": theme, "texts_count": mine.texts}
    row |= _feeling(mine, truth) | {"p_share": np.nan, "z_share": 0.0, "p_negative": np.nan, "z_negative": 0.0}
    rest = [part for (c, v, t), part in parts.items() if (c, t) == (cut, theme) and v != value]
    if theme != ALL:
        row |= _about(mine.texts, cut, value, theme, parts)
    if rest:
        other = _feeling(_together(rest), truth)
        row["rest_negative_share"] = other["negative_share"]
        row |= _compared(row, other)
    return row


def _about(count: int, cut: str, value: str, theme: str, parts: Mapping[Key, Part]) -> Row:
    n = parts[cut, value, ALL].texts
    total = sum(part.texts for (c, _, t), part in parts.items() if (c, t) == (cut, ALL))
    everywhere = sum(part.texts for (c, _, t), part in parts.items() if (c, t) == (cut, theme))
    low, high = intervals.wilson(count, n)
    row: Row = {"share": count / n, "share_low": float(low), "share_high": float(high)}
    if total > n:
        row["rest_share"] = (everywhere - count) / (total - n)
    if min(n, total - n) >= ENOUGH:
        row["z_share"], row["p_share"] = discoveries.against_rest([count], [n], [everywhere], [total])
    return row


def _together(parts: list[Part]) -> Part:
    whole = Part()
    for part in parts:
        whole.texts += part.texts
        for into, held in ((whole.rated, part.rated), (whole.read, part.read), (whole.shown, part.shown)):
            assert into is not None and held is not None
            for label, n in held.items():
                into[label] = into.get(label, 0) + n
    return whole


def _feeling(part: Part, truth: Truth) -> Row:
    """Counts by sentiment, and the share negative with the model's errors taken out; `_worth` is its number of cases."""
    assert part.rated is not None and part.read is not None and part.shown is not None
    rated, read = sum(part.rated.values()), sum(part.read.values())
    n = rated + read
    row: Row = {"sentiment_count": n, "rated_count": rated, "_worth": 0.0}
    row |= {f"{label}_count": part.shown.get(label, 0) for label in shipped.LABELS}
    if not n:
        return row
    negative = part.rated.get("negative", 0) + sum(count * truth.share[label] for label, count in part.read.items())
    share = negative / n
    model = sum((count / n) ** 2 * truth.variance[label] for label, count in part.read.items())
    plain = max(share * (1 - share), 1e-9)
    worth = plain / (plain / n + model)
    low, high = intervals.wilson(share * worth, worth)
    return row | {
        "negative_share": share,
        "negative_share_low": float(low),
        "negative_share_high": float(high),
        "_worth": worth,
    }


def _compared(mine: Row, other: Row) -> Row:
    if min(mine["sentiment_count"], other["sentiment_count"]) < ENOUGH:
        return {}
    n, m = mine["_worth"], other["_worth"]
    pooled = (n * mine["negative_share"] + m * other["negative_share"]) / (n + m)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    if not error:
        return {}
    z = float((mine["negative_share"] - other["negative_share"]) / error)
    return {"z_negative": z, "p_negative": discoveries.two_sided(z)}
