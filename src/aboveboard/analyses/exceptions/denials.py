"""What was refused, and on what evidence? One row per refusal, and a count per rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa

from aboveboard.analyses.exceptions import evidence
from aboveboard.analyses.exceptions.abuse import MOST_EVENTS, Judgement
from aboveboard.analyses.exceptions.denial_tables import DENIAL_SUMMARY, DENIALS
from aboveboard.analyses.exceptions.evidence import ABUSE, NONE, STATED, WORDS
from aboveboard.analyses.shared import horizon
from aboveboard.analyses.shared.shares import share, wilson
from aboveboard.engines import grouping, ledgers
from aboveboard.ledger import attributes, epochs

ASKED, GRANTED, DENIED = "exception.requested", "exception.granted", "exception.denied"
UNNAMED = "(unnamed)"


def denials(
    events: Any,
    judgement: Judgement,
    *,
    as_of: datetime | None = None,
    words: Mapping[str, Sequence[str]] = WORDS,
) -> Any:
    """Look at every `exception.denied`: table DENIALS (see `denial_tables`), as a query.

    A refusal rests on evidence where, in this order: `attributes.evidence` says law, safety or impossible; it says
    abuse, and a finding on that customer was in force then; the words of the reason mean law, safety or impossible
    (see `evidence`); such a finding was in force, though nobody said so. That somebody wrote "abuse" is no evidence.
    `judgement` is `abuse.judge` over the same events; the customers' records are taken as they stood at the refusal.

    A request or a grant belongs to the refusals of its subject and rule. Asking again later is an appeal, and so is any
    later event of the subject with `attributes.appeal`; a refusal that names no subject or no rule has neither, and
    these columns are absent. `as_of` defaults to the last time in the events; what came later does not count.
    """
    denied = _denied(events, as_of)
    followed = _followed(denied, events, as_of)
    return _judged(followed, judgement, words).select(*DENIALS.columns)


def _denied(events: Any, as_of: datetime | None) -> Any:
    denied = horizon.until(events.filter(events.type == DENIED), as_of)[0]
    policy = denied.rule.re_replace("^policy:", "").nullif("")
    return denied.select(
        "subject", "customer", "rule", "at", event="id",
        policy=ibis.coalesce(policy, UNNAMED),
        clause=attributes.text(denied, "clause"),
        level=attributes.text(denied, "level"),
        reason=ibis.coalesce(attributes.text(denied, "reason"), denied.text),
        claimed=attributes.text(denied, "evidence"),
    )  # fmt: skip


def _followed(denied: Any, events: Any, as_of: datetime | None) -> Any:
    """Adds asked (microseconds, of the last request up to then), appealed and overturned."""
    story = events.filter(events.type.isin([ASKED, GRANTED, DENIED]), events.subject.notnull(), events.rule.notnull())
    rows = horizon.until(story, as_of)[0].select("id", "type", "subject", "rule", "at")
    tied = grouping.cheapest(rows, ["subject", "rule"])
    # A RANGE frame holds what happens at the same moment too: only what comes strictly later is an answer to a refusal.
    so_far = ibis.range_window(group_by=tied, order_by=rows["at"], preceding=None, following=0)
    ever = ibis.window(group_by=tied)

    def later(type: str) -> Any:
        counted = ibis.ifelse(rows.type == type, 1, 0).sum()
        return counted.over(ever) > counted.over(so_far)

    seen = rows.mutate(
        asked=ibis.ifelse(rows.type == ASKED, rows["at"], ibis.null("int64")).max().over(so_far),
        asked_again=later(ASKED),
        overturned=later(GRANTED),
    )
    known = seen.filter(seen.type == DENIED).select("asked", "asked_again", "overturned", told="id")
    joined = denied.left_join(known, denied.event == known.told).drop("told")
    return _with_appeals(joined, events, as_of)


def _with_appeals(denied: Any, events: Any, as_of: datetime | None) -> Any:
    marked = horizon.until(events.filter(events.attributes.contains('"appeal"'), events.subject.notnull()), as_of)[0]
    said = marked.filter((attributes.text(marked, "appeal") != "false").fill_null(False))
    last = said.group_by(of_subject=said.subject).aggregate(last=said["at"].max())
    joined = denied.left_join(last, denied.subject == last.of_subject)
    appealed = joined.asked_again | (joined["last"] > joined["at"]).fill_null(False)
    return joined.mutate(appealed=appealed).drop("of_subject", "last", "asked_again")


def _judged(denied: Any, judgement: Judgement, words: Mapping[str, Sequence[str]]) -> Any:
    found = ibis.memtable(_findings(denied, judgement))
    joined = denied.left_join(found, denied.event == found.refusal).drop("refusal")
    claimed = joined.claimed.lower().strip()
    meant = evidence.by_words(joined.reason, words)
    stated = claimed.isin(STATED).fill_null(False)
    proven = joined.proof.notnull()
    kind = ibis.cases(
        (stated, claimed),
        (proven & (claimed == ABUSE).fill_null(False), ABUSE),
        (meant.notnull(), meant),
        (proven, ABUSE),
        else_=NONE,
    )
    basis = ibis.cases(
        (kind == NONE, ibis.null("string")), (kind == ABUSE, "finding"), (stated, "stated"), else_="words"
    )
    behind = ibis.cases(
        (kind == NONE, ibis.null("string")), (kind == ABUSE, joined.proof), else_=joined.event
    )  # fmt: skip
    return joined.mutate(
        evidence=kind,
        basis=basis,
        evidence_of=behind,
        denied_at=epochs.moment(joined["at"]),
        answered_minutes=horizon.minutes_between(joined.asked, joined["at"]),
    )


def _findings(denied: Any, judgement: Judgement) -> pa.Table:
    """The refusals of customers on whom a finding was in force then, with the events behind the finding."""
    schema = pa.schema([("refusal", pa.string()), ("proof", pa.string())])
    if not judgement.histories:
        return schema.empty_table()
    known = ibis.memtable(pa.table({"known": pa.array(sorted(judgement.histories), pa.string())}))
    asked = denied.select("event", "customer", "at").semi_join(known, [("customer", "known")])
    rows = []
    for row in ledgers.arrow(asked).to_pylist():
        proof = judgement.in_force(row["customer"], row["at"])
        if proof:
            rows.append({"refusal": row["event"], "proof": ", ".join(proof[:MOST_EVENTS])})
    return pa.Table.from_pylist(rows, schema=schema)


def summary(denials: Any) -> Any:
    """Count the refusals per rule: table DENIAL_SUMMARY (see `denial_tables`), as a query."""

    def number(condition: Any) -> Any:
        return ibis.ifelse(condition.fill_null(False), 1, 0).sum().cast("int64")

    grouped = denials.group_by("policy").aggregate(
        denials_count=denials.count(),
        abuse_count=number(denials.evidence == ABUSE),
        **{f"{name}_count": number(denials.evidence == name) for name in STATED},
        without_count=number(denials.evidence == NONE),
        appealed_count=number(denials.appealed),
        overturned_count=number(denials.overturned),
    )
    without = wilson(grouped.without_count, grouped.denials_count)
    overturned = wilson(grouped.overturned_count, grouped.denials_count)
    shares = grouped.mutate(
        without_share=share(grouped.without_count, grouped.denials_count),
        without_share_low=without[0],
        without_share_high=without[1],
        overturned_share=share(grouped.overturned_count, grouped.denials_count),
        overturned_share_low=overturned[0],
        overturned_share_high=overturned[1],
    )
    medians = _medians(denials)
    joined = shares.left_join(medians, shares.policy == medians.of_policy)
    return joined.select(*DENIAL_SUMMARY.columns)


def _medians(denials: Any) -> Any:
    answered = denials.filter(denials.answered_minutes.notnull())
    ranked = answered.mutate(
        place=ibis.row_number().over(group_by="policy", order_by=answered.answered_minutes) + 1,
        n=answered.count().over(group_by="policy"),
    )
    return ranked.group_by(of_policy="policy").aggregate(
        answered_minutes_median=ranked.answered_minutes.max(where=ranked.place == (ranked.n + 1) // 2)
    )
