"""Writes of the playbook: a new version, and the drafts from which versions are made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import models, queries, rules
from aboveboard.ledger.event import Event
from aboveboard.playbook import keys, yaml_nodes
from aboveboard.playbook.problems import PlaybookError
from aboveboard.playbook.writer import Document

_LONGEST = timedelta(days=36_500)


def publish(
    *,
    by: people.Person | None,
    text: str,
    why: str,
    effective_from: datetime,
    now: datetime,
    base: int | None = None,
    asked: str | None = None,
) -> models.Version:
    """Make a new version that holds from `effective_from`, which may not lie before now. The maker's draft of it is done.

    `by` is None from the terminal. `base` is the number of the last version that `by` has seen (0 for none); None where they
    mean to replace whatever there is. `asked` is what a program called its request: asked twice, the version is made once.

    Raises PlaybookError where the text is wrong, MovedOnError where there is a version after `base`, PlaybookVersionError
    where the reason or the time is wrong.
    """
    if by:
        people.need(by, "playbook.change")
    rules.storable(text, why)
    if not why.strip():
        raise rules.PlaybookVersionError("Say why: whoever reads this version later will ask.")
    key = _request(by, asked)
    known = models.Version.objects.filter(asked=key).first() if key else None
    if known is not None:
        return known
    if effective_from < now:
        raise rules.PlaybookVersionError(
            "A version cannot hold from a time that is over: promises were made under another one."
        )
    if effective_from > now + _LONGEST:
        raise rules.PlaybookVersionError("A version that holds in a hundred years is none. Is the year right?")
    _, problems = rules.checked(text)
    if problems:
        raise PlaybookError(problems)
    with transaction.atomic():
        last = models.Version.objects.select_for_update().order_by("-number").first()
        seen = last.number if last else 0
        if base is not None and base != seen:
            raise rules.MovedOnError(seen)
        try:
            with transaction.atomic():
                made = models.Version.objects.create(
                    number=seen + 1,
                    text=text,
                    why=why.strip(),
                    made_by_id=by.id if by else None,
                    made_at=now,
                    effective_from=effective_from,
                    asked=key,
                )
        except IntegrityError as error:  # the same number, taken at the same moment
            raise rules.MovedOnError(seen + 1) from error
        if by:
            # Of this text alone: what they are writing beside it is theirs to finish.
            models.Draft.objects.filter(user_id=by.id, text=text).delete()
        about = {
            "number": made.number,
            "why": made.why,
            "effective_from": effective_from.isoformat(),
            "by": by.employee if by else "terminal",
        }
        done = Event(id=f"playbook-{made.number}", type="playbook.changed", time=now, source="desk", attributes=about)
        journal.record(events=[done], now=now)
    return made


def keep_draft(*, by: people.Person, text: str, now: datetime, base: int | None = None) -> models.Draft:
    """Keep what somebody is writing, right or not yet. `base` is the version that it now stands on; None: as before."""
    people.need(by, "playbook.change")
    rules.storable(text)
    if len(text) > yaml_nodes.LARGEST_BYTES:
        raise rules.PlaybookVersionError("This text is too large for a playbook. Is it the right file?")
    with transaction.atomic():
        begun, _ = queries.begun(user=by.id)
        kept, _ = models.Draft.objects.update_or_create(
            user_id=by.id,
            defaults={"text": _plain_lines(text), "base": begun if base is None else base, "kept_at": now},
        )
    return kept


def discard_draft(*, by: people.Person) -> None:
    """Throw away what somebody is writing."""
    people.need(by, "playbook.change")
    models.Draft.objects.filter(user_id=by.id).delete()


def set_entry(*, by: people.Person, section: str, name: str, values: Mapping[str, Any], now: datetime) -> models.Draft:
    """Set keys of an entry in the draft: to a plain value, or away with None. What is not named stays as it was written.

    Raises PlaybookError with what is wrong with the entry, or elsewhere because of it; the draft then stays as it was.
    Raises EditError or PlaybookError where the draft is no readable YAML.
    """
    people.need(by, "playbook.change")
    with transaction.atomic():
        _, text = queries.begun(user=by.id)
        changed = edited(text, section, name, values)
        wrong = _new_problems(text, changed, section, name)
        if wrong:
            raise PlaybookError(wrong)
        return keep_draft(by=by, text=changed, now=now)


def remove_entry(*, by: people.Person, section: str, name: str, now: datetime) -> models.Draft:
    """Take an entry out of the draft. Raises PlaybookError where something else needs it, EditError where it is not there."""
    people.need(by, "playbook.change")
    with transaction.atomic():
        _, text = queries.begun(user=by.id)
        document = Document.of(text)
        document.remove([section, name])
        wrong = _new_problems(text, document.text(), section, name)
        if wrong:
            raise PlaybookError(wrong)
        return keep_draft(by=by, text=document.text(), now=now)


def catch_up(*, by: people.Person, now: datetime, together: bool) -> models.Draft:
    """Put the draft on the last version: `together` with what it changed, or as it stands, which undoes what it changed.

    Raises PlaybookVersionError where there is no draft, or both changed the same lines.
    """
    people.need(by, "playbook.change")
    with transaction.atomic():
        kept, last = queries.draft(user=by.id), queries.latest()
        if kept is None or last is None:
            raise rules.PlaybookVersionError("There is no draft to bring together with anything.")
        text = kept.text
        if together:
            base = queries.version(number=kept.base)
            found = rules.merged(base.text if base else "", kept.text, last.text)
            if found is None:
                raise rules.PlaybookVersionError(
                    "You both changed the same lines, so that somebody has to choose: edit your draft by hand."
                )
            text = found
        return keep_draft(by=by, text=text, now=now, base=last.number)


def edited(text: str, section: str, name: str, values: Mapping[str, Any]) -> str:
    """The text with keys of an entry set, comments and all else as they stand; the entry is added where it is not there."""
    document = Document.of(text)
    held = rules.entry(text, section, name)
    if section == rules.ABOUT.name:
        _set(document, [], values, {each.key.name for each in held.said} if held else set())
    elif held is not None:
        _set(document, [section, name], values, {each.key.name for each in held.said})
    else:
        fresh = {key: value for key, value in values.items() if value is not None}
        there = bool(rules.contents(text)[section])
        document.set([section, name] if there else [section], fresh if there else {name: fresh})
    return document.text()


def _set(document: Document, at: list[str], values: Mapping[str, Any], held: set[str]) -> None:
    for key, value in values.items():
        if value is not None:
            document.set([*at, key], value)
        elif key in held:
            document.remove([*at, key])


def _new_problems(before: str, after: str, section: str, name: str) -> list[Any]:
    """What is wrong with the entry, and what was not wrong before it was changed."""
    known = {each.message for each in rules.checked(before)[1]}
    own = tuple(f"{section}.{name}{sign}" for sign in (".", ":", "[", " "))
    if section == rules.ABOUT.name:
        own = tuple(f"{key.name}{sign}" for key in keys.PLAIN for sign in (".", ":", " "))
    return [each for each in rules.checked(after)[1] if each.message not in known or each.message.startswith(own)]


def _plain_lines(text: str) -> str:
    """A browser sends line ends its own way."""
    plain = text.replace("\r\n", "\n")
    return plain if plain.endswith("\n") or not plain else f"{plain}\n"


def _request(by: people.Person | None, asked: str | None) -> str | None:
    return hashlib.sha256(f"{by.id if by else 0}:{asked}".encode()).hexdigest() if asked else None
