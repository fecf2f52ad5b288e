"""What does it cost to let customers down?"""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.findings import money, sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import money_charts, theme
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section


def section(results: Results, playbook: Playbook) -> Section | None:
    """Value at stake, what customers do, and the cost of serving them; None where nobody was ever let down."""
    values, changes, served = (
        rows_of(results.tables.get(name)) for name in ("value_at_stake", "consequences", "cost_to_serve")
    )
    struck = [row for row in values if row["struck_count"]]
    if not struck:
        return None
    figures = [_stakes(struck), *_changes([row for row in changes if row["struck_count"]])]
    if served:
        note = "counted on record within the window, beside the same for customers who were not let down"
        table = table_of("cost_to_serve", served, "cost-to-serve")
        figures.append(Figure("Where does the work after it go?", note, None, table))
    return Section("money", "What does it cost to let customers down?", _answer(struck), figures, kinds=("money",))


def _answer(values: Sequence[Row]) -> str:
    known = sorted((row for row in values if row["verdict"] == "costs"), key=lambda row: -row["value"])
    if not known:
        if all(row["verdict"] == "not enough data" for row in values):
            return "Too few customers were let down and followed, or too few like them were not, to tell."
        return "No cost is shown beyond chance."
    first = known[0]
    low, high = money.amount(first["low"]), money.amount(first["high"])
    customers = sentences.counted(first["struck_count"], "customer", "customers")
    return (
        f"Most with {sentences.quoted(money_charts.cause_name(first))}: about {money.amount(first['value'])} at stake "
        f"({low} to {high}) with {customers}. {first['not_identified']}"
    )


def _stakes(values: Sequence[Row]) -> Figure:
    ordered = sorted(values, key=lambda row: (row["value"] is None, -(row["value"] or 0), row["cause"]))
    known = [row for row in ordered if row["value"] is not None][:MOST_NAMES]
    table = table_of("value_at_stake", ordered, "value-at-stake")
    if not known:
        return Figure("How much is at stake?", "not enough data", None, table)
    drawing = theme.draw(
        lambda width: money_charts.stakes(known, width), "Value at stake of each cause, with intervals"
    )
    note = "money in the record, as against customers like them who were not let down; red: above nothing beyond chance"
    return Figure("How much is at stake?", note, drawing, table)


def _changes(rows: Sequence[Row]) -> list[Figure]:
    if not rows:
        return []
    known = [row for row in rows if row["effect"] is not None and row["unit"] == "share"]
    known.sort(key=lambda row: (row["outcome"] != "left", -abs(row["effect"])))
    table = table_of("consequences", rows, "consequences")
    if not known:
        return [Figure("What do customers do after it?", "not enough data", None, table)]
    drawing = theme.draw(
        lambda width: money_charts.changes(known[:MOST_NAMES], width), "Leaving and buying again, with intervals"
    )
    note = "of 100 customers let down, how many more or fewer than of customers like them; red: beyond chance"
    return [Figure("What do customers do after it?", note, drawing, table)]
