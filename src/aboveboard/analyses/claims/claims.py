"""Is what we say what we do? Every claim made to a customer, with its verdict and the events behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from math import inf
from typing import Any

import ibis
import pyarrow as pa

from aboveboard.analyses.claims import applying, merging, monitor, reasons, refusals, statements
from aboveboard.analyses.claims.monitor.reach import reach
from aboveboard.analyses.claims.tables import CLAIMS
from aboveboard.analyses.shared import arrays, horizon
from aboveboard.engines import ledgers
from aboveboard.playbook.model import Claim, Playbook

PATIENCE = timedelta(days=7)
"""A commitment without a time is judged as if it had been for this long after it was made."""
MOST_EVIDENCE = 10
_JUDGED_ON = pa.schema(
    [("id", pa.string()), ("event", pa.string()), ("topic", pa.string()), ("due", pa.timestamp("us", tz="UTC"))]
)
Row = dict[str, Any]


def claims(events: Any, playbook: Playbook, *, as_of: datetime | None = None, members: Any = None) -> Any:
    """Every claim in messages, notices and public statuses to customers: table CLAIMS (see `tables`).

    What a claim is, and when the record bears it out, is said by `defaults.yaml`, laid under the playbook's section `claims`.
    Evidence is sought among the events of the same subject (into which cases were merged, `merging`), customer or episode, as
    the claim says; `members` (table `episode_events`) is needed for episodes: without it such claims go by subject.

    A claim is contradicted only where its window is over by `as_of` (the last event's time where None), and where the
    ledger shows elsewhere that such acts are recorded at all; else it is unverifiable. A claim about the past whose formula
    would wait for ever is unverifiable too. Executes: words leave the engine (`statements.made`), judging is the monitor's.
    """
    timed, _ = horizon.until(events, as_of)
    known = merging.followed(timed.drop("at"))
    applied = applying.applied(playbook)
    rows = list(_made(known, applied, playbook))
    judged: dict[str, Row] = {}
    for name, claim in applied.items():
        mine = [row for row in rows if row["claim"] == name]
        if mine and claim.evidence is not None:
            judged |= _judged(_tied(known, claim, members), claim, mine, as_of)
    return arrays.rows_to_table(CLAIMS, (reasons.with_reason(row | judged.get(row["id"], {}), applied) for row in rows))


def _made(events: Any, applied: Mapping[str, Claim], playbook: Playbook) -> Iterator[Row]:
    for event, one, due in statements.made(events, applied, playbook.timezone):
        found, claim = one.found, applied[one.found.claim]
        yield {
            "id": f"{event['id']}\x1f{found.claim}\x1f{found.start}",
            "event": event["id"],
            "claim": found.claim,
            "start": found.start,
            "end": found.end,
            "subject": event["subject"],
            "customer": event["customer"],
            "said_at": event["time"],
            "channel": event["channel"],
            "team": event["team"],
            "rule": event["rule"],
            "words": found.words,
            "language": found.language,
            "pattern": found.pattern,
            "probability": round(found.probability, 4),
            "kind": found.kind,
            "topic": one.topic,
            "named": refusals.named(event["words"], found) if found.claim in refusals.REFUSALS else None,
            "due": due,
            "due_words": one.due.words if one.due and due else None,
            "limit": (due or event["time"] + PATIENCE) if claim.commitment else None,
            "formula": None if claim.evidence is None else str(claim.evidence),
            "verdict": "unverifiable",
        }


def _tied(events: Any, claim: Claim, members: Any) -> Any:
    """The events with the column that ties evidence to the claim."""
    if claim.same != "episode" or members is None:
        return events
    episodes = members.select("episode", _event=members.event)
    joined = events.left_join(episodes, events.id == episodes["_event"])
    return joined.select(*events.columns, "episode")


def _judged(events: Any, claim: Claim, mine: list[Row], as_of: datetime | None) -> dict[str, Row]:
    """The monitor's answer for each claim, by its id."""
    by = claim.same if claim.same in events.columns else "subject"
    assert claim.evidence is not None
    judged = monitor.judge(events, asked(mine), claim.evidence, as_of=as_of, by=str(by), recorded_by=claim.recorded_by)
    found = ledgers.arrow(judged).to_pylist()
    topics = {row["id"]: row["topic"] for row in mine}
    of = {verdict: {topics[one["claim"]] for one in found if one["verdict"] == verdict} for verdict in monitor.VERDICTS}
    # What bears one claim out shows that such acts are recorded; only of the rest the ledger is asked.
    shown = applying.on_record(events, claim, of["contradicted"] - of["supported"])
    told = {one["claim"]: _read(one, claim, shown.get(topics[one["claim"]], True)) for one in found}
    return told | _of_others(events, told, {row["id"]: row["named"] for row in mine if row["named"] is not None})


def _of_others(events: Any, told: Mapping[str, Row], named: Mapping[str, Collection[str]]) -> dict[str, Row]:
    """Refusals that an act on another thing, it may be, seems to contradict: unverifiable."""
    against = {key: told[key]["evidence"] for key in named if told[key]["verdict"] == "contradicted"}
    against = {key: ids.split(", ")[0] for key, ids in against.items() if ids}
    if not against:
        return {}
    others = refusals.of_others(refusals.with_claims(events, against), named)
    return {key: told[key] | {"verdict": "unverifiable", "because": "of another", "evidence": None} for key in others}


def asked(rows: list[Row]) -> Any:
    """Claims as the monitor takes them: id, event, topic and due."""
    held = [{"id": r["id"], "event": r["event"], "topic": r["topic"], "due": r["limit"]} for r in rows]
    return ibis.memtable(pa.Table.from_pylist(held, schema=_JUDGED_ON))


def _read(one: Row, claim: Claim, on_record: bool) -> Row:
    verdict, because = one["verdict"], one["because"]
    if verdict == "contradicted" and not on_record:
        verdict, because = "unverifiable", "never recorded"
    if verdict == "not yet" and not claim.commitment and _endless(claim):
        verdict, because = "unverifiable", "never over"
    evidence = (one["evidence"] or "").split(", ")[:MOST_EVIDENCE] if verdict in ("supported", "contradicted") else []
    return {
        "verdict": verdict,
        "because": because,
        "evidence": ", ".join(evidence) or None,
        "window_from": one["window_from"],
        "window_to": one["window_to"],
    }


def _endless(claim: Claim) -> bool:
    """Whether the formula waits for something without a limit of time."""
    assert claim.evidence is not None
    return reach(claim.evidence.tree).end == inf
