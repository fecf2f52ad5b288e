"""Writes of cases, each in one transaction with its events.

Whoever changes a case says which `version` they saw, or None where that does not matter: where somebody changed it since, nothing
happens but ChangedMeanwhileError. A case out of reach is none.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from aboveboard.desk.cases import models, queries, rules
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.messages import actions as messages
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.policies import queries as policy_queries
from aboveboard.desk.policies import rules as policies
from aboveboard.ledger.event import Event
from aboveboard.playbook import running
from aboveboard.playbook.model import Playbook

_WORK = "cases.work"


def open_case(*, by: people.Person, opening: rules.Opening, now: datetime) -> models.Case:
    """Open a case; see `open_cases`."""
    return open_cases(by=by, openings=[opening], now=now)[0]


def open_cases(*, by: people.Person, openings: Sequence[rules.Opening], now: datetime) -> list[models.Case]:
    """Open cases, all or none, in the order in which they are given.

    A request of the API that is asked again gives the cases that it made. Raises CaseError where something is missing, or
    the same key asks for something else.
    """
    _need_openable(by, openings)
    try:
        with transaction.atomic():
            return _asked_before(openings) or _opened(by, openings, now)
    except IntegrityError:
        # The same request at the same moment was there first.
        known = _asked_before(openings)
        if known is None:
            raise
        return known


def _need_openable(by: people.Person, openings: Sequence[rules.Opening]) -> None:
    teams = {one.team for one in openings}
    for team in teams:
        people.need(by, _WORK, team=team, of_team=True)
    if unknown := {one.kind for one in openings} - set(rules.KINDS):
        raise rules.CaseError(f"There is no kind {min(unknown)!r}; there are {', '.join(rules.KINDS)}.")
    named = teams - {None}
    if named:
        known = set(people_queries.teams().filter(name__in=named).values_list("name", flat=True))
        if missing := [team for team in named if team not in known]:
            raise rules.CaseError(f"There is no team {missing[0]!r}.")


def _opened(by: people.Person, openings: Sequence[rules.Opening], now: datetime) -> list[models.Case]:
    """The cases, written once each, and with all that they began with.

    What a case's clocks say does not hang on its number, which it has from the database: they are read before.
    """
    book = queries.playbook(now=now) or Playbook()
    cases = [_case(one, now) for one in openings]
    begun = [_beginning(case, one.words.strip(), by, now) for case, one in zip(cases, openings, strict=True)]
    for case, events in zip(cases, begun, strict=True):
        before = queries.happened_about(case=case)
        case.due_at, case.risk_at = _due([*before, *events], now, book)
    models.Case.objects.bulk_create(cases)
    together = [
        replace(event, subject=case.subject) for case, events in zip(cases, begun, strict=True) for event in events
    ]
    journal.record(events=together, now=now)
    return cases


def _case(opening: rules.Opening, now: datetime) -> models.Case:
    one = opening
    return models.Case(
        title=rules.checked_title(one.title), topic=one.topic.strip()[:100], kind=one.kind, customer=one.customer or None,
        about=one.about or None, team=one.team, channel=one.channel or None, opened_at=now, changed_at=now,
        search=rules.searched(one.title, one.topic, one.customer, one.about, one.words),
        asked_as=one.asked_as, asked_with=one.asked_with,
    )  # fmt: skip


def _beginning(case: models.Case, words: str, by: people.Person, now: datetime) -> list[Event]:
    said = "complaint.received" if case.kind == "complaint" else "message.received"
    events = [_event("case.opened", case, by, now, attributes={"kind": case.kind, "title": case.title})]
    if words:
        events.append(_event(said, case, by, now, text=words, audience="customer"))
    elif case.kind == "complaint":
        events.append(_event(said, case, by, now))
    return [*events, *_status(case, by, now)]


def _asked_before(openings: Sequence[rules.Opening]) -> list[models.Case] | None:
    """The cases that a request with these keys made; None where none. Raises CaseError where it asked for something else."""
    keys = [one.asked_as for one in openings if one.asked_as]
    if not keys:
        return None
    found = models.Case.objects.select_related("assigned_to").filter(asked_as__in=keys)
    known = {one.asked_as: one for one in found}
    if not known:
        return None
    made = [known.get(one.asked_as) for one in openings]
    same = [one for one, opening in zip(made, openings, strict=True) if one and one.asked_with == opening.asked_with]
    if len(same) < len(openings):
        raise rules.CaseError("This key was used for another request. A new request needs a new key.")
    return same


def take_step(
    *, by: people.Person, case: int, step: str, version: int | None, now: datetime, text: str = "", severity: int = 0
) -> models.Case:
    """Acknowledge, assess or begin work: `text` is what one found, `severity` how much hangs on it, when it is assessed."""
    if step not in ("acknowledge", "assess", "work"):
        raise rules.CaseError(f"The step {step!r} needs more than this.")
    with transaction.atomic():
        found = _locked(by, case, version)
        change: dict[str, Any] = {}
        if step == "assess":
            if severity not in rules.SEVERITIES:
                raise rules.CaseError(f"Say how much hangs on it: {', '.join(map(str, rules.SEVERITIES))}.")
            change["severity"] = severity
        if step == "work" and found.assigned_to_id is None:
            change["assigned_to_id"] = by.id
        about = {"severity": severity} if step == "assess" else {}
        kind = {"acknowledge": "case.acknowledged", "assess": "case.assessed", "work": "case.begun"}[step]
        _step(found, step, by, now, _event(kind, found, by, now, text=text, attributes=about), **change)
    return found


def decide(
    *, by: people.Person, case: int, decision: str, reason: str, recourse: str, version: int | None, now: datetime
) -> models.Case:
    """Decide, with the reason that the customer will read; a complaint also says where they can turn if they do not accept it.

    Raises CaseError where one of them is missing, or where the same person decides an appeal.
    """
    if not decision.strip() or not reason.strip():
        raise rules.CaseError("A decision needs its reason: the customer will read both.")
    with transaction.atomic():
        found = _locked(by, case, version)
        rules.need_another_mind(
            by, team=found.team, appealed=found.appealed_at is not None, decided_by=found.decided_by_id
        )
        if found.kind == "complaint" and not recourse.strip():
            raise rules.CaseError("Say where the customer can turn if they do not accept the decision.")
        said = {"reason": reason.strip(), "recourse": recourse.strip()}
        event = _event("case.decided", found, by, now, text=decision.strip(), attributes=said)
        _step(
            found, "decide", by, now, event,
            decision=decision.strip(), decision_reason=said["reason"], recourse=said["recourse"], decided_by_id=by.id,
            decided_at=now,
        )  # fmt: skip
    return found


def tell(
    *,
    by: people.Person,
    case: int,
    version: int | None,
    now: datetime,
    words: str = "",
    channel: str | None = None,
    reason: str = "",
) -> models.Case:
    """Say that the customer was told the decision: by a message since it was made, or now, in these words.

    Words are recorded as `messages` records them, which may want a `reason` where the record shows otherwise. Raises CaseError
    where there are none, and nothing was written to the customer since the decision.
    """
    with transaction.atomic():
        found = _locked(by, case, version)
        rules.step("tell", state=found.state)
        if words.strip():
            by_which = channel or found.channel or "email"
            messages.send(
                by=by,
                matter=matter(found),
                text=words,
                channel=by_which,
                reason=reason,
                token=secrets.token_hex(8),
                now=now,
            )
        elif not rules.told_since(queries.happened(case=found), found.decided_at):
            raise rules.CaseError("Write to the customer first: nothing was told since the decision.")
        _step(found, "tell", by, now, told_at=now)
    return found


def close(*, by: people.Person, case: int, cause: str, note: str, version: int | None, now: datetime) -> models.Case:
    """Close a case with what caused it. Raises CaseError for a cause that is none (see `rules.checked_cause`)."""
    with transaction.atomic():
        found = _locked(by, case, version)
        rules.step("close", state=found.state)
        rules.checked_cause(cause, note, answered=queries.answers(case=found.pk))
        event = _event("case.closed", found, by, now, text=note.strip(), attributes={"cause": cause})
        _step(found, "close", by, now, event, cause=cause, cause_note=note.strip(), closed_at=now)
    return found


def appeal(*, by: people.Person | None, case: int, words: str, version: int | None, now: datetime) -> models.Case:
    """Take down that the customer does not accept the decision, in their words. Somebody else will decide.

    `by` is None where the customer says so themselves, on their page.
    """
    if not words.strip():
        raise rules.CaseError("Write what the customer says against it.")
    with transaction.atomic():
        found = _locked(by, case, version)
        event = _event(
            "case.appealed", found, by, now, text=words.strip(), audience="customer", attributes={"appeal": True}
        )
        again = {"appealed_at": now, "closed_at": None, "cause": "", "cause_note": "", "assigned_to_id": None}
        _step(found, "appeal", by, now, event, **again)
    return found


def hear(*, case: int, words: str, now: datetime) -> models.Case:
    """Take down what the customer writes on their page. Raises CaseError where they write nothing."""
    if not words.strip():
        raise rules.CaseError("Write what you want to tell us.")
    with transaction.atomic():
        found = _locked(None, case, None)
        _save(found, None, now, [_event("message.received", found, None, now, text=words.strip(), audience="customer")])
    return found


def reopen(*, by: people.Person, case: int, reason: str, version: int | None, now: datetime) -> models.Case:
    """Open a closed case again, for a reason."""
    if not reason.strip():
        raise rules.CaseError("Say why it was not finished after all.")
    with transaction.atomic():
        found = _locked(by, case, version)
        event = _event("case.reopened", found, by, now, text=reason.strip())
        _step(found, "reopen", by, now, event, closed_at=None, cause="", cause_note="")
    return found


def assign(*, by: people.Person, case: int, to: int | None, version: int | None, now: datetime) -> models.Case:
    """Give a case to somebody who may work on it, or to nobody. Nothing happens where they have it."""
    with transaction.atomic():
        found = _locked(by, case, version)
        if found.assigned_to_id == to and not (to and found.handed_at):
            return found
        able = {user.pk: user for user in queries.colleagues(team=found.team)}
        if to is not None and to not in able:
            raise rules.CaseError("They may not work on cases of this team.")
        whom = able[to].employee if to is not None else None
        events = [_event("case.assigned", found, by, now, attributes={"to": whom} if whom else {})]
        if to is not None and found.handed_at:
            events.append(_event("handoff.received", found, by, now))
            found.handed_at = None
        found.assigned_to_id = to
        _save(found, by, now, events)
    return found


def hand_over(*, by: people.Person, case: int, team: str, why: str, version: int | None, now: datetime) -> models.Case:
    """Hand a case to another team, with what they need to know. It counts as received once somebody there takes it."""
    with transaction.atomic():
        found = _locked(by, case, version)
        if team == found.team or not people_queries.teams().filter(name=team).exists():
            raise rules.CaseError("Name another team.")
        if not why.strip():
            raise rules.CaseError(
                "Write what the other team needs to know, so that the customer need not say it again."
            )
        sent = _event("handoff.sent", found, by, now, text=why.strip(), audience="internal", attributes={"to": team})
        if found.team is None:
            sent = _event("case.assigned", found, by, now, text=why.strip(), attributes={"team": team})
        found.team, found.assigned_to_id, found.handed_at = team, None, now if found.team else None
        _save(found, by, now, [sent])
    return found


def give_remedy(
    *, by: people.Person, case: int, kind: str, cost: float, policy: str | None, note: str, now: datetime
) -> models.Case:
    """Give the customer something to put it right. What costs something needs authority under a policy.

    Raises CaseError where it is beyond what this person may give.
    """
    if kind not in rules.REMEDIES:
        raise rules.CaseError(f"There is no remedy {kind!r}; there are {', '.join(rules.REMEDIES)}.")
    with transaction.atomic():
        found = _locked(by, case, None)
        _need_authority(by, found, policy=policy, cost=cost, now=now)
        rule = f"policy:{policy}" if policy else None
        _save(found, by, now, [_event("remedy.given", found, by, now, outcome=kind, value=cost, rule=rule, text=note)])
    return found


def answer_question(*, by: people.Person, case: int, question: str, answer: str, evidence: str, now: datetime) -> None:
    """Answer a question about the system, with what the answer rests on. A later answer takes the place of an earlier one."""
    rules.checked_answer(question, answer, evidence)
    with transaction.atomic():
        found = _locked(by, case, None)
        held = {"answer": answer, "evidence": evidence.strip(), "by_id": by.id, "at": now}
        models.Answer.objects.update_or_create(case=found, question=question, defaults=held)
        about = {"question": question}
        events = [_event("case.questioned", found, by, now, outcome=answer, text=evidence.strip(), attributes=about)]
        _save(found, by, now, events)


def show_test(*, by: people.Person, case: int, employee: str, now: datetime) -> models.Substitution:
    """Make the substitution test for an employee of this case, and keep what it showed."""
    found = queries.case(person=by, number=case, act="persons.act")
    if found is None:
        raise rules.CaseError("There is no such case.")
    events = queries.happened(case=found)
    _need_concerned(employee, events)
    row = queries.when_others_stood_there(events=events, employee=employee, now=now)
    kept = ("alike", "contacts_count", "peers_count", "same_share", "same_share_low", "same_share_high")
    held = {name: row.get(name) for name in kept} | {"alike": row.get("alike") or "", "verdict": row["verdict"]}
    with transaction.atomic():
        locked = _locked(by, case, None, act="persons.act")
        shown, _ = models.Substitution.objects.update_or_create(
            case=locked, employee=employee, defaults=held | {"shown_at": now}
        )
        about = {"about": employee, "n": row.get("contacts_count"), "share": row.get("same_share")}
        _save(
            locked, by, now, [_event("substitution.shown", locked, by, now, outcome=row["verdict"], attributes=about)]
        )
    return shown


def act_on_person(
    *, by: people.Person, case: int, employee: str, kind: str, account: str, why: str, override: str, now: datetime
) -> None:
    """Put on record what is to be done with an employee of this case; `account` is what they say themselves.

    Shut until the questions about the system are answered and the substitution test was shown for them, and where either
    points elsewhere; `override` is the reason to do it all the same, and is kept. Raises GateError where it is shut.
    """
    if kind not in rules.ON_PERSONS:
        raise rules.CaseError(f"There is no such act {kind!r}; there are {', '.join(rules.ON_PERSONS)}.")
    if not why.strip() or not account.strip():
        raise rules.CaseError("Write why, and what they say themselves. Ask them first.")
    with transaction.atomic():
        found = _locked(by, case, None, act="persons.act")
        _need_concerned(employee, queries.happened(case=found))
        shown = queries.shown_test(case=found.pk, employee=employee)
        answers = {name: one.answer for name, one in queries.answers(case=found.pk).items()}
        rules.need_open(rules.gate(answers, shown.verdict if shown else None), override=override)
        about: dict[str, Any] = {"about": employee, "account": account.strip(), "override": override.strip()}
        if kind == "warn":
            # What is held against somebody is a note of this kind in the ledger: the analyses look whether it should be.
            event = _event(
                "note.written", found, by, now, text=why.strip(), audience="internal",
                attributes=about | {"kind": "warning"},
            )  # fmt: skip
        else:
            event = _event("person.supported", found, by, now, outcome=kind, text=why.strip(), attributes=about)
        _save(found, by, now, [event])


def keep_view(*, by: people.Person, name: str, asks: str) -> None:
    """Keep filters of the inbox under a name; the name again takes the new ones."""
    if not name.strip():
        raise rules.CaseError("Give the view a name.")
    models.View.objects.update_or_create(user_id=by.id, name=name.strip()[:60], defaults={"asks": asks[:2_000]})


def drop_view(*, by: people.Person, view: int) -> None:
    """Keep a view of one's own no longer."""
    models.View.objects.filter(pk=view, user_id=by.id).delete()


