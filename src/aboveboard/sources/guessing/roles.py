"""What the name and the content of a column speak for: which ledger column it fills, which event its time is of."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aboveboard.sources.guessing.profiles import Column, File

# A time whose name says one of these is promised, not reached.
DUE = re.compile(r"due|deadline|estimat|promis|limit|expected|target|\beta\b|must_by|sla_(time|date)")
UPDATED = re.compile(
    r"updat|modif|last_?(activity|change)|(status|activity).?(date|time)|^(time|timestamp|datetime|date)$"
)
# The first that fits names the event; `{}` is the thing that the file is about.
EVENTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"cancel"), "{}.cancelled"),
    (re.compile(r"return"), "{}.returned"),
    (re.compile(r"carrier|shipped|dispatch|handed"), "{}.shipped"),
    (re.compile(r"deliver"), "{}.delivered"),
    (re.compile(r"approv|paid|payment"), "{}.paid"),
    (re.compile(r"purchas|placed|ordered"), "{}.placed"),
    (re.compile(r"reopen"), "{}.reopened"),
    (re.compile(r"resol|solved"), "{}.resolved"),
    (re.compile(r"clos|complet|finish|ended|end_?(date|time)"), "{}.closed"),
    (re.compile(r"assign"), "{}.assigned"),
    (re.compile(r"answer|respon"), "{}.answered"),
    (re.compile(r"open|creat|start|received|submit|report|logged|posted|begin"), "{}.opened"),
)
THINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"review|rating"), "review"),
    (re.compile(r"survey|feedback|response"), "survey"),
    (re.compile(r"tweet|post"), "post"),
    (re.compile(r"incident|ticket|case|request|complaint|(^|_)sr|311|issue"), "case"),
    (re.compile(r"order|purchase|shipment"), "order"),
    (re.compile(r"call|chat|contact"), "contact"),
    (re.compile(r"customer|client|passenger|guest|churn"), "customer"),
)
COLUMNS: dict[str, re.Pattern[str]] = {
    "customer": re.compile(
        r"customer.*(id|key|no)$|^customer$|client.*id|requester|caller|buyer|guest|passenger.?id|^user.?(id)?$|^name$"
    ),
    "team": re.compile(
        r"assignment_group|(^|_)(group|team|queue|department|dept|agency|division|seller_id|store|branch|airline|vendor)(_id|_name)?$"
    ),
    "employee": re.compile(
        r"assigned_to|assignee|(^|_)(agent|rep|resource|operator|staff|employee|handler)(_id|_name)?$"
    ),
    "channel": re.compile(r"channel|contact_?type|method.?received|(^|_)via$|(^|_)medium$"),
    "touchpoint": re.compile(r"(sr|request|ticket|case|issue|service)_?(type|topic|category)|^(category|topic)$"),
    "outcome": re.compile(r"status|(^|_)state$|outcome|resolution$|sentiment$|satisfaction$|^churn$"),
    "value": re.compile(r"score|rating|stars|amount|total|price|charges|(^|_)value$|nps|csat|ces"),
    "text": re.compile(r"text|comment|message|description|body|review|feedback|note|remark"),
}
ACTIVITY = re.compile(r"^(?!last|first).*(activity|event_?(type|name)?)$|^action$|^step$|^concept_name$")
CASE = re.compile(r"(^|_)(id|number|no|nr|key|ref|case|ticket|incident|order)$")


def plain(name: str) -> str:
    """The name in small letters with _ between words, CamelCase taken apart."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"\W+", "_", parted.lower()).strip("_")


def thing(file: File) -> str:
    """What the rows are about, by the file's name, its key, its columns: order, case, review, …; else `record`."""
    names = [plain(file.alias), *(plain(column.name) for column in file.keys[:1]), *map(plain, file.columns)]
    return next((word for name in names for pattern, word in THINGS if pattern.search(name)), "record")


def event(column: Column, about: str) -> tuple[str, bool]:
    """The type of the event whose time the column holds, and whether that is a doubt."""
    name = plain(column.name)
    for pattern, template in EVENTS:
        if pattern.search(name):
            return template.format(about), False
    return f"{about}.{words(column)}", True


def words(column: Column) -> str:
    """The name of a time without the words for time: `sys_created_at` → `sys-created`."""
    name = plain(column.name)
    kept = re.sub(r"_?(date|time|timestamp|at|on)(_|$)", "_", name).strip("_") or name
    return kept.replace("_", "-")


def fills(ledger_column: str, columns: Iterable[Column], rows: int) -> Column | None:
    """The column that fits a ledger column best: by its name, and if what stands in it can be that."""
    named = [column for column in columns if COLUMNS[ledger_column].search(plain(column.name)) and not column.date]
    fitting = [column for column in named if column.filled and _can_be(ledger_column, column, rows)]
    if ledger_column == "text":
        return max(fitting, key=lambda column: column.length, default=None)
    return fitting[0] if fitting else None


def _can_be(ledger_column: str, column: Column, rows: int) -> bool:
    if ledger_column == "value":
        return column.numeric and column.distinct > 1
    if ledger_column == "text":
        return not column.numeric and column.words >= 2.5 and column.distinct > 20
    if ledger_column in ("channel", "outcome", "touchpoint"):
        letters = column.length <= 2.2 and not column.numeric  # US states, yes and no
        return 1 < column.distinct <= max(300, rows // 50) and not column.numeric and not letters
    if ledger_column == "team":
        return column.distinct > 1 and column.distinct < max(rows, 2)
    return column.distinct > 1


def worth_keeping(column: Column) -> bool:
    """Whether the column may be a cause that an analysis can ask for: few different values."""
    return 1 < column.distinct <= 60 and not column.date and column.length < 60
