"""Where a promise breaks: the teams, channels, hours and days that miss more than the rest, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aboveboard.analyses.promises import honest
from aboveboard.findings import sentences
from aboveboard.findings.comparing import BENJAMINI_HOCHBERG, OTHERS, WILSON
from aboveboard.findings.model import Evidence, Finding
from aboveboard.findings.said import Row, Said, events, kept_interval

MATERIAL = 0.02
"""A part that misses less than this much more than the rest is no finding, however sure the difference."""
MOST_NAMED = 5
"""So many teams, channels, … have a finding of their own; those beyond share one."""
_LOOK = {
    "team": "Look for what differs at {}: stock, staffing, opening hours, instructions.",
    "channel": "Look for what differs for those who come by {}: what they are told, what is asked, who takes over.",
    "touchpoint": "Look for what {} needs that the others do not.",
    "weekday": "Promise another time on that day, or staff it so that it holds.",
    "hour": "Promise another time for these hours, or staff them so that it holds.",
    "hour_weekday": "Promise another time for these hours, or staff them so that it holds.",
}
_SCORE_TEST = (
    "share of ended promises, Wilson interval; score test against the rest with days as witnesses, "
    "false-discovery rate 5 %",
    f"{WILSON}; Boos (1992), Am. Stat. 46, 327–333; {BENJAMINI_HOCHBERG}",
)


def breaks_where(said: Said, slices: list[Row], row: Row, deliverable: list[Row]) -> Iterator[Finding]:
    """The findings of one promise from its rows of `promise_slices`; `row` is its summary, `deliverable` its times."""
    total = next((one for one in slices if one["slice"] == "all"), None)
    if total is None:
        return
    worse = [one for one in slices if _is_worse(one, total, row)]
    by_slice: dict[str, list[Row]] = {}
    for one in worse:
        by_slice.setdefault(one["slice"], []).append(one)
    times = by_slice.pop("hour", []), by_slice.pop("hour_weekday", [])
    for cut, ones in by_slice.items():
        ones.sort(key=lambda one: -_excess(one, total))
        # One more than that is named too: a gathering of one would say less in more words.
        named = len(ones) if len(ones) == MOST_NAMED + 1 else MOST_NAMED
        for one in ones[:named]:
            about = {"slice": cut, "value": one["value"]}
            yield _part(said, [one], total, about, _named(cut, one["value"]), deliverable)
        if others := ones[named:]:
            listed = sentences.listed([one["value"] for one in others])
            names = f"{'By' if cut == 'channel' else 'At'} {len(others)} more {cut}s ({listed})"
            yield _part(said, others, total, {"slice": cut, "value": OTHERS}, names, deliverable)
    if times[0]:
        yield _part(
            said, times[0], total, {"slice": "hour"}, _made("at " + sentences.hours(_values(times[0]))), deliverable
        )
    elif times[1] and "weekday" not in by_slice:
        yield _part(said, times[1], total, {"slice": "hour_weekday"}, _made("on " + _weekly(times[1])), deliverable)


def _is_worse(one: Row, total: Row, row: Row) -> bool:
    if not one["differs"] or one["value"] == "(none)" or one["slice"] == "all":
        return False
    short = row["objective"] is None or one["kept_share"] < row["objective"]
    return bool(short and _rest(one["ended_count"], one["missed_count"], total) - one["kept_share"] >= MATERIAL)


def _part(
    said: Said, ones: list[Row], total: Row, about: Mapping[str, str], name: str, deliverable: list[Row]
) -> Finding:
    ended, missed = (sum(one[column] for one in ones) for column in ("ended_count", "missed_count"))
    rest = _rest(ended, missed, total)
    share = {"kept_share": 1 - missed / ended}
    low, high = kept_interval(ended, missed)
    return said.finding(
        "promise.breaks-where",
        f"{name}, {said.words} was kept in {sentences.percent(share['kept_share'])} of {said.many(ended)} "
        f"({sentences.percent_range(low, high)}); for the rest in {sentences.percent(rest)}.",
        _part_action(said, ones, deliverable),
        Evidence(ended, share["kept_share"], "share", low, high, *_SCORE_TEST),
        about=about,
        weight=max(0.0, missed - ended * (1 - rest)),
        events=events(said.outcomes("late", "broken", of={ones[0]["slice"]: [one["value"] for one in ones]})),
        table="promise_slices",
        where={"promise": said.name, **about},
    )


def _part_action(said: Said, ones: list[Row], deliverable: list[Row]) -> str:
    cut, value = ones[0]["slice"], ones[0]["value"]
    look = _LOOK[cut].format(value if len(ones) == 1 else "each of them")
    place = next((one for one in deliverable if (one["slice"], one["value"]) == (cut, value)), None)
    if len(ones) > 1 or place is None or place["verdict"] != "not deliverable":
        return look
    by_date = said.entry is None or said.entry.within is None
    minutes = place["minutes_added" if by_date else "minutes_deliverable"]
    if minutes is None or minutes <= 0:
        return look
    return f"{look} As it works now, what it could keep is {honest.in_words(minutes, said.entry, said.playbook)}."


def _excess(one: Row, total: Row) -> float:
    """How many more it missed than it would have at the rest's rate."""
    rest = _rest(one["ended_count"], one["missed_count"], total)
    return float(max(0.0, one["missed_count"] - one["ended_count"] * (1 - rest)))


def _rest(ended: int, missed: int, total: Row) -> float:
    """Kept share of all but this part."""
    rest = total["ended_count"] - ended
    return 1 - (total["missed_count"] - missed) / rest if rest else 1.0


def _named(cut: str, value: str) -> str:
    if cut == "weekday":
        return _made(f"on a {sentences.weekday(value)}")
    return {"team": f"At {value}", "channel": f"By {value}", "touchpoint": f"At the touchpoint {value}"}[cut]


def _made(when: str) -> str:
    return f"Made {when}"


def _values(ones: list[Row]) -> list[int]:
    return [int(one["value"]) for one in ones]


def _weekly(ones: list[Row]) -> str:
    days: dict[str, list[int]] = {}
    for one in ones:
        weekday, hour = one["value"].split("/")
        days.setdefault(weekday, []).append(int(hour))
    return sentences.listed(
        [f"{sentences.weekday(day)} {sentences.hours(hours)}" for day, hours in sorted(days.items())]
    )
