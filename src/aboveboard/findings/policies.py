"""What the exceptions say about the rules: which should change, which authority should move, which to explain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.findings import comparing, sentences
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import MOST_EVENTS, Row, Tables, rows
from aboveboard.playbook.model import Playbook

MANY = 50
"""A rule that is kept is worth explaining from so many requests on."""
CHANGE, PUSH, KEEP = "change the rule", "push authority down", "keep and explain"
_HARM = (
    "difference of harm shares (Kaplan–Meier), score interval; false-discovery rate 5 % over all policies",
    f"Farrington and Manning (1990), Statistics in Medicine 9, 1447–1454; {comparing.BENJAMINI_HOCHBERG}",
)
_ALONE = ("harm share (Kaplan–Meier), Wilson interval on the effective number of cases", comparing.WILSON)
_ABOVE = (
    "share granted above the level asked, Wilson interval; area under the curve of the approver's doubt",
    f"{comparing.WILSON}; DeLong et al. (1988), Biometrics 44, 837–845",
)
_KEYS = ("policy", "clause")
KINDS: tuple[Kind, ...] = (
    Kind(
        "policy.change-the-rule",
        "Exceptions from the rule do no harm beyond what its owner accepts: the rule can say so.",
        "Harm within the margin at a false-discovery rate of 5 % over all policies, or in a region confirmed on the other "
        "half of the requests; and still within it if those refused came to harm twice as often. A clause has a finding "
        "of its own where its verdict is not its policy's.",
        _KEYS,
        "policies",
    ),
    Kind(
        "policy.push-authority-down",
        "Customers wait for somebody above who nearly always says yes: the level that is asked can say it.",
        "Most decided above the level asked, at least nine in ten of those granted (lower bound), and either harm "
        "within the margin or an approver whose doubt tells nothing.",
        _KEYS,
        "policies",
    ),
    Kind(
        "policy.keep-and-explain",
        "Exceptions from the rule do harm, and many ask for them: the rule is good and its reason is not known.",
        f"Harm beyond the margin at a false-discovery rate of 5 %, or refusals that fall where harm is; {MANY} or more "
        "requests.",
        _KEYS,
        "policies",
    ),
    Kind(
        "suggestion.unanswered",
        "Employees proposed something about the rule, and nobody has answered.",
        "At least one that has waited for a day.",
        ("policy",),
        "policies",
    ),
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the tables `policies` and `policy_clauses` (a missing table says nothing)."""
    replayed = {row["policy"]: row for row in rows(tables, "policy_replay")}
    verdicts: dict[str, str] = {}
    for row in rows(tables, "policies"):
        verdicts[row["policy"]] = row["verdict"]
        yield from _of_rule(row, tables, replayed.get(row["policy"]), playbook)
        yield from _unanswered(row)
    for row in rows(tables, "policy_clauses"):
        if row["verdict"] != verdicts.get(row["policy"]):
            yield from _of_rule(row, tables, None, playbook)


def _of_rule(row: Row, tables: Tables, replay: Row | None, playbook: Playbook) -> Iterator[Finding]:
    if row["verdict"] == KEEP and row["requests_count"] < MANY:
        return
    say = _SAY.get(row["verdict"])
    if say is None:
        return
    kind, told, column = say
    policy = playbook.policies.get(row["policy"])
    sentence, action, evidence, weight = told(row, _name(row, playbook), replay, playbook.currency)
    about = {key: row[key] for key in _KEYS if row.get(key)}
    yield Finding(
        kind,
        about,
        sentence,
        evidence,
        action,
        owner=policy.owner if policy else None,
        weight=weight,
        events=_events(tables.get("exception_requests"), about, column),
        table="policy_clauses" if "clause" in about else "policies",
        where=about,
    )


_Told = tuple[str, str, Evidence, float]


def _change(row: Row, name: str, replay: Row | None, currency: str) -> _Told:
    region = row.get("region")
    where = f" where {region}" if region not in (None, "every request") else ""
    sentence = f"{row['granted_count']:,} of {row['requests_count']:,} who asked to bend {name} were told yes"
    if where:
        sentence += (
            f". {where.strip().capitalize()}, that did no harm beyond the {_hundred(row['harm_margin'])} accepted."
        )
    else:
        sentence += f", and {_harm(row)}; the owner accepts {_hundred(row['harm_margin'])}."
    action = f"Let the rule say what is done anyway{where}."
    weight = float(row["requests_count"])
    if replay:
        action += f" {_replayed(replay, currency)}"
        weight = float(replay["requests_count"])
    return sentence, action, _evidence(row), weight


