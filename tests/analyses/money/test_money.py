"""Money: who is compared with whom by hand, companies of known loss, and what is said where nothing can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from benchmarks import planted_losses as measured

from aboveboard.analyses import money, promises
from aboveboard.analyses.money import cases, effects
from aboveboard.analyses.shared import doubly_robust
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader

Row = dict[str, Any]
FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
BOOK = reader.read(
    "promises: {there: {says: There., owner: ops, within: 2 days, "
    "starts: type = 'order.placed', kept_by: type = 'order.delivered'}}"
)


def event(n: int, type: str, day: float, customer: str, **line: Any) -> Row:
    at = FIRST + timedelta(days=day)
    return {"id": f"e{n:05}", "type": type, "time": at, "recorded_at": at, "customer": customer} | line


def customer(n: int, *, late: bool, day: float = 0.0) -> list[Row]:
    """One customer's order, on time or a day late."""
    order = {"subject": f"order:{n}", "channel": "web"}
    return [
        event(10 * n, "order.placed", day, f"c{n}", value=50.0, **order),
        event(10 * n + 1, "order.delivered", day + (3 if late else 1), f"c{n}", **order),
    ]


def told(rows: list[Row], *, members: Any = None, **worth: float) -> tuple[dict[Any, Row], dict[str, Row]]:
    with Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)) as led:
        as_of = max(row["time"] for row in rows)
        kept = led.keep(promises.outcomes(led.events, BOOK, as_of=as_of), "kept")
        found = money.study(led.events, kept, BOOK, members=members, as_of=as_of)
        changes = led.arrow(money.consequences(found)).to_pylist()
        values = led.arrow(money.value_at_stake(found, **worth)).to_pylist()
    return {(row["cause"], row["outcome"]): row for row in changes}, {row["cause"]: row for row in values}


def shop(*, leaving: bool = True) -> list[Row]:
    """Sixty customers, half of them let down; of those ten leave, of the others two. The record goes on for 40 days."""
    rows = [row for n in range(60) for row in customer(n, late=n < 30)]
    if leaving:
        rows += [event(900 + n, "customer.left", 20, f"c{n}") for n in (*range(10), 40, 41)]
    rows += [event(950 + n, "contact.started", 5, f"c{n}", channel="phone") for n in range(15)]
    return [*rows, event(9999, "record.ended", 40, "nobody")]


def test_who_is_compared_with_whom() -> None:
    changes, values = told(shop(), worth=200.0)
    left = changes["promise:there", "left"]
    assert (left["window_days"], left["struck_count"], left["peers_count"]) == (30, 30, 30)
    assert (left["struck_mean"], left["peers_mean"]) == (pytest.approx(1 / 3), pytest.approx(1 / 15))
    # With nothing to tell customers apart the estimate is the plain difference, but for the cross-fitted intercepts.
    assert left["effect"] == pytest.approx(1 / 3 - 1 / 15, abs=0.02)
    assert changes["promise:there", "contacts"]["effect"] == pytest.approx(0.5, abs=0.02)
    assert changes["promise:there", "remedies"]["verdict"] == "not enough data"
    stake = values["promise:there"]
    assert (stake["basis"], stake["worth_from"], stake["owner"]) == ("none", None, "ops")


def test_leaving_is_worth_what_is_said_or_given() -> None:
    rows = [row for n in range(120) for row in customer(n, late=n < 60)]
    rows += [event(5000 + n, "customer.left", 20, f"c{n}", value=80.0) for n in (*range(30), 100, 101)]
    rows.append(event(9999, "record.ended", 40, "nobody"))
    for worth, source, each in (({}, "customer.left", 80.0), ({"worth": 500.0}, "given", 500.0)):
        changes, values = told(rows, **worth)
        stake, left = values["promise:there"], changes["promise:there", "left"]
        assert (stake["basis"], stake["worth_from"], stake["worth"]) == ("left", source, each)
        assert stake["value_each"] == pytest.approx(each * left["effect"])
        assert stake["value"] == pytest.approx(60 * each * left["effect"])
        assert stake["low"] < stake["value"] < stake["high"] and stake["verdict"] == "costs"
        assert "would explain it away" in stake["not_identified"]
    unsaid = [row | ({"value": None} if row["type"] == "customer.left" else {}) for row in rows]
    assert told(unsaid)[1]["promise:there"]["worth_from"] == "paid so far"
    assert told(unsaid)[1]["promise:there"]["worth"] == pytest.approx(50)


