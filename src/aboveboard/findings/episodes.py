"""What the episodes show: effort, coming back, being told two things, and keys that may be one person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pyarrow.compute as pc

from aboveboard.findings import comparing, sentences
from aboveboard.findings.comparing import ENOUGH
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import MOST_EVENTS, Row, Tables, rows
from aboveboard.playbook.model import Playbook

HIGH_EFFORT = 5
"""An episode in which the customer acted, or began again, this many times is a hard one."""
_WILSON = ("share, Wilson interval", comparing.WILSON)
_COMPARED = (
    "share, Wilson interval; score test against the rest, false-discovery rate 5 %",
    f"{comparing.WILSON}; {comparing.BENJAMINI_HOCHBERG}",
)
KINDS: tuple[Kind, ...] = (
    Kind(
        "episode.high-effort",
        "One need made the customer act, or begin again, five times or more.",
        "At least one such episode.",
        (),
        "episodes",
    ),
    Kind(
        "episode.repeat",
        "Customers came back on the same need after they had been told it was resolved.",
        "At least one; and for a team, channel or touchpoint whose customers come back more than the rest's "
        "(20 or more on both sides, false-discovery rate 5 %).",
        ("slice", "value"),
        "repeats",
    ),
    Kind(
        "contradiction.channels",
        "Two channels, or two teams, told the customer different things.",
        "At least one; a finding per fact and pair.",
        ("fact", "between"),
        "contradictions",
    ),
    Kind(
        "contradiction.record",
        "What was said is not what the record showed at that time.",
        "At least one; a finding per fact and channel.",
        ("fact", "by"),
        "contradictions",
    ),
    Kind(
        "link.clerical",
        "Customer keys that may be one person: a person should look.",
        "At least one pair in the clerical band.",
        (),
        "links",
    ),
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of `episodes`, `repeats`, `contradictions` and `links` (a missing table says nothing)."""
    yield from _high_effort(tables)
    yield from _repeats(rows(tables, "repeats"), spoke=_customers_spoke(tables))
    yield from _contradictions(rows(tables, "contradictions"))
    yield from _links(rows(tables, "links"))


def _high_effort(tables: Tables) -> Iterator[Finding]:
    episodes = tables.get("episodes")
    if episodes is None or not episodes.num_rows:
        return
    hard = episodes.filter(pc.fill_null(pc.greater_equal(episodes["effort"], HIGH_EFFORT), False))
    if not hard.num_rows:
        return
    n, total = hard.num_rows, episodes.num_rows
    order = [("effort", "descending"), ("episode", "ascending")]
    worst = hard.take(pc.select_k_unstable(hard, MOST_EVENTS, order)).to_pylist()
    if total >= ENOUGH:
        low, high = comparing.interval(n, total)
        opening = (
            f"In {n:,} of {total:,} episodes ({sentences.percent_range(low, high)}) {_toil(tables)} "
            f"{HIGH_EFFORT} times or more. The hardest: {_hardest(worst[0])}."
        )
        evidence = Evidence(total, n / total, "share", low, high, *_WILSON)
    else:
        opening = f"{_hardest(worst[0])[0].upper()}{_hardest(worst[0])[1:]}."
        evidence = Evidence(total, float(n), "count", method="count")
    yield Finding(
        "episode.high-effort",
        {},
        opening,
        action=_READ if _customers_spoke(tables) else _FOLLOW,
        evidence=evidence,
        weight=float(n),
        events=tuple(str(one["episode"]) for one in worst),
        table="episodes",
        where={"effort": f">= {HIGH_EFFORT}"},
    )


_READ = "Read the hardest ones from the customer's side: where did each channel begin again, and what did it not know?"
_FOLLOW = "Follow the hardest ones from team to team: what was missing each time the work was handed over?"


def _customers_spoke(tables: Tables) -> bool:
    """Whether the ledger knows of any contact; where it does not, effort is hand-offs alone, and nobody \"came back\"."""
    episodes = tables.get("episodes")
    return episodes is None or bool(pc.sum(episodes["contacts_count"]).as_py())


def _toil(tables: Tables) -> str:
    if _customers_spoke(tables):
        return "the customer had to act, or begin again,"
    return "the work was sent back to a team that had given it away, or lost,"


def _hardest(one: Row) -> str:
    if not one["contacts_count"]:
        back, lost = one["returns_count"] or 0, one["lost_handoffs_count"] or 0
        said = [f"sent back {sentences.counted(back, 'time', 'times')}"] if back else []
        said += [f"lost {sentences.counted(lost, 'time', 'times')}"] if lost else []
        verb = "were" if ", " in (one["subjects"] or "") else "was"
        return f"{_about(one)} {verb} {sentences.listed(said)}"
    contacts = sentences.counted(one["contacts_count"] or 0, "contact", "contacts")
    channels = sentences.counted(one["channels_count"] or 0, "channel", "channels")
    minutes = one["contact_minutes"]
    spent = f", {sentences.duration(minutes)} of the customer's time" if minutes else ""
    return f"{_about(one)} took {contacts} on {channels}{spent}"


def _about(one: Row) -> str:
    subjects = (one["subjects"] or "").split(", ")
    return sentences.listed(subjects, most=3) if subjects != [""] else "one need"


