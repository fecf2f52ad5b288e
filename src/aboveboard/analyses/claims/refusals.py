"""What a refusal refuses: the act that it says cannot be, or may not be, done.

Only where the words say so of the whole thing (*the booking cannot be cancelled*, *I can't refund the order*), and leave no way
open (*unless …*, *only …*, *but we can …*). Of a part of it (*the name cannot be changed*, *bags cannot be taken off the
booking*) nothing is said, for another change to the same booking would look like the one that was refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import ibis
import pyarrow as pa

from aboveboard.analyses.claims.extraction import Found
from aboveboard.engines import ledgers

REFUSALS = frozenset(("policy-forbids", "not-possible"))
_WHOLE = (
    r"(?:(?:re)?bookings?|reservations?|orders?|flights?|fares?|tickets?|contracts?|plans?|subscriptions?|appointments?|memberships?"
    r"|tariffs?|visits?|trips?|deliver(?:y|ies)|stays?|items?|goods|products?|it|they|them|these|those|that|this|that one)"
)
_NOT_PART = "".join(rf"(?<!\b{of} {the} )" for of in ("on", "of", "in", "for", "to") for the in ("the", "your", "this"))
"""What stands before the thing where only a part of it is meant: the name *on the* booking."""
_CANNOT = r"(?:cannot|can't|can not|may not|must not|could not|couldn't)(?: \w+ly)?"
_UNABLE = r"(?:cannot|can't|can not|may not|must not|unable to|not able to|not (?:allowed|permitted|authori[sz]ed) to)(?: \w+ly)?"
_ENGLISH = {
    "cancel": (r"cancel+ed|ended|terminated", r"cancel|end|terminate", r"cancel+ations?|cancel+ing"),
    "refund": (r"refunded|reimbursed", r"refund|reimburse", r"refunds?|refunding|reimbursements?"),
    "upgrade": (r"upgraded", r"upgrade", r"upgrades?|upgrading"),
    "change": (r"changed|modified|amended|rebooked|rescheduled|moved", r"change|modify|amend|rebook|reschedule|move",
               r"changes|changing|modifications?|modifying"),
    "exchange": (r"exchanged|replaced|swapped", r"exchange|replace|swap", r"exchanges?|replacements?"),
    "return": (r"returned|taken back|sent back", r"take back|accept", r"returns?"),
    "book": (r"booked|ordered|placed", r"book|order|place", r"bookings|booking"),
}  # fmt: skip
_DEUTSCH = {
    "cancel": r"storniert|gekündigt|beendet|stornieren|kündigen|stornierung|kündigung",
    "refund": r"erstattet|zurückgezahlt|erstatten|erstattung|rückzahlung",
    "change": r"geändert|umgebucht|verschoben|ändern|umbuchen|verschieben|änderung|umbuchung",
    "exchange": r"umgetauscht|ausgetauscht|ersetzt|umtauschen|austauschen|ersetzen|umtausch",
    "return": r"zurückgenommen|zurücknehmen|rücknahme|rückgabe",
    "book": r"gebucht|bestellt|buchen|bestellen|buchung",
}
_OPEN = re.compile(
    r"(?<=\S )\bhowever\b|\b(?:unless|without|only|until|except|otherwise|instead|if|before|yet|at the moment|right now"
    r"|from here|myself"
    r"|(?:but|although|though|and) (?:\w+ ){0,4}?(?:can|could|may|will|possible|allowed)|nur|ohne|außer|solange|bevor|bis|falls"
    r"|wenn|sondern|stattdessen|derzeit|aber)\b"
)
"""Words that leave a way open: the act may be done that way, and nothing said would be false."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,3}(?:th|-\w+)$")
_REFERENCE = re.compile(r"\b(?:(?=[\w-]*\d)(?:(?=[\w-]*[A-Za-z])[\w-]{5,20}|\d{6,20})|[A-Z]{6})\b")
"""Six capitals are what airlines and hotels call a booking by."""


