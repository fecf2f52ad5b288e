"""A guessed mapping runs as it is, and says what it is not sure of."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from aboveboard.sources import dry_run, guess, mapping
from aboveboard.sources.guessing import dates
from aboveboard.sources.problems import FilesError


def guessed(folder: Path, **files: str) -> tuple[str, dry_run.DryRun]:
    paths = []
    for name, content in files.items():
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text(content)
    text = guess.guess(paths)
    return text, dry_run.run(mapping.parse(text), paths)


@pytest.mark.parametrize(
    ("values", "pattern", "rival", "proof"),
    [
        (["29/2/2016 01:16", "1/3/2016 10:00"], "%d/%m/%Y %H:%M", None, "29/2/2016 01:16"),
        (["04/12/2018 11:11:26 AM", "11/13/2018 01:06:56 PM"], "%m/%d/%Y %I:%M:%S %p", None, "11/13/2018 01:06:56 PM"),
        (["1/2/2018", "3/4/2018"], "%d/%m/%Y", "%m/%d/%Y", None),
        (["2018-01-31", "2018-02-01"], "iso", None, None),
        (["2019-05-20 07:07:47.000Z"], "iso", None, None),
        (["31.12.2018", "01.01.2019"], "%d.%m.%Y", None, None),
        (["5 Jan 2026", "17 Feb 2026"], "%d %b %Y", None, None),
    ],
)
def test_dates_are_decided_by_evidence(values: list[str], pattern: str, rival: str | None, proof: str | None) -> None:
    found = dates.found(duckdb.connect(), values)
    assert found is not None
    assert (found.pattern, found.rival, found.proof) == (pattern, rival, proof)


@pytest.mark.parametrize("values", [["12", "13"], ["20260101"], ["a", "b"], ["+49 30 1234567"], ["1.5"], []])
def test_what_is_no_date_is_none(values: list[str]) -> None:
    assert dates.found(duckdb.connect(), values) is None


def test_an_undecided_day_and_month_is_a_doubt_and_another_column_can_decide(tmp_path: Path) -> None:
    rows = "ticket_id,created,closed\n1,1/2/2026,3/4/2026\n2,2/2/2026,5/4/2026\n"
    text, done = guessed(tmp_path, tickets=rows)
    assert "# doubt: tickets.created could be %d/%m/%Y as well as %m/%d/%Y" in text
    assert done.events == 4
    text, _ = guessed(tmp_path, tickets=rows.replace("5/4/2026", "4/15/2026"))
    assert 'dates: ["%m/%d/%Y"]' in text
    assert "decided by tickets.closed, where '4/15/2026' stands" in text


def test_orders_with_customers_become_orders_of_customers(tmp_path: Path) -> None:
    orders = "order_id,customer_id,placed_at,promised_date,delivered_at\n" + "".join(
        f"o{n},c{n % 3},2026-01-{n:02} 10:00:00,2026-02-{n:02},{'' if n == 2 else f'2026-01-{n + 9:02} 08:00:00'}\n"
        for n in range(1, 13)
    )
    customers = "customer_id,city\nc0,rome\nc1,oslo\nc2,bonn\n"
    text, done = guessed(tmp_path, orders=orders, customers=customers)
    made = mapping.parse(text)
    assert [(join.left, join.right) for block in made.blocks[:1] for join in block.joins] == [("orders", "customers")]
    blocks = {block.name: block for block in done.blocks}
    assert {name: block.events for name, block in blocks.items()} == {"order.placed": 12, "order.delivered": 11}
    due = {column.name: column for column in blocks["order.placed"].columns}["due"]
    assert (due.filled, due.examples[0]) == (12, "2026-02-01T23:59:59.999999Z")


def test_a_row_per_change_becomes_a_history(tmp_path: Path) -> None:
    rows = "number,state,assignment_group,opened_at,sys_updated_at\n" + "".join(
        f"INC{case},{state},G{step // 2},2026-01-01 08:00:00,2026-01-0{step} 09:00:00\n"
        for case in range(5)
        for step, state in enumerate(["New", "New", "Active", "Closed"], start=1)
    )
    text, done = guessed(tmp_path, incidents=rows)
    assert {block.name: block.events for block in done.blocks} == {
        "status.changed": 15,
        "case.assigned": 15,
        "case.opened": 5,
    }
    assert "several rows per number" in text


def test_a_file_without_any_time_says_so(tmp_path: Path) -> None:
    text, done = guessed(
        tmp_path,
        customers="customerID,Churn,tenure\n" + "".join(f"c{n},{['Yes', 'No'][n % 2]},{n}\n" for n in range(9)),
    )
    assert "no column of the file says when" in text
    assert done.events == 9


def test_words_for_missing_are_found(tmp_path: Path) -> None:
    text, _ = guessed(
        tmp_path, t="id,created,group\n" + "".join(f"{n},2026-01-01,{'?' if n % 2 else 'a'}\n" for n in range(6))
    )
    assert 'missing: ["?"]' in text


def test_json_points_to_the_shipped_mappings(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"id": 1}\n')
    with pytest.raises(FilesError, match="sources show zendesk"):
        guess.guess([tmp_path / "t.jsonl"])
