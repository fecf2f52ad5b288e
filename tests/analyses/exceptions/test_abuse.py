"""Who is found, from when to when, and on what: small ledgers with one long record among many short ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses import exceptions
from aboveboard.analyses.exceptions.denial_tables import ABUSE
from aboveboard.engines import Ledger
from aboveboard.ledger import epochs
from aboveboard.ledger.columns import SCHEMA

FIRST = datetime(2026, 1, 1, 12, tzinfo=UTC)
RULE = "policy:off-the-bill"
Row = dict[str, Any]


def event(id: str, type: str, day: float, **columns: Any) -> Row:
    attributes = columns.pop("attributes", None)
    at = FIRST + timedelta(days=day)
    return {"id": id, "type": type, "time": at, "recorded_at": at, **columns,
            "attributes": attributes and json.dumps(attributes)}  # fmt: skip


def trusted(customer: str, day: float, *, harmed: bool, harm: Row | None = None, **more: Any) -> list[Row]:
    """An exception granted on a day, and harm found the day after."""
    name, columns = f"{customer}-{day:g}", {"subject": f"order:{customer}-{day:g}", "rule": RULE}
    rows = [event(name, "exception.granted", day, customer=customer, **columns, **more)]
    if harmed:
        rows.append(event(f"{name}-harm", "harm.found", day + 1, value=9.0, **columns, **(harm or {})))
    return rows


def honest(n: int = 200) -> list[Row]:
    """Many who were trusted once or twice; one time in twenty it turned out badly."""
    return [row for k in range(n) for row in trusted(f"g{k:03d}", k % 50, harmed=k % 20 == 0)]


def often(customer: str = "x", *, times: int = 10, **more: Any) -> list[Row]:
    """One who was trusted every third day, and each time it turned out badly."""
    return [row for k in range(times) for row in trusted(customer, 3 * k, harmed=True, **more)]


@pytest.fixture
def judged() -> Iterator[Any]:
    held: list[Ledger] = []

    def judge(rows: list[Row], day: float = 60, **options: Any) -> exceptions.Judgement:
        held.append(Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)))
        return exceptions.judge(held[-1].events, as_of=FIRST + timedelta(days=day), **options)

    yield judge
    for led in held:
        led.close()


def rows_of(judgement: exceptions.Judgement) -> list[Row]:
    table = exceptions.abuse(judgement).to_pyarrow()
    assert tuple(table.column_names) == ABUSE.columns
    return table.to_pylist()


def test_one_long_record_among_honest_ones(judged: Any) -> None:
    (row,) = rows_of(judged(honest() + often()))
    assert (row["customer"], row["abuse_count"], row["exposure_count"]) == ("x", 10, 10)
    assert (row["rate"], row["segment"], row["segment_count"]) == (1.0, "(all)", 201)
    assert row["segment_rate"] < 0.1 < row["posterior_rate_low"] < row["posterior_rate"] < row["posterior_rate_high"]
    assert row["probability"] >= 0.95
    assert row["p_value"] <= row["q_value"] <= 0.05
    assert row["events"].startswith("x-27-harm, x-24-harm")


def test_the_appeal_says_what_until_when_and_how(judged: Any) -> None:
    (row,) = rows_of(judged(honest() + often()))
    until = row["expires_at"]
    for words in ("10 of the 10 exceptions", f"{until.day} {until:%B %Y}", "may be wrong", "in your own words",
                  "not involved", "with the reason", "nothing else"):  # fmt: skip
        assert words in row["appeal"], words


def test_it_lapses_by_itself(judged: Any) -> None:
    everything = honest() + often()
    judgement = judged(everything)
    found_at, expires_at = judgement.found_at("x"), judgement.expires_at("x")
    assert FIRST < epochs.moment_of(found_at) <= FIRST + timedelta(days=28), "at an abuse event, once there were enough"
    assert epochs.moment_of(expires_at) <= FIRST + timedelta(days=28 + 365), "a year after the last at the latest"
    day = (expires_at - epochs.micros_of(FIRST)) / 86_400e6
    later = honest() + often() + [event("tick", "order.placed", day + 1, subject="o")]
    assert rows_of(judged(later, day - 0.01)), "still in force"
    assert rows_of(judged(later, day + 0.01)) == [], "and then no longer"


def test_in_force_then_and_not_before(judged: Any) -> None:
    judgement = judged(honest() + often())
    since = judgement.found_at("x")
    assert judgement.in_force("x", since - 1) == ()
    assert judgement.in_force("x", since)[0] == next(
        name
        for name, at in zip(judgement.histories["x"].abuse_ids, judgement.histories["x"].abuse_at, strict=True)
        if at == since
    )
    assert judgement.in_force("g000", since) == judgement.in_force(None, since) == ()


def test_what_counts_as_abuse(judged: Any) -> None:
    """Harm on the customer's own exceptions, unless it befell the customer; and what the record calls abuse."""
    innocent = often("a", harm={"attributes": {"abuse": False}})
    unrelated = [event(f"b{k}", "harm.found", 3 * k + 1, subject=f"order:b{k}", rule=RULE, customer="b", value=1.0)
                 for k in range(10)]  # fmt: skip
    marked = [row for k in range(10) for row in trusted("c", 3 * k, harmed=False)]
    marked += [event(f"c{k}", "case.closed", 3 * k + 1, customer="c", subject=f"case:{k}", attributes={"abuse": True})
               for k in range(10)]  # fmt: skip
    assert [row["customer"] for row in rows_of(judged(honest() + innocent + unrelated + marked))] == ["c"]


