"""What the denials show: rules that are refused without evidence, and the few customers with a finding of abuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.findings import comparing, sentences
from aboveboard.findings.comparing import ENOUGH
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import MOST_EVENTS, Row, Tables, rows
from aboveboard.playbook.model import Playbook

_ABUSE = (
    "abuse events on so many occasions; gamma–Poisson empirical Bayes against the segment, false-discovery rate 5 %",
    f"Robbins (1956); DuMouchel (1999), Am. Stat. 53, 177–190; {comparing.BENJAMINI_HOCHBERG}",
)
KINDS: tuple[Kind, ...] = (
    Kind(
        "denial.without-evidence",
        "A request was refused, and neither law, safety, impossibility nor a finding of abuse stands behind it.",
        "At least one, per policy.",
        ("policy",),
        "denials",
    ),
    Kind(
        "abuse.found",
        "A customer's record of abuse is unlike that of honest customers: a matter for a person to decide.",
        "A finding is in force: three or more abuse events on five or more occasions, a rate five times the segment's, and a "
        "false-discovery rate of 5 % over all customers. It lapses by itself.",
        ("customer",),
        "abuse",
    ),
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the tables `denial_summary`, `denials` and `abuse` (a missing table says nothing)."""
    for row in rows(tables, "denial_summary"):
        if row["without_count"]:
            yield _without(row, tables.get("denials"), playbook)
    for row in rows(tables, "abuse"):
        yield _abuse(row, playbook)


def _without(row: Row, denials: pa.Table | None, playbook: Playbook) -> Finding:
    policy, count, n = row["policy"], row["without_count"], row["denials_count"]
    entry = playbook.policies.get(policy)
    rule = sentences.quoted(entry.says) if entry else f"the rule {policy}"
    mine = _of(denials, policy)
    share = f" ({sentences.percent_range(row['without_share_low'], row['without_share_high'])})" if n >= ENOUGH else ""
    rest = "rests" if n == 1 else "rest"
    evidence = Evidence(n, float(count), "count", method="count")
    if n >= ENOUGH:
        low, high = row["without_share_low"], row["without_share_high"]
        evidence = Evidence(n, row["without_share"], "share", low, high, "share, Wilson interval", comparing.WILSON)
    return Finding(
        "denial.without-evidence",
        {"policy": policy},
        f"{count:,} of {sentences.counted(n, 'refusal', 'refusals')} under {rule} {rest} on no evidence{share}"
        f"{_aside(row, mine)}.",
        action="Say yes, or say what stands against it: law, safety, that it cannot be done, or a finding of abuse.",
        owner=entry.owner if entry else None,
        evidence=evidence,
        weight=float(count),
        events=_ids(mine),
        table="denials",
        where={"policy": policy, "evidence": "none"},
    )


def _aside(row: Row, mine: pa.Table | None) -> str:
    """What else is worth knowing of these refusals."""
    said = []
    if row["overturned_count"]:
        verb = "was" if row["overturned_count"] == 1 else "were"
        said.append(f"{row['overturned_count']:,} {verb} granted after all")
    if mine is not None:
        named = pc.sum(pc.fill_null(pc.equal(pc.utf8_lower(mine["claimed"]), "abuse"), False)).as_py() or 0
        if named:
            said.append(
                f"{named:,} {'names' if named == 1 else 'name'} abuse, without a finding on that customer at the time"
            )
    return f"; {sentences.listed(said)}" if said else ""


def _abuse(row: Row, playbook: Playbook) -> Finding:
    until = sentences.day(row["expires_at"], playbook.timezone)
    fewest = sentences.counted(row["exposure_count"], "occasion", "occasions")
    return Finding(
        "abuse.found",
        {"customer": row["customer"]},
        f"{row['abuse_count']:,} of {fewest} ({row['exposure']}) on which customer {row['customer']} was trusted turned out "
        f"badly; with an honest customer of that segment it is about {_per(row['segment_rate'])}. The finding lapses on "
        f"{until}, and the customer may object at any time and be heard by somebody who was not involved.",
        action="A person decides: another exception may be refused while the finding is in force, nothing else. Tell the "
        "customer what is on record, until when, and how to object; the table has the words.",
        evidence=Evidence(
            row["exposure_count"], float(row["abuse_count"]), "count", method=_ABUSE[0], reference=_ABUSE[1]
        ),
        weight=1.0,
        events=tuple(row["events"].split(", "))[:MOST_EVENTS],
        table="abuse",
        where={"customer": row["customer"]},
    )


def _per(rate: float) -> str:
    """0.04 → "1 in 25"; a rate of one or more as a number per occasion."""
    return f"1 in {round(1 / rate):,}" if 0 < rate < 0.5 else f"{rate:.1f} per occasion"


def _of(denials: pa.Table | None, policy: str) -> pa.Table | None:
    if denials is None:
        return None
    return denials.filter(pc.and_(pc.equal(denials["policy"], policy), pc.equal(denials["evidence"], "none")))


def _ids(mine: pa.Table | None) -> tuple[str, ...]:
    if mine is None:
        return ()
    order = [("denied_at", "descending"), ("event", "ascending")]
    return tuple(str(one) for one in mine.take(pc.select_k_unstable(mine, MOST_EVENTS, order))["event"].to_pylist())
