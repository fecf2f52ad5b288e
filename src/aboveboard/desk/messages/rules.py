"""What holds of one message before it is recorded: its words, what it promises, what it says against the record.

Pure: the time, the record and the playbook come in as arguments.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from aboveboard.analyses.claims.drafts import Said, Shown
from aboveboard.desk.escalations.rules import RECORDED, Agreed, against_granted
from aboveboard.desk.people.rules import Matter, Person
from aboveboard.ledger.errors import AboveboardError
from aboveboard.ledger.event import Event

LONGEST = 20_000
"""Characters of a message at most."""
CHANNELS = ("email", "phone", "chat", "store", "field", "social", "app", "web")
"""The ledger's words for how something reaches a customer."""
FURTHEST = timedelta(days=730)
"""Nothing is promised for later than this."""
SPOKEN = "promise:said/"
"""The rule of a promise made by word: with the kind of act after it, as the analyses name them."""
OTHER = "other"
ASKED = "asked-superior"
"""The claim, as the analyses name it, that somebody above was asked."""
PLACEHOLDERS: Mapping[str, str] = {
    "customer": "the customer's key in the record",
    "subject": "what it is about, such as case:12",
    "me": "the name of whoever writes",
    "team": "the team",
    "organisation": "the organisation's name, from the playbook",
    "today": "the date",
}
"""What a template can name and have filled in. Anything else between braces is filled in by whoever writes."""
State = Literal["open", "at-risk", "broken", "kept", "late", "cancelled"]
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}\n]{1,60}?)\s*\}\}")
_AND = re.compile(r"(?:[\s,;]+(?:and|but|und|aber))?[\s,;]*$", re.IGNORECASE)
_NEAR_SHARE = 0.25
_HALF = re.compile("[\ud800-\udfff]")


class MessagesError(AboveboardError):
    """A message, a template or a promise that cannot be recorded as it is; the text says why and what to do."""


class AgainstRecordError(MessagesError):
    """A message says what the record does not show, and no reason was given. It can be sent with one."""


class UnseenPromiseError(MessagesError):
    """A message promises something with a time that whoever writes has not been shown yet."""


class NotThereError(MessagesError):
    """There is no such template or promise within the reach of whoever asks."""


@dataclass(frozen=True)
class Noticed:
    """A commitment in a draft. `key` names it while the text around it changes; `due` is None where the words name no time."""

    key: str
    kind: str
    text: str
    start: int
    due: datetime | None


@dataclass(frozen=True)
class Promise:
    """A commitment that is to get a clock: what is promised, of which kind of act, by when."""

    kind: str
    text: str
    due: datetime


def storable(*texts: str | None) -> None:
    """Raise MessagesError for a text that no database takes: with a zero byte, or half a character."""
    if any(text and ("\x00" in text or _HALF.search(text)) for text in texts):
        raise MessagesError("There is something in these words that is no text.")


def written(text: str) -> str:
    """The words as they are recorded: line ends of one kind, no blanks around. Raises MessagesError where they cannot be."""
    storable(text)
    words = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not words:
        raise MessagesError("There are no words yet.")
    if len(words) > LONGEST:
        raise MessagesError(f"This is {len(words):,} characters long; {LONGEST:,} is the most.")
    return words


def finished(text: str) -> str:
    """`written`, with nothing left to fill in. Raises MessagesError naming each placeholder that is left."""
    words = written(text)
    left = placeholders(words)
    if left:
        raise MessagesError(f"Fill in {', '.join('{{ ' + one + ' }}' for one in left)} first.")
    return words


def placeholders(text: str) -> list[str]:
    """The names between double braces, each once, in order."""
    return list(dict.fromkeys(found.strip() for found in _PLACEHOLDER.findall(text)))


def filled(text: str, values: Mapping[str, str | None]) -> str:
    """The text with what `values` has in the place of its name; what is absent stays to be filled in by hand."""

    def value(match: re.Match[str]) -> str:
        return values.get(match[1].strip()) or match[0]

    return _PLACEHOLDER.sub(value, text)


def joined(text: str, template: str) -> str:
    """What is written already, with the template after it: nothing that somebody wrote is lost."""
    return f"{text.rstrip()}\n\n{template}" if text.strip() else template


def noticed(text: str, said: Iterable[Said]) -> list[Noticed]:
    """The commitments among what a text says, in order of place: each with its words up to the next, or the sentence's end."""
    found: list[Noticed] = []
    promised = [one for one in said if one.commitment]
    ends = [*(one.start for one in promised), len(text)][1:]
    for one, until in zip(promised, ends, strict=True):
        words = _AND.sub("", " ".join(text[one.start : min(one.until, until)].split()))
        times = sum(other.text == words for other in found)
        key = hashlib.sha256(f"{times} {words}".encode()).hexdigest()[:12]
        found.append(Noticed(key, one.topic or OTHER, words, one.start, one.due))
    return found


