"""Episodes and hand-offs give the same rows on every engine, and the same as plain Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.agreement import episodes_reference as reference
from tests.agreement.gathered import gathered, together

from aboveboard.analyses import episodes
from aboveboard.analyses.episodes.links import linked
from aboveboard.analyses.episodes.people import person
from aboveboard.analyses.episodes.repeats import resolutions
from aboveboard.engines.ledgers import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.simulate.crowd import crowd

Row = dict[str, Any]
Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
TYPES = (
    "contact.started", "contact.ended", "message.received", "message.sent", "order.paid", "order.delivered",
    "case.opened", "case.closed", "case.reopened", "handoff.sent", "handoff.received", "handoff.sent",
    "handoff.received", "survey.answered",
)  # fmt: skip
TEAMS = ("store", "desk", "Ärger & Co", "☎")
# Few moments, so that many events share one; a fraction of a second, so that cutting to seconds shows.
MOMENTS = st.one_of(
    st.integers(0, 30).map(lambda n: n * timedelta(minutes=10)),
    st.integers(0, 45).map(lambda n: n * timedelta(hours=12)),
    st.integers(0, 30).map(lambda n: n * timedelta(days=6, hours=23, minutes=59, microseconds=700_000)),
)


def maybe(values: tuple[str, ...]) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), st.sampled_from(values))


ATTRIBUTES = st.one_of(
    st.none(),
    st.sampled_from(TEAMS).map(lambda team: json.dumps({"to": team})),
    st.sampled_from(
        (
            '{"to": null, "vendor": true}', '{"vendor": "no"}', '{"says": {"ready": "today"}}',
            '{"says": {"ready": " Today"}, "shows": {"ready": "never"}}', '{"says": {"ready": "tomorrow", "n": 1}}',
            '{"shows": {"ready": "today", "n": 2}}', '{"name": "\\"vendor\\" says"}',
        )
    ),
)  # fmt: skip
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(TYPES),
            "time": MOMENTS.map(lambda since: FIRST + since),
            "customer": maybe(("ann", "Bö", "čeněk", "d")),
            "subject": maybe(("order:1", "order:ß", "ticket:3", "ticket:4", "t")),
            "channel": maybe(("web", "phone", "chat", "Straße")),
            "touchpoint": maybe(("till", "gate")),
            "team": maybe(TEAMS),
            "outcome": maybe(("resolved", "unresolved", "x")),
            "value": st.one_of(st.none(), st.integers(0, 90).map(float)),
            "audience": maybe(("customer", "internal")),
            "attributes": ATTRIBUTES,
        }
    ),
    max_size=40,
).flatmap(
    lambda rows: st.permutations([f"e{n:02d}" for n in range(len(rows))]).map(
        lambda ids: [{**row, "id": key, "recorded_at": FIRST} for row, key in zip(rows, ids, strict=True)]
    )
)


def table(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def sorted_rows(rows: list[Row]) -> list[Row]:
    plain = [{k: v.astimezone(UTC) if isinstance(v, datetime) else v for k, v in row.items()} for row in rows]
    return sorted(plain, key=lambda row: str(sorted((k, str(v)) for k, v in row.items() if not isinstance(v, float))))


def same(found: pa.Table, expected: list[Row]) -> None:
    """The same rows, over the columns that the reference gives."""
    columns = list(expected[0]) if expected else []
    rows = sorted_rows([{name: row[name] for name in columns} for row in found.to_pylist()])
    expected = sorted_rows(expected)
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        for name in columns:
            if isinstance(wanted[name], float):
                assert row[name] == pytest.approx(wanted[name], abs=1e-9), (name, row, wanted)
            else:
                assert row[name] == wanted[name], (name, row, wanted)


def agree(led: Ledger, rows: list[Row], *, as_of: datetime | None = None) -> None:
    """Every table of the package on this engine's events against the reference."""
    rows = [row for row in rows if as_of is None or row["time"] <= as_of]
    end = as_of or max((row["time"] for row in rows), default=FIRST)
    members = reference.members(rows)
    need_of = {m["event"]: m["episode"] for m in members}
    held = led.keep(episodes.members(led.events, as_of=as_of), "held")
    same(led.arrow(held), members)
    expected = reference.handoffs(rows, need_of, end)
    hops = led.keep(episodes.handoffs(led.events, members=held, as_of=as_of), "hops")
    same(led.arrow(hops), expected)
    same(led.arrow(episodes.flows(hops)), reference.flows(expected))
    calls = reference.resolutions(rows, need_of, end)
    same(led.arrow(resolutions(led.events, members=held, as_of=as_of)), calls)
    same(led.arrow(episodes.repeats(led.events, members=held, as_of=as_of)), reference.repeats(calls))
    said = episodes.contradictions(led.events, as_of=as_of)
    same(led.arrow(said), reference.contradictions(rows))
    summed = reference.episodes(rows, members, expected, said.to_pyarrow().to_pylist(), calls)
    found = episodes.episodes(led.events, members=held, handoffs=hops, contradictions=said, as_of=as_of)
    same(led.arrow(found), summed)


