"""Reads of problems: the board, one problem with all that is known of it, whom it struck, and what a run left of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db.models import Count, F, Q, QuerySet

from aboveboard.desk.followups import models as followup_models
from aboveboard.desk.followups import queries as followups
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.policies import queries as policies
from aboveboard.desk.policies import rules as policy_rules
from aboveboard.desk.problems import models, rules
from aboveboard.desk.promises.rules import WORDS
from aboveboard.ledger.event import Event

Row = Mapping[str, Any]
Reader = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]
"""Reads the rows of a table of a run, by its name, whose columns hold these values; none where there is no such table."""
RUNS = "runs"
"""Where below the installation's folder runs leave their tables."""
_LOUD = ("complaint.received", "case.reopened")
_AT_ONCE = 1_000
_CHOSEN = 500

ORDERS: Mapping[str, tuple[Any, ...]] = {
    "since": ("since", "pk"),
    "newest": (F("since").desc(), "pk"),
    "who": ("who",),
    "matters": (F("matters").desc(), "who"),
    "team": ("team", "who"),
    "voice": ("voice", "who"),
}


@dataclass(frozen=True)
class Asked:
    """A question about a problem as it stands: what the last run answers, and what people do."""

    place: int
    factor: str
    question: str
    answer: str
    evidence: str
    said: models.Answer | None

    @property
    def stands(self) -> str:
        """The answer that holds: what people said, else the run's."""
        return self.said.answer if self.said else self.answer


@dataclass(frozen=True)
class Whom:
    """Somebody struck, as the tables of a run say it; `voice` None where it is not known yet."""

    who: str
    customer: str
    subject: str
    team: str
    since: datetime
    matters: int
    voice: str | None


def of_run(*, folder: Path, run: followup_models.Run | None) -> Reader:
    """Reads what a run left below the installation's folder. Nothing, where there was no run or it was cleaned up."""

    def read(table: str, where: Mapping[str, Any]) -> list[dict[str, Any]]:
        path = folder / RUNS / run.folder / f"{table}.parquet" if run else None
        if path is None or not path.exists():
            return []
        held = pq.read_table(path, filters=[(name, "==", value) for name, value in where.items()] or None)
        return held.to_pylist()  # type: ignore[no-any-return]

    return read


def of_tables(tables: Mapping[str, pa.Table]) -> Reader:
    """Reads the tables of a run that has just ended."""

    def read(table: str, where: Mapping[str, Any]) -> list[dict[str, Any]]:
        held = tables.get(table)
        if held is None:
            return []
        for name, value in where.items():
            held = held.filter(pc.fill_null(pc.equal(held[name], value), False))
        return held.to_pylist()  # type: ignore[no-any-return]

    return read


def seen(*, person: people.Person) -> QuerySet[models.Problem]:
    """The problems that this person may see: those about no team are about all."""
    reach = people.reach(person, rules.READ)
    found = models.Problem.objects.select_related("owner", "finding")
    if reach.everything:
        return found
    return found.filter(Q(team="") | Q(team__in=reach.teams)) if reach else found.none()


def counted(found: QuerySet[models.Problem]) -> QuerySet[models.Problem]:
    """With `affected` and `silent`: how many it struck, and how many of them kept silent and were not turned to yet."""
    quiet = Q(struck__voice=rules.SILENT, struck__told_at=None, struck__case="")
    return found.annotate(affected=Count("struck"), silent=Count("struck", filter=quiet))


def listed(
    *,
    person: people.Person,
    state: str = "",
    owner: int | None = None,
    team: str = "",
    words: str = "",
) -> QuerySet[models.Problem]:
    """Problems that this person may see, filtered, what changed last first. `state` is a state, `open`, or empty for all."""
    kept = counted(seen(person=person))
    kept = kept.filter(state__in=rules.OPEN if state == "open" else (state,)) if state else kept
    kept = kept.filter(owner_id=owner) if owner is not None else kept
    kept = kept.filter(team=team) if team else kept
    for word in words.split():
        kept = kept.filter(
            Q(title__icontains=word) | Q(breaks__icontains=word) | Q(whom__icontains=word) | Q(key__icontains=word)
        )
    return kept.order_by("-changed_at", "-pk")


def one(*, person: people.Person, number: int) -> models.Problem | None:
    """The problem; None where there is none, or not for this person."""
    return seen(person=person).select_related("run", "made_by").filter(pk=number).first()


def of_finding(*, person: people.Person, finding: str) -> models.Problem | None:
    """The problem that a finding was made into, or that it is about."""
    found = followups.one(person=person, finding=finding)
    if found is None:
        return None
    key = key_in(found.about)
    return seen(person=person).filter(Q(finding_id=finding) | Q(key=key) if key else Q(finding_id=finding)).first()