def _push(row: Row, name: str, replay: Row | None, currency: str) -> _Told:
    waited = row["waiting_minutes_median"]
    wait = "" if waited is None else f", half of them {sentences.duration(waited)} or longer"
    sentence = (
        f"{row['climbed_count']:,} who asked to bend {name} had to wait for somebody above{wait}, and in "
        f"{sentences.percent(row['climbed_approval_share'])} "
        f"({sentences.percent_range(row['climbed_approval_share_low'], row['climbed_approval_share_high'])}) the answer was yes."
    )
    level, limit = row.get("proposed_level"), row.get("proposed_limit")
    upto = f" up to {sentences.money(limit, currency)}" if limit else ""
    action = f"Let the {level} decide{upto}." if level else f"Let whoever is asked decide{upto}."
    if replay:
        action += f" {_replayed(replay, currency)}"
    low, high = row["climbed_approval_share_low"], row["climbed_approval_share_high"]
    evidence = Evidence(row["climbed_count"], row["climbed_approval_share"], "share", low, high, *_ABOVE)
    return sentence, action, evidence, float(row["climbed_count"])


def _keep(row: Row, name: str, replay: Row | None, currency: str) -> _Told:
    sentence = (
        f"{row['requests_count']:,} asked to bend {name}; of the {row['granted_count']:,} who were told yes, "
        f"{sentences.percent(row['harm_share'])} came to harm "
        f"({sentences.percent_range(row['harm_share_low'], row['harm_share_high'])})."
    )
    action = "Keep the rule, and say why it is there to those who ask and to those who are asked."
    return sentence, action, _evidence(row), float(row["harm_count"])


_SAY: Mapping[str, tuple[str, Callable[[Row, str, Row | None, str], _Told], str]] = {
    CHANGE: ("policy.change-the-rule", _change, "asked_at"),
    PUSH: ("policy.push-authority-down", _push, "climbed"),
    KEEP: ("policy.keep-and-explain", _keep, "harmed_at"),
}
"""Kind, sentence, and the column of `exception_requests` that tells the events behind it."""


def _name(row: Row, playbook: Playbook) -> str:
    policy = playbook.policies.get(row["policy"])
    name = sentences.quoted(policy.says) if policy and policy.says else f"the rule {row['policy']}"
    return f"{name} ({row['clause']})" if row.get("clause") else name


def _hundred(share: float) -> str:
    number = f"{100 * share:.1f}".removesuffix(".0")
    return f"{number} in 100"


def _harm(row: Row) -> str:
    if row["compared_with"] == "ordinary cases":
        more = max(0.0, row["harm_difference_high"])
        return f"at most {_hundred(more)} more came to harm than otherwise"
    return f"at most {_hundred(row['harm_share_high'])} came to harm"


def _replayed(replay: Row, currency: str) -> str:
    told = [f"{sentences.duration(replay['minutes_saved'])} of waiting"]
    changed = replay["flipped_count"] + replay["answered_count"]
    if changed:
        told.append(f"a no to {sentences.counted(changed, 'customer', 'customers')}{_cost(replay, currency)}")
    said = f"So far it would have spared {sentences.listed(told)}."
    if outside := replay["outside_support_count"]:
        said += f" {outside} of them are of a kind hardly ever granted: try those in a staged trial first."
    return said


def _cost(replay: Row, currency: str) -> str:
    if replay["cost"] is None:
        return ""
    return f" (cost {sentences.money_range(replay['cost_low'], replay['cost_high'], currency)})"


def _evidence(row: Row) -> Evidence:
    method = _HARM if row["compared_with"] == "ordinary cases" else _ALONE
    return Evidence(
        row["granted_count"],
        row["harm_difference"],
        "share",
        row["harm_difference_low"],
        row["harm_difference_high"],
        *method,
    )


def _events(requests: pa.Table | None, about: Mapping[str, Any], column: str) -> tuple[str, ...]:
    """The requests behind it, the latest first."""
    if requests is None:
        return ()
    for name, value in about.items():
        requests = requests.filter(pc.equal(requests[name], value))
    told = requests[column] if column == "climbed" else pc.is_valid(requests[column])
    order = [("decided_at", "descending"), ("event", "ascending")]
    latest = requests.filter(told).sort_by(order).slice(0, MOST_EVENTS)
    return tuple(latest["event"].to_pylist())


def _unanswered(row: Row) -> Iterator[Finding]:
    count, days = row["suggestions_unanswered_count"], row["suggestions_unanswered_days"]
    if not count or days < 1:
        return
    name = sentences.quoted(row["says"]) if row["says"] else f"the rule {row['policy']}"
    longest = sentences.duration(days * 1440)
    sentence = f"{count} suggestions by employees about {name} wait for an answer, the oldest for {longest}."
    if count == 1:
        sentence = f"An employee's suggestion about {name} has been waiting for an answer for {longest}."
    yield Finding(
        "suggestion.unanswered",
        {"policy": row["policy"]},
        sentence,
        Evidence(row["suggestions_count"], float(count), "count", method="count"),
        "Answer: what will be done, or why not.",
        owner=row["owner"],
        weight=float(count),
        table="policies",
        where={"policy": row["policy"]},
    )