SAID = st.dictionaries(st.sampled_from(("ready", "n")), st.sampled_from(("today", " Today ", "never", 1)), min_size=1)
STATEMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(("message.sent", "message.received", "contact.ended", "order.paid")),
            "time": MOMENTS.map(lambda since: FIRST + since),
            "customer": maybe(("ann",)),
            "subject": st.sampled_from(("order:1", "order:1", None)),
            "channel": st.sampled_from(("web", "chat", None)),
            "team": maybe(("store",)),
            "audience": st.sampled_from(("customer", "customer", "internal", None)),
            "attributes": st.dictionaries(st.sampled_from(("says", "says", "shows")), SAID).map(json.dumps),
        }
    ),
    min_size=6,
    max_size=12,
).map(lambda rows: [{**row, "id": f"e{n:02d}", "recorded_at": FIRST} for n, row in enumerate(rows)])
LIMITS = st.one_of(st.none(), st.integers(0, 30).map(lambda days: FIRST + timedelta(days=days)))
SLOWLY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}


@settings(max_examples=4, **SLOWLY)
@given(rows=EVENTS, as_of=LIMITS)
def test_each_engine_gives_what_plain_python_gives(opened: Opener, rows: list[Row], as_of: datetime | None) -> None:
    with opened(table(rows)) as led:
        agree(led, rows, as_of=as_of)


def test_each_engine_finds_the_contradictions_that_plain_python_finds(opened: Opener) -> None:
    same_contradictions(opened, together(gathered(STATEMENTS, 250)))


@pytest.mark.slow
def test_spark_finds_them_too(opened_on_spark: Opener) -> None:
    same_contradictions(opened_on_spark, together(gathered(STATEMENTS, 250)))


def same_contradictions(opened: Opener, rows: list[Row]) -> None:
    expected = reference.contradictions(rows)
    assert {one["against"] for one in expected} == {"record", "channel"}
    assert len(expected) > 30
    with opened(table(rows)) as led:
        same(led.arrow(episodes.contradictions(led.events)), expected)


@pytest.mark.slow
@settings(max_examples=50, **SLOWLY)
@given(rows=EVENTS, as_of=LIMITS)
def test_each_engine_gives_it_many_times(opened: Opener, rows: list[Row], as_of: datetime | None) -> None:
    with opened(table(rows)) as led:
        agree(led, rows, as_of=as_of)


@pytest.mark.slow
@pytest.mark.parametrize("as_of", [None, FIRST + timedelta(days=9)], ids=["the end", "before it"])
def test_spark_gives_what_plain_python_gives(opened_on_spark: Opener, as_of: datetime | None) -> None:
    rows = together(gathered(EVENTS, 100))
    with opened_on_spark(table(rows)) as led:
        agree(led, rows, as_of=as_of)


@settings(max_examples=10, **SLOWLY)
@given(rows=EVENTS, by=st.sampled_from(("need", "subject")), days=st.sampled_from((1, 7)), shared_by=st.integers(0, 2))
def test_members_keep_to_their_parameters(rows: list[Row], by: Any, days: int, shared_by: int) -> None:
    chosen = {"by": by, "gap": timedelta(days=days), "longest": timedelta(days=10), "shared_by": shared_by}
    with Ledger.of(table(rows)) as led:
        same(led.arrow(episodes.members(led.events, **chosen)), reference.members(rows, **chosen))


def test_every_engine_finds_the_same_links(opened: Opener) -> None:
    same_links(opened)


@pytest.mark.slow
def test_spark_finds_the_same_links(opened_on_spark: Opener) -> None:
    same_links(opened_on_spark)


def same_links(opened: Opener) -> None:
    made = crowd(seed=3, persons=150)
    with opened(made.events()) as led:
        found = episodes.links(led.events).to_pyarrow().to_pylist()
    assert found == linked([person(key, **details) for key, details in made.details.items()])
    assert len(found) > 20