def key_in(about: Mapping[str, str]) -> str:
    """The problem that a finding names; empty where it names none, or a promise, step or policy under this word."""
    named = about.get("problem", "")
    return "" if named.partition(":")[0] in rules.MEASURED or named == "(none)" else named


def target_in(about: Mapping[str, str], key: str) -> str:
    """What is counted for a finding: the rule that it is about, else the problem itself."""
    if key_in(about):
        return f"{rules.SUBJECT}{key}"
    if about.get("problem", "").partition(":")[0] in rules.MEASURED:
        return about["problem"]
    try:
        return policy_rules.rule_about(about)
    except policy_rules.PoliciesError:
        return f"{rules.SUBJECT}{key}"


def targets(*, now: datetime) -> list[tuple[str, str]]:
    """The promises, steps and policies that can be counted: name in the ledger, and what they say."""
    return [(one.rule, f"{one.rule}: {one.says}") for one in policy_rules.rules_of(policies.book(now=now)).values()]


def owners(*, team: str) -> list[people_models.User]:
    """Who can be responsible: those who may work on problems of this team."""
    return people_queries.holding(act=rules.WORK, team=team or None)


def criterion(*, problem: models.Problem) -> models.Criterion | None:
    """The criterion that holds for the next change."""
    return problem.criteria.select_related("by").last()


def changes(*, problem: models.Problem) -> list[models.Change]:
    """Its changes, the latest first: by when they were made, those that are only planned before all others."""
    found = problem.changes.select_related("version", "criterion", "written_by", "run")
    return list(found.order_by(F("made_from").desc(nulls_first=True), "-pk"))


def latest(*, problem: models.Problem) -> models.Change | None:
    """The change that was made last."""
    return problem.changes.exclude(made_from=None).order_by("-made_from", "-pk").first()


def verdicts() -> dict[int, str]:
    """Problem → the verdict on the change that was made for it last; empty before the first."""
    made = models.Change.objects.exclude(made_from=None).order_by("made_from", "pk")
    return dict(made.values_list("problem_id", "verdict"))


def change(*, person: people.Person, number: int) -> models.Change | None:
    """A change of a problem that this person may see; None otherwise."""
    found = models.Change.objects.select_related("problem", "run").filter(pk=number).first()
    return found if found and seen(person=person).filter(pk=found.problem_id).exists() else None


def questions(*, problem: models.Problem) -> list[Asked]:
    """Each question in its order, with its evidence or that there is none."""
    said = {one.factor: one for one in problem.answers.select_related("by")}
    told = {row["factor"]: row for row in problem.factors}
    nothing = {"answer": rules.UNKNOWN, "evidence": ""}
    found = []
    for place, (factor, question) in enumerate(rules.FACTORS.items(), start=1):
        row = told.get(factor, nothing)
        found.append(Asked(place, factor, question, row["answer"], row["evidence"], said.get(factor)))
    return found


def voices(*, problem: models.Problem) -> dict[str, int]:
    """How many it struck by the loudest that they said; and `left`: the silent ones to whom nobody has turned yet."""
    rows = problem.struck.order_by().values("voice").annotate(number=Count("pk"))
    held = {row["voice"]: row["number"] for row in rows}
    left = problem.struck.filter(voice=rules.SILENT, told_at=None, case="").count()
    return {voice: held.get(voice, 0) for voice in rules.VOICES} | {"affected": sum(held.values()), "left": left}


def struck(
    *, person: people.Person, problem: models.Problem, voice: str = "", left: bool = False, words: str = "", order: str = "since",
    act: str = "cases.read",
) -> QuerySet[models.Struck]:  # fmt: skip
    """Whom it struck, as far as this person may `act` for their teams. `left`: the silent ones to whom nobody has turned yet."""
    reach = people.reach(person, act)
    found = problem.struck.all()
    found = found if reach.everything else found.filter(team__in=reach.teams - {""})
    found = found.filter(voice=voice) if voice else found
    found = found.filter(voice=rules.SILENT, told_at=None, case="") if left else found
    for word in words.split():
        found = found.filter(Q(who__icontains=word) | Q(subject__icontains=word))
    return found.order_by(*ORDERS.get(order, ORDERS["since"]))


def history(*, problem: models.Problem) -> list[journal.Happened]:
    """What happened to it, in the order in which it was recorded; the last of it."""
    own = journal.happened(subject=problem.subject, most=_CHOSEN)
    named = [event for event in problem.changes.values_list("event", flat=True) if event]
    named += problem.criteria.values_list("event", flat=True)
    both = {one.sequence: one for one in [*own, *journal.named(events=named)] if one.event.type in rules.HAPPENED}
    return [both[sequence] for sequence in sorted(both)]


