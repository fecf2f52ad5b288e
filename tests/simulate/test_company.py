"""The company is the same for the same seed, is a ledger, and holds what was planted, and nothing where none was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from aboveboard.ledger.columns import SCHEMA
from aboveboard.ledger.vocabulary import VOCABULARY
from aboveboard.playbook import reader
from aboveboard.simulate import company
from aboveboard.simulate.truth import Rates, compares


@pytest.fixture(scope="module")
def planted() -> company.Company:
    return company.company(seed=7, customers=3000)


@pytest.fixture(scope="module")
def calm() -> company.Company:
    return company.company(seed=7, customers=3000, null=True)


def test_the_same_seed_gives_the_same_company(planted: company.Company) -> None:
    again = company.company(seed=7, customers=3000)
    assert again.events.equals(planted.events)
    assert not company.company(seed=8, customers=3000).events.equals(planted.events)


def test_it_is_a_ledger_in_order_of_time(planted: company.Company) -> None:
    events = planted.events
    assert events.schema.equals(SCHEMA)
    assert len(pc.unique(events["id"])) == events.num_rows
    times = events["time"].cast(pa.int64()).to_numpy()
    assert (np.diff(times) >= 0).all()
    for name in ("id", "type", "time", "recorded_at"):
        assert events[name].null_count == 0


def test_known_types_fill_the_columns_they_need(planted: company.Company) -> None:
    for name in pc.unique(planted.events["type"]).to_pylist():
        if name not in VOCABULARY:
            continue
        rows = planted.events.filter(pc.equal(planted.events["type"], name))
        for column in VOCABULARY[name].needs:
            if column in SCHEMA.names:
                assert rows[column].null_count == 0, f"{name} lacks {column}"


def test_the_playbook_reads(planted: company.Company) -> None:
    book = reader.read(planted.playbook)
    assert set(book.promises) == {
        "delivered-tomorrow",
        "installed-in-five-days",
        "ready-in-two-hours",
        "repaired-in-two-days",
        "answer-within-a-day",
        "call-back",
    }


def _share_late_after_two(events: pa.Table) -> tuple[float, float]:
    """Share delivered after the time promised, of orders before and after the cut-off."""
    placed = events.filter(
        pc.and_(pc.equal(events["type"], "order.placed"), pc.equal(events["touchpoint"], "delivery"))
    )
    came = events.filter(pc.equal(events["type"], "order.delivered")).select(["subject", "time"])
    both = placed.select(["subject", "time", "due"]).join(came, "subject", right_suffix="_came")
    both = both.filter(pc.is_valid(both["time_came"]))
    local = pc.local_timestamp(both["time"].cast(pa.timestamp("us", "Europe/London")))
    after = pc.greater_equal(pc.hour(local), 14).to_numpy(zero_copy_only=False)
    late = pc.greater(both["time_came"], both["due"]).to_numpy(zero_copy_only=False)
    return float(late[~after].mean()), float(late[after].mean())


def test_orders_after_the_cut_off_come_late_on_the_local_clock(planted: company.Company) -> None:
    before, after = _share_late_after_two(planted.events)
    assert before < 0.03
    assert after == pytest.approx(Rates().late_after_cut_off, abs=0.04)


def test_without_causes_the_hours_are_alike(calm: company.Company) -> None:
    before, after = _share_late_after_two(calm.events)
    assert before == pytest.approx(after, abs=0.02)
    assert all(cause.name.startswith("an idle step") for cause in calm.truth.causes)


def test_deliveries_happen_by_daylight_in_summer_and_winter(planted: company.Company) -> None:
    came = planted.events.filter(pc.equal(planted.events["type"], "order.delivered"))
    hours = pc.hour(pc.local_timestamp(came["time"].cast(pa.timestamp("us", "Europe/London")))).to_numpy()
    assert hours.min() >= 8
    assert hours.max() < 18


def test_each_cause_can_be_planted_alone() -> None:
    calm = Rates.without()
    for name in ("late_after_cut_off", "lost_to_installer", "wrong_stock"):
        from dataclasses import replace

        rates = replace(calm, **{name: getattr(Rates(), name)})
        truth = company.company(seed=1, customers=50, rates=rates).truth
        assert len([cause for cause in truth.causes if cause.finds]) == 1


def test_every_cause_says_what_should_find_it_or_what_it_waits_for(planted: company.Company) -> None:
    assert len(planted.truth.causes) == 17
    for cause in planted.truth.causes:
        assert (
            cause.finds
            or cause.needs
            or cause.explains
            or cause.name in {"two keys, one person", "a rule with a reason"}
        )
    assert compares("promise.breaks-where", {"promise": "p", "slice": "team", "value": "x"})
    assert not compares("episode.repeat", {"slice": "all", "value": "all"})


def test_employees_are_all_alike(planted: company.Company) -> None:
    events = planted.events
    ended = events.filter(pc.and_(pc.equal(events["type"], "contact.ended"), pc.is_valid(events["employee"])))
    ended = ended.filter(pc.starts_with(ended["subject"], "question:"))
    good = ended.append_column("good", pc.equal(ended["outcome"], "resolved").cast(pa.int64()))
    each = good.group_by("employee").aggregate([("good", "sum"), ("good", "count")])
    n, k = each["good_count"].to_numpy(), each["good_sum"].to_numpy()
    share = k.sum() / n.sum()
    chi = float(((k - n * share) ** 2 / (n * share * (1 - share))).sum())
    # 39 degrees of freedom: mean 39, standard deviation 8.8.
    assert chi < 39 + 4 * 8.8


def test_it_writes_itself(planted: company.Company, tmp_path: Path) -> None:
    events, playbook = planted.write(tmp_path / "demo")
    assert pq.read_table(events).num_rows == planted.events.num_rows
    assert reader.read(playbook).organisation == "Larkfield Appliances"


@pytest.mark.parametrize(("customers", "days"), [(0, 10), (10, 0)])
def test_an_empty_company_is_refused(customers: int, days: int) -> None:
    with pytest.raises(ValueError, match="needs customers and days"):
        company.company(seed=1, customers=customers, days=days)