def act(plain_text: str, found: Found) -> str | None:
    """The act that a refusal is about: cancel, change, upgrade, book, refund, exchange or return.

    None where it names none, leaves a way open, or speaks of a part.
    """
    sentence = plain_text[slice(*found.sentence)]
    if found.claim not in REFUSALS or _OPEN.search(sentence):
        return None
    named = {name for name, pattern in _PATTERNS[found.language or "en"] if pattern.search(sentence)}
    return named.pop() if len(named) == 1 else None


def references(text: str) -> frozenset[str]:
    """The numbers of bookings, orders and the like in a text: letters with digits from five characters on, digits or capitals
    from six."""
    return frozenset(match.group().lower() for match in _REFERENCE.finditer(text) if _DATE.match(match.group()) is None)


def named(words: str, found: Found) -> frozenset[str]:
    """What a refusal names: the references in its own line (a message may list several bookings), else those in all its words."""
    start, end = words.rfind("\n", 0, found.start) + 1, words.find("\n", found.end)
    return references(words[start : end if end >= 0 else None]) or references(words)


def of_others(events: Any, named: Mapping[str, Collection[str]]) -> set[str]:
    """Which claims an act speaks against that may have been done to something else: `named` has claim → references in its words.

    `events` are the acts, with the column `claim` beside them. An act that bears references (in its attributes) counts only
    where the words name one of them, or its subject is one: a case may deal with several bookings. Executes one query.
    """
    acts = events.select("claim", "subject", attributes=events.attributes.cast("string"))
    return {
        row["claim"]
        for row in ledgers.arrow(acts).to_pylist()
        if (borne := references(row["attributes"] or ""))
        and not borne & {*named[row["claim"]], *references(row["subject"] or "")}
    }


def with_claims(events: Any, evidence: Mapping[str, str]) -> Any:
    """The events that speak against each claim (claim → id of the event), with the column `claim`."""
    table = ibis.memtable(pa.table({"claim": list(evidence), "_id": list(evidence.values())}))
    return events.inner_join(table, events.id == table["_id"])


def _english() -> Iterable[tuple[str, re.Pattern[str]]]:
    for name, (done, do, doing) in _ENGLISH.items():
        forms = (
            rf"{_NOT_PART}\b{_WHOLE}\b(?: \w+){{0,2}}? {_CANNOT} be (?:{done})\b(?! (?:to|in|into|onto|by|from|with)\b)",
            rf"\b{_UNABLE} (?:{do}) (?:(?:the|your|this|that|these|those|a|an|any) (?:\w+ )?)?{_WHOLE}"
            r"(?=[.,;!?\s]*$|,| (?:as|because|since|due|for you)\b)",
            rf"{_NOT_PART}\b{_WHOLE}\b[^.;:!?]{{0,40}}?, (?:which|that) {_CANNOT} be (?:{done})(?=[.!\s]*$)",
            rf"\b(?:no|not (?:allow|permit)|n't (?:allow|permit)|forbids?|prohibits?|rules out) (?:any )?(?:{doing})\b",
        )
        yield name, re.compile("|".join(f"(?:{form})" for form in forms))


def _deutsch() -> Iterable[tuple[str, re.Pattern[str]]]:
    whole = (
        r"(?:buchung|bestellung|reise|flug|fahrkarte|ticket|vertrag|abo|termin|artikel|ware|tarif|sie|es|er|ihn|das)"
    )
    for name, words in _DEUTSCH.items():
        forms = (
            rf"\b{whole}\b(?: \w+){{0,3}}? (?:nicht|nicht mehr|leider nicht) (?:{words})\b",
            rf"\b(?:{words}) (?:\w+ ){{0,3}}?(?:ist|sind) (?:\w+ )?"
            r"(?:nicht (?:möglich|erlaubt|gestattet|zulässig)|ausgeschlossen)\b",
        )
        yield name, re.compile("|".join(forms))


_PATTERNS = {"en": tuple(_english()), "de": tuple(_deutsch())}