def be_present(*, by: people.Person, case: int, now: datetime) -> None:
    """Say that one has this case open."""
    models.Presence.objects.update_or_create(case_id=case, user_id=by.id, defaults={"seen_at": now})


def keep_clocks(*, cases: Iterable[models.Case], now: datetime) -> int:
    """Read the clocks of these cases anew, for what happened elsewhere since; how many are due at another time now.

    When a clock is due is read from the journal and can be read again: no event, and no new version.
    """
    changed, book = 0, queries.playbook(now=now) or Playbook()
    for case in cases:
        due_at, risk_at = _due(queries.happened(case=case), now, book)
        if (case.due_at, case.risk_at) != (due_at, risk_at):
            case.due_at, case.risk_at = due_at, risk_at
            models.Case.objects.filter(pk=case.pk).update(due_at=due_at, risk_at=risk_at)
            changed += 1
    return changed


def matter(case: models.Case) -> people.Matter:
    """The case as the slices below know it."""
    return people.Matter(case.subject, case.customer, case.team, case.channel)


def _need_authority(by: people.Person, case: models.Case, *, policy: str | None, cost: float, now: datetime) -> None:
    """What costs nothing, everybody may give; without a policy that says how far, it takes somebody who decides exceptions."""
    if cost < 0:
        raise rules.CaseError("A cost cannot be below zero.")
    if cost == 0:
        return
    if policy is None:
        people.need(by, "exceptions.decide", team=case.team, of_team=True)
        return
    found = policies.policy(policy_queries.book(now=now), policy)
    mine = policies.authority(by, found, team=case.team, named=policy_queries.named())
    granted = float(policy_queries.granted_so_far(policy=policy, subject=case.subject))
    before = granted + rules.given_under(queries.happened(case=case), found.rule)
    rules.need_authority(mine, found, before=before, cost=cost)


