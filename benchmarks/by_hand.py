"""Control figures of the public data sets, counted by plain loops over the raw files.

Nothing of Aboveboard is used here, and no query engine: csv, zipfile and an XML parser, one function per set. What
`real_data` prints beside Aboveboard's own figures, and what tests/real holds them to.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

Figures = dict[str, int]
Line = Mapping[str, str]


def figures(name: str, data: Path) -> Figures:
    """The control figures of the set `name`, whose folder lies in `data`."""
    return SETS[name](data / name)


def olist(folder: Path) -> Figures:
    """Orders and parcels. A promised day ends at midnight; a cancelled order counts while nothing was late yet."""
    orders = {line["order_id"]: line for line in _csv(folder / "olist_orders_dataset.csv")}
    late = sum(_day(line["order_delivered_customer_date"]) > _day(_promised(line)) for line in _delivered(orders))
    delivered = sum(1 for _ in _delivered(orders))
    cancelled = sum(_is_cancelled_in_time(line) for line in orders.values())
    limits: dict[tuple[str, str], str] = {}
    for item in _csv(folder / "olist_order_items_dataset.csv"):
        parcel = (item["order_id"], item["seller_id"])
        limits[parcel] = min(limits.get(parcel, item["shipping_limit_date"]), item["shipping_limit_date"])
    scanned = [
        (line["order_delivered_carrier_date"], limit)
        for line, limit in ((orders[order], limit) for (order, _), limit in limits.items())
        if line["order_delivered_carrier_date"] >= line["order_purchase_timestamp"]
    ]
    return {
        "orders": len(orders),
        "orders delivered": delivered,
        "delivered after the promised day": late,
        "cancelled before they were late": cancelled,
        "reviews": sum(1 for _ in _csv(folder / "olist_order_reviews_dataset.csv")),
        "parcels (order and seller)": len(limits),
        "parcels with a carrier's scan since the order": len(scanned),
        "parcels scanned after the limit": sum(scan > limit for scan, limit in scanned),
    }


def _delivered(orders: Mapping[str, Line]) -> Iterator[Line]:
    return (line for line in orders.values() if line["order_delivered_customer_date"])


def _promised(line: Line) -> str:
    return line["order_estimated_delivery_date"]


def _day(text: str) -> str:
    return text[:10]


def _is_cancelled_in_time(line: Line) -> bool:
    """Cancelled, never delivered, and the last thing known of it lies within the promised day."""
    known = max(
        line[name] for name in ("order_purchase_timestamp", "order_approved_at", "order_delivered_carrier_date")
    )
    open_until_then = not line["order_delivered_customer_date"] and _day(known) <= _day(_promised(line))
    return line["order_status"] == "canceled" and open_until_then


def baltimore311(folder: Path) -> Figures:
    """Requests by the timestamps they carry; all are on one clock, so that no time zone is needed."""
    times = [
        tuple(_clock(line[name], "%m/%d/%Y %I:%M:%S %p") for name in ("DueDate", "CloseDate"))
        for file in folder.glob("*311*.csv")
        for line in _csv(file)
    ]
    both = [(due, closed) for due, closed in times if due and closed]
    return {
        "requests": len(times),
        "with both dates": len(both),
        "closed by their due time": sum(closed <= due for due, closed in both),
        "closed late": sum(closed > due for due, closed in both),
        "due, and not closed": sum(bool(due) and not closed for due, closed in times),
    }


def servicenow(folder: Path) -> Figures:
    """Incidents; the order of an incident's rows is that of their minutes, and of `sys_mod_count` within one."""
    with zipfile.ZipFile(folder / "incident_event_log.zip") as packed, packed.open("incident_event_log.csv") as raw:
        log = list(csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline="")))
    incidents: dict[str, list[Line]] = defaultdict(list)
    for line in log:
        incidents[line["number"]].append(line)
    for lines in incidents.values():
        lines.sort(key=lambda line: (_clock(line["sys_updated_at"], _D_M_Y), int(line["sys_mod_count"])))
    paths = [
        _path([line["assignment_group"] for line in lines if line["assignment_group"] != "?"])
        for lines in incidents.values()
    ]
    firsts, lasts = ([end(lines, key=_count) for lines in incidents.values()] for end in (min, max))
    limits = [(_limit(first["priority"]), _taken(first, last)) for first, last in zip(firsts, lasts, strict=True)]
    return {
        "incidents": len(incidents),
        "incidents reopened": sum(int(last["reopen_count"]) > 0 for last in lasts),
        "incidents that kept their agreement (made_sla)": sum(last["made_sla"] == "true" for last in lasts),
        "incidents without a time of resolving": sum(last["resolved_at"] == "?" for last in lasts),
        "resolved within our limits": sum(taken is not None and taken <= limit for limit, taken in limits),
        **_handed_over(paths),
    }


_D_M_Y = "%d/%m/%Y %H:%M"


def _count(line: Line) -> int:
    return int(line["sys_mod_count"])


def _limit(priority: str) -> timedelta:
    return {"1": timedelta(hours=4), "2": timedelta(hours=24)}.get(priority[0], timedelta(days=5))


def _taken(first: Line, last: Line) -> timedelta | None:
    opened, resolved = _clock(first["opened_at"], _D_M_Y), _clock(last["resolved_at"], _D_M_Y)
    return resolved - opened if opened and resolved else None


