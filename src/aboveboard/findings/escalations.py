"""What the escalations show: those that changed nothing, that need not have climbed, that wait. Never who decided them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.findings import comparing, sentences
from aboveboard.findings.comparing import ENOUGH
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import MOST_EVENTS, Row, Tables, rows
from aboveboard.playbook.model import Playbook

MOST_PARTS = 5
SLOW = 2.0
"""A team or a policy is slow from this many times the overall median on."""
ALL = {"slice": "all", "value": "all"}
_SHARE = ("share of the judged escalations, Wilson interval", comparing.WILSON)
_PARTS = (
    "share of the judged escalations, Wilson interval; against the other escalations, false-discovery rate 5 %",
    f"{comparing.WILSON}; {comparing.BENJAMINI_HOCHBERG}",
)
_BECAUSE = {
    "decided by the frontline": "the frontline itself decided in the end",
    "within the frontline's authority": "what was at stake lay within what the frontline may give",
    "push authority down": "the exceptions show that the frontline can decide it",
    "change the rule": "the rule itself is proposed for change",
}
KINDS: tuple[Kind, ...] = (
    Kind(
        "escalation.theatre",
        "A case went up, and nothing changed for the customer.",
        "At least one, over all; a team or a policy has a finding of its own where nothing changes more often than "
        "elsewhere (false-discovery rate 5 %).",
        ("slice", "value"),
        "escalations",
    ),
    Kind(
        "escalation.needless",
        "Cases climb that the frontline could have decided.",
        "At least one, per policy.",
        ("policy",),
        "escalations",
    ),
    Kind(
        "escalation.undecided",
        "Somebody asked for a decision, and none came.",
        "At least one that waits longer than the patience for a decision (14 days).",
        ("slice", "value"),
        "escalations",
    ),
    Kind(
        "escalation.slow",
        "A decision takes longer here than elsewhere.",
        "20 or more decided, more of them in the slowest tenth than elsewhere (false-discovery rate 5 %), and a median "
        "of at least twice the overall one.",
        ("slice", "value"),
        "escalations",
    ),
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the tables `escalations` and `escalation_summary` (a missing table says nothing)."""
    escalations, summary = tables.get("escalations"), rows(tables, "escalation_summary")
    if escalations is None or not escalations.num_rows or not summary:
        return
    overall = next(row for row in summary if row["slice"] == "all")
    yield from _theatre(escalations, overall)
    for name in ("team", "policy"):
        parts = [row for row in summary if row["slice"] == name]
        yield from _theatre_in_parts(escalations, parts, overall, playbook)
        yield from _slow(escalations, parts, playbook)
    yield from _needless(escalations, [row for row in summary if row["slice"] == "policy"], playbook)
    yield from _undecided(escalations, playbook)


def _theatre(escalations: pa.Table, row: Row) -> Iterator[Finding]:
    if not row["theatre_count"]:
        return
    yield Finding(
        "escalation.theatre",
        ALL,
        f"After {_of(row)} nothing changed for the customer{_range(row)}{_among(row)}.",
        action="Ask of each what it was to change. Where the answer is always no, let the first person say so, and why; "
        "where it is yes, let that person say yes.",
        evidence=_evidence(row, _SHARE),
        weight=float(row["theatre_count"]),
        events=_ids(escalations.filter(_true(escalations["theatre"]))),
        table="escalations",
        where={"theatre": True},
    )


def _theatre_in_parts(
    escalations: pa.Table, parts: Sequence[Row], overall: Row, playbook: Playbook
) -> Iterator[Finding]:
    whole = overall["theatre_count"], overall["judged_count"]
    more = comparing.more_than_rest([(part["theatre_count"], part["judged_count"]) for part in parts], whole)
    found = [part for part, is_more in zip(parts, more, strict=True) if is_more]
    for part in sorted(found, key=lambda part: (-part["theatre_count"], part["value"]))[:MOST_PARTS]:
        yield Finding(
            "escalation.theatre",
            _about(part),
            f"{_where(part, playbook)}, nothing changed for the customer after {_of(part)}{_range(part)}; over all "
            f"escalations it is {sentences.percent(overall['theatre_share'])}{_among(part)}.",
            action="Ask those who decide here what they would need to be able to change something.",
            owner=_owner(part, playbook),
            evidence=_evidence(part, _PARTS),
            weight=float(part["theatre_count"]),
            events=_ids(escalations.filter(pc.and_(_in(escalations, part), _true(escalations["theatre"])))),
            table="escalations",
            where={part["slice"]: part["value"], "theatre": True},
        )


def _needless(escalations: pa.Table, parts: Sequence[Row], playbook: Playbook) -> Iterator[Finding]:
    for part in parts:
        count, n = part["needless_count"], part["needless_known_count"]
        if not count:
            continue
        mine = escalations.filter(pc.and_(_in(escalations, part), _true(escalations["needless"])))
        low, high = part["needless_share_low"], part["needless_share_high"]
        sure = n >= ENOUGH
        said = f" ({sentences.percent_range(low, high)})" if sure else ""
        yield Finding(
            "escalation.needless",
            {"policy": part["value"]},
            f"{count:,} of {sentences.counted(n, 'escalation', 'escalations')} about {_rule(part['value'], playbook)} "
            f"need not have climbed{said}: {_because(mine)}.",
            action="Let the frontline decide these, and say so in the rule.",
            owner=_owner(part, playbook),
            evidence=Evidence(n, count / n, "share", low, high, *_SHARE)
            if sure
            else Evidence(n, float(count), "count", method="count"),
            weight=float(count),
            events=_ids(mine),
            table="escalations",
            where={"policy": part["value"], "needless": True},
        )


