"""Writes of problems, each in one transaction with its events. A problem out of reach is none.

What a change is judged by is written down before it: `fix.planned` says the criterion in the ledger, `fix.released` the change,
and the analysis of fixes reads both.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from aboveboard.desk.cases import actions as cases
from aboveboard.desk.cases import rules as case_rules
from aboveboard.desk.followups import actions as followup_actions
from aboveboard.desk.followups import models as followup_models
from aboveboard.desk.followups import queries as followups
from aboveboard.desk.followups import rules as followup_rules
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook.models import Version
from aboveboard.desk.playbook.rules import storable
from aboveboard.desk.policies import queries as policy_queries
from aboveboard.desk.policies import rules as policies
from aboveboard.desk.problems import models, queries, rules
from aboveboard.ledger.event import Event

AT_ONCE = 200
"""So many of the silent ones are turned to in one act; the rest waits for the next."""
_LONGEST_TITLE = 200
_LONGEST_WHO = 600
"""Letters of the longest key: an index of PostgreSQL takes a third of a page, and no system is known to have longer ones."""


def open_problem(
    *,
    by: people.Person,
    title: str,
    breaks: str,
    now: datetime,
    whom: str = "",
    team: str = "",
    target: str = "",
    finding: str = "",
    owner: int | None = None,
    read: queries.Reader | None = None,
    asked_as: str | None = None,
    asked_with: str | None = None,
) -> models.Problem:
    """Make a problem, by hand or of a finding; `read` reads the last run, from which whom it struck and why are taken.

    `target` empty: the finding's rule, else the problem itself. A request of the API says its key in `asked_as` and its content
    in `asked_with`: asked again, it gives the problem that it made. Raises ProblemError where the finding is a problem already.
    """
    people.need(by, rules.WORK, team=team or None, of_team=True)
    storable(title, breaks, whom, team, target, finding)
    made_of = _finding(by, finding) if finding else None
    try:
        with transaction.atomic():
            if known := _asked_before(asked_as, asked_with):
                return known
            key = _key(by, title, made_of)
            problem = models.Problem(
                key=key, title=rules.check_words(title, "in a few words what the problem is")[:_LONGEST_TITLE],
                breaks=rules.check_words(breaks, "what breaks"), whom=whom.strip(), team=_team(team),
                target=_target(target, made_of, key, now), finding=made_of, made_by_id=by.id, made_at=now, changed_at=now,
                asked_as=asked_as, asked_with=asked_with,
            )  # fmt: skip
            if owner is not None:
                problem.owner = _able(problem, owner)
            problem.save(force_insert=True)
            if read:
                refresh(problem, read, made_of.last_run if made_of else followups.last_run(), now)
            about = {
                "finding": finding,
                "measured_by": problem.target,
                "owner": problem.owner and problem.owner.employee,
            }
            said = f"{problem.title}: {problem.breaks}"
            journal.record(events=[event_of("problem.opened", problem, by, now, text=said, attributes=about)], now=now)
            if made_of:
                _accept(by, made_of, problem, now)
    except IntegrityError:
        # The same request at the same moment was there first.
        known = _asked_before(asked_as, asked_with)
        if known is None:
            raise
        return known
    return problem


def describe(
    *, by: people.Person, problem: int, title: str, breaks: str, whom: str, workaround: str, now: datetime
) -> models.Problem:
    """Say anew what breaks, for whom, and what helps until it is mended."""
    storable(title, breaks, whom, workaround)
    with transaction.atomic():
        found = _locked(by, problem)
        found.title = rules.check_words(title, "in a few words what the problem is")[:_LONGEST_TITLE]
        found.breaks, found.whom = rules.check_words(breaks, "what breaks"), whom.strip()
        found.workaround = workaround.strip()
        about = {"whom": found.whom, "workaround": found.workaround}
        _save(
            found,
            now,
            event_of("problem.described", found, by, now, text=f"{found.title}: {found.breaks}", attributes=about),
        )
    return found


def own(*, by: people.Person, problem: int, owner: int | None, now: datetime) -> models.Problem:
    """Say who is responsible, or that nobody is. Raises ProblemError where they may not work on it."""
    with transaction.atomic():
        found = _locked(by, problem)
        if found.owner_id == owner:
            return found
        found.owner = _able(found, owner) if owner is not None else None
        about = {"owner": found.owner.employee if found.owner else None}
        _save(found, now, event_of("problem.assigned", found, by, now, attributes=about))
    return found


def answer(
    *, by: people.Person, problem: int, factor: str, answer: str, evidence: str, now: datetime
) -> models.Problem:
    """Say what was found out about one of the questions. A cause that contributes is a cause found.

    Raises ProblemError without evidence, and where the person is named before the system was looked at.
    """
    storable(factor, answer, evidence)
    if factor not in rules.FACTORS or answer not in rules.ANSWERS:
        raise rules.ProblemError(f"Choose one of {', '.join(rules.FACTORS)}, and one of {', '.join(rules.ANSWERS)}.")
    rests_on = rules.check_words(evidence, "what the answer rests on")
    with transaction.atomic():
        found = _locked(by, problem)
        _need_open(found)
        rules.check_person(
            factor=factor, answer=answer, known={one.factor: one.stands for one in queries.questions(problem=found)}
        )
        held = {"answer": answer, "evidence": rests_on, "by_id": by.id, "at": now}
        models.Answer.objects.update_or_create(problem=found, factor=factor, defaults=held)
        if answer == rules.CONTRIBUTES and found.state in (rules.KNOWN, rules.BACK):
            found.state = rules.CAUSE
        about = {"factor": factor}
        _save(
            found, now, event_of("problem.questioned", found, by, now, outcome=answer, text=rests_on, attributes=about)
        )
    return found


def set_criterion(
    *, by: people.Person, problem: int, yardstick: rules.Yardstick, now: datetime, why: str = ""
) -> models.Criterion:
    """Write down by what a change will be judged. What was written before stays; after a change another one needs a reason.

    A change is judged by what was written down before it, whatever is written later. Raises ProblemError where it can be none.
    """
    storable(why, yardstick.target, yardstick.kind)
    with transaction.atomic():
        found = _locked(by, problem)
        _need_open(found)
        rules.checked(yardstick, share=rules.measured(yardstick.target, found.found)[1])
        _need_target(found, yardstick.target, now)
        rules.check_superseding(changed=queries.latest(problem=found) is not None, why=why)
        event = _criterion_event(found, by, yardstick, why.strip(), now)
        made = models.Criterion.objects.create(
            problem=found, why=why.strip(), by_id=by.id, at=now, event=event.id, **asdict(yardstick)
        )
        found.target = yardstick.target
        _save(found, now, event)
    return made


def plan(
    *,
    by: people.Person,
    problem: int,
    what: str,
    now: datetime,
    planned_for: datetime | None = None,
    part: str = "",
    version: int | None = None,
) -> models.Change:
    """Plan a change; a plan that was not carried out yet is replaced."""
    storable(what, part)
    said = rules.check_words(what, "what is to be changed")
    with transaction.atomic():
        found = _locked(by, problem)
        _need_open(found)
        held = {
            "what": said, "part": _team(part), "version": _version(version), "planned_for": planned_for, "written_by_id": by.id,
            "written_at": now,
        }  # fmt: skip
        change, _ = models.Change.objects.update_or_create(problem=found, made_from=None, defaults=held)
        if found.state not in (rules.MADE, rules.WATCHED):
            found.state = rules.PLANNED
        about = {"planned_for": planned_for and planned_for.isoformat(), "in_team": part, "version": version}
        _save(found, now, event_of("change.planned", found, by, now, text=said, attributes=about))
    return change


def make(
    *,
    by: people.Person,
    problem: int,
    what: str,
    now: datetime,
    made_from: datetime | None = None,
    part: str = "",
    version: int | None = None,
) -> models.Change:
    """Record a change that holds, from `made_from` (now where None). The plan, where there was one, becomes it.

    Raises ProblemError where no criterion was written down before it.
    """
    storable(what, part)
    since = made_from or now
    with transaction.atomic():
        found = _locked(by, problem)
        judged_by = found.criteria.filter(at__lt=since).last()
        written = judged_by or found.criteria.first()
        rules.check_change(
            state=found.state, what=what, written_at=written.at if written else None, made_from=since, now=now
        )
        target = judged_by.target if judged_by else found.target
        event = _release_event(found, by, what.strip(), since, _team(part), target, version)
        held = {
            "what": what.strip(), "part": part, "version": _version(version), "written_by_id": by.id, "made_from": since,
            "recorded_at": now, "criterion": judged_by, "event": event.id,
        }  # fmt: skip
        planned = models.Change.objects.filter(problem=found, made_from=None).first()
        change = planned or models.Change(problem=found, written_at=now)
        for name, value in held.items():
            setattr(change, name, value)
        change.save()
        found.state = rules.MADE
        _save(found, now, event)
    return change


def close(*, by: people.Person, problem: int, reason: str, now: datetime) -> models.Problem:
    """Close a problem: fixed where the verdict on its last change says so, for a reason otherwise."""
    storable(reason)
    with transaction.atomic():
        found = _locked(by, problem)
        last = queries.latest(problem=found)
        outcome = rules.check_close(state=found.state, verdict=last.verdict if last else "", reason=reason)
        found.state, found.outcome, found.reason, found.closed_at = rules.CLOSED, outcome, reason.strip(), now
        _save(found, now, event_of("problem.closed", found, by, now, outcome=outcome, text=reason.strip()))
    return found


def reopen(*, by: people.Person, problem: int, reason: str, now: datetime) -> models.Problem:
    """Open a closed problem again, for a reason."""
    storable(reason)
    said = rules.check_words(reason, "why it is opened again")
    with transaction.atomic():
        found = _locked(by, problem)
        if found.state != rules.CLOSED:
            raise rules.ProblemError("It is open.")
        open_again(found, rules.KNOWN)
        _save(found, now, event_of("problem.reopened", found, by, now, text=said))
    return found


def add_matter(*, by: people.Person, problem: int, subject: str, now: datetime) -> models.Struck:
    """Say that a subject of the ledger, such as `case:desk-12` or `order:17`, belongs to the problem: it counts from then on.

    The event lies at the subject's first, for then it broke. Raises ProblemError where nothing within reach is known of it.
    """
    storable(subject)
    with transaction.atomic():
        found = _locked(by, problem)
        _need_open(found)
        first = queries.first_event(person=by, subject=subject.strip()) if subject.strip() else None
        if first is None:
            raise rules.ProblemError(
                "Nothing within your reach happened to that. Write it as the ledger does, such as order:17."
            )
        if subject.strip().startswith(rules.SUBJECT):
            raise rules.ProblemError("That is a problem itself. Add what happened to customers.")
        one = queries.Whom(
            (first.customer or first.subject or "")[:_LONGEST_WHO], first.customer or "", first.subject or "", first.team or "",
            first.time, 1, None,
        )  # fmt: skip
        voice = queries.heard(whom=[one], until=now)[one.who]
        held = {"customer": one.customer, "subject": one.subject, "team": one.team, "since": one.since, "voice": voice}
        struck, _ = models.Struck.objects.update_or_create(
            problem=found, who=one.who, defaults={"added": True}, create_defaults=held | {"added": True}
        )
        known = hashlib.sha256(f"{found.key} {first.subject}".encode()).hexdigest()[:16]
        tied = Event(
            id=f"problem.tied-{known}", type="problem.tied", time=first.time, source="desk", subject=first.subject,
            customer=first.customer, team=first.team, channel=first.channel,
            attributes={"problem": found.key, "tied_by": by.employee},
        )  # fmt: skip
        about = {"matter": first.subject}
        journal.record(events=[tied], now=now)
        _save(found, now, event_of("problem.matter-added", found, by, now, attributes=about))
    return struck


def tell(*, by: people.Person, problem: int, words: str, channel: str, now: datetime) -> int:
    """Mark the silent ones within reach as told, in these words; how many. At most `AT_ONCE`: ask again for the rest.

    Each gets a `message.sent` of their own: what was told is on their record too.
    """
    storable(words, channel)
    said = rules.check_words(words, "in which words they were told")
    with transaction.atomic():
        found = _locked(by, problem)
        some = _silent(by, found)
        messages = [
            Event(
                id=f"problem-told-{one.pk}", type="message.sent", time=now, source="desk", subject=one.subject or None,
                customer=one.customer or None, team=one.team or None, channel=channel or None, text=said, audience="customer",
                employee=by.employee, attributes={"about": found.subject},
            )
            for one in some
        ]  # fmt: skip
        models.Struck.objects.filter(pk__in=[one.pk for one in some]).update(told_at=now)
        journal.record(events=messages, now=now)
        _save(found, now, event_of("problem.told", found, by, now, text=said, attributes={"customers": len(some)}))
    return len(some)


def open_cases(*, by: people.Person, problem: int, now: datetime) -> int:
    """Open a case for each of the silent ones within reach; how many. At most `AT_ONCE`: ask again for the rest."""
    with transaction.atomic():
        found = _locked(by, problem)
        some = _silent(by, found)
        teams = set(people_queries.teams().values_list("name", flat=True))
        openings = [
            case_rules.Opening(
                title=found.title, kind="request", customer=one.customer or None, about=one.subject or None,
                team=one.team if one.team in teams else None, topic=found.key[:100],
            )
            for one in some
        ]  # fmt: skip
        made = cases.open_cases(by=by, openings=openings, now=now)
        for one, case in zip(some, made, strict=True):
            models.Struck.objects.filter(pk=one.pk).update(case=case.subject)
        _save(found, now, event_of("problem.cases-opened", found, by, now, attributes={"cases": len(some)}))
    return len(some)


def open_again(problem: models.Problem, state: str) -> None:
    """Open a closed problem again; whoever calls it saves it."""
    problem.state, problem.outcome, problem.reason, problem.closed_at = state, "", "", None


def refresh(problem: models.Problem, read: queries.Reader, run: followup_models.Run | None, now: datetime) -> None:
    """Bring numbers, answers and whom it struck to what a run says. Those for whom something was done stay whatever it says."""
    numbers, answers = queries.told(read=read, problem=problem)
    if numbers or answers:
        problem.found, problem.factors = numbers, answers
    problem.run = run
    found = [one for one in queries.found_struck(read=read, problem=problem) if len(one.who) <= _LONGEST_WHO]
    unheard = queries.heard(whom=[one for one in found if one.voice is None], until=now)
    known = {one.who: one for one in problem.struck.all()}
    fresh, still = [], []
    for one in found:
        values = asdict(one) | {"voice": one.voice or unheard[one.who]}
        row = known.pop(one.who, None)
        if row is None:
            fresh.append(models.Struck(problem=problem, **values))
            continue
        for name, value in values.items():
            setattr(row, name, value or getattr(row, name))
        still.append(row)
    models.Struck.objects.bulk_create(fresh, batch_size=500)
    changing = ("customer", "subject", "team", "since", "matters", "voice")
    models.Struck.objects.bulk_update(still, changing, batch_size=200)
    gone = [one.pk for one in known.values() if not (one.added or one.told_at or one.case)]
    for start in range(0, len(gone), 500):
        models.Struck.objects.filter(pk__in=gone[start : start + 500]).delete()


def _locked(by: people.Person, number: int) -> models.Problem:
    """The problem, held until the transaction ends."""
    people.need(by, rules.WORK)
    found = models.Problem.objects.select_for_update(of=("self",)).filter(pk=number).first()
    if found is None or not rules.sees(people.reach(by, rules.READ), found.team or None):
        raise rules.ProblemError("There is no such problem.")
    people.need(by, rules.WORK, team=found.team or None, of_team=True)
    return found


def _need_open(problem: models.Problem) -> None:
    if problem.state == rules.CLOSED:
        raise rules.ProblemError("The problem is closed. Open it again first.")


def _silent(by: people.Person, problem: models.Problem) -> Sequence[models.Struck]:
    """The silent ones to whom nobody has turned yet, as far as this person may work for their teams."""
    people.need(by, "cases.work")
    some = list(queries.struck(person=by, problem=problem, left=True, act="cases.work")[:AT_ONCE])
    if not some:
        raise rules.ProblemError("Nobody is left within your reach who kept silent and was not turned to yet.")
    return some


def _finding(by: people.Person, finding: str) -> followup_models.Followup:
    found = followups.one(person=by, finding=finding)
    if found is None:
        raise rules.ProblemError("There is no such finding.")
    return found


def _key(by: people.Person, title: str, made_of: followup_models.Followup | None) -> str:
    """The finding's own name for it, else one made of the title that no other has."""
    named = queries.key_in(made_of.about) if made_of else ""
    same = models.Problem.objects.filter(finding=made_of) if made_of else models.Problem.objects.none()
    if same.exists() or (named and models.Problem.objects.filter(key=named).exists()):
        raise rules.ProblemError("This finding is a problem already. Work on that one.")
    if named:
        return named
    wanted = rules.key_of(title)
    taken = set(models.Problem.objects.filter(key__startswith=wanted).values_list("key", flat=True))
    return next(
        key for key in (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3))) if key not in taken
    )


