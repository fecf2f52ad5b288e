"""One page for those who lead: as promised every single time, and the causes that cost most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aboveboard.findings import collect, money, sentences
from aboveboard.reports import folder, money_charts, words
from aboveboard.reports.exhibits import Row, rows_of

MOST = 3


@dataclass(frozen=True)
class Cause:
    """A cause that costs: what it is, what it costs, and how sure that is."""

    says: str
    costs: str


@dataclass(frozen=True)
class Leading:
    """The share of customers to whom every promise was kept, with its interval and how many they are; and what costs most.

    `by` says what the causes are ordered by: money, or customers let down where no money is on record.
    """

    share: str
    interval: str
    customers: str
    causes: tuple[Cause, ...]
    by: str


def read(out: Path) -> Leading | None:
    """What a run left, in short; None where no promise has ended in it."""
    whole = next((row for row in rows_of(folder.table(out, "every_time")) if row["span"] == "all"), None)
    if whole is None or words.absent(whole["whole_share"]):
        return None
    costly = list(_costly(rows_of(folder.table(out, "value_at_stake"))))[:MOST]
    causes = costly or [
        Cause(one.sentence, sentences.counted(one.evidence.n, "case", "cases"))
        for one in collect.read(out / folder.FINDINGS)[:MOST]
    ]
    return Leading(
        share=words.share(whole["whole_share"], 1),
        interval=words.interval(whole["whole_share_low"], whole["whole_share_high"]),
        customers=sentences.counted(whole["customers_count"], "customer", "customers"),
        causes=tuple(causes),
        by="money" if costly else "customers",
    )


def _costly(rows: list[Row]) -> Iterator[Cause]:
    """What costs beyond chance, the dearest first."""
    for row in sorted((row for row in rows if row["verdict"] == "costs"), key=lambda row: -row["value"]):
        low, high = money.amount(row["low"]), money.amount(row["high"])
        struck = sentences.counted(row["struck_count"], "customer", "customers")
        says = sentences.quoted(money_charts.cause_name(row))
        yield Cause(says, f"about {money.amount(row['value'])} at stake ({low} to {high}) with {struck}")
