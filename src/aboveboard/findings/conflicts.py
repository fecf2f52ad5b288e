"""What the rules show when they are read together: some cannot all be kept, some leave a gap, some say nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.findings import comparing, sentences
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import MOST_EVENTS, Row, Said, Tables, rows
from aboveboard.playbook.model import Playbook

_PROOF = "proof over all situations and choices (SMT), tried out again in plain Python"
_SOURCE = "Bjørner and Janota (2015), LPAR-20, 15–27; Liffiton et al. (2016), Constraints 21, 223–250"
_COUNTED = (f"share late or broken, Wilson interval; {_PROOF}", f"{comparing.WILSON}; {_SOURCE}")
_PROVED = (_PROOF, _SOURCE)
_REMARKS = {
    "gap": ("rules.gap", "Say in a policy what happens there."),
    "refuses without evidence": (
        "rules.refusal-without-evidence",
        "Say what the refusal rests on (`evidence`), or let the policy say yes.",
    ),
    "pays for another act": (
        "rules.pays-for-another-act",
        "Pay alike for the promised act, or promise what is paid for.",
    ),
    "nobody may bend it": (
        "rules.authority-nobody-holds",
        "Give somebody who meets the customer an amount above nothing.",
    ),
    "authority nobody holds": (
        "rules.authority-nobody-holds",
        "Ask who holds that level; if nobody does, give its authority to one who is there.",
    ),
    "never applies": ("rules.never-applies", "Drop it, or mend its condition."),
    "says nothing": ("rules.says-nothing", "Drop it, or mend its condition."),
    "says nothing new": ("rules.says-nothing-new", "Drop it, so that there is one place to change."),
    "says the same": ("rules.says-nothing-new", "Keep one of the two, so that there is one place to change."),
}
_MISSED = pa.array(["late", "broken"])
KINDS: tuple[Kind, ...] = (
    Kind(
        "conflict.rules",
        "Rules that cannot all be kept in some situations, though any of them can be left out.",
        "It is proved.",
        ("rules",),
        "conflicts",
    ),
    Kind(
        "conflict.incentive",
        "The same, and one of them is an incentive that pulls against a promise.",
        "It is proved.",
        ("rules",),
        "conflicts",
    ),
    Kind(
        "rules.gap",
        "Situations in which the rules leave a decision open that they must settle.",
        "The fact is `decided`, and two values are allowed.",
        ("rules", "fact"),
        "rule_remarks",
    ),
    Kind(
        "rules.refusal-without-evidence",
        "A policy that forces a refusal without stating evidence.",
        "The decision `refuses`, and the policy states no `evidence`.",
        ("rules", "fact"),
        "rule_remarks",
    ),
    Kind(
        "rules.pays-for-another-act",
        "An incentive under which an act that breaks a promise is paid best.",
        "The incentive says what it `pays`.",
        ("rules", "fact"),
        "rule_remarks",
    ),
    Kind(
        "rules.authority-nobody-holds",
        "A policy that nobody may bend, or a level of authority that nobody on record holds.",
        "Every amount is 0; or five or more escalations needed the level, and none was decided at it.",
        ("rules", "fact"),
        "rule_remarks",
    ),
    Kind(
        "rules.never-applies",
        "A rule whose condition is true in no situation.",
        "It is proved.",
        ("rules", "fact"),
        "rule_remarks",
    ),
    Kind("rules.says-nothing", "A rule that every choice keeps.", "It is proved.", ("rules", "fact"), "rule_remarks"),
    Kind(
        "rules.says-nothing-new",
        "A rule that whoever keeps others keeps too.",
        "It is proved, and no incentive is among them.",
        ("rules", "fact"),
        "rule_remarks",
    ),
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the tables `conflicts` and `rule_remarks` (a missing table says nothing)."""
    for row in rows(tables, "conflicts"):
        yield _conflict(row, tables, playbook)
    for row in rows(tables, "rule_remarks"):
        # An incentive that asks for what a policy asks for is no repetition to be cleared up.
        repeated = row["by"] is not None and "incentive:" in f"{row['rules']} {row['by']}"
        if row["kind"] in _REMARKS and not repeated:
            yield _remark(row, playbook)


