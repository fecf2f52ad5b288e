"""One page for those who lead: the share, and what costs most, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from aboveboard.findings import collect
from aboveboard.findings.model import Evidence, Finding
from aboveboard.reports import leading

WHOLE = {
    "span": "all", "period_start_at": None, "customers_count": 1000, "whole_count": 962, "whole_share": 0.962,
    "whole_share_low": 0.948, "whole_share_high": 0.972, "ended_count": 1500, "kept_count": 1450,
}  # fmt: skip


def stake(promise: str, value: float, verdict: str = "costs") -> dict[str, Any]:
    return {"cause": f"promise:{promise}", "promise": promise, "problem": None, "verdict": verdict, "value": value,
            "low": value / 2, "high": value * 2, "struck_count": 30}  # fmt: skip


def left(out: Path, *, stakes: list[dict[str, Any]], whole: dict[str, Any] = WHOLE) -> leading.Leading | None:
    pq.write_table(pa.Table.from_pylist([whole]), out / "every_time.parquet")
    if stakes:
        pq.write_table(pa.Table.from_pylist(stakes), out / "value_at_stake.parquet")
    one = Finding("promise.broken", {"promise": "a"}, "It breaks.", Evidence(40, 0.5, "share"), "Mend it.")
    collect.write([one], out / "findings.json")
    return leading.read(out)


def test_the_three_dearest_causes_that_cost_beyond_chance(tmp_path: Path) -> None:
    told = left(
        tmp_path,
        stakes=[stake("a", 10), stake("b", 4000), stake("c", 90000, "no cost shown"), stake("d", 700), stake("e", 60)],
    )
    assert told is not None
    assert (told.share, told.interval, told.customers, told.by) == ("96.2 %", "95–97 %", "1,000 customers", "money")
    assert [cause.says for cause in told.causes] == ["“b”", "“d”", "“e”"]
    assert "30 customers" in told.causes[0].costs


def test_without_money_on_record_what_lets_most_down(tmp_path: Path) -> None:
    told = left(tmp_path, stakes=[])
    assert told is not None
    assert (told.by, [(cause.says, cause.costs) for cause in told.causes]) == (
        "customers",
        [("It breaks.", "40 cases")],
    )


def test_before_any_promise_has_ended_it_says_nothing(tmp_path: Path) -> None:
    assert leading.read(tmp_path) is None
