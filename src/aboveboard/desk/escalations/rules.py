"""Who holds the authority that is sought, what a decision needs, and what the record says of words about it.

**Authority.** Under a policy it is as in `policies.rules`: who may bend it so far. Without one it is a level by name. The
levels stand in the order of the playbook; who holds a higher one holds the lower ones too, and on top stands whoever may
change every rule. A decision says what changes for the customer, or it is none: only a refusal may change nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from aboveboard.analyses.escalations import CHANGES, Change
from aboveboard.desk.people import rules as people
from aboveboard.desk.policies import rules as policies
from aboveboard.desk.policies.rules import OWNER, Authority, Levels
from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook.model import Playbook, Policy

OPEN, DECIDE, READ = "cases.work", "escalations.decide", "policies.read"
WAITING, GRANTED, PARTLY, DENIED = "waiting", "granted", "partly", "denied"
OUTCOMES: Mapping[str, str] = {GRANTED: "granted", PARTLY: "granted in part", DENIED: "refused"}
"""How an escalation ends, as the ledger's column `outcome` has it, and in words."""
CHANGED: Mapping[str, str] = {
    "remedy": "something was put right",
    "exception": "an exception was granted",
    "payment": "money was given back",
    "booking": "a booking changed",
    "reservation": "something was reserved",
    "appointment": "an appointment was made or moved",
    "promise": "a promise was kept",
    "order": "the order went on",
    "status": "their status changed",
}
"""The first word of a type on the list of changes, and what happened for the customer."""
NOTHING = "Nothing changes for the customer."
RECORDED = frozenset({"escalation.opened", "escalation.decided"})
"""What the desk records of an escalation, so that none on record means that there is none."""
_FAVOUR = frozenset({GRANTED, PARTLY, "approved", "accepted", "allowed", "upheld", "resolved", "yes"})
_EMPTY = re.compile(r"(nothing|none|no( change)?|n/?a|nichts|keine?)?\W*", re.IGNORECASE)


class EscalationsError(AboveboardError):
    """An escalation that cannot be opened, passed or decided as it was asked for; the text says why and what to do."""

    exit_code = 2


@dataclass(frozen=True)
class Sought:
    """The authority that is sought: a `level`; under a `policy`, enough of it for an `amount`, what was granted before included."""

    level: str
    policy: Policy | None = None
    amount: Decimal = Decimal(0)


def ladder(book: Playbook) -> list[str]:
    """The levels that can be asked for, the lowest first: the playbook's beyond the frontline's, or the lead's; then OWNER."""
    above = dict.fromkeys(level for one in book.policies.values() for level in list(one.authority)[1:])
    return [*(above or ("lead",)), OWNER]


def authority(
    person: people.Person, sought: Sought, *, team: str | None, book: Playbook, named: Levels
) -> Authority | None:
    """The authority by which this person may decide this in a matter of this team; None where they may not."""
    if sought.policy is None:
        return _by_level(person, sought.level, team, book, named)
    return _under(person, sought, sought.policy, team, named)


def _under(person: people.Person, sought: Sought, policy: Policy, team: str | None, named: Levels) -> Authority | None:
    mine = policies.authority(person, policy, team=team, named=named)
    theirs = policies.owns(person, policy.owner, policies.CHANGE)
    within = people.reach(person, DECIDE).holds(team) or (people.may(person, DECIDE) and theirs)
    if not (within and mine.covers(sought.amount) and _reaches(mine, sought.level, policy)):
        return None
    held = sought.level.lower() in _levels(person, team, named)
    return replace(mine, level=sought.level) if held else mine


def _reaches(mine: Authority, level: str, policy: Policy) -> bool:
    if mine.limit is None:
        return True
    return level in policy.authority and mine.limit >= Decimal(str(policy.authority[level]))


def _by_level(person: people.Person, level: str, team: str | None, book: Playbook, named: Levels) -> Authority | None:
    if not people.reach(person, DECIDE).holds(team):
        return None
    steps, mine = ladder(book), _levels(person, team, named)
    lowest = steps.index(level) if level in steps else len(steps) - 1
    for place, step in enumerate(steps[:-1]):
        if place >= lowest and step.lower() in mine:
            return Authority(step, Decimal(place + 1))
    return Authority(OWNER, None) if people.reach(person, policies.CHANGE).everything else None


def _levels(person: people.Person, team: str | None, named: Levels) -> set[str]:
    return {one.lower() for one in policies.levels(person, team=team, named=named)}


def higher(sought: Sought, book: Playbook) -> Sought:
    """The same, sought one level higher. Raises EscalationsError where nothing stands above."""
    if sought.level == OWNER:
        raise EscalationsError("Nobody stands above this: it is yours to decide.")
    if sought.policy is None:
        steps = ladder(book)
        return replace(sought, level=steps[steps.index(sought.level) + 1] if sought.level in steps else OWNER)
    levels = sought.policy.authority
    above = [(limit, level) for level, limit in levels.items() if limit > levels.get(sought.level, 0)]
    return replace(sought, level=min(above)[1] if above else OWNER)


def said_whole(asks: str, tried: str) -> None:
    """Raise EscalationsError unless it is said what is asked, and what was tried already."""
    if not asks.strip():
        raise EscalationsError("Say what is to be decided, so that somebody can say yes to it.")
    if not tried.strip():
        raise EscalationsError("Say what was tried already: nobody should have to find out twice.")


