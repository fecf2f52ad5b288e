"""What customers say that somebody should hear: new matters, where discontent gathers, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from aboveboard.findings import comparing, sentences
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import MOST_EVENTS, Row, Tables, rows
from aboveboard.playbook.model import Playbook

ASKED = 5
"""Customers who ask for one thing, from which on it is told."""
MOST_ASKED = 5
MATERIAL = 0.1
"""A share of discontent less than this above the rest's is no finding, however sure."""
KINDS: tuple[Kind, ...] = (
    Kind(
        "voice.emerging",
        "Customers say something now that they did not say before.",
        "Five or more customers in the last periods, more than before at a false-discovery rate of 5 % over all themes and "
        "phrases looked at.",
        ("words",),
        "voice_emerging",
    ),
    Kind(
        "voice.discontent",
        "Customers of one touchpoint, team or channel are discontent more often than the others.",
        "20 or more texts on both sides, a greater share negative at a false-discovery rate of 5 % over the values, at least 10 "
        "points more.",
        ("cut", "value"),
        "voice_by",
    ),
    Kind(
        "voice.requested",
        "Customers ask for something that is not there.",
        "Five or more customers ask for the same; at most the five most asked for.",
        ("about",),
        "voice_requests",
    ),
)
_SCAN = (
    "prospective scan in time, conditional binomial test of the most striking stretch; false-discovery rate 5 %",
    f"Kulldorff (2001), JRSS A 164, 61–72; {comparing.BENJAMINI_HOCHBERG}",
)
_SHARE = (
    "share negative with the model's known errors taken out, Wilson interval; false-discovery rate 5 %",
    f"Hopkins and King (2010), AJPS 54, 229–247; {comparing.WILSON}; {comparing.BENJAMINI_HOCHBERG}",
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the tables of voice (a missing table says nothing)."""
    for row in rows(tables, "voice_emerging"):
        yield _emerging(row, playbook)
    weak = any(row["weak"] for row in rows(tables, "voice_models", model="sentiment"))
    for row in rows(tables, "voice_by", theme="all"):
        if row["cut"] in ("touchpoint", "team", "channel") and _is_worse(row):
            yield _discontent(row, tables, weak)
    yield from _requested(rows(tables, "voice_requests"))


def _emerging(row: Row, playbook: Playbook) -> Finding:
    where = f", most of them at {row['touchpoint'] or row['team']}" if row["touchpoint"] or row["team"] else ""
    since = sentences.day(row["since_at"], playbook.timezone)
    expected = f"{row['expected']:.1f}" if row["expected"] < 10 else f"{row['expected']:.0f}"
    said = (
        f"Since {since}, {sentences.counted(row['customers_count'], 'customer has', 'customers have')} spoken of "
        f"{sentences.quoted(row['words'])}{where}; at the rate before it would be {expected}. "
        f"One of them: {sentences.quoted(row['example'])}"
    )
    return Finding(
        "voice.emerging",
        {"words": row["words"].casefold()},
        said,
        Evidence(
            row["customers_count"] + row["before_count"], float(row["customers_count"]), "count", None, None, *_SCAN
        ),
        "Read these texts, and ask what changed in these days.",
        weight=float(row["customers_count"] - row["expected"]),
        events=(row["example_event"],),
        table="voice_emerging",
        where={"words": row["words"]},
    )


def _is_worse(row: Row) -> bool:
    share, rest = row["negative_share"], row["rest_negative_share"]
    return bool(row["negative_differs"]) and rest is not None and share - rest >= MATERIAL


def _discontent(row: Row, tables: Tables, weak: bool) -> Finding:
    spread = sentences.percent_range(row["negative_share_low"], row["negative_share_high"])
    read = row["sentiment_count"] - row["rated_count"]
    how = ""
    if read:
        by = "by a weak model that ships" if weak else "by a model that learnt from the rated ones"
        how = f" {row['rated_count']:,} of these are rated, {read:,} were read {by}."
    about = _mostly(rows(tables, "voice_by", cut=row["cut"], value=row["value"]))
    return Finding(
        "voice.discontent",
        {"cut": row["cut"], "value": row["value"]},
        f"At {row['value']}, {spread} of {sentences.counted(row['sentiment_count'], 'text is', 'texts are')} negative; elsewhere "
        f"it is {sentences.percent(row['rest_negative_share'])}.{about}{how}",
        Evidence(
            row["sentiment_count"],
            row["negative_share"],
            "share",
            row["negative_share_low"],
            row["negative_share_high"],
            *_SHARE,
        ),
        "Read what customers wrote there, and look at the promises, rules and steps in play.",
        weight=row["sentiment_count"] * (row["negative_share"] - row["rest_negative_share"]),
        events=_latest(tables, {row["cut"]: row["value"], "sentiment": "negative"}),
        table="voice_by",
        where={"cut": row["cut"], "value": row["value"], "theme": "all"},
    )


def _mostly(parts: Sequence[Row]) -> str:
    """The theme that stands out most at this value, if one does."""
    themes = [row for row in parts if row["theme"] != "all" and row["share_differs"]]
    if not themes:
        return ""
    most = max(themes, key=lambda row: (row["share"] - row["rest_share"], row["theme"]))
    return (
        f" They speak more of {sentences.quoted(most['theme'])} ({sentences.percent(most['share'])} against "
        f"{sentences.percent(most['rest_share'])})."
    )


def _requested(asked: Sequence[Row]) -> Iterator[Finding]:
    about: dict[str, list[Row]] = {}
    for row in asked:
        about.setdefault(row["about"], []).append(row)
    told = sorted(((_askers(ones), word, ones) for word, ones in about.items()), key=lambda one: (-one[0], one[1]))
    for count, word, ones in told[:MOST_ASKED]:
        if count >= ASKED:
            newest = sorted(ones, key=lambda row: (row["said_at"], row["event"]), reverse=True)
            yield Finding(
                "voice.requested",
                {"about": word},
                f"{count:,} customers ask for {sentences.quoted(_commonest(newest))} or the like: {sentences.quoted(word)} is in "
                "what they want.",
                Evidence(count, float(count), "count", method="count of customers whose words match a way of asking"),
                "Read the requests, and answer: yes and when, or no and why.",
                weight=float(count),
                events=tuple(dict.fromkeys(str(row["event"]) for row in newest))[:MOST_EVENTS],
                table="voice_requests",
                where={"about": word},
            )


def _askers(ones: Sequence[Row]) -> int:
    return len({row["customer"] or row["subject"] or row["event"] for row in ones})


def _commonest(newest: Sequence[Row]) -> str:
    """What is asked for most often in just these words, the latest where all differ."""
    words = [row["wanted"] for row in newest]
    counts = {word: words.count(word) for word in words}
    return str(max(words, key=lambda word: counts[word]))


def _latest(tables: Tables, where: Mapping[str, str]) -> tuple[str, ...]:
    import pyarrow.compute as pc

    table = tables.get("voice")
    if table is None:
        return ()
    for column, value in where.items():
        table = table.filter(pc.equal(table[column], value))
    order = [("said_at", "descending"), ("event", "ascending")]
    chosen = table.take(pc.select_k_unstable(table, min(MOST_EVENTS, table.num_rows), order))
    return tuple(map(str, chosen["event"].to_pylist()))
