"""What it costs to let customers down: the value at stake of a promise or a problem, and what they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from aboveboard.findings import comparing, sentences
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import Row, Tables, rows
from aboveboard.playbook.model import Playbook

KINDS: tuple[Kind, ...] = (
    Kind(
        "money.at-stake",
        "Letting customers down costs money: with interval, and with how strong something unknown would have to be.",
        "20 or more comparable customers on either side, half of those let down with peers, and an interval above nothing.",
        ("cause",),
        "value_at_stake",
    ),
    Kind(
        "money.customers-leave",
        "Customers leave more often, or buy again less often, after they were let down.",
        "20 or more comparable customers on either side, half of those let down with peers, at a false-discovery rate of 5 % "
        "over all causes and outcomes.",
        ("cause", "outcome"),
        "consequences",
    ),
)
_METHOD = (
    "effect on those let down, augmented inverse probability weighting with five-fold cross-fitting; E-value",
    "Robins, Rotnitzky and Zhao (1994), JASA 89, 846–866; Chernozhukov et al. (2018), Econometrics J. 21, C1–C68; "
    f"VanderWeele and Ding (2017), Ann. Intern. Med. 167, 268–274; {comparing.BENJAMINI_HOCHBERG}",
)
_WORSE = {"left": "more", "bought again": "less"}


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the tables of money (a missing table says nothing)."""
    values = rows(tables, "value_at_stake")
    problems = {row["problem"]: row["cause"] for row in rows(tables, "problems")}
    for row in values:
        if row["verdict"] == "costs":
            yield _at_stake(row, playbook, problems)
    owners = {row["cause"]: row["owner"] for row in values}
    for row in rows(tables, "consequences"):
        if row["verdict"] == _WORSE.get(row["outcome"], ""):
            yield _leave(row, owners.get(row["cause"]), playbook, problems)


def _at_stake(row: Row, playbook: Playbook, problems: Mapping[str, str]) -> Finding:
    yearly, days = row["value_yearly"], row["window_days"]
    pace = "" if yearly is None else f", {amount(yearly)} a year at this pace"
    how = {
        "spent": f"Read from what they no longer spend within {days} days",
        "left": f"Read from who leaves within {days} days, at {amount(row['worth'] or 0)} each",
        "none": "Read from refunds and remedies alone",
    }[row["basis"]]
    customers = sentences.counted(row["struck_count"], "customer", "customers")
    return Finding(
        "money.at-stake",
        {"cause": row["cause"]},
        f"{_struck(row['cause'], playbook, problems)}: about {amount(row['value'])} at stake ({amount(row['low'])} to "
        f"{amount(row['high'])}) with {customers}{pace}. {how}. {row['not_identified']}",
        Evidence(row["followed_count"], row["value"], "money", row["low"], row["high"], *_METHOD),
        "Set this beside what it would cost to keep the promise, or to promise less.",
        owner=row["owner"],
        weight=0.0,  # the customers are counted where the promise is; money does not count them again
        table="value_at_stake",
        where={"cause": row["cause"]},
    )


def _leave(row: Row, owner: str | None, playbook: Playbook, problems: Mapping[str, str]) -> Finding:
    otherwise = max(row["struck_mean"] - row["effect"], 0.0)
    low, high = sorted(100 * abs(end) for end in (row["effect_low"], row["effect_high"]))
    limit = row["e_value_limit"]
    doubt = (
        ""
        if limit is None
        else f" Something unknown would need a risk ratio of {limit:.1f} with both to explain it away."
    )
    return Finding(
        "money.customers-leave",
        {"cause": row["cause"], "outcome": row["outcome"]},
        f"{_struck(row['cause'], playbook, problems)}: within {row['window_days']} days {sentences.percent(row['struck_mean'])} "
        f"{row['outcome']}, and {sentences.percent(otherwise)} of customers like them: {100 * abs(row['effect']):.0f} of 100 "
        f"{'more' if row['effect'] > 0 else 'fewer'} ({low:.0f}–{high:.0f}).{doubt}",
        Evidence(row["struck_count"], row["effect"], "share", row["effect_low"], row["effect_high"], *_METHOD),
        "Write to those who were let down and have not come back: say what happened and what is different now.",
        owner=owner,
        weight=row["struck_count"] * abs(row["effect"]),
        table="consequences",
        where={"cause": row["cause"], "outcome": row["outcome"]},
    )


def _struck(cause: str, playbook: Playbook, problems: Mapping[str, str]) -> str:
    kind, name = cause.split(":", 1)
    if kind == "problem":
        return f"Customers struck by the problem {sentences.quoted(problems.get(name, name))}"
    entry = playbook.promises.get(name)
    return f"Customers to whom {sentences.quoted(entry.says) if entry else name} was not kept"


def amount(value: float) -> str:
    """Money with three digits that count: 40674 → "40,700". The ledger knows no currency."""
    digits = max(0, len(f"{abs(value):.0f}") - 3)
    return f"{round(value, -digits):,.0f}".replace("-", "−")