def _undecided(escalations: pa.Table, playbook: Playbook) -> Iterator[Finding]:
    waiting = escalations.filter(pc.fill_null(pc.equal(escalations["ending"], "undecided"), False))
    if not waiting.num_rows:
        return
    oldest = sentences.day(pc.min(waiting["opened_at"]).as_py(), playbook.timezone)
    one = waiting.num_rows == 1
    sentence = (
        f"One escalation, of {oldest}, has had no decision, and nothing changed for the customer."
        if one
        else f"{waiting.num_rows:,} escalations have had no decision, and nothing changed for the customer; the "
        f"oldest is of {oldest}."
    )
    yield Finding(
        "escalation.undecided",
        ALL,
        sentence,
        action="Decide each, and tell the customer what was decided and why.",
        evidence=Evidence(escalations.num_rows, float(waiting.num_rows), "count", method="count"),
        weight=float(waiting.num_rows),
        events=_ids(waiting),
        table="escalations",
        where={"ending": "undecided"},
    )


def _slow(escalations: pa.Table, parts: Sequence[Row], playbook: Playbook) -> Iterator[Finding]:
    decided = escalations.filter(pc.is_valid(escalations["latency_minutes"]))
    if decided.num_rows < 2 * ENOUGH:
        return
    minutes = decided["latency_minutes"].to_numpy()
    median, limit = (float(at) for at in np.quantile(minutes, [0.5, 0.9]))
    waits = [minutes[np.asarray(_in(decided, part).combine_chunks().to_numpy(zero_copy_only=False))] for part in parts]
    late = comparing.more_than_rest(
        [(int((wait > limit).sum()), len(wait)) for wait in waits], (int((minutes > limit).sum()), len(minutes))
    )
    for part, wait, is_late in zip(parts, waits, late, strict=True):
        middle = float(np.quantile(wait, 0.5)) if is_late else 0.0
        if not is_late or middle < SLOW * median:
            continue
        yield Finding(
            "escalation.slow",
            _about(part),
            f"{_where(part, playbook)}, half of the {len(wait):,} decisions take longer than "
            f"{sentences.duration(middle)}; over all escalations it is {sentences.duration(median)}.",
            action="Ask what a decision waits for here: somebody with the authority, or somebody who looks.",
            owner=_owner(part, playbook),
            evidence=Evidence(
                len(wait), middle, "minutes",
                method="median; share in the slowest tenth against the other escalations, false-discovery rate 5 %",
                reference=comparing.BENJAMINI_HOCHBERG,
            ),
            weight=float((wait > limit).sum() - 0.1 * len(wait)),
            events=_ids(decided.filter(_in(decided, part))),
            table="escalations",
            where={part["slice"]: part["value"]},
        )  # fmt: skip


def _about(part: Row) -> dict[str, str]:
    return {"slice": part["slice"], "value": part["value"]}


def _of(row: Row) -> str:
    """ "102 of 243 escalations"; a single one by itself."""
    return f"{row['theatre_count']:,} of {sentences.counted(row['judged_count'], 'escalation', 'escalations')}"


def _range(row: Row) -> str:
    if row["judged_count"] < ENOUGH:
        return ""
    return f" ({sentences.percent_range(row['theatre_share_low'], row['theatre_share_high'])})"


def _among(row: Row) -> str:
    """What the theatre holds that is less than nothing said, or more than nothing done."""
    said = []
    if row["told_no_count"]:
        said.append(f"{row['told_no_count']:,} ended in a no that was told with its reason")
    if row["undecided_count"]:
        said.append(f"{row['undecided_count']:,} {'was' if row['undecided_count'] == 1 else 'were'} never decided")
    return f"; {sentences.listed(said)}" if said else ""


def _evidence(row: Row, method: tuple[str, str]) -> Evidence:
    n = row["judged_count"]
    if n < ENOUGH:
        return Evidence(n, float(row["theatre_count"]), "count", method="count")
    return Evidence(
        n, row["theatre_share"], "share", row["theatre_share_low"], row["theatre_share_high"], *method
    )  # fmt: skip


def _rule(policy: str, playbook: Playbook) -> str:
    entry = playbook.policies.get(policy)
    return f"the rule {policy}" if entry is None else sentences.quoted(entry.says)


def _where(part: Row, playbook: Playbook) -> str:
    return f"About {_rule(part['value'], playbook)}" if part["slice"] == "policy" else f"At {part['value']}"


def _owner(part: Row, playbook: Playbook) -> str | None:
    entry = playbook.policies.get(part["value"]) if part["slice"] == "policy" else None
    return None if entry is None else entry.owner


def _because(needless: pa.Table) -> str:
    counts = needless.group_by("needless_because").aggregate([("event", "count")]).to_pylist()
    counts.sort(key=lambda one: (-one["event_count"], one["needless_because"]))
    return sentences.listed([_BECAUSE[one["needless_because"]] for one in counts])


def _true(column: pa.ChunkedArray) -> Any:
    return pc.fill_null(column, False)


def _in(escalations: pa.Table, part: Row) -> Any:
    return pc.fill_null(pc.equal(escalations[part["slice"]], part["value"]), False)


def _ids(table: pa.Table) -> tuple[str, ...]:
    order = [("opened_at", "descending"), ("event", "ascending")]
    return tuple(str(row) for row in table.take(pc.select_k_unstable(table, MOST_EVENTS, order))["event"].to_pylist())