def waiting(*, person: people.Person) -> tuple[QuerySet[models.Problem], QuerySet[models.Problem]]:
    """What waits for this person (theirs, and not only to be watched), and what waits for a verdict, theirs first left out."""
    mine = counted(seen(person=person)).filter(owner_id=person.id, state__in=rules.OPEN)
    mine = mine.exclude(state__in=(rules.MADE, rules.WATCHED))
    watched = seen(person=person).filter(state__in=(rules.MADE, rules.WATCHED))
    return mine.order_by("-changed_at", "-pk"), watched.order_by("changed_at", "pk")


def first_event(*, person: people.Person, subject: str) -> Event | None:
    """The first event of a subject within this person's reach; None where there is none."""
    reach = people.reach(person, "cases.read")
    found = journal.happened(subject=subject)
    teams = [one.event.team for one in found if one.event.team]
    if not found or not reach.holds(teams[0] if teams else None):
        return None
    first = found[0].event
    customer = next((one.event.customer for one in found if one.event.customer), None)
    return Event(
        id=first.id, type=first.type, time=first.time, subject=subject, customer=customer, team=teams[0] if teams else None,
        channel=first.channel,
    )  # fmt: skip


def told(*, read: Reader, problem: models.Problem) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The run's numbers of a problem, and its answers to each question; both empty where the run does not know it."""
    numbers = next(iter(read("problems", {"problem": problem.key})), {})
    answers = sorted(read("problem_factors", {"problem": problem.key}), key=lambda row: row["place"])
    kept = ("factor", "answer", "evidence")
    return plain(numbers), [{name: row[name] for name in kept} for row in answers]


def found_struck(*, read: Reader, problem: models.Problem) -> list[Whom]:
    """Whom the problem struck by the tables of a run: cases of the problem itself, and what broke of the rule it is measured by.

    A person's team is that of what broke; empty where no occasion of theirs names one.
    """
    found: dict[str, Whom] = {}
    numbers = next(iter(read("problems", {"problem": problem.key})), None)
    teams = _teams(read, numbers)
    for row in read("problem_cases", {"problem": problem.key}):
        team = teams.get(row["subject"]) or teams.get(row["customer"]) or ""
        _add(found, row["customer"], row["subject"], team, row["since"], row["voice"])
    if not problem.target.startswith(rules.SUBJECT):
        for row in read("occasions", {"rule": problem.target, "broken": True}):
            if problem.team in ("", row["team"]):
                _add(found, row["customer"], row["subject"], row["team"] or "", row["at"], None)
    return list(found.values())


def _teams(read: Reader, numbers: Row | None) -> dict[str, str]:
    if not numbers or not numbers.get("kind"):
        return {}
    where = {"kind": numbers["kind"], "broken": True} | ({"rule": numbers["rule"]} if numbers["rule"] else {})
    held: dict[str, str] = {}
    for row in read("occasions", where):
        for name in (row["subject"], row["customer"]):
            if name and row["team"]:
                held.setdefault(name, row["team"])
    return held


def _add(
    found: dict[str, Whom], customer: str | None, subject: str | None, team: str, since: datetime, voice: str | None
) -> None:
    who = customer or subject
    if not who:
        return
    known = found.get(who)
    if known is None:
        found[who] = Whom(who, customer or "", subject or "", team, since, 1, voice)
        return
    said = [one for one in (known.voice, voice) if one]
    found[who] = Whom(
        who, customer or known.customer, known.subject or subject or "", known.team or team, min(known.since, since),
        known.matters + 1, rules.loudest(said) if said else None,
    )  # fmt: skip


def heard(*, whom: Sequence[Whom], until: datetime) -> dict[str, str]:
    """Who → the loudest that they said since it struck them, on the same subject or any other, as the journal has it."""
    found: dict[str, str] = {}
    for start in range(0, len(whom), _AT_ONCE):
        some = whom[start : start + _AT_ONCE]
        subjects, customers = {one.subject for one in some} - {""}, {one.customer for one in some} - {""}
        for voice, types in ((rules.COMPLAINED, _LOUD), (rules.ASKED, WORDS)):
            said = journal.last_times(types=types, subjects=subjects, customers=customers, until=until)
            for one in some:
                last = (said[0].get(one.subject), said[1].get(one.customer))
                if any(at is not None and at > one.since for at in last):
                    found.setdefault(one.who, voice)
    return {one.who: found.get(one.who, rules.SILENT) for one in whom}


def plain(row: Row) -> dict[str, Any]:
    """A row as JSON holds it: moments as text, what is no number as nothing."""
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value != value:
        return None
    return value.isoformat() if isinstance(value, datetime) else value


def names(*, events: Iterable[journal.Happened]) -> Mapping[str, str]:
    """Key → name of those who did something to a problem."""
    return people_queries.names(employees={one.event.employee for one in events if one.event.employee})