@pytest.mark.parametrize("times", [2, 4])
def test_a_short_record_is_never_a_finding(judged: Any, times: int) -> None:
    assert rows_of(judged(honest() + often(times=times))) == []


def test_others_in_the_household_speak_for_one(judged: Any) -> None:
    home = {"attributes": {"household": "h1"}}
    mates = [row for k in range(12) for row in trusted("y", 2 * k, harmed=k % 2 == 0, **home)]
    mates += [row for k in range(12) for row in trusted("z", 2 * k, harmed=k % 2 == 0, **home)]
    one = [row for k in range(10) for row in trusted("x", 3 * k, harmed=k < 8)]
    same = [row for k in range(10) for row in trusted("x", 3 * k, harmed=k < 8, **home)]
    alone = judged(honest() + one)
    assert list(alone.found) == ["x"]
    together = judged(honest() + same + mates)
    assert "x" not in together.found
    (standing,) = [together.standing("x", together.now)]
    assert standing is not None
    assert standing.p_value > 10 * alone.found["x"][0].p_value


def test_each_segment_is_its_own_yardstick(judged: Any) -> None:
    """What is unheard of in one segment is usual in the other."""
    trade = [row for k in range(150) for day in range(6)
             for row in trusted(f"t{k:03d}", day, harmed=(k + day) % 2 == 0, attributes={"segment": "trade"})]  # fmt: skip
    one = [row for k in range(12) for row in trusted("x", 3 * k, harmed=True, attributes={"segment": "trade"})]
    other = [row for k in range(12) for row in trusted("x", 3 * k, harmed=True)]
    assert list(judged(honest(1000) + trade + one).found) == []
    assert list(judged(honest(1000) + trade + other).found) == ["x"]


def test_nobody_is_found_where_nothing_happened(judged: Any) -> None:
    assert rows_of(judged([])) == []
    assert rows_of(judged([row for row in honest() if row["type"] != "harm.found"])) == []
    bare = [event("e1", "exception.granted", 0), event("e2", "harm.found", 1), event("e3", "exception.denied", 2)]
    assert rows_of(judged(bare)) == []


def test_what_comes_after_as_of_does_not_exist(judged: Any) -> None:
    assert rows_of(judged(honest() + often(), 4)) == []


def test_the_limit_can_be_chosen(judged: Any) -> None:
    two = judged(honest() + often(times=2), rules=exceptions.Rules(least_events=2))
    assert "x" in two.histories, "records as short as the rules allow are looked at"
    strict = exceptions.Rules(least_exposure=11)
    assert rows_of(judged(honest() + often(), rules=strict)) == []