def _locked(by: people.Person | None, number: int, version: int | None, act: str = _WORK) -> models.Case:
    """The case, held until the transaction ends. `by` is None for the customer, who was let in by their link."""
    if by:
        people.need(by, act)
    found = models.Case.objects.select_for_update().filter(pk=number).first()
    if found is None or (by and not people.reach(by, act).holds(found.team)):
        raise rules.CaseError("There is no such case.")
    if version is not None and version != found.version:
        raise rules.ChangedMeanwhileError(
            "Somebody changed this case since you opened it. Look at it again; what you wrote was not taken."
        )
    return found


def _step(case: models.Case, step: str, by: people.Person | None, now: datetime, *events: Event, **change: Any) -> None:
    after = rules.step(step, state=case.state).after
    for name, value in {**change, "state": after}.items():
        setattr(case, name, value)
    _save(case, by, now, [*events, *_status(case, by, now)])


def _save(case: models.Case, by: people.Person | None, now: datetime, events: Sequence[Event]) -> None:
    """Write the events, and the case with the clock that is due first."""
    case.version += 1
    case.changed_at = now
    book = queries.playbook(now=now) or Playbook()
    case.due_at, case.risk_at = _due([*queries.happened(case=case), *events], now, book)
    case.save()
    journal.record(events=events, now=now)