def checked_change(outcome: str, reason: str, changes: str, *, nothing: bool) -> str:
    """What changes for the customer, for a decision that is whole; NOTHING where a refusal says so.

    Raises EscalationsError where the outcome is none, the reason is missing, or nothing changes and yet it is granted.
    """
    if outcome not in OUTCOMES:
        raise EscalationsError(f"There is no decision {outcome!r}; there are {', '.join(OUTCOMES)}.")
    if not reason.strip():
        raise EscalationsError("Say why, in words that the customer can be told.")
    said = changes.strip()
    if not _EMPTY.fullmatch(said):
        return said
    if outcome != DENIED:
        raise EscalationsError("Say what changes for the customer. If nothing changes, nothing is granted.")
    if not (nothing or said):
        raise EscalationsError("Say what changes for the customer, or that nothing does.")
    return NOTHING


def checked_amount(outcome: str, granted: Decimal | None, asked: Decimal | None) -> Decimal | None:
    """How much is granted of an amount that was asked for: all, a part, or what a refusal was about; None where none was asked.

    Raises EscalationsError where a part is none.
    """
    if asked is None or outcome != PARTLY:
        return asked
    if granted is None or not granted.is_finite() or not 0 < granted < asked:
        raise EscalationsError(f"Say how much is granted in part: more than nothing, and less than {asked:f}.")
    return granted


@dataclass(frozen=True)
class Row:
    """What counts of an event for a change: its type, outcome, audience, time, and what and whom it is about."""

    type: str
    outcome: str | None
    audience: str | None
    time: datetime
    subject: str | None
    customer: str | None

    @property
    def words(self) -> str:
        """What it was, in words."""
        return CHANGED.get(self.type.partition(".")[0], self.type)


def first_change(
    rows: Iterable[Row], *, subject: str, customer: str | None, since: datetime, until: datetime
) -> Row | None:
    """The first event in a span that changed something for the customer, by the list of the analysis (`CHANGES`); None: none did.

    As there, an event speaks to an escalation on the same subject; some also where they name the customer and no subject.
    """
    told = (one for one in rows if since <= one.time <= until and _speaks(one, subject, customer))
    return min(told, key=lambda one: one.time, default=None)


def _speaks(row: Row, subject: str, customer: str | None) -> bool:
    loose = row.subject is None and row.customer is not None and row.customer == customer
    return any(_holds(line, row) and (row.subject == subject or (loose and line.reach == "need")) for line in CHANGES)


def _holds(line: Change, row: Row) -> bool:
    kind = row.type.startswith(line.type[:-1]) if line.type.endswith("*") else row.type == line.type
    return kind and (row.outcome or "").lower() not in line.unless and (not line.shown or row.audience == "customer")


_SUPERIOR = re.compile(
    r"(?<!your )\b(?:managers?|supervisors?|superiors?|boss|team ?lead(?:er)?s?|management|head of \w+|director"
    r"|vorgesetzte[nr]?|chef(?:in)?|(?:team|filial|abteilungs|geschäfts)?leit(?:ung|er(?:in)?))\b",
    re.IGNORECASE,
)
_AGREED = re.compile(
    r"\b(?:approved?|agreed|granted|authori[sz]ed|accepted|allowed|okayed|signed off|said yes"
    r"|zugestimmt|genehmigt|bewilligt|erlaubt|freigegeben|zugesagt|ja gesagt)\b",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"n['’]t\b|\b(?:not|never|no|if|whether|once|until|unless|before|will|would|may|might|must|needs?|can|to be|yet"
    r"|nicht|nie|keine?[mnrs]?|ob|wenn|falls|sobald|bevor|wird|werden|würde|muss|kann|soll|noch)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+")


@dataclass(frozen=True)
class Agreed:
    """Words by which somebody higher up said yes, and where they stand; `sentence` is where theirs begins and ends."""

    words: str
    start: int
    end: int
    sentence: tuple[int, int]


def said_to_be_granted(text: str) -> list[Agreed]:
    """The sentences that say plainly that somebody higher up agreed; those with a condition or a negation are left out."""
    found = []
    for sentence in _SENTENCE.finditer(text):
        who, yes = _SUPERIOR.search(sentence[0]), _AGREED.search(sentence[0])
        if who and yes and not _UNSURE.search(sentence[0]):
            start, end = min(who.start(), yes.start()), max(who.end(), yes.end())
            at = sentence.start()
            found.append(Agreed(sentence[0][start:end], at + start, at + end, sentence.span()))
    return found


def in_favour(type_: str, outcome: str | None) -> bool:
    """Whether an event is a decision that gave the customer something."""
    return type_ == "exception.granted" or (type_ == "escalation.decided" and (outcome or "").lower() in _FAVOUR)


def against_granted(record: Sequence[Mapping[str, object]]) -> list[str] | None:
    """The ids of the refusals that speak against words that it was granted; none where nothing was decided. None: it was granted.

    `record` are the events of the matter, by the ledger's columns.
    """
    decided = [
        one for one in record if str(one["type"]).startswith(("escalation.decided", "exception.")) and one["outcome"]
    ]
    if any(in_favour(str(one["type"]), str(one["outcome"])) for one in decided):
        return None
    return [str(one["id"]) for one in decided if one["type"] in ("escalation.decided", "exception.denied")]
