"""The public sets as cases with components: one dictionary of levels and one outcome each, read by plain loops.

Components are those that the sets themselves name; a value that the set calls unknown is no level.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

Row = dict[str, str]


@dataclass(frozen=True)
class Cases:
    """One question of one set: per component the level of every case (None: not known), and the outcome of each."""

    title: str
    binary: bool
    levels: dict[str, list[str | None]]
    y: list[float]


def cases(rows: list[tuple[dict[str, str | None], float]], title: str, *, binary: bool) -> Cases:
    """From one dictionary of levels and one outcome per case."""
    names = list(rows[0][0])
    return Cases(title, binary, {name: [levels[name] for levels, _ in rows] for name in names}, [y for _, y in rows])


def servicenow(folder: Path) -> Cases:
    """Did the incident keep its agreement? By the last row of each in which all five components are known."""
    columns = {"group": "assignment_group", "person": "resolved_by", "category": "category", "priority": "priority"}
    columns |= {"opener": "opened_by"}
    last: dict[str, Row] = {}
    with zipfile.ZipFile(folder / "servicenow" / "incident_event_log.zip") as packed:
        name = next(name for name in packed.namelist() if name.endswith(".csv"))
        for row in csv.DictReader(io.TextIOWrapper(packed.open(name), "utf-8")):
            known = last.get(row["number"])
            if known is None or int(row["sys_mod_count"]) >= int(known["sys_mod_count"]):
                last[row["number"]] = row
    whole = [row for row in last.values() if all(row[column] != "?" for column in columns.values())]
    made: list[tuple[dict[str, str | None], float]] = [
        ({name: row[column] for name, column in columns.items()}, float(row["made_sla"] == "true")) for row in whole
    ]
    return cases(made, "agreement kept (made_sla)", binary=True)


@dataclass(frozen=True)
class Parcel:
    """One delivered order of Olist, of one seller."""

    order: str
    customer: str
    levels: dict[str, str | None]
    days_late: int
    score: float | None


def _table(folder: Path, name: str) -> list[Row]:
    with (folder / "olist" / f"olist_{name}_dataset.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def handed_over(days: float) -> str:
    """Days from order to carrier, in bands."""
    for most in (1, 2, 3, 5, 8, 13):
        if days <= most:
            return f"up to {most} days"
    return "longer"


def olist(folder: Path) -> list[Parcel]:
    """Delivered orders with one seller whose days are known, each with the score of its (last) review."""
    customers = {row["customer_id"]: row for row in _table(folder, "customers")}
    category = {row["product_id"]: row["product_category_name"] or None for row in _table(folder, "products")}
    score = {row["order_id"]: float(row["review_score"]) for row in _table(folder, "order_reviews")}
    items: dict[str, list[Row]] = {}
    for row in _table(folder, "order_items"):
        items.setdefault(row["order_id"], []).append(row)
    found = []
    for row in _table(folder, "orders"):
        sellers = {item["seller_id"] for item in items.get(row["order_id"], [])}
        dates = [
            row[f"order_{name}_date"] for name in ("delivered_customer", "delivered_carrier", "estimated_delivery")
        ]
        if row["order_status"] != "delivered" or len(sellers) != 1 or not all(dates):
            continue
        delivered, carrier, promised = (_day(date) for date in dates)
        placed = _day(row["order_purchase_timestamp"])
        customer = customers[row["customer_id"]]
        levels: dict[str, str | None] = {
            "seller": sellers.pop(),
            "customer's state": customer["customer_state"],
            "product category": category.get(items[row["order_id"]][0]["product_id"]),
            "days to the carrier": handed_over((carrier - placed) / timedelta(days=1)),
            "month": placed.strftime("%Y-%m"),
        }
        late = (delivered.date() - promised.date()).days
        found.append(Parcel(row["order_id"], customer["customer_unique_id"], levels, late, score.get(row["order_id"])))
    return found


def late(parcels: list[Parcel]) -> Cases:
    """Did the parcel come after the promised day?"""
    return cases([(parcel.levels, float(parcel.days_late > 0)) for parcel in parcels], "parcel late", binary=True)


def scores(parcels: list[Parcel]) -> Cases:
    """What was the score?"""
    rated = [(parcel.levels, parcel.score) for parcel in parcels if parcel.score is not None]
    return cases(rated, "review score", binary=False)


def bpic2013(folder: Path) -> Cases:
    """How long did the incident take, by who and which team closed it last, its product, impact and country?"""
    with gzip.open(folder / "bpic2013" / "incidents.xes.gz") as file:
        made = list(_incidents(file))
    return cases(made, "time from first to last event (log hours)", binary=False)


def _incidents(file: gzip.GzipFile) -> Iterator[tuple[dict[str, str | None], float]]:
    for _, element in ElementTree.iterparse(file):  # noqa: S314 - a file of the data sets, not of a stranger
        if not element.tag.endswith("trace"):
            continue
        events = [
            {each.get("key", ""): each.get("value", "") for each in event}
            for event in element
            if event.tag.endswith("event")
        ]
        times = sorted(datetime.fromisoformat(event["time:timestamp"]) for event in events)
        hours = (times[-1] - times[0]) / timedelta(hours=1)
        last = max(events, key=lambda event: event["time:timestamp"])
        names = {"person": "org:resource", "team": "org:group", "impact": "impact", "country": "resource country"}
        found = {name: last.get(key) for name, key in names.items()}
        known = {name: None if value in ("", "-", "siebel", "Siebel") else value for name, value in found.items()}
        if hours > 0:
            yield known, math.log(hours)
        element.clear()


_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def callcenter(folder: Path) -> list[Cases]:
    """Answered, resolved and satisfied, by agent, topic and hour. The set is invented, and no agent has any effect."""
    rows = _sheet(folder / "callcenter" / "Call-Center-Dataset.xlsx")
    found: dict[str, list[tuple[dict[str, str | None], float]]] = {"answered": [], "resolved": [], "satisfaction": []}
    for row in rows:
        levels: dict[str, str | None] = {"employee": row["Agent"], "topic": row["Topic"]}
        levels["hour"] = str(int(float(row["Time"]) * 24))
        answered = row["Answered (Y/N)"] == "Y"
        found["answered"].append((levels, float(answered)))
        if answered:
            found["resolved"].append((levels, float(row["Resolved"] == "Y")))
            found["satisfaction"].append((levels, float(row["Satisfaction rating"])))
    return [cases(each, name, binary=name != "satisfaction") for name, each in found.items()]


def _sheet(path: Path) -> list[Row]:
    """The rows of the sheet whose first cell is "Call Id"."""
    with zipfile.ZipFile(path) as packed:
        root = _parsed(packed, "xl/sharedStrings.xml")
        words = ["".join(text.text or "" for text in entry.iter(f"{_SHEET}t")) for entry in root]
        sheets = [name for name in packed.namelist() if name.startswith("xl/worksheets/sheet")]
        for name in sheets:
            rows = [_cells(row, words) for row in _parsed(packed, name).iter(f"{_SHEET}row")]
            if rows and rows[0].get("A") == "Call Id":
                return [{title: row[column] for column, title in rows[0].items() if column in row} for row in rows[1:]]
    raise ValueError(f"{path}: no sheet of calls")


def _parsed(packed: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(packed.read(name))  # noqa: S314 - a file of the data sets, not of a stranger


def _cells(row: ElementTree.Element, words: list[str]) -> Row:
    found = {}
    for cell in row:
        value = cell.find(f"{_SHEET}v")
        if value is not None and value.text is not None:
            column = "".join(letter for letter in cell.get("r", "") if letter.isalpha())
            found[column] = words[int(value.text)] if cell.get("t") == "s" else value.text
    return found


def orders_per_customer(parcels: list[Parcel]) -> Counter[int]:
    """How many customers of the sample have one order in it, two, …"""
    return Counter(Counter(parcel.customer for parcel in parcels).values())
