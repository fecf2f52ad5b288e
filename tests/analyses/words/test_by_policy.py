"""Which policy breeds which words: shares, others, and the limit on false discoveries."""

from __future__ import annotations

import ibis
import numpy as np
import pyarrow as pa
import pytest

from aboveboard.analyses import words
from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.engines import ledgers
from aboveboard.reports.exhibits import Row


def table(messages: dict[str | None, int], remarked: dict[tuple[str | None, str], int]) -> list[Row]:
    wording, read, _ = words.TABLES
    remarks = [
        {"event": f"{policy}-{rule}-{n}", "part": "text", "audience": "customer", "rule": rule, "policy": policy}
        for (policy, rule), count in remarked.items()
        for n in range(count)
    ]
    twice = [*remarks, *remarks[:1]]  # two remarks of one rule on one message are one message
    counted = [
        {"audience": "customer", "policy": policy, "language": "en", "messages_count": count}
        for policy, count in messages.items()
    ]
    unread = [{"audience": "customer", "policy": "card", "language": None, "messages_count": 1_000}]
    found = words.by_policy(rows_to_table(wording, twice), rows_to_table(read, [*counted, *unread]))
    rows: list[Row] = ledgers.arrow(found).to_pylist()
    return rows


def test_the_share_is_set_against_all_others() -> None:
    bill, card = table({"card": 100, "bill": 100, None: 800}, {("card", "indebting"): 40, (None, "indebting"): 16})
    assert (card["policy"], card["share"], card["differs"]) == ("card", pytest.approx(0.4), True)
    assert (card["other_messages_count"], card["other_remarked_count"]) == (900, 16)
    assert 0.30 < card["share_low"] < 0.32 and 0.49 < card["share_high"] < 0.51
    assert (bill["remarked_count"], bill["differs"]) == (0, False)


def test_without_others_nothing_differs() -> None:
    (row,) = table({"card": 100}, {("card", "indebting"): 40})
    assert row["differs"] is False and row["other_share"] is None


def test_where_policies_do_not_matter_few_are_blamed() -> None:
    draw = np.random.default_rng(4)
    blamed = 0
    for _ in range(60):
        counts = {f"p{n}": int(draw.binomial(200, 0.1)) for n in range(8)}
        rows = table(dict.fromkeys(counts, 200), {(policy, "indebting"): count for policy, count in counts.items()})
        blamed += any(row["differs"] for row in rows)
    assert blamed <= 6


def test_columns_are_those_declared() -> None:
    _, _, spec = words.TABLES
    wording, read, _ = words.TABLES
    rows = ledgers.arrow(words.by_policy(rows_to_table(wording, []), rows_to_table(read, [])))
    assert tuple(rows.column_names) == spec.columns and isinstance(rows, pa.Table)
    assert ibis.memtable(rows).count().execute() == 0
