"""Which words the organisation's rules put into people's mouths: evidence about the rules, never about a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from aboveboard.findings import comparing, sentences
from aboveboard.findings.comparing import ENOUGH
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import MOST_EVENTS, Row, Tables, rows
from aboveboard.playbook.model import Playbook
from aboveboard.wording import rulebook

ALONE = 0.05
"""A policy under which nearly everything is said has nothing to be compared with: from this lower bound on it is told."""
_SHARE = ("share of the messages read, Wilson interval", comparing.WILSON)
_AGAINST = (
    "share of the messages under the policy, Wilson interval; score test against all other messages, false-discovery rate 5 %",
    f"{comparing.WILSON}; {comparing.BENJAMINI_HOCHBERG}",
)
KINDS: tuple[Kind, ...] = (
    Kind(
        "wording.bred-by-policy",
        "A policy or step makes people say what its customers should not have to hear.",
        "20 or more messages under it, more of them with such words than all other messages have (false-discovery rate "
        "5 %); where fewer than 20 others were sent, a share whose lower bound is 5 % or more.",
        ("policy", "rule"),
        "wording_by_policy",
    ),
    Kind(
        "wording.remark",
        "Messages put customers in debt, hide behind rules, guess, or the like.",
        "At least one message.",
        ("rule",),
        "wording",
    ),
    Kind(
        "wording.contempt",
        "Notes or closing causes speak of customers with contempt.",
        "At least one.",
        ("part",),
        "wording",
    ),
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the tables `wording`, `wording_read` and `wording_by_policy` (a missing table says nothing)."""
    said = sorted(rows(tables, "wording"), key=lambda row: (row["said_at"], row["event"]), reverse=True)
    read = rows(tables, "wording_read")
    names = {rule.id: rule.name for rule in rulebook.of(playbook)[0]}
    for rule in sorted({row["rule"] for row in said if row["audience"] == "customer"}):
        yield _remark(rule, names[rule], [row for row in said if row["rule"] == rule], _messages(read, "customer"))
    for part in sorted({row["part"] for row in said if row["audience"] == "internal"}):
        ones = [row for row in said if row["audience"] == "internal" and row["part"] == part]
        yield _about_customers(part, ones, _messages(read, "internal"))
    for row in rows(tables, "wording_by_policy"):
        if _is_bred(row):
            yield _bred(row, names[row["rule"]], said, playbook)


def _messages(read: Sequence[Row], audience: str) -> int:
    return sum(row["messages_count"] for row in read if row["audience"] == audience and row["language"] is not None)


def _events(ones: Sequence[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(row["event"]) for row in ones))


def _evidence(count: int, n: int) -> Evidence:
    if n < ENOUGH:
        return Evidence(n, float(count), "count", method="count")
    low, high = comparing.interval(count, n)
    return Evidence(n, count / n, "share", low, high, *_SHARE)


def _of(count: int, n: int, singular: str, plural: str) -> str:
    """ "3 of 12 messages"; with its interval where there are enough."""
    counted = f"{count:,} of {sentences.counted(n, singular, plural)}"
    if n < ENOUGH:
        return counted
    low, high = comparing.interval(count, n)
    return f"{counted} ({sentences.percent_range(low, high)})"


def _remark(rule: str, name: str, ones: Sequence[Row], n: int) -> Finding:
    events = _events(ones)
    example = _commonest(ones)
    return Finding(
        "wording.remark",
        {"rule": rule},
        f"{name}: {_of(len(events), n, 'message', 'messages')}, such as {sentences.quoted(example['words'])}.",
        _evidence(len(events), n),
        f"Better: {example['better']}",
        weight=float(len(events)),
        events=events[:MOST_EVENTS],
        table="wording",
        where={"rule": rule},
    )


def _about_customers(part: str, ones: Sequence[Row], n: int) -> Finding:
    events = _events(ones)
    example = _commonest(ones)
    example_words = sentences.quoted(example["words"])
    if part == "cause":
        closed = sentences.counted(len(events), "case was", "cases were")
        sentence = f"{closed} closed with words about the customer as the cause, such as {example_words}."
        action = "Reopen them, and name a cause that somebody can mend."
    else:
        verb = "speaks" if len(events) == 1 else "speak"
        count = _of(len(events), n, "note or cause", "notes and causes")
        sentence = f"{count} {verb} of a customer with contempt, such as {example_words}."
        action = f"Better: {example['better']}"
    return Finding(
        "wording.contempt",
        {"part": part},
        sentence,
        _evidence(len(events), n),
        action,
        weight=float(len(events)),
        events=events[:MOST_EVENTS],
        table="wording",
        where={"audience": "internal", "part": part},
    )


def _commonest(ones: Sequence[Row]) -> Row:
    """The latest remark on the words that come most often."""
    words = [row["words"].casefold() for row in ones]
    counts = {word: words.count(word) for word in set(words)}
    return max(ones, key=lambda row: (counts[row["words"].casefold()], row["words"]))


def _is_bred(row: Row) -> bool:
    if row["messages_count"] < ENOUGH or not row["remarked_count"]:
        return False
    alone = row["other_messages_count"] < ENOUGH and row["share_low"] >= ALONE
    return bool(row["differs"] or alone)


def _bred(row: Row, name: str, said: Sequence[Row], playbook: Playbook) -> Finding:
    policy, rule = row["policy"], row["rule"]
    ones = [one for one in said if one["policy"] == policy and one["rule"] == rule and one["audience"] == "customer"]
    share = _of(row["remarked_count"], row["messages_count"], "message", "messages")
    others = (
        f"; in the other {row['other_messages_count']:,} it is {sentences.percent(row['other_share'])}"
        if row["other_messages_count"] >= ENOUGH
        else ""
    )
    return Finding(
        "wording.bred-by-policy",
        {"policy": policy, "rule": rule},
        f"Under {_says(policy, playbook)}, {share} say things such as {sentences.quoted(_commonest(ones)['words'])} "
        f"({_lowered(name)}){others}. This is evidence against the rule, not the person.",
        Evidence(row["messages_count"], row["share"], "share", row["share_low"], row["share_high"], *_AGAINST),
        "Ask whether the rule is still needed as it stands; where it is, write the words in which to say it.",
        owner=_owner(policy, playbook),
        weight=float(row["remarked_count"]),
        events=_events(ones)[:MOST_EVENTS],
        table="wording_by_policy",
        where={"policy": policy, "rule": rule},
    )


def _lowered(name: str) -> str:
    return name[:1].lower() + name[1:]


def _says(policy: str, playbook: Playbook) -> str:
    entry = playbook.policies.get(policy)
    if entry is not None:
        return f"the rule {sentences.quoted(entry.says)}"
    return f"the step {policy}" if "/" in policy else f"the rule {policy}"


def _owner(policy: str, playbook: Playbook) -> str | None:
    if policy in playbook.policies:
        return playbook.policies[policy].owner
    procedure = playbook.procedures.get(policy.partition("/")[0])
    return procedure.owner if procedure else None