def test_only_the_first_promise_counts_and_who_has_left_is_no_case() -> None:
    rows = shop(leaving=False)
    again = [event(3000 + n, "order.placed", 6, f"c{n}", subject=f"order:again{n}", value=10.0) for n in range(40)]
    gone = [event(4000 + n, "customer.left", 1, f"c{n}") for n in range(3)]
    changes, _ = told([*rows, *again, *gone])
    row = changes["promise:there", "bought again"]
    assert row["struck_count"] == 27, "three were gone before they could be let down"
    assert row["struck_mean"] == 1.0 and row["peers_mean"] == pytest.approx(10 / 30)
    assert changes["promise:there", "spent"]["struck_mean"] == pytest.approx(10)


def test_too_short_a_record_says_nothing() -> None:
    rows = [row for n in range(60) for row in customer(n, late=n < 30)]
    changes, values = told(rows)
    assert {row["verdict"] for row in changes.values()} == {"not enough data"}
    assert values["promise:there"]["window_days"] is None
    assert values["promise:there"]["value"] is None and values["promise:there"]["not_identified"]
    with Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)) as led:
        nothing = money.study(led.events, None, BOOK)
        for table in (money.consequences(nothing), money.value_at_stake(nothing), money.cost_to_serve(nothing)):
            assert led.arrow(table).num_rows == 0


def test_problems_on_record_and_problems_of_a_promise() -> None:
    rows = shop()
    named = [row | {"attributes": '{"problem": "lost keys"}'} if row["id"] in {f"e{10 * n:05}" for n in range(25)} else row
             for row in rows]  # fmt: skip
    members = ibis.memtable(
        {"problem": ["P1"] * 20, "promise": ["there"] * 20, "customer": [f"c{n}" for n in range(5, 25)]}
    )
    changes, values = told(named, members=members)
    recorded, scanned = changes["problem:lost keys", "left"], changes["problem:P1", "left"]
    assert (recorded["struck_count"], recorded["peers_count"]) == (25, 35)
    assert (scanned["struck_count"], scanned["peers_count"]) == (20, 30), "peers are those to whom the promise was kept"
    assert values["problem:P1"]["problem"] == "P1" and values["problem:P1"]["promise"] is None


def test_windows_and_e_values() -> None:
    counts = {"n": 100} | {f"days_{days}": 100 - days for days in cases.WINDOWS}
    assert cases.window(counts) == 30
    assert cases.window(dict.fromkeys(counts, 0) | {"n": 3}) is None
    assert effects.e_value(3.9) == pytest.approx(7.26, abs=0.01), "VanderWeele and Ding 2017, their first example"
    assert effects.e_value(1 / 3.9) == pytest.approx(effects.e_value(3.9))
    assert effects.e_value(1.0) == 1.0


def test_the_effect_on_those_who_have_it() -> None:
    """Where what is added grows with a trait that goes with having it, the effect on them is greater than on all."""
    rng = np.random.default_rng(6)
    off = []
    for _ in range(30):
        trait = rng.integers(0, 3, 900)
        taken = rng.random(900) < (0.2, 0.4, 0.7)[0] + 0.25 * trait
        score = trait + taken * trait + rng.normal(0, 1, 900)
        mix = np.column_stack([trait == value for value in range(3)]).astype(float)
        made = doubly_robust.Cases(
            np.ones(900), score, score**2, taken, rng.integers(0, 5, 900), np.full(900, -1, dtype=np.int64), mix
        )
        found = doubly_robust.effect_on_taken(made, doubly_robust.propensity(made))
        assert found is not None
        off.append((found.value - trait[taken].mean(), found.low <= trait[taken].mean() <= found.high))
    assert abs(np.mean([gap for gap, _ in off])) < 0.05
    assert np.mean([held for _, held in off]) >= 0.85


def test_companies_of_known_loss() -> None:
    found = measured.companies(range(3), count=900)
    assert len(found) == 15
    assert sum(one.held for one in found) >= 12
    left = [one for one in found if one.outcome == "left"]
    assert np.mean([one.naive - one.truth for one in left]) > 0.015, "the plain difference is wrong"


@pytest.mark.slow
def test_intervals_hold_and_a_hidden_grudge_is_not_mended() -> None:
    whole = measured.companies(range(50, 60), count=2_000)
    assert sum(one.held for one in whole) >= 0.88 * len(whole)
    grudge = [one for one in measured.companies(range(60, 66), count=2_000, hidden=0.8) if one.outcome == "left"]
    assert np.mean([one.estimate - one.truth for one in grudge]) > 0.03
