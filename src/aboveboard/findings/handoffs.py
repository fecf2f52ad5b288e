"""What the hand-offs show: work lost between hands, thrown back and forth, or left to wait longer than elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.findings import comparing, sentences
from aboveboard.findings.comparing import ENOUGH, OTHERS
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import MOST_EVENTS, Row, Tables, rows
from aboveboard.playbook.model import Playbook

NAMED = 3
"""Up to this many single cases are named; from this many on a pair has a finding of its own."""
MOST_PAIRS = 5
SLOW = 2.0
"""A pair is slow from this many times the overall median on."""
_SHARE = (
    "share, Wilson interval; against the other hand-offs, false-discovery rate 5 %",
    f"{comparing.WILSON}; {comparing.BENJAMINI_HOCHBERG}",
)
_LOST = ("share of the told hand-offs, Wilson interval", comparing.WILSON)
KINDS: tuple[Kind, ...] = (
    Kind(
        "handoff.lost",
        "Work was sent and never received, or not within the loss window.",
        "At least one; senders and receivers with three or more have a finding each, the others share one.",
        ("between", "sender", "receiver"),
        "handoffs",
    ),
    Kind(
        "handoff.ping-pong",
        "Work went from one to the other and back.",
        "At least one return; the five pairs with most returns are named where they return more than the rest "
        "(false-discovery rate 5 %), else there is one finding over all.",
        ("between", "teams"),
        "handoffs",
    ),
    Kind(
        "handoff.slow",
        "Work waits longer between these two than elsewhere.",
        "20 or more received, more of them in the slowest tenth of all hand-offs than elsewhere (false-discovery rate "
        "5 %), and a median of at least twice the overall one.",
        ("between", "sender", "receiver"),
        "handoffs",
    ),
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the tables `handoffs` and `handoff_flows` (a missing table says nothing)."""
    handoffs, flows = tables.get("handoffs"), rows(tables, "handoff_flows")
    if handoffs is None or not handoffs.num_rows:
        return
    yield from _lost(handoffs, flows, playbook)
    yield from _ping_pong(handoffs, flows)
    # Like with like: a customer who turns to another channel days later, a vendor who never sends anything back and
    # two teams of one house are no yardstick for each other.
    for between in sorted({flow["between"] for flow in flows}):
        among = handoffs.filter(pc.equal(handoffs["between"], between))
        yield from _slow(among, [flow for flow in flows if flow["between"] == between])


def _lost(handoffs: pa.Table, flows: list[Row], playbook: Playbook) -> Iterator[Finding]:
    losing = sorted((flow for flow in flows if flow["lost_count"]), key=lambda flow: -flow["lost_count"])
    total = sum(flow["lost_count"] for flow in losing)
    # Few losses are named one by one; of many, the pairs that lose once or twice share a finding.
    own = [flow for flow in losing if flow["lost_count"] >= NAMED or total <= NAMED]
    for flow in own:
        yield _lost_between(handoffs, flow, playbook)
    others = [flow for flow in losing if flow not in own]
    if others:
        count = sum(flow["lost_count"] for flow in others)
        yield Finding(
            "handoff.lost",
            {"between": OTHERS, "sender": OTHERS, "receiver": OTHERS},
            f"{count:,} hand-offs were sent and never received in time, once or twice each from sender to receiver: "
            f"{sentences.listed([_arrow(flow) for flow in others])}.",
            action="Fetch them back, and let the sender see that it arrived.",
            evidence=Evidence(sum(flow["handoffs_count"] for flow in others), float(count), "count", method="count"),
            weight=float(count),
            table="handoffs",
            where={"lost": True},
        )


