"""Which changes were released, when and where, and by what they were to be judged: read from before the change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.shared import arrays
from aboveboard.ledger import attributes, epochs

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook

RELEASED, PLANNED = "fix.released", "fix.planned"
HALVED = 0.5
"""Where nobody has said by what a fix is to be judged: it halves what would be expected."""
LONGEST_WINDOW = 104
"""Weeks; a longer one is none."""
_PREFIX = "problem:"
_TOLD = ("reduce_by", "at_most", "window_weeks")
_COLUMNS = ("id", "type", "at", "recorded", "subject", "rule", "team", "channel", "text", "problem", *_TOLD)


@dataclass(frozen=True)
class Criterion:
    """By what a fix is judged: `reduce by` a share of the expected, or `at most` a rate; `source` as in the table."""

    kind: str
    value: float
    source: str


@dataclass(frozen=True)
class Release:
    """One `fix.released`. `at` in microseconds; `target` is what its breakdowns are found by: `problem:…`, `promise:…`, …

    `window` is in weeks, None where the record names none. `previous` and `following` are the moments of the nearest other
    releases for the same target and place, None where there are none.
    """

    fix: str
    at: int
    target: str | None
    rule: str | None
    says: str | None
    team: str | None
    channel: str | None
    criterion: Criterion
    window: int | None
    window_source: str
    previous: int | None = None
    following: int | None = None

    @property
    def problem(self) -> str | None:
        """What it was to end, as the table says it."""
        return self.target.removeprefix(_PREFIX) if self.target else None

    @property
    def part(self) -> str:
        """Where it is in force."""
        named = (("team", self.team), ("channel", self.channel))
        return " and ".join(f"{name} {value}" for name, value in named if value) or "all"

    @property
    def released_at(self) -> datetime:
        return epochs.moment_of(self.at)


def releases(timed: Any, playbook: Playbook) -> list[Release]:
    """Every release, in order of time. `timed` are the events with `at`, those after the moment of judgement left out.

    Criterion and window are the latest that were said of the same target before the release (`fix.planned` with
    attributes.reduce_by, at_most or window_weeks), and had been recorded when the release was; else what the release itself
    says; else, for the criterion, the playbook's objective of the promise; else the default.
    """
    told = timed.filter(timed.type.isin([RELEASED, PLANNED]))
    told = told.mutate(
        recorded=epochs.micros(ibis.coalesce(told.recorded_at, told.time)),
        problem=attributes.text(told, "problem"),
        **{name: attributes.text(told, name) for name in _TOLD},
    )
    table = arrays.cells(told.select(*_COLUMNS).order_by(["at", "id"]))
    lines = [
        dict(zip(_COLUMNS, values, strict=True)) for values in zip(*(table[n].tolist() for n in _COLUMNS), strict=True)
    ]
    plans = [line for line in lines if line["type"] == PLANNED]
    found = [_release(line, plans, playbook) for line in lines if line["type"] == RELEASED]
    return [_among(one, found) for one in found]


def _release(line: dict[str, Any], plans: list[dict[str, Any]], playbook: Playbook) -> Release:
    target = _target(line)
    earlier = [
        plan for plan in plans
        if plan["at"] < line["at"] and plan["recorded"] <= line["recorded"] and target and _target(plan) == target
    ]  # fmt: skip
    said = [("release", line), *(("record", plan) for plan in earlier)]
    window, source = _window(said)
    return Release(
        line["id"], line["at"], target, line["rule"], line["text"], line["team"], line["channel"],
        _criterion(said, target, playbook), window, source,
    )  # fmt: skip


def _window(said: list[tuple[str, dict[str, Any]]]) -> tuple[int | None, str]:
    for source, one in reversed(said):
        weeks = _number(one["window_weeks"])
        if weeks is not None and 1 <= weeks <= LONGEST_WINDOW:
            return round(weeks), source
    return None, "default"


def _criterion(said: list[tuple[str, dict[str, Any]]], target: str | None, playbook: Playbook) -> Criterion:
    for source, one in reversed(said):
        reduce_by, at_most = _number(one["reduce_by"]), _number(one["at_most"])
        if reduce_by is not None and 0 < reduce_by <= 1:
            return Criterion("reduce by", reduce_by, source)
        if at_most is not None and at_most >= 0:
            return Criterion("at most", at_most, source)
    promise = playbook.promises.get((target or "").removeprefix("promise:"))
    if promise is not None and (target or "").startswith("promise:") and promise.objective is not None:
        return Criterion("at most", round(1 - promise.objective, 12), "playbook")
    return Criterion("reduce by", HALVED, "default")


def _target(line: dict[str, Any]) -> str | None:
    subject = line["subject"] or ""
    if line["problem"]:
        return f"{_PREFIX}{line['problem']}"
    return subject if subject.startswith(_PREFIX) else line["rule"]


def _among(one: Release, every: list[Release]) -> Release:
    """With the moments of the nearest other changes to the same thing in the same place."""
    other = [
        each.at for each in every
        if each.fix != one.fix and each.target == one.target and (each.part == one.part or "all" in (each.part, one.part))
    ]  # fmt: skip
    return replace(
        one,
        previous=max((at for at in other if at < one.at), default=None),
        following=min((at for at in other if at > one.at), default=None),
    )


def _number(text: str | None) -> float | None:
    try:
        found = float(text) if text is not None else None
    except ValueError:
        return None
    return found if found is not None and abs(found) < 1e9 else None