def _due(events: Sequence[Event], now: datetime, book: Playbook) -> tuple[datetime, datetime]:
    """When the clock that is due first is due, and at risk; `NEVER` where none runs."""
    due = running.next_due(running.clocks(events, book, now=now))
    return (due and due.due_at) or models.NEVER, (due and due.risk_at) or models.NEVER


def _status(case: models.Case, by: people.Person | None, now: datetime) -> list[Event]:
    """The state that both sides see. There is no way to show another one to the customer."""
    words = rules.STATES[case.state]
    return [
        _event("status.changed", case, by, now, outcome=words, audience=audience)
        for audience in ("customer", "internal")
    ]


def _event(type_: str, case: models.Case, by: people.Person | None, now: datetime, **more: Any) -> Event:
    given = {"channel": case.channel} | {name: value for name, value in more.items() if value not in (None, "")}
    given["attributes"] = {
        name: value for name, value in given.get("attributes", {}).items() if value not in (None, "")
    }
    return Event(
        id=f"{type_}-{secrets.token_hex(8)}", type=type_, time=now, source="desk", customer=case.customer,
        subject=case.subject, team=case.team, employee=by.employee if by else None, **given,
    )  # fmt: skip


def _need_concerned(employee: str, events: Sequence[Event]) -> None:
    if employee not in {one.employee for one in events}:
        raise rules.CaseError("Nothing on record of this case was done by them.")
