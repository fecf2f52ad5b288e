"""What are customers saying now that they did not say before? A scan over the recent past, theme by theme and phrase by phrase."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aboveboard.analyses.shared import discoveries
from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.analyses.voice import phrases
from aboveboard.analyses.voice.reading import Read, Row, shortened
from aboveboard.analyses.voice.tables import EMERGING
from aboveboard.engines import ledgers
from aboveboard.ledger import epochs

Counts = npt.NDArray[np.int64]
STRETCHES = (1, 2, 3, 4, 6, 8)
"""So many of the last periods are looked at together."""
LONG_RECORD = 120
"""A record of more days is counted in weeks, a shorter one in days."""
FEWEST_BEFORE = 4
"""Periods before a stretch, below which there is nothing to compare it with."""
FEWEST = 5
"""Customers in the stretch, below which nothing is said to emerge."""
MOST_PHRASES = 2000
SAME = 0.5
"""A phrase of whose recent texts so many hold one that was named before it is the same news."""
_DAY = 86_400 * epochs.SECOND


@dataclass(frozen=True)
class Found:
    """One theme or phrase that stands out, and the stretch of periods in which it does most."""

    words: str
    kind: str
    since: int
    count: int
    before: int
    expected: float
    p: float


def emerging(read: Read) -> Any:
    """Table EMERGING (see `tables`): what stands out at a false-discovery rate of 5 % over all that was looked at.

    A prospective scan in time (Kulldorff 2001, JRSS A 164, 61–72): of the customers who speak in the last 1, 2, 3, 4, 6 or 8
    periods, are more of them saying this than before? Each stretch is tested by the exact conditional binomial test; where
    the counts before it spread wider than chance, their spread (Pearson's) takes over. The p-value is the least one times
    the number of stretches (Bonferroni). The last period ends with the last text. A customer counts once a period.
    Phrases are those in five different texts or more, at most 2,000, whenever they were said.
    """
    span = ledgers.arrow(read.said.aggregate(first=read.said["at"].min(), last=read.said["at"].max())).to_pylist()[0]
    if span["first"] is None:
        return rows_to_table(EMERGING, [])
    width = _DAY if span["last"] - span["first"] <= LONG_RECORD * _DAY else 7 * _DAY
    last = int(span["last"])
    pairs = _pairs(read)
    base, seen = _counts(read, pairs, last, width)
    found = [one for one in _scanned(base, seen) if one is not None]
    q = discoveries.adjusted([one.p for one in found])
    real = [(one, float(at)) for one, at in zip(found, q, strict=True) if at <= 0.05]
    return rows_to_table(EMERGING, _rows(read, pairs, real, last, width))


def _pairs(read: Read) -> dict[tuple[str, str], set[str]]:
    """The texts of each theme and of each phrase: (kind, words) → texts."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for row in read.of_text:
        if row["theme"] is not None:
            found["theme", row["theme"]].add(row["of_text"])
        for low, form in phrases.phrases(row["of_text"], 2):
            found["phrase", low].add(row["of_text"])
            forms[low][form] += 1
    often = [key for key, texts in found.items() if key[0] == "phrase" and len(texts) >= FEWEST]
    kept = sorted(often, key=lambda key: (-len(found[key]), key))[:MOST_PHRASES]
    written = {low: min(forms[low], key=lambda form: (-forms[low][form], form)) for _, low in kept}
    chosen = {key: texts for key, texts in found.items() if key[0] == "theme"}
    return chosen | {("phrase", written[low]): found["phrase", low] for _, low in kept}


def _counts(
    read: Read, pairs: Mapping[tuple[str, str], set[str]], last: int, width: int
) -> tuple[Counts, dict[tuple[str, str], Counts]]:
    """Customers per period, the latest first: all of them, and those of each theme and phrase."""
    said = read.said.mutate(
        period=(last - read.said["at"]) // width,
        whose=ibis.coalesce(read.said.customer, read.said.subject, read.said.event),
    )
    whole = ledgers.arrow(said.group_by("period").aggregate(n=said.whose.nunique())).to_pylist()
    base = np.zeros(max(row["period"] for row in whole) + 1, np.int64)
    for row in whole:
        base[row["period"]] = row["n"]
    keys = sorted(pairs)
    listed = [(number, text) for number, key in enumerate(keys) for text in sorted(pairs[key])]
    seen = {key: np.zeros(len(base), np.int64) for key in keys}
    if listed:
        numbers, texts = zip(*listed, strict=True)
        known = ibis.memtable(
            pa.table({"number": pa.array(numbers, pa.int64()), "of_text": pa.array(texts, pa.string())})
        )
        joined = said.inner_join(known, said.text == known.of_text)
        each = joined.group_by("number", "period").aggregate(n=joined.whose.nunique())
        for row in ledgers.arrow(each).to_pylist():
            seen[keys[row["number"]]][row["period"]] = row["n"]
    return base, seen


def _scanned(base: Counts, seen: Mapping[tuple[str, str], Counts]) -> Iterator[Found | None]:
    # Periods in which nobody spoke tell nothing; the first of all is cut off by the record's begin.
    lengths = [n for n in STRETCHES if len(base) - n >= max(FEWEST_BEFORE, n) and base[n:].sum() > 0]
    for (kind, words), counts in seen.items():
        tests = [(_tested(counts, base, n), n) for n in lengths]
        if tests and counts.sum() >= FEWEST:
            p, n = min(tests)
            here, before = int(counts[:n].sum()), int(counts[n:].sum())
            expected = before * base[:n].sum() / base[n:].sum()
            yield Found(words, kind, n, here, before, float(expected), min(1.0, p * len(lengths)))


def _tested(counts: Counts, base: Counts, n: int) -> float:
    """One-sided p that customers speak of it in the last `n` periods more than before."""
    from scipy import stats

    here, before = int(counts[:n].sum()), int(counts[n:].sum())
    now, then = int(base[:n].sum()), int(base[n:].sum())
    if here < FEWEST:
        return 1.0
    exact = float(stats.binom.sf(here - 1, here + before, now / (now + then)))
    # The rate before, with half a customer to spare, so that nothing said before is not taken for never.
    rate = (before + 0.5) / (then + 1)
    spoke = base[n:] > 0
    freedom = int(spoke.sum()) - 1
    wide = float((((counts[n:] - rate * base[n:])[spoke] ** 2) / (rate * base[n:][spoke])).sum()) / max(freedom, 1)
    if wide <= 1:
        return exact
    mean = rate * now
    z = (here - 0.5 - mean) / np.sqrt(wide * mean * (1 + now / then))
    return max(exact, float(stats.t.sf(z, freedom)))


def _rows(
    read: Read,
    pairs: Mapping[tuple[str, str], set[str]],
    real: Sequence[tuple[Found, float]],
    last: int,
    width: int,
) -> list[Row]:
    if not real:
        return []
    recent = _recent(read, last - max(one.since for one, _ in real) * width)
    rows: list[Row] = []
    named: list[set[str]] = []
    for one, q in sorted(real, key=lambda pair: (pair[0].p, -len(pair[0].words), pair[0].words)):
        since = last - one.since * width
        mine = [row for row in recent if row["at"] > since and row["text"] in pairs[one.kind, one.words]]
        texts = {row["event"] for row in mine}
        if any(len(texts & other) > SAME * len(texts) for other in named):
            continue
        named.append(texts)
        newest = max(mine, key=lambda row: (row["at"], row["event"]))
        rows.append(
            {
                "words": one.words,
                "kind": one.kind,
                "since_at": epochs.moment_of(since),
                "until_at": epochs.moment_of(last),
                "customers_count": one.count,
                "expected": one.expected,
                "before_count": one.before,
                "times": one.count / one.expected if one.expected else None,
                "p": one.p,
                "q": q,
                "team": _most(mine, "team"),
                "touchpoint": _most(mine, "touchpoint"),
                "example": shortened(newest["text"]),
                "example_event": newest["event"],
            }
        )
    return rows


def _recent(read: Read, since: int) -> list[Row]:
    """The latest texts, each with its event: few, for they are those of the stretches that stand out."""
    said = read.said.filter(read.said["at"] > since)
    rows: list[Row] = ledgers.arrow(said.select("event", "at", "text", "team", "touchpoint")).to_pylist()
    return rows


def _most(rows: Sequence[Row], column: str) -> str | None:
    counts = Counter(row[column] for row in rows if row[column] is not None)
    if not counts:
        return None
    value, n = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return str(value) if 2 * n > len(rows) else None