def _lost_between(handoffs: pa.Table, flow: Row, playbook: Playbook) -> Finding:
    lost = handoffs.filter(pc.and_(_of(handoffs, flow), handoffs["lost"]))
    told, count = flow.get("told_count") or flow["handoffs_count"], flow["lost_count"]
    if told >= ENOUGH:
        interval = sentences.percent_range(flow["lost_share_low"], flow["lost_share_high"])
        sentence = f"{count:,} of {told:,} hand-offs {_from(flow)} were never received in time ({interval})."
        evidence = Evidence(told, flow["lost_share"], "share", flow["lost_share_low"], flow["lost_share_high"], *_LOST)
    else:
        named = [_sent(one, playbook) for one in _latest(lost)[:NAMED]]
        verb = "was" if count == 1 else "were"
        single = f"{sentences.listed(named)} {verb} handed {_from(flow)} and not received in time."
        sentence = single if count <= NAMED else f"{count} hand-offs {_from(flow)} were not received in time."
        evidence = Evidence(told, float(count), "count", method="count")
    return Finding(
        "handoff.lost",
        _about(flow),
        sentence,
        action="Fetch it back, tell the customer where it stands, and let the sender see that it arrived.",
        evidence=evidence,
        weight=float(count),
        events=_ids(lost),
        table="handoffs",
        where=_about(flow) | {"lost": True},
    )


def _ping_pong(handoffs: pa.Table, flows: list[Row]) -> Iterator[Finding]:
    returned = handoffs.filter(handoffs["returned"])
    if not returned.num_rows:
        return
    counts: Counter[tuple[str, str]] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    for flow in flows:
        counts[_pair(flow)] += flow["returned_count"]
        sizes[_pair(flow)] += flow["handoffs_count"]
    named = []
    for between in sorted({pair[0] for pair in sizes}):
        alike = [pair for pair in sizes if pair[0] == between]
        more = comparing.more_than_rest([(counts[pair], sizes[pair]) for pair in alike])
        named += [pair for pair, is_more in zip(alike, more, strict=True) if is_more]
    yield _back_and_forth(returned, handoffs)
    for pair in sorted(named, key=lambda pair: -counts[pair])[:MOST_PAIRS]:
        low, high = comparing.interval(counts[pair], sizes[pair])
        yield Finding(
            "handoff.ping-pong",
            {"between": pair[0], "teams": pair[1]},
            f"Between {pair[1].replace(' ↔ ', ' and ')}, {counts[pair]:,} of {sizes[pair]:,} hand-offs sent the work "
            f"back where it came from ({sentences.percent_range(low, high)}).",
            action="Let the two agree who does what, and what must be known before work is handed over.",
            evidence=Evidence(sizes[pair], counts[pair] / sizes[pair], "share", low, high, *_SHARE),
            weight=float(counts[pair]),
            events=_ids(returned.filter(_of_pair(returned, pair))),
            table="handoffs",
            where={"returned": True},
        )


def _back_and_forth(returned: pa.Table, handoffs: pa.Table) -> Finding:
    subjects, all_subjects = (len(pc.unique(table["subject"])) for table in (returned, handoffs))
    one, many = sentences.noun(returned["subject"].slice(0, 1000).to_pylist())
    if all_subjects < ENOUGH:
        first = _latest(returned)[0]
        rest = f", and {sentences.counted(subjects - 1, 'other', 'others')} too" if subjects > 1 else ""
        sentence = f"{first['subject']} went from {first['receiver']} to {first['sender']} and back{rest}."
        evidence = Evidence(all_subjects, float(subjects), "count", method="count")
    else:
        low, high = comparing.interval(subjects, all_subjects)
        sentence = (
            f"{sentences.counted(subjects, one, many)} of {all_subjects:,} that were handed over went to one team and "
            f"back ({sentences.percent_range(low, high)})."
        )
        evidence = Evidence(all_subjects, subjects / all_subjects, "share", low, high, *_LOST)
    return Finding(
        "handoff.ping-pong",
        {"between": OTHERS, "teams": OTHERS},
        sentence,
        action="Ask what was missing when it was handed over.",
        evidence=evidence,
        weight=float(subjects),
        events=_ids(returned),
        table="handoffs",
        where={"returned": True},
    )