def against(shown: Iterable[Shown]) -> list[Shown]:
    """What the record speaks against, or has nothing of: what needs a reason to be said all the same."""
    return [one for one in shown if one.verdict in ("contradicted", "not yet")]


def with_escalations(
    found: Sequence[Shown], granted: Iterable[Agreed], record: Sequence[Mapping[str, object]]
) -> list[Shown]:
    """What stands against a draft, with what the record of its matter has of escalations.

    Whoever says that they asked is borne out by one that waits or was decided, however long ago it was opened. `granted` are words
    that somebody higher up said yes: they stand against the record unless it was granted, a refusal speaks against them.
    """
    there = any(str(one["type"]) in RECORDED for one in record)
    left = [one for one in found if not (there and one.said.claim == ASKED)]
    refusals = against_granted(record)
    if refusals is None:
        return left
    for words in granted:
        begin, until = words.sentence
        left = [one for one in left if one.said.claim != ASKED or not begin <= one.said.start < until]
        said = Said("superior-agreed", words.words, words.start, words.end, until, None, False)
        verdict = "contradicted" if refusals else "not yet"
        left.append(Shown(said, verdict, "decision higher up in the customer's favour", tuple(refusals)))
    return sorted(left, key=lambda one: one.said.start)


def need_reason(found: Sequence[Shown], reason: str) -> None:
    """Raise AgainstRecordError where something stands against the record and nobody says why."""
    storable(reason)
    if found and not reason.strip():
        words = "; ".join(f"“{one.said.words}”" for one in found)
        raise AgainstRecordError(f"The record does not show what you write: {words}. Change it, or say why it is so.")


def need_seen(found: Iterable[Noticed], seen: Collection[str]) -> None:
    """Raise UnseenPromiseError where a commitment with a time is not among the keys that were shown."""
    unseen = [one for one in found if one.due is not None and one.key not in seen]
    if unseen:
        raise UnseenPromiseError(f"You promise something: “{unseen[0].text}”. Keep a clock on it, or leave it so.")


def promise(*, kind: str, text: str, due: datetime | None, now: datetime) -> Promise:
    """A promise that can be recorded. Raises MessagesError where it has no words, no time, or one that cannot be meant."""
    storable(text)
    words = " ".join(text.split())
    if not words:
        raise MessagesError("Say what is promised.")
    if due is None:
        raise MessagesError(f"Say by when: “{words}”.")
    if not now < due <= now + FURTHEST:
        raise MessagesError(f"A promise is due after now, and within two years: “{words}”.")
    return Promise(kind or OTHER, words, due)


def name_of(person: Person, what: str, token: str) -> str:
    """The id of the event that a form or a request with this token makes: the same each time it is pressed."""
    if not token.strip():
        raise MessagesError("The form is too old. Open it again.")
    return f"{what}-{hashlib.sha256(f'{person.id} {what} {token}'.encode()).hexdigest()[:32]}"


def sent(
    *,
    name: str,
    by: Person,
    matter: Matter,
    text: str,
    channel: str,
    stands_against: Sequence[Shown],
    reason: str,
    now: datetime,
) -> Event:
    """The event of a message to the customer; with why it was sent where the record does not show what it says."""
    said: dict[str, object] = {"mailed": False}
    if stands_against:
        said["not_shown"] = [{"claim": one.said.claim, "words": one.said.words} for one in stands_against]
        said["reason"] = reason.strip()
    return Event(
        id=name,
        type="message.sent",
        time=now,
        source="desk",
        subject=matter.subject,
        customer=matter.customer,
        team=matter.team,
        employee=by.employee,
        channel=checked_channel(channel),
        audience="customer",
        text=text,
        attributes=said,
    )


def checked_channel(channel: str) -> str:
    """A channel of the ledger. Raises MessagesError for another."""
    if channel not in CHANNELS:
        raise MessagesError(f"There is no channel {channel!r}; there are {', '.join(CHANNELS)}.")
    return channel


def made(*, message: Event, by: Person, promises: Sequence[Promise]) -> Iterator[Event]:
    """The events of the promises in a message; the same message makes the same ones."""
    for number, one in enumerate(promises, start=1):
        yield Event(
            id=f"{message.id}-promise-{number}",
            type="promise.made",
            time=message.time,
            source="desk",
            subject=message.subject,
            customer=message.customer,
            channel=message.channel,
            team=message.team,
            employee=by.employee,
            rule=SPOKEN + one.kind,
            due=one.due,
            text=one.text,
            attributes={"message": message.id},
        )


def state(
    *, made_at: datetime, due: datetime, kept_at: datetime | None, withdrawn_at: datetime | None, now: datetime
) -> State:
    """What became of a commitment, in the words of the promises; at risk in the last quarter of its time."""
    if withdrawn_at is not None:
        return "cancelled"
    if kept_at is not None:
        return "kept" if kept_at <= due else "late"
    if due < now:
        return "broken"
    return "at-risk" if due - now <= _NEAR_SHARE * (due - made_at) else "open"
