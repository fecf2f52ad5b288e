"""What do breakdowns cost in public data? Olist's late parcels and reorders; an invented phone company's churn.

    python -m benchmarks.public_money [--data FOLDER]

Prints `consequences` and `value_at_stake` for both, as docs/measures/money.md quotes them.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from aboveboard.analyses import money, promises
from aboveboard.engines import Ledger, read
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook

ROOT = Path(__file__).resolve().parent.parent
TELCO = """
WITH rows AS (SELECT *, TIMESTAMPTZ '2020-01-31 00:00:00+00' AS seen FROM read_csv('{file}', all_varchar = true)
    WHERE InternetService <> 'No'),
month AS (SELECT *, seen - INTERVAL 30 DAY AS began, json_object('contract', Contract, 'internet', InternetService,
    'pays by', PaymentMethod, 'alone', if(Partner = 'No' AND Dependents = 'No', 'yes', 'no'), 'paper', PaperlessBilling) AS mix
    FROM rows)
SELECT 'service.started' AS type, began - to_days(30 * tenure::int + 1) AS time, NULL AS subject, NULL AS value,
    NULL AS attributes, customerID AS who FROM month
UNION ALL SELECT 'payment.received', began - INTERVAL 1 DAY, NULL, try_cast(TotalCharges AS double), NULL, customerID FROM month
UNION ALL SELECT 'month.began', began, 'month:' || customerID, MonthlyCharges::double,
    if({problem}, json_merge_patch(mix, json_object('problem', '{name}')), mix), customerID FROM month
UNION ALL SELECT 'customer.left', seen - INTERVAL 1 DAY, NULL, NULL, NULL, customerID FROM month WHERE Churn = 'Yes'
UNION ALL SELECT 'record.ended', seen, NULL, NULL, NULL, NULL FROM (SELECT DISTINCT seen FROM month)
"""
"""The last month of each customer with internet: what they had paid, how it is arranged, whether they left in it."""
PROBLEMS = {"no technical support": "TechSupport = 'No'", "fibre": "InternetService = 'Fiber optic'"}


def telco(data: Path, name: str) -> pa.Table:
    """The phone company's customers as ledger events; those to whom `name` applies carry it as their problem."""
    file = data / "telco-churn" / "Telco-Customer-Churn.csv"
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        told = engine.sql(
            f"SELECT row_number() OVER ()::varchar AS id, type, time, time AS recorded_at, subject, who AS customer, value, "
            f"attributes::varchar AS attributes FROM ({TELCO.format(file=file, problem=PROBLEMS[name], name=name)})"
        ).to_arrow_table()
    columns = [
        told[c.name].cast(c.type) if c.name in told.column_names else pa.nulls(told.num_rows, c.type) for c in SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def told(ledger: Ledger, book: Playbook, *, of_promises: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of `consequences` and of `value_at_stake`."""
    as_of = ledger.arrow(ledger.events.aggregate(last=ledger.events.time.max()))["last"][0].as_py()
    kept = ledger.keep(promises.outcomes(ledger.events, book, as_of=as_of), "promises") if of_promises else None
    found = money.study(ledger.events, kept, book, as_of=as_of)
    return tuple(ledger.arrow(table).to_pylist() for table in (money.consequences(found), money.value_at_stake(found)))  # type: ignore[return-value]


def show(rows: Iterable[Mapping[str, Any]], *names: str) -> None:
    """Print columns of rows as Markdown."""
    print("| " + " | ".join(names) + " |\n" + "|---" * len(names) + "|")
    for row in rows:
        print("| " + " | ".join(_cell(row[name]) for name in names) + " |")


def _cell(value: Any) -> str:
    return "–" if value is None else f"{value:,.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    """Print both sets."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ABOVEBOARD_DATA", ROOT.parent / "shared/data"))
    )
    data = asked.parse_args().data
    columns = ("cause", "outcome", "window_days", "struck_count", "peers_count", "struck_mean", "peers_mean", "naive", "effect",
               "effect_low", "effect_high", "overlap_share", "e_value_limit", "verdict")  # fmt: skip
    stakes = (
        "cause",
        "struck_count",
        "followed_count",
        "basis",
        "value_each",
        "value",
        "low",
        "high",
        "verdict",
        "not_identified",
    )
    book = reader.read(ROOT / "docs" / "measures" / "playbooks" / "olist.yaml")
    print("### Olist\n")
    with read(data / "olist", mapping="olist", timezone=book.timezone.key) as ledger:
        rows, values = told(ledger, book, of_promises=True)
        show((row for row in rows if row["struck_count"] and row["outcome"] != "left"), *columns)
        print()
        show(values, *stakes)
    for name in PROBLEMS:
        print(f"\n### The phone company: {name}\n")
        with Ledger.of(telco(data, name)) as ledger:
            rows, values = told(ledger, Playbook(), of_promises=False)
            show((row for row in rows if row["outcome"] == "left"), *columns)
            print()
            show(values, *stakes)


if __name__ == "__main__":
    main()