def _target(target: str, made_of: followup_models.Followup | None, key: str, now: datetime) -> str:
    itself = f"{rules.SUBJECT}{key}"
    if target and target != rules.SUBJECT:
        policies.rule(policy_queries.book(now=now), target)
        return target
    return queries.target_in(made_of.about, key) if made_of and not target else itself


def _need_target(problem: models.Problem, target: str, now: datetime) -> None:
    if target not in (problem.subject, problem.target):
        policies.rule(policy_queries.book(now=now), target)


def _team(team: str) -> str:
    if team and not people_queries.teams().filter(name=team).exists():
        raise rules.ProblemError(f"There is no team {team!r}.")
    return team


def _able(problem: models.Problem, owner: int) -> people_models.User:
    found = next((user for user in queries.owners(team=problem.team) if user.pk == owner), None)
    if found is None:
        raise rules.ProblemError("They may not work on this problem. Give them a role for it first.")
    return found


def _version(number: int | None) -> Version | None:
    if number is None:
        return None
    found = Version.objects.filter(pk=number).first()
    if found is None:
        raise rules.ProblemError(f"There is no version {number} of the playbook.")
    return found


def _accept(by: people.Person, made_of: followup_models.Followup, problem: models.Problem, now: datetime) -> None:
    """A finding that waits for a word has one, once it is a problem."""
    reach = people.reach(by, "findings.work")
    if made_of.state in followup_rules.WAITING and followup_rules.sees(reach, made_of.team or None):
        followup_actions.move(
            by=by, finding=made_of.pk, to=followup_rules.ACCEPTED, says=f"Made a problem: {problem.title}", now=now
        )