def bpic2013(folder: Path) -> Figures:
    """Incidents of the XES log, each a list of statuses with the team that set them, as they stand in the file."""
    cases = list(_traces(folder / "incidents.xes.gz"))
    done = [_waited(_start(case), case, "Completed") for case in cases]
    queued = [
        _waited(event.at, case, "Accepted", "Completed") for case in cases for event in case if event.name == "Queued"
    ]
    return {
        "events": sum(map(len, cases)),
        "cases": len(cases),
        "cases completed within five days": _within(done, timedelta(days=5)),
        "cases never completed": done.count(None),
        "cases opened again after completion": sum(
            any(before.name == "Completed" != after.name for before, after in pairwise(case)) for case in cases
        ),
        "times put into a queue": len(queued),
        "taken up within a day": _within(queued, timedelta(days=1)),
        **_handed_over([_path([event.values["org:group"] for event in case]) for case in cases]),
    }


def helpdesk(folder: Path) -> Figures:
    """Tickets of the XES log, from their first event on; a working day runs from Monday to Friday, 9 to 18 in Rome."""
    cases = list(_traces(folder / "helpdesk.xes.gz"))
    charged = [_waited(_start(case), case, "Take in charge ticket", "Resolve ticket") for case in cases]
    resolved = [_waited(_start(case), case, "Resolve ticket") for case in cases]
    return {
        "events": sum(map(len, cases)),
        "tickets": len(cases),
        "taken in charge by the next working day": sum(
            waited is not None and _start(case) + waited <= _end_of_next_working_day(_start(case))
            for case, waited in zip(cases, charged, strict=True)
        ),
        "neither taken in charge nor resolved": charged.count(None),
        "resolved within two weeks": _within(resolved, timedelta(days=14)),
        "never resolved": resolved.count(None),
        **_handed_over(
            [_path([event.values["workgroup"] for event in sorted(case, key=lambda e: e.at)]) for case in cases]
        ),
    }


ROME = ZoneInfo("Europe/Rome")
_FIXED = ((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26))
_EASTER_MONDAYS = ((2010, 4, 5), (2011, 4, 25), (2012, 4, 9), (2013, 4, 1))


def _end_of_next_working_day(start: datetime) -> datetime:
    """The close of the first working day after the one on which `start` counts as made."""
    local = start.astimezone(ROME)
    day = local.date() + timedelta(days=local.hour >= 18)
    for _ in range(2):
        while not _is_working_day(day):
            day += timedelta(days=1)
        counted, day = day, day + timedelta(days=1)
    return datetime(counted.year, counted.month, counted.day, 18, tzinfo=ROME)


def _is_working_day(day: date) -> bool:
    free = (day.month, day.day) in _FIXED or (day.year, day.month, day.day) in _EASTER_MONDAYS
    return day.weekday() < 5 and not free


def _handed_over(paths: Sequence[Sequence[str]]) -> Figures:
    """What the paths of work through teams hold: hand-offs, cases with several teams, cases with A→B→A."""
    return {
        "hand-offs between teams": sum(max(len(path) - 1, 0) for path in paths),
        "cases with more than one team": sum(len(set(path)) > 1 for path in paths),
        "cases with an A→B→A return": sum(any(a == c for a, c in zip(path, path[2:], strict=False)) for path in paths),
    }


def _path(teams: Sequence[str]) -> list[str]:
    """The teams one after another, without repetition of the same."""
    return [team for before, team in zip([None, *teams], teams, strict=False) if team != before]


@dataclass(frozen=True)
class Event:
    """One event of an XES log."""

    at: datetime
    name: str
    values: Mapping[str, str]


def _start(case: Sequence[Event]) -> datetime:
    return min(event.at for event in case)


def _waited(since: datetime, case: Sequence[Event], *names: str) -> timedelta | None:
    """From `since` to the earliest event of these names at or after it."""
    found = min((event.at for event in case if event.name in names and event.at >= since), default=None)
    return None if found is None else found - since


def _within(waits: Sequence[timedelta | None], limit: timedelta) -> int:
    return sum(wait is not None and wait <= limit for wait in waits)


def _traces(file: Path) -> Iterator[list[Event]]:
    """Each case of an XES file as its events, in the file's order."""
    with gzip.open(file) as raw:
        for _, element in ElementTree.iterparse(raw):  # noqa: S314 - a file of the data sets, not of a stranger
            if element.tag.rpartition("}")[2] == "trace":
                yield [_event(child) for child in element if child.tag.rpartition("}")[2] == "event"]
                element.clear()


def _event(element: ElementTree.Element) -> Event:
    values = {child.get("key", ""): child.get("value", "") for child in element}
    return Event(datetime.fromisoformat(values["time:timestamp"]), values["concept:name"], values)


def _clock(text: str, form: str) -> datetime | None:
    return None if text in ("", "?") else datetime.strptime(text, form)  # noqa: DTZ007 - one clock, no zone said


def _csv(file: Path) -> Iterator[Line]:
    with file.open(encoding="utf-8", newline="") as raw:
        yield from csv.DictReader(raw)


SETS: dict[str, Callable[[Path], Figures]] = {
    "olist": olist,
    "baltimore311": baltimore311,
    "servicenow": servicenow,
    "bpic2013": bpic2013,
    "helpdesk": helpdesk,
}