def _conflict(row: Row, tables: Tables, playbook: Playbook) -> Finding:
    names = row["rules"].split(" + ")
    kept = "cannot be kept" if len(names) == 1 else "cannot all be kept"
    said = f"{_first(sentences.listed([_named(name) for name in names], most=9))} {kept}: {row['where_words']}."
    counted = row["events_count"] is not None
    return Finding(
        "conflict.incentive" if row["incentive"] and row["promise"] else "conflict.rules",
        {"rules": row["rules"]},
        f"{said} {_struck(row, tables, playbook)}" if counted else f"{said} For example: {row['says']}",
        evidence=_evidence(row),
        action=_action(row),
        owner=_owner(names, playbook),
        weight=float(row["missed_count"] or 0),
        events=_events(row, tables),
        table="conflicts",
        where={"rules": row["rules"]},
    )


def _struck(row: Row, tables: Tables, playbook: Playbook) -> str:
    """How many real cases fell there, and what became of them."""
    total = row["events_count"] + row["outside_count"]
    many = Said(row["promise"], playbook, tables.get("promises")).many(total)
    said = f"{row['events_count']:,} of {many} fell there"
    if row["missed_share"] is None:
        return f"{said}."
    rest = (
        ""
        if row["outside_missed_share"] is None
        else f", of the others {sentences.percent(row['outside_missed_share'])}"
    )
    return f"{said}; {sentences.percent(row['missed_share'])} of them were late or broken{rest}."


def _evidence(row: Row) -> Evidence:
    if row["missed_share"] is None:
        n = row["events_count"] or 0
        return Evidence(n, float(n), "count", None, None, *_PROVED)
    return Evidence(
        row["ended_count"], row["missed_share"], "share", row["missed_share_low"], row["missed_share_high"], *_COUNTED
    )


def _action(row: Row) -> str:
    edits = json.loads(row["edits"]) if row["edits"] else []
    if not edits:
        return "Decide which of them gives way, and say so in its `when`."
    first = dict.fromkeys(edit["says"] for edit in (edits[0], _to_be_told(edits)))
    return f"The smallest change that frees it: {'. Or: '.join(first)}."


def _to_be_told(edits: list[dict[str, Any]]) -> dict[str, Any]:
    """The simplest exclusion from the promise, for that is what can be told to customers; else the first edit again."""
    mine = [edit for edit in edits if edit["rule"].startswith("promise:") and edit["kind"] == "exclusion"]
    return next((edit for edit in mine if edit["size"] >= 2), mine[0] if mine else edits[0])


def _events(row: Row, tables: Tables) -> tuple[str, ...]:
    cases = tables.get("conflict_cases")
    if cases is None:
        return ()
    mine = cases.filter(pc.and_(pc.equal(cases["rules"], row["rules"]), cases["inside"]))
    struck = mine.filter(pc.fill_null(pc.is_in(mine["outcome"], value_set=_MISSED), False))
    return tuple(str(event) for event in struck["event"].slice(0, MOST_EVENTS).to_pylist())


def _remark(row: Row, playbook: Playbook) -> Finding:
    kind, action = _REMARKS[row["kind"]]
    names = row["rules"].split(" + ") if row["rules"] else []
    return Finding(
        kind,
        {"rules": row["rules"] or "", "fact": row["fact"] or ""},
        row["says"],
        evidence=Evidence(0, None, "count", None, None, *_PROVED),
        action=action,
        owner=_owner(names, playbook),
        # No case is known to have been struck; it stands after what was.
        weight=0.0,
        table="rule_remarks",
        where={"remark": row["remark"]},
    )


def _named(name: str) -> str:
    kind, _, title = name.partition(":")
    return f"the {kind} {title}"


def _owner(names: list[str], playbook: Playbook) -> str | None:
    """Of the promise that is broken, else of the first policy that has one."""
    entries: dict[str, str | None] = {f"promise:{name}": each.owner for name, each in playbook.promises.items()}
    entries |= {f"policy:{name}": each.owner for name, each in playbook.policies.items()}
    owners = [entries.get(name) for name in sorted(names, key=lambda name: not name.startswith("promise:"))]
    return next((owner for owner in owners if owner), None)


def _first(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
