"""Pages of problems: the board, one problem from what breaks to the verdict, and those whom it struck."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aboveboard.desk.followups import queries as followups
from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import pages
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.forms import Spoken
from aboveboard.desk.playbook import queries as playbook
from aboveboard.desk.problems import actions, forms, models, queries, rules

_PER_PAGE = 100
_MOST_CLOSED = 10
_MOST_SHOWN = 5
_LONGEST_TITLE = 200
_VERSIONS = 30
_HEADER = ("number", "problem", "title", "state", "outcome", "team", "responsible", "affected", "silent", "measured_by", "verdict",
           "made_at", "changed_at", "closed_at")  # fmt: skip
_STRUCK_HEADER = ("who", "customer", "subject", "team", "since", "matters", "voice", "told_at", "case")


@dataclass(frozen=True)
class Shown:
    """A change with its verdict in words, and the numbers behind it in percent; None where there is none."""

    change: models.Change
    criterion: str
    reduced: int | None
    low: int | None
    high: int | None
    shown_at: datetime | None

    @property
    def judged(self) -> Mapping[str, Any]:
        """The run's row."""
        return self.change.judged  # type: ignore[no-any-return]


@pages.page(act=rules.READ)
def board(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Every problem in sight, in columns by its state; `?as=csv` is the same for a spreadsheet."""
    form = forms.Filter(request.GET, teams=_teams_read(person))
    given = form.cleaned_data if form.is_valid() else {}
    found: list[Any] = list(
        queries.listed(
            person=person,
            owner=person.id if given.get("mine") else None,
            team=given.get("team") or "",
            words=given.get("q") or "",
        )
    )
    verdicts = queries.verdicts()
    if request.GET.get("as") == "csv":
        return pages.csv("problems", _HEADER, (_row(one, verdicts.get(one.pk, "")) for one in found))
    for each in found:
        each.verdict_words = rules.VERDICTS.get(verdicts.get(each.pk, ""), "")
    everything = request.GET.get("closed") == "all"
    columns = []
    for state, word in rules.STATES.items():
        held = [one for one in found if one.state == state]
        most = len(held) if state != rules.CLOSED or everything else _MOST_CLOSED
        columns.append(
            {"state": state, "word": word, "number": len(held), "held": held[:most], "more": len(held) > most}
        )
    shown = {
        "columns": columns, "form": form, "found": found, "open": sum(1 for one in found if one.state != rules.CLOSED),
        "silent": sum(one.silent for one in found if one.state != rules.CLOSED),
        "may_work": people.may(person, rules.WORK),
        "more": urlencode({name: value for name, value in request.GET.items() if name not in ("as", "closed")}),
        "asked": bool(given.get("q") or given.get("team") or given.get("mine")),
    }  # fmt: skip
    return render(request, "problems/board.html", shown)


def _row(one: Any, verdict: str) -> list[object]:
    moments = [at.isoformat() if at else "" for at in (one.made_at, one.changed_at, one.closed_at)]
    return [
        one.pk, one.key, one.title, one.state, one.outcome, one.team, str(one.owner) if one.owner else "", one.affected,
        one.silent, one.target, verdict, *moments,
    ]  # fmt: skip


@pages.page(act=rules.WORK, methods=("GET", "POST"))
def new(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Make a problem by hand, or of the finding named by `?finding=`."""
    finding = request.POST.get("finding") or request.GET.get("finding", "")
    made_of = followups.one(person=person, finding=finding) if finding else None
    if finding and made_of is None:
        raise Http404("There is no such finding.")
    known = queries.of_finding(person=person, finding=finding) if finding else None
    if known is not None:
        return redirect("problems:one", number=known.pk)
    form = _new_form(request, person, made_of)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        read = queries.of_run(folder=settings.FOUND.folder, run=made_of.last_run if made_of else followups.last_run())
        try:
            made = actions.open_problem(by=person, now=pages.now(), read=read, **given)
        except rules.ProblemError as error:
            form.add_error(None, str(error))
        else:
            return redirect("problems:one", number=made.pk)
    return render(request, "problems/new.html", {"form": form, "made_of": made_of}, status=422 if form.errors else 200)


def _new_form(request: HttpRequest, person: people.Person, made_of: Any) -> forms.New:
    reach = people.reach(person, rules.WORK)
    named = [one.name for one in people_queries.teams() if reach.holds(one.name)]
    teams: list[str | None] = [*([None] if reach.everything else []), *named]
    owners = {user.pk: str(user) for team in teams for user in queries.owners(team=team or "")}
    initial: dict[str, Any] = {"owner": person.id}
    targets = queries.targets(now=pages.now())
    if made_of:
        target = queries.target_in(made_of.about, "")
        targets = targets if target == rules.SUBJECT or target in dict(targets) else [(target, target), *targets]
        initial |= {
            "title": made_of.sentence[:_LONGEST_TITLE], "breaks": made_of.sentence, "team": made_of.team, "finding": made_of.pk,
            "target": "" if target == rules.SUBJECT else target,
        }  # fmt: skip
    return forms.New(
        request.POST if request.method == "POST" else None, initial=initial, teams=teams, targets=targets,
        owners=sorted(owners.items(), key=lambda one: one[1]),
    )  # fmt: skip


@pages.page(act=rules.READ)
def of_finding(request: HttpRequest, person: people.Person, finding: str) -> HttpResponse:
    """For the page of a finding: the problem that it is, or the way to make it one."""
    if followups.one(person=person, finding=finding) is None:
        raise Http404("There is no such finding.")
    shown = {
        "known": queries.of_finding(person=person, finding=finding),
        "finding": finding,
        "may_work": people.may(person, rules.WORK),
    }
    return render(request, "problems/_of_finding.html", shown)


@pages.page(act=rules.READ)
def one(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """A problem: what breaks and for whom, whom it struck, why, by what a change is judged, the changes, and their verdicts."""
    found = _found(person, number)
    works = rules.works(person, team=found.team)
    changes = [_shown(one, found) for one in queries.changes(problem=found)]
    made = [one for one in changes if one.change.made_from]
    plan = next((one.change for one in changes if not one.change.made_from), None)
    happened = queries.history(problem=found)
    criteria = {one.event: _criterion(one, found) for one in found.criteria.all()}
    holds = queries.criterion(problem=found)
    shown = {
        "found": found, "works": works, "is_open": found.state != rules.CLOSED,
        "voices": queries.voices(problem=found), "may_list": people.may(person, "cases.read"),
        "may_turn": works and people.may(person, "cases.work"), "at_once": actions.AT_ONCE,
        "questions": queries.questions(problem=found), "answers": rules.ANSWERS,
        "criterion": holds, "criterion_words": _criterion(holds, found) if holds else "",
        "criteria": list(found.criteria.select_related("by")), "made": made, "plan": plan, "last": made[0] if made else None,
        "history": [(one, rules.HAPPENED[one.event.type], _about(one, criteria)) for one in happened],
        "names": queries.names(events=happened), "is_fixed": _is_fixed(found, made),
    }  # fmt: skip
    if works:
        shown |= _forms(found, holds, plan, bool(made))
    return render(request, "problems/one.html", shown)


def _forms(
    found: models.Problem, holds: models.Criterion | None, plan: models.Change | None, changed: bool
) -> dict[str, Any]:
    itself = (found.subject, _("cases of the problem itself"))
    targets = [itself, *(one for one in queries.targets(now=pages.now()) if one[0] != found.subject)]
    if found.target not in dict(targets):
        targets.append((found.target, found.target))
    told = {"title": found.title, "breaks": found.breaks, "whom": found.whom, "workaround": found.workaround}
    versions = [(one.number, f"{one.number}: {one.why[:60]}") for one in playbook.versions()[:_VERSIONS]]
    planned: dict[str, Any] = (
        {"part": plan.part, "what": plan.what, "version": plan.version_id, "at": plan.planned_for} if plan else {}
    )
    return {
        "describing": forms.Describe(initial=told),
        "owners": queries.owners(team=found.team),
        "measuring": forms.Criterion(
            initial={"target": found.target, "value": 50, "window_weeks": holds.window_weeks if holds else 8},
            targets=targets,
            after_change=changed,
        ),
        "changing": forms.Change(
            initial=planned, teams=[one.name for one in people_queries.teams()], versions=versions, auto_id="change_%s"
        ),
        "adding": forms.Matter(),
    }


@pages.page(act=rules.WORK, methods=("POST",))
def describe(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Say anew what breaks, for whom, and what helps meanwhile."""
    given = _given(forms.Describe(request.POST))
    actions.describe(by=person, problem=_found(person, number).pk, now=pages.now(), **given)
    return redirect("problems:one", number=number)


@pages.page(act=rules.WORK, methods=("POST",))
def own(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Say who is responsible."""
    given = _given(forms.Owner(request.POST))
    actions.own(by=person, problem=_found(person, number).pk, owner=given["owner"], now=pages.now())
    return redirect("problems:one", number=number)


@pages.page(act=rules.WORK, methods=("POST",))
def answer(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Say what was found out about one of the questions."""
    given = _given(forms.Answer(request.POST))
    actions.answer(by=person, problem=_found(person, number).pk, now=pages.now(), **given)
    return redirect("problems:one", number=number)


@pages.page(act=rules.WORK, methods=("POST",))
def set_criterion(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Write down by what a change will be judged."""
    found = _found(person, number)
    form = forms.Criterion(request.POST, targets=_every_target(found), after_change=False)
    given = _given(form)
    share = given["kind"] == rules.REDUCE_BY or rules.measured(given["target"], found.found)[1]
    yardstick = rules.Yardstick(
        given["kind"], given["value"] / 100 if share else given["value"], given["target"], given["window_weeks"]
    )
    actions.set_criterion(by=person, problem=found.pk, yardstick=yardstick, why=given["why"], now=pages.now())
    messages.success(request, _("It is written down. The next change is judged by it."))
    return redirect("problems:one", number=number)


@pages.page(act=rules.WORK, methods=("POST",))
def change(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Plan a change, or record one that holds."""
    found = _found(person, number)
    versions = [(one.number, str(one.number)) for one in playbook.versions()]
    form = forms.Change(request.POST, teams=[one.name for one in people_queries.teams()], versions=versions)
    given = _given(form)
    held: dict[str, Any] = {name: given[name] for name in ("what", "part", "version")}
    if given["do"] == "plan":
        actions.plan(by=person, problem=found.pk, planned_for=given["at"], now=pages.now(), **held)
    else:
        actions.make(by=person, problem=found.pk, made_from=given["at"], now=pages.now(), **held)
    return redirect("problems:one", number=number)


@pages.page(act=rules.WORK, methods=("POST",))
def close(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Close it."""
    given = _given(forms.Reason(request.POST))
    actions.close(by=person, problem=_found(person, number).pk, reason=given["reason"], now=pages.now())
    return redirect("problems:one", number=number)


@pages.page(act=rules.WORK, methods=("POST",))
def reopen(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Open it again."""
    given = _given(forms.Reason(request.POST))
    actions.reopen(by=person, problem=_found(person, number).pk, reason=given["reason"], now=pages.now())
    return redirect("problems:one", number=number)


@pages.page(act=rules.WORK, methods=("POST",))
def add_matter(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Say that something belongs to the problem."""
    given = _given(forms.Matter(request.POST))
    actions.add_matter(by=person, problem=_found(person, number).pk, subject=given["subject"], now=pages.now())
    return redirect("problems:one", number=number)


@pages.page(act="cases.read")
def struck(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Whom it struck, the silent ones too, as far as one's reach goes; every look is on record. `?as=csv` for a spreadsheet."""
    found = _found(person, number)
    form = forms.StruckFilter(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    listed = queries.struck(
        person=person,
        problem=found,
        voice=given.get("voice") or "",
        left=bool(given.get("left")),
        words=given.get("q") or "",
        order=given.get("order") or "since",
    )
    people_actions.note_reading(by=person, what="affected", which=found.subject[:200], now=pages.now())
    if request.GET.get("as") == "csv":
        return pages.csv(f"problem {found.pk}", _STRUCK_HEADER, map(_struck_row, listed))
    shown = {
        "problem": found, "found": Paginator(listed, _PER_PAGE).get_page(request.GET.get("page")), "form": form,
        "voices": queries.voices(problem=found), "everything": people.reach(person, "cases.read").everything,
        "more": urlencode({name: value for name, value in request.GET.items() if name not in ("page", "as")}),
    }  # fmt: skip
    return render(request, "problems/struck.html", shown)


def _struck_row(one: models.Struck) -> list[object]:
    told = one.told_at.isoformat() if one.told_at else ""
    return [one.who, one.customer, one.subject, one.team, one.since.isoformat(), one.matters, one.voice, told, one.case]


@pages.page(act=rules.WORK, methods=("POST",))
def silent(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Turn to those who kept silent: open cases for them, or note that they were told."""
    given = _given(forms.Silent(request.POST))
    found, now = _found(person, number), pages.now()
    if given["do"] == "cases":
        made = actions.open_cases(by=person, problem=found.pk, now=now)
        said = ngettext("%(number)d case is open.", "%(number)d cases are open.", made) % {"number": made}
    else:
        made = actions.tell(by=person, problem=found.pk, words=given["words"], channel=given["channel"], now=now)
        said = ngettext("%(number)d customer is told.", "%(number)d customers are told.", made) % {"number": made}
    messages.success(request, said)
    return redirect("problems:one", number=number)


@pages.page(act=rules.READ)
def waiting(request: HttpRequest, person: people.Person) -> HttpResponse:
    """For the first page: the problems that are mine and wait for me, and those that wait for a verdict."""
    mine, watched = queries.waiting(person=person)
    back = queries.listed(person=person, state=rules.BACK).exclude(owner_id=person.id)
    shown = {
        "mine": mine[:_MOST_SHOWN], "mine_count": mine.count(), "watched": watched[:_MOST_SHOWN], "watched_count": watched.count(),
        "back": back[:_MOST_SHOWN],
    }  # fmt: skip
    return render(request, "problems/_waiting.html", shown)


def _found(person: people.Person, number: int) -> models.Problem:
    found = queries.one(person=person, number=number)
    if found is None:
        raise Http404("There is no such problem.")
    return found


def _given(form: Spoken) -> dict[str, Any]:
    if not form.is_valid():
        raise rules.ProblemError(form.says())
    return form.cleaned_data


def _every_target(found: models.Problem) -> list[tuple[str, str]]:
    return [(found.subject, ""), (found.target, ""), *queries.targets(now=pages.now())]


def _teams_read(person: people.Person) -> list[str]:
    reach = people.reach(person, rules.READ)
    return [one.name for one in people_queries.teams() if reach.holds(one.name)]


def _is_fixed(found: models.Problem, made: list[Shown]) -> bool:
    return found.state == rules.VERDICT and bool(made) and made[0].change.verdict == rules.FIXED


def _about(one: Any, criteria: Mapping[str, str]) -> str:
    """What something that happened was about, in words: the criterion, the question with its answer, the verdict, the matter."""
    event = one.event
    if event.type == "fix.planned":
        return criteria.get(event.id, "")
    if event.type == "problem.questioned":
        return f"{_(rules.FACTORS[event.attributes['factor']])} {_(rules.ANSWERS[event.outcome])}"
    if event.type == "problem.judged":
        return _(rules.VERDICTS[event.outcome])
    return str(event.attributes.get("matter", ""))


def _shown(one: models.Change, problem: models.Problem) -> Shown:
    parts = [one.judged.get(f"reduced_share{end}") for end in ("", "_low", "_high")]
    reduced, low, high = (None if part is None else round(100 * part) for part in parts)
    at = one.judged.get("shown_at")
    criterion = _criterion(one.criterion, problem) if one.criterion else ""
    return Shown(one, criterion, reduced, low, high, datetime.fromisoformat(at) if at else None)


def _criterion(one: models.Criterion, problem: models.Problem) -> str:
    """A criterion as one would say it."""
    measure, share = rules.measured(one.target, problem.found)
    number = f"{100 * one.value:g}" if one.kind == rules.REDUCE_BY or share else f"{one.value:g}"
    if one.kind == rules.REDUCE_BY:
        return _("%(number)s %% fewer than would be expected (%(measure)s)") % {"number": number, "measure": _(measure)}
    if share:
        return _("at most %(number)s %% (%(measure)s)") % {"number": number, "measure": _(measure)}
    return _("at most %(number)s (%(measure)s)") % {"number": number, "measure": _(measure)}