def _repeats(repeats: list[Row], *, spoke: bool) -> Iterator[Finding]:
    again = "the customer was back" if spoke else "it was opened again"
    whole = next((one for one in repeats if one["slice"] == "all"), None)
    if whole is None or not whole["repeat_count"]:
        return
    yield _came_back(whole, "", {"slice": "all", "value": "all"}, _WILSON, float(whole["repeat_count"]), again=again)
    parts = [one for one in repeats if one["slice"] != "all" and one["value"]]
    more = comparing.more_than_rest([_counts(one) for one in parts], _counts(whole))
    rest = 1 - whole["fcr_share"]
    for one, is_more in zip(parts, more, strict=True):
        if is_more:
            about = {"slice": one["slice"], "value": one["value"]}
            extra = max(0.0, one["repeat_count"] - one["resolved_count"] * rest)
            overall = f"; overall {sentences.percent(rest)}"
            yield _came_back(one, f" by {one['value']}", about, _COMPARED, extra, overall, again=again)


def _counts(one: Row) -> tuple[int, int]:
    return one["repeat_count"], one["resolved_count"]


def _came_back(
    one: Row, by: str, about: dict[str, str], method: tuple[str, str], weight: float, compared: str = "", *, again: str
) -> Finding:
    count, n = _counts(one)
    days = sentences.counted(one["window_days"], "day", "days")
    if n >= ENOUGH:
        low, high = 1 - one["fcr_share_high"], 1 - one["fcr_share_low"]
        interval = f" ({sentences.percent_range(low, high)}{compared})"
        evidence = Evidence(n, count / n, "share", low, high, *method)
    else:
        interval, evidence = "", Evidence(n, float(count), "count", method="count")
    return Finding(
        "episode.repeat",
        about,
        f"After {count:,} of {n:,} times that a need was called resolved{by}, {again} within {days}{interval}.",
        action="Read a few of them: what was called resolved, and what did the customer still need?",
        evidence=evidence,
        weight=weight,
        table="repeats",
        where=about,
    )


def _contradictions(contradictions: list[Row]) -> Iterator[Finding]:
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for one in sorted(contradictions, key=lambda one: (one["second_at"], one["second_event"]), reverse=True):
        sides = (_voice(one["first_by"]), _voice(one["second_by"]))
        between = sides[0] if one["against"] == "record" else " ↔ ".join(sorted(sides))
        groups.setdefault((one["against"], one["fact"], between), []).append(one)
    for (against, fact, between), ones in sorted(groups.items()):
        yield _record(fact, between, ones) if against == "record" else _channels(fact, between, ones)


def _channels(fact: str, between: str, ones: list[Row]) -> Finding:
    latest = ones[0]
    one, other = _speaker(latest["first_by"]), _speaker(latest["second_by"])
    said = f"{one} said “{latest['first_says']}”, {other} said “{latest['second_says']}”"
    return _contradiction(
        "contradiction.channels",
        {"fact": fact, "between": between},
        _counted(ones, f"customers were told two things about “{fact}”", f"About “{fact}” of {{}}", said),
        "Tell the customer which is true, and let both sides see the same record.",
        ones,
    )


def _record(fact: str, by: str, ones: list[Row]) -> Finding:
    latest = ones[0]
    said = f"{_speaker(latest['first_by'])} said “{latest['first_says']}” while the record showed “{latest['second_says']}”"
    return _contradiction(
        "contradiction.record",
        {"fact": fact, "by": by},
        _counted(ones, f"customers were told by {by} what the record does not show about “{fact}”", "Of {}", said),
        "Correct it with the customer, and show the record to those who have to answer.",
        ones,
    )


def _counted(ones: list[Row], many: str, one: str, said: str) -> str:
    subject = ones[0]["subject"]
    if len(ones) == 1:
        return f"{one.format(subject)}, {said}."
    return f"{len(ones):,} times {many}; the latest, {subject}: {said}."


def _contradiction(kind: str, about: dict[str, str], sentence: str, action: str, ones: list[Row]) -> Finding:
    return Finding(
        kind,
        about,
        sentence,
        action=action,
        evidence=Evidence(len(ones), float(len(ones)), "count", method="count"),
        weight=float(len({one["customer"] or one["subject"] for one in ones})),
        events=tuple(str(one["second_event" if kind.endswith("channels") else "first_event"]) for one in ones)[
            :MOST_EVENTS
        ],
        table="contradictions",
        where={"fact": about["fact"]},
    )


def _voice(by: str | None) -> str:
    """The channel of "store / Main Street"; the whole of what has no channel."""
    return (by or "(unknown)").partition(" / ")[0]


def _speaker(by: str | None) -> str:
    """ "store / Main Street" as one says it: "store (Main Street)"."""
    channel, _, team = (by or "somebody").partition(" / ")
    return f"{channel} ({team})" if team else channel


def _links(links: list[Row]) -> Iterator[Finding]:
    unsure = [one for one in links if one["band"] == "clerical"]
    if not unsure:
        return
    first = max(unsure, key=lambda one: (one["probability"], one["left"]))
    pairs = sentences.counted(len(unsure), "pair", "pairs")
    yield Finding(
        "link.clerical",
        {},
        f"{pairs} of customer keys may be one person each; the likeliest, {first['left']} and {first['right']}: "
        f"{first['because']}.",
        action="Look at each pair and say whether it is one person: until then their episodes are counted apart.",
        evidence=Evidence(
            len(unsure),
            float(len(unsure)),
            "count",
            method="pairs with a posterior of 0.5–0.95",
            reference="Fellegi and Sunter (1969), JASA 64, 1183–1210",
        ),
        # Nobody is let down by a doubt; it ranks below what hurts.
        weight=len(unsure) / 10,
        table="links",
        where={"band": "clerical"},
    )