def _asked_before(asked_as: str | None, asked_with: str | None) -> models.Problem | None:
    known = models.Problem.objects.filter(asked_as=asked_as).first() if asked_as else None
    if known and known.asked_with != asked_with:
        raise rules.ProblemError("This key was used for another request. A new request needs a new key.")
    return known


def _save(problem: models.Problem, now: datetime, event: Event) -> None:
    problem.changed_at = now
    problem.save()
    journal.record(events=[event], now=now)


def event_of(type_: str, problem: models.Problem, by: people.Person | None, now: datetime, **more: Any) -> Event:
    """Something that was done with a problem; what is empty is left out."""
    given = {name: value for name, value in more.items() if value not in (None, "")}
    about = {"number": problem.pk} | given.pop("attributes", {})
    return Event(
        id=f"{type_}-{secrets.token_hex(8)}", type=type_, time=now, source="desk", subject=problem.subject,
        team=problem.team or None, employee=by.employee if by else None,
        attributes={name: value for name, value in about.items() if value not in (None, "")}, **given,
    )  # fmt: skip


def _criterion_event(
    problem: models.Problem, by: people.Person, yardstick: rules.Yardstick, why: str, now: datetime
) -> Event:
    """By what a change will be judged, written down before it."""
    named = "reduce_by" if yardstick.kind == rules.REDUCE_BY else "at_most"
    about = {named: yardstick.value, "window_weeks": yardstick.window_weeks, "number": problem.pk}
    return Event(
        id=f"fix.planned-{secrets.token_hex(8)}", type="fix.planned", time=now, source="desk", text=why or None,
        employee=by.employee, attributes=about, subject=_subject(yardstick.target), rule=_rule(yardstick.target),
    )  # fmt: skip


def _release_event(
    problem: models.Problem, by: people.Person, what: str, since: datetime, part: str, target: str, version: int | None
) -> Event:
    """A change, and since when it is made."""
    about = {"number": problem.pk, "version": version}
    return Event(
        id=f"fix.released-{secrets.token_hex(8)}", type="fix.released", time=since, source="desk", text=what, team=part or None,
        employee=by.employee, attributes={name: value for name, value in about.items() if value is not None},
        subject=_subject(target), rule=_rule(target),
    )  # fmt: skip


def _subject(target: str) -> str | None:
    """The analysis reads a problem from the subject of what is done about it, all else from the rule."""
    return target if target.startswith(rules.SUBJECT) else None


def _rule(target: str) -> str | None:
    return None if target.startswith(rules.SUBJECT) else target
