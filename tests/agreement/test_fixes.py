"""Breakdowns by day are those of a plain loop over the events, on every engine; so are verdicts and effects."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses import fixes, procedures, promises
from aboveboard.analyses.fixes import counting, looks, releases
from aboveboard.analyses.shared import horizon
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader
from aboveboard.simulate import planted_fixes
from aboveboard.simulate.planted_fixes import Planted

Row = dict[str, Any]
Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
AS_OF = FIRST + timedelta(days=60)
DAY = timedelta(days=1)
BOOK = reader.read("""
organisation: A desk
promises:
  answer: {says: Soon., starts: type = 'case.opened', kept_by: type = 'case.closed', within: 1 day}
procedures:
  visit:
    starts: type = 'visit.started'
    steps: {greet: {kind: must}}
""")
RELEASES = (
    {"attributes": '{"problem": "lost"}'},
    {"subject": "problem:lost", "team": "Süd"},
    {"subject": "problem:lost", "team": "Süd", "channel": "chat"},
    {"rule": "promise:answer"},
    {"rule": "promise:answer", "channel": "chat"},
    {"rule": "step:visit/greet", "team": "north"},
    {"rule": "policy:returns"},
    {},
)
SHAPES: tuple[Row, ...] = (
    {"type": "case.opened", "attributes": '{"problem": "lost"}'},
    {"type": "note.written", "attributes": '{"problem": "lost", "says": "x"}'},
    {"type": "case.opened", "attributes": '{"problem": "other"}'},
    {"type": "case.opened"},
    {"type": "case.closed", "attributes": '{"cause": "problem"}'},
    {"type": "exception.requested", "rule": "policy:returns"},
    {"type": "exception.requested", "rule": "policy:else"},
    {"type": "visit.started"},
    {"type": "step.done", "rule": "step:visit/greet"},
    {"type": "fix.planned", "attributes": '{"problem": "lost", "window_weeks": 3}'},
)


@cache
def rows() -> tuple[Row, ...]:
    """Few subjects and moments, so that many events share one; some lack the subject, the team or the channel."""
    die = random.Random(4)
    made: list[Row] = []
    for number in range(900):
        line = {
            **dict.fromkeys(SCHEMA.names),
            "id": f"e{(number * 271) % 997:03d}",
            "recorded_at": FIRST,
            "source": "x",
        }
        line |= {
            "time": FIRST + timedelta(hours=12 * die.randrange(130), microseconds=die.randrange(2)),
            "subject": die.choice([None, *(f"case:{die.randrange(300)}" for _ in range(6)), "problem:lost"]),
            "team": die.choice([None, "Süd", "north"]),
            "channel": die.choice([None, "chat", "phone"]),
        }
        made.append(line | die.choice(SHAPES))
    blank = {**dict.fromkeys(SCHEMA.names), "recorded_at": FIRST, "source": "x"}
    for number, release in enumerate(RELEASES):
        at = FIRST + timedelta(days=20 + 3 * number, hours=number)
        made.append(blank | {"id": f"fix{number}", "type": "fix.released", "time": at} | release)
    return tuple(made)


def days_from(at: datetime, release: Row) -> int:
    return (at - release["time"]) // DAY


def broken(known: list[Row], release: Row) -> list[Row]:
    """The breakdowns of a problem or a policy, and the subjects that are none."""
    problem = json.loads(release["attributes"] or "{}").get("problem") or (release["subject"] or "").removeprefix(
        "problem:"
    )
    found: dict[str, Row] = {}
    for row in sorted(known, key=lambda row: (row["time"], row["id"])):
        if row["type"].startswith("fix."):
            continue
        if problem:
            if json.loads(row["attributes"] or "{}").get("problem") == problem and row["subject"] != "problem:lost":
                found.setdefault(row["subject"] or row["id"], row)
        elif row["type"] == "exception.requested" and row["rule"] == release["rule"]:
            found[row["id"]] = row
    return list(found.values())


def inside(row: Row, release: Row) -> bool:
    return all(release[name] is None or release[name] == row[name] for name in ("team", "channel"))


def by_hand(release: Row, judged: dict[str, list[Row]]) -> tuple[Counter[Any], Counter[int]]:
    """(inside, day, what) → how many; and what else began, by day."""
    known = [row for row in rows() if row["time"] <= AS_OF]
    kind, _, name = (release["rule"] or "").partition(":")
    counted: Counter[Any] = Counter()
    if kind in ("promise", "step"):
        column = {"promise": "promise", "step": "step"}[kind]
        cases = [row for row in judged[kind] if row[column] == name]
        for row in cases:
            at = row["made_at"] if kind == "promise" else row["started_at"]
            done = row["outcome"] in ("kept", "late", "broken") if kind == "promise" else row["met"] is not None
            bad = row["outcome"] in ("late", "broken") if kind == "promise" else row["met"] is False
            if kind == "promise" and row["outcome"] not in ("kept", "late", "broken", "open", "at risk"):
                continue
            place = inside({"channel": None, **row}, release), days_from(at, release)
            counted[(*place, "bad")] += bad
            counted[(*place, "judged")] += done
            counted[(*place, "running")] += not done
        return +counted, Counter()
    mine = broken(known, release)
    for row in mine:
        for what in ("bad", "judged"):
            counted[inside(row, release), days_from(row["time"], release), what] += 1
    every = [other for one in rows() if one["type"] == "fix.released" for other in broken(known, one)
             if one["rule"] is None or one["rule"].startswith("policy")]  # fmt: skip
    taken = {row["subject"] for row in every} | {row["subject"] for kind in judged for row in judged[kind]}
    first: dict[str, datetime] = {}
    for row in known:
        if row["subject"] and not row["type"].startswith("fix."):
            first[row["subject"]] = min(row["time"], first.get(row["subject"], row["time"]))
    begun = Counter(days_from(at, release) for subject, at in first.items() if subject not in taken)
    return +counted, begun if release["team"] is None and release["channel"] is None else Counter()


def agree(opened: Opener) -> None:
    with opened(pa.Table.from_pylist(list(rows()), schema=SCHEMA)) as led:
        outcomes = led.keep(promises.outcomes(led.events, BOOK, as_of=AS_OF), "promises")
        duties = led.keep(procedures.duties(led.events, BOOK, as_of=AS_OF), "duties")
        timed, _ = horizon.until(led.events, AS_OF)
        found = releases.releases(timed, BOOK)
        counts = counting.days(timed, found, promises=outcomes, duties=duties, problems=None, occasions=None)
        judged = {"promise": led.arrow(outcomes).to_pylist(), "step": led.arrow(duties).to_pylist()}
    assert {one.fix for one in found} == {f"fix{number}" for number in range(len(RELEASES))}
    for release in (row for row in rows() if row["type"] == "fix.released" and row["id"] != "fix7"):
        ours: Counter[Any] = Counter()
        for side, days in ((True, counts[release["id"]].inside), (False, counts[release["id"]].outside)):
            for day, numbers in days.items():
                ours.update(
                    {(side, day, what): n for what, n in zip(("bad", "judged", "running"), numbers, strict=True)}
                )
        wanted, begun = by_hand(release, judged)
        assert len(wanted) > 8
        assert +ours == wanted, release["id"]
        assert Counter(counts[release["id"]].others) == begun, release["id"]


def test_each_engine_counts_what_a_plain_loop_counts(opened: Opener) -> None:
    agree(opened)


@pytest.mark.slow
def test_spark_counts_what_a_plain_loop_counts(opened_on_spark: Opener) -> None:
    agree(opened_on_spark)


def verdicts(opened: Opener) -> tuple[list[Row], list[Row]]:
    company = [
        Planted("gone", keeps=0.2, per_week=12, plan={"window_weeks": 6}, weeks_before=30, weeks_after=8, others=30)
    ]
    with opened(planted_fixes.events(company, 2)) as led:
        studies = fixes.studies(led.events, BOOK)
        return led.arrow(fixes.fixes(studies)).to_pylist(), led.arrow(fixes.weeks(studies)).to_pylist()


def same(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "DRAWN", 200)
    ours, theirs = verdicts(Ledger.of), verdicts(opened)
    assert ours[0][0]["verdict"] == "fixed" and ours[0][0]["control"] == "other matters"
    assert ours == theirs
    looks._drawn.cache_clear()


def test_verdicts_are_the_same_on_postgres(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    same(lambda events: Ledger.of(events, engine="postgres", url=postgres), monkeypatch)


@pytest.mark.slow
def test_verdicts_are_the_same_on_spark(opened_on_spark: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    same(opened_on_spark, monkeypatch)
