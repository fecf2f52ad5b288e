"""What is said against what is done: claims that the record contradicts, and statuses that show something else than is so.

Broken and running commitments speak as promises (`findings.promises`): they carry the name `said/<kind of act>`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aboveboard.findings import comparing, sentences
from aboveboard.findings.comparing import ENOUGH
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import MOST_EVENTS, Row, Tables, rows
from aboveboard.playbook.model import Playbook

_WILSON = ("share of claims borne out or contradicted, Wilson interval", comparing.WILSON)
_COMPARED = (
    "share, Wilson interval; score test against the rest, days as witnesses, false-discovery rate 5 %",
    f"{comparing.WILSON}; {comparing.BENJAMINI_HOCHBERG}",
)
LONG = 60.0
"""A pair of faces that stood for less than an hour in all is told to nobody."""
_SAYS = {
    "asked-superior": "that somebody above had been asked",
    "checked": "that it had been looked at",
    "reserved": "that something had been set aside",
    "refunded": "that money had been given back",
    "changed": "that an order or booking had been made, changed or cancelled",
    "will-do": "that something would be done",
    "policy-forbids": "that a rule forbids it",
    "not-possible": "that it cannot be done",
    "fixed": "that a fault had been put right",
}
KINDS: tuple[Kind, ...] = (
    Kind(
        "claim.contradicted",
        "Customers were told that something was done, or would be, and the record shows that it was not.",
        "At least one; a finding per claim, and one for each channel, team or policy where it happens more than elsewhere "
        "(20 or more on both sides, false-discovery rate 5 %).",
        ("claim", "slice", "value"),
        "claims",
    ),
    Kind(
        "status.dissonant",
        "Customers saw one status while inside it was another: shown as moving while it waits, or open though it is over.",
        "A pair of differing statuses that stood for an hour or more in all.",
        ("shown", "inside"),
        "dissonance",
    ),
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of `claims`, `claim_summary` and `dissonance` (a missing table says nothing)."""
    contradicted = rows(tables, "claims", verdict="contradicted")
    for one in rows(tables, "claim_summary"):
        if one["claim"] != "all" and one["contradicted_count"] and (one["slice"] == "all" or one["differs"]):
            yield _contradicted(one, [row for row in contradicted if _belongs(row, one)], playbook)
    pairs = [one for one in rows(tables, "dissonance") if one["differs"] and one["minutes"] >= LONG]
    yield from (_dissonant(one) for one in pairs)


def _belongs(claim: Row, part: Row) -> bool:
    return bool(claim["claim"] == part["claim"] and (part["slice"] == "all" or claim[_column(part)] == part["value"]))


def _column(part: Row) -> str:
    """The column of `claims` that a slice of the summary cuts by."""
    return "rule" if part["slice"] == "policy" else str(part["slice"])


def _contradicted(part: Row, claims: list[Row], playbook: Playbook) -> Finding:
    claims = sorted(claims, key=lambda one: (one["said_at"], one["event"]), reverse=True)
    about = {"claim": part["claim"], "slice": part["slice"], "value": part["value"]}
    entry = playbook.claims.get(part["claim"])
    return Finding(
        "claim.contradicted",
        about,
        _sentence(part, claims, playbook),
        action=_ACTIONS.get(part["claim"], _TELL),
        evidence=_evidence(part),
        owner=entry.owner if entry else None,
        weight=float(len({one["customer"] or one["subject"] for one in claims})),
        events=tuple(str(one["event"]) for one in claims[:MOST_EVENTS]),
        table="claims",
        where={"claim": part["claim"], "verdict": "contradicted"}
        | ({} if part["slice"] == "all" else {_column(part): part["value"]}),
    )


def _sentence(part: Row, claims: list[Row], playbook: Playbook) -> str:
    count, n = part["contradicted_count"], part["supported_count"] + part["contradicted_count"]
    said = _SAYS.get(part["claim"]) or f"“{_entry_says(part['claim'], playbook)}”"
    where = "" if part["slice"] == "all" else f" {_place(part)}"
    latest = claims[0] if claims else None
    example = f" The latest, {latest['subject']}: “{latest['words']}”. {latest['why']}" if latest else ""
    if n >= ENOUGH:
        low, high = comparing.interval(count, n)
        share = f"{count:,} of {n:,} times ({sentences.percent_range(low, high)})"
    else:
        share = sentences.counted(count, "time", "times")
    return (
        f"{share[0].upper()}{share[1:]} customers were told{where} {said}, and the record shows no such thing.{example}"
    )


def _entry_says(claim: str, playbook: Playbook) -> str:
    entry = playbook.claims.get(claim)
    return (entry.says or claim if entry else claim).removesuffix(".")


def _place(part: Row) -> str:
    value = part["value"].removeprefix("policy:")
    return {"channel": f"by {value}", "team": f"at {value}", "policy": f"under the policy {value}"}[part["slice"]]


def _evidence(part: Row) -> Evidence:
    count, n = part["contradicted_count"], part["supported_count"] + part["contradicted_count"]
    if n < ENOUGH:
        return Evidence(n, float(count), "count", method="count")
    low, high = comparing.interval(count, n)
    return Evidence(n, count / n, "share", low, high, *(_WILSON if part["slice"] == "all" else _COMPARED))


_TELL = "Put it right with the customers, and ask what makes it easier to say than to do."
_ACTIONS = {
    "asked-superior": "Ask what makes asking so hard: is the answer always no, is nobody there, is there no time? "
    "Then give the answer to those who stand before the customer.",
    "checked": "Ask what stands in the way of looking: time, access, or a system that does not tell.",
    "refunded": "Give the money back, and let the words go out when it is booked, not before.",
    "changed": "Do what was said, tell the customer, and let the confirmation come from the record.",
    "will-do": "Do it or tell the customer that it will not be done; give what is said a clock of its own.",
    "fixed": "Look again, tell the customer the true state, and let “fixed” wait for a check.",
}


def _dissonant(one: Row) -> Finding:
    subjects = one["subjects_count"]
    noun = sentences.noun([one["longest_subject"]])
    return Finding(
        "status.dissonant",
        {"shown": one["shown"], "inside": one["inside"]},
        f"{sentences.counted(subjects, *noun)} {'was' if subjects == 1 else 'were'} shown as “{one['shown']}” while inside it "
        f"was “{one['inside']}”: {sentences.duration(one['minutes'])} in all, {sentences.duration(one['longest_minutes'])} "
        f"the longest ({one['longest_subject']}).",
        action="Let the customer see what is true: that it waits, and for what.",
        evidence=Evidence(subjects, one["minutes"], "minutes", method="sum of the stretches in which both stood"),
        weight=float(subjects),
        table="dissonance",
        where={"shown": one["shown"], "inside": one["inside"]},
    )