def _slow(handoffs: pa.Table, flows: list[Row]) -> Iterator[Finding]:
    received = handoffs.filter(pc.is_valid(handoffs["received_at"]))
    if received.num_rows < 2 * ENOUGH:
        return
    median, limit = (float(at) for at in np.quantile(received["waiting_minutes"].to_numpy(), [0.5, 0.9]))
    keys = ["between", "sender", "receiver"]
    late = received.append_column("late", pc.cast(pc.greater(received["waiting_minutes"], limit), pa.int64()))
    sums = late.group_by(keys).aggregate([("late", "sum"), ("late", "count")]).to_pylist()
    found = comparing.more_than_rest([(one["late_sum"], one["late_count"]) for one in sums])
    differing = {tuple(one[key] for key in keys): one for one, is_slow in zip(sums, found, strict=True) if is_slow}
    slow = [
        (flow, differing[tuple(flow[key] for key in keys)])
        for flow in flows
        if tuple(flow[key] for key in keys) in differing and flow["waiting_minutes_median"] >= SLOW * median
    ]
    slow.sort(key=lambda pair: -_slowest(pair[1]))
    named = len(slow) if len(slow) == MOST_PAIRS + 1 else MOST_PAIRS
    for flow, one in slow[:named]:
        yield Finding(
            "handoff.slow",
            _about(flow),
            f"Half of the {one['late_count']:,} hand-offs {_from(flow)} wait longer than "
            f"{sentences.duration(flow['waiting_minutes_median'])}; over all hand-offs of that kind "
            f"it is {sentences.duration(median)}.",
            action="Ask the receiver what the work waits for: opening hours, capacity, or somebody who looks.",
            evidence=Evidence(
                one["late_count"],
                flow["waiting_minutes_median"],
                "minutes",
                method="median; share in the slowest tenth against the other hand-offs, false-discovery rate 5 %",
                reference=_SHARE[1],
            ),
            weight=_slowest(one),
            events=_ids(received.filter(_of(received, flow))),
            table="handoff_flows",
            where=_about(flow),
        )
    if others := slow[named:]:
        yield _slow_others(others, median)


def _slowest(one: Row) -> float:
    """How many of a pair's hand-offs are among the slowest tenth, beyond the tenth that each pair may have there."""
    return float(max(0.0, one["late_sum"] - 0.1 * one["late_count"]))


def _slow_others(others: Sequence[tuple[Row, Row]], median: float) -> Finding:
    listed = sentences.listed([_arrow(flow) for flow, _ in others])
    return Finding(
        "handoff.slow",
        {"between": others[0][0]["between"], "sender": OTHERS, "receiver": OTHERS},
        f"{len(others)} more pairs wait at least {SLOW:g} times as long as the {sentences.duration(median)} of all "
        f"hand-offs of that kind: {listed}.",
        action="Ask each receiver what the work waits for; the table of hand-offs has the times.",
        evidence=Evidence(
            len(others), float(len(others)), "count", method=f"count of pairs; {_SHARE[0]}", reference=_SHARE[1]
        ),
        # Not their sum: "more" has to be read after those that have a finding of their own.
        weight=_slowest(others[0][1]),
        table="handoff_flows",
        where={"between": others[0][0]["between"]},
    )


def _about(flow: Row) -> dict[str, str]:
    return {key: flow[key] or "(unknown)" for key in ("between", "sender", "receiver")}


def _pair(flow: Row) -> tuple[str, str]:
    return flow["between"], " ↔ ".join(sorted((flow["sender"] or "(unknown)", flow["receiver"] or "(unknown)")))


def _of(handoffs: pa.Table, flow: Row) -> Any:
    mask: Any = pc.equal(handoffs["between"], flow["between"])
    for key in ("sender", "receiver"):
        value = flow[key]
        mask = pc.and_(
            mask, pc.is_null(handoffs[key]) if value is None else pc.fill_null(pc.equal(handoffs[key], value), False)
        )
    return mask


def _of_pair(handoffs: pa.Table, pair: tuple[str, str]) -> pa.Array:
    return pa.array(
        [_pair(row) == pair for row in handoffs.select(["between", "sender", "receiver"]).to_pylist()], pa.bool_()
    )


def _arrow(flow: Row) -> str:
    return f"{flow['sender'] or 'unknown'} → {flow['receiver'] or 'unknown'}"


def _from(flow: Row) -> str:
    return f"from {flow['sender'] or 'somebody unknown'} to {flow['receiver'] or 'somebody unknown'}"


def _sent(one: Row, playbook: Playbook) -> str:
    return f"{one['subject']} ({sentences.moment(one['sent_at'], playbook.timezone)})"


def _latest(table: pa.Table) -> list[dict[str, Any]]:
    order = [("sent_at", "descending"), ("event", "ascending")]
    return list(table.take(pc.select_k_unstable(table, MOST_EVENTS, order)).to_pylist())


def _ids(table: pa.Table) -> tuple[str, ...]:
    return tuple(str(row["event"]) for row in _latest(table))
