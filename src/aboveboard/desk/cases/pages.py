"""Pages of cases: the inbox, a case with all that is done to it, and the way to an act on a person."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from aboveboard.desk.cases import actions, forms, models, queries, rules
from aboveboard.desk.escalations.rules import OUTCOMES
from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.forms import Spoken
from aboveboard.desk.people.pages import done, now, page, sealed, undoes
from aboveboard.desk.policies import queries as policy_queries
from aboveboard.desk.policies import rules as policies
from aboveboard.ledger.errors import AboveboardError
from aboveboard.ledger.event import Event
from aboveboard.ledger.formats.csv import harmless
from aboveboard.playbook import running

ACTS: Mapping[str, tuple[type[Spoken], Callable[..., Any]]] = {
    "acknowledge": (forms.Acknowledge, partial(actions.take_step, step="acknowledge")),
    "assess": (forms.Assess, partial(actions.take_step, step="assess")),
    "work": (forms.Work, partial(actions.take_step, step="work")),
    "decide": (forms.Decide, actions.decide),
    "tell": (forms.Tell, actions.tell),
    "close": (forms.Close, actions.close),
    "appeal": (forms.Appeal, actions.appeal),
    "reopen": (forms.Reopen, actions.reopen),
    "assign": (forms.Assign, actions.assign),
    "hand": (forms.HandOver, actions.hand_over),
    "remedy": (forms.Remedy, actions.give_remedy),
}
"""What is done to a case from its page: the form that asks, and the action."""
_ABOUT_PERSON: Mapping[str, tuple[type[Spoken], Callable[..., Any]]] = {
    "answer": (forms.Answer, actions.answer_question),
    "test": (forms.Shown, actions.show_test),
    "act": (forms.OnPerson, actions.act_on_person),
}
_COLUMNS = (
    "number", "title", "topic", "kind", "customer", "about", "team", "channel", "state", "severity", "opened_at",
    "changed_at", "due_at", "decided_at", "told_at", "closed_at", "cause",
)  # fmt: skip
_MARKS: Mapping[str | None, str] = {
    "kept": "✓", "late": "◐", "broken": "✕", "open": "○", "at risk": "!", "cancelled": "–", None: "?",
}  # fmt: skip
_LOWER = (
    (gettext_noop("Does a rule stand in the way?"), "policies:for_matter", "exceptions.ask"),
    (gettext_noop("Does somebody higher up have to decide?"), "escalations:for_matter", "cases.work"),
    (gettext_noop("Visits"), "procedures:for_matter", "procedures.work"),
)
"""What lower slices show of a case: title, name of their page, and the act that one must be allowed."""


@page(act="cases.read")
def inbox(request: HttpRequest, person: people.Person) -> HttpResponse:
    """The cases that are asked for, a page at a time."""
    teams = queries.teams(person=person)
    form = forms.Filter({"state": "open", "order": "due", **request.GET.dict()}, teams=teams)
    asked, at = form.asked(), now()
    found = queries.page(person=person, asked=asked, now=at)
    usual = [(words, queries.Asked(**change)) for words, change in _usual()]
    shown = {
        "form": form, "asked": asked, "found": found, "now": at, "teams": teams, "causes": rules.CAUSES,
        "views": [(view, view.asks == asked.address()) for view in queries.views(user=person.id)],
        "usual": [(words, one.address(), one.address() == asked.address()) for words, one in usual],
        "next": asked.address(after=found.next) if found.next else "",
        "orders": {name: asked.address(order=name) for name in queries.ORDERS},
        "here": asked.address(), "may_work": people.may(person, "cases.work"), "counted": queries.COUNTED,
        "colleagues": queries.colleagues(team=asked.team or None) if people.may(person, "cases.work") else [],
    }  # fmt: skip
    return render(
        request, "cases/_list.html" if request.headers.get("HX-Target") == "list" else "cases/inbox.html", shown
    )


def _usual() -> list[tuple[str, dict[str, Any]]]:
    return [
        (_("All open"), {}),
        (_("Mine"), {"who": "me"}),
        (_("With nobody"), {"who": "nobody"}),
        (_("At risk"), {"risk": True}),
        (_("Appealed"), {"state": "appealed"}),
    ]


@page(act="cases.read")
def download(request: HttpRequest, person: people.Person) -> HttpResponse:
    """The cases that are asked for as CSV, all of them; cells that a spreadsheet would take for a formula are guarded."""
    asked = forms.Filter(
        {"state": "open", "order": "due", **request.GET.dict()}, teams=queries.teams(person=person)
    ).asked()
    at = now()
    people_actions.note_reading(by=person, what="cases", which=f"list:{asked.address()}"[:200], now=at)
    cases = queries.found(person=person, asked=asked, now=at)
    response = StreamingHttpResponse(_csv(cases.iterator(2_000)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="cases.csv"'
    return response  # type: ignore[return-value]


class _Echo:
    """Gives back what is written to it, so that a table goes out line by line."""

    def write(self, line: str) -> str:
        return line


def _csv(cases: Iterator[models.Case]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(_COLUMNS)
    for one in cases:
        yield writer.writerow([_cell(one.due if name == "due_at" else getattr(one, name)) for name in _COLUMNS])


def _cell(value: Any) -> str:
    told = "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)
    return harmless(told)


@page(act="cases.work", methods=("GET", "POST"))
def new(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Open a case by hand."""
    reach = people.reach(person, "cases.work")
    teams = [name for name in queries.teams(person=person) if reach.holds(name)]
    form = forms.New(request.POST or None, teams=teams, everything=reach.everything)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_case(by=person, opening=rules.Opening(**form.cleaned_data), now=now())
            return redirect("cases:case", made.number)
        except rules.CaseError as error:
            form.add_error(None, str(error))
    return render(request, "cases/new.html", {"form": form}, status=422 if form.errors else 200)


@page(act="cases.work", methods=("POST",))
def together(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Do one thing to several cases, each by itself: what cannot be done to one is said, and stops no other."""
    form = forms.Together(request.POST)
    if not form.is_valid():
        raise rules.CaseError(_("Choose the cases first, and what is to be done."))
    given, at = form.cleaned_data, now()
    do = partial(_to_each(given, person), by=person, version=None, now=at)
    refused: list[str] = []
    moved: list[Moved] = []
    gives = given["do"] in ("take", "assign")
    for number in given["cases"]:
        try:
            before = queries.case(person=person, number=number, act="cases.work") if gives else None
            after = do(case=number)
            moved += _moved(before, after) if before else []
        except rules.CaseError as error:
            refused.append(f"{number}: {error}")
    count = len(given["cases"]) - len(refused)
    if count:
        says = ngettext("Done for %(n)d case.", "Done for %(n)d cases.", count) % {"n": count}
        done(request, person, says, undo="cases assigned" if moved else None, about={"cases": moved})
    if refused:
        messages.error(request, _("Not done for: ") + " ".join(refused[:10]))
    back = request.POST.get("back", "")
    return redirect(f"/cases/?{back}" if back else "cases:inbox")


Moved = tuple[int, int | None, int]
"""A case that was given to somebody: its number, who had it before, and its version since."""


def _moved(before: models.Case, after: models.Case) -> list[Moved]:
    """What giving a case to somebody leaves to take back: nothing where they had it, or where a hand-off was received by it."""
    if before.handed_at or before.assigned_to_id == after.assigned_to_id:
        return []
    return [(after.pk, before.assigned_to_id, after.version)]


@undoes("cases assigned")
def give_back(*, by: people.Person, now: datetime, cases: Sequence[Moved]) -> None:
    """Give cases back to whoever had them, each that was not changed since; the others are told, and stay."""
    kept = []
    for number, to, version in cases:
        try:
            actions.assign(by=by, case=number, to=to, version=version, now=now)
        except rules.CaseError:
            kept.append(str(number))
    if kept:
        raise rules.CaseError(_("Changed meanwhile, and left as they are: ") + ", ".join(kept))


def _to_each(given: Mapping[str, Any], person: people.Person) -> Callable[..., Any]:
    acts: Mapping[str, Callable[..., Any]] = {
        "take": partial(actions.assign, to=person.id),
        "assign": partial(actions.assign, to=given["to"]),
        "hand": partial(actions.hand_over, team=given["team"], why=given["text"]),
        "acknowledge": partial(actions.take_step, step="acknowledge"),
        "work": partial(actions.take_step, step="work"),
        "close": partial(actions.close, cause=given["cause"], note=given["text"]),
    }
    return acts[given["do"]]


@page(act="cases.read", methods=("POST",))
def keep_view(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Keep the filters under a name."""
    asks = request.POST.get("asks", "")
    actions.keep_view(by=person, name=request.POST.get("name", ""), asks=asks)
    return redirect(f"/cases/?{asks}")


@page(act="cases.read", methods=("POST",))
def drop_view(request: HttpRequest, person: people.Person, view: int) -> HttpResponse:
    """Keep a view no longer."""
    actions.drop_view(by=person, view=view)
    return redirect("cases:inbox")


@page(act="cases.read")
def case(request: HttpRequest, person: people.Person, case: int) -> HttpResponse:
    """A case: where it stands, what can be done now, and what happened on both sides of the curtain."""
    found = _found(person, case)
    people_actions.note_reading(by=person, what="case", which=found.subject, now=now())
    return _shown(request, person, found)


@page(act="cases.work", methods=("POST",))
def act(request: HttpRequest, person: people.Person, case: int, do: str) -> HttpResponse:
    """Do something to a case. What is refused is said in the form, where what was written still stands."""
    found = _found(person, case, "cases.work")
    if do not in ACTS:
        raise Http404
    _kind, action = ACTS[do]
    form = _form(do, person, found, request.POST)
    if form.is_valid():
        try:
            after = action(by=person, case=case, now=now(), **form.cleaned_data)
            if do == "assign" and (moved := _moved(found, after)):
                done(request, person, _("It is assigned."), undo="cases assigned", about={"cases": moved})
            return redirect("cases:case", case)
        except AboveboardError as error:
            form.add_error(None, str(error))
    return _shown(request, person, _found(person, case), bound=(do, form))


@page(act="cases.read", methods=("POST",))
def here(request: HttpRequest, person: people.Person, case: int) -> HttpResponse:
    """Say that one has the case open; who else has, and whether it was changed since."""
    found, at = _found(person, case), now()
    actions.be_present(by=person, case=case, now=at)
    seen = request.GET.get("version", "")
    changed = seen.isdecimal() and int(seen) != found.version
    others = queries.present(case=case, but=person.id, now=at)
    return render(request, "cases/_present.html", {"others": others, "changed": changed, "case": found})


@page(act="cases.read")
def happened(request: HttpRequest, person: people.Person, case: int) -> HttpResponse:
    """What happened, and the clocks, as they are now: for a page that was told that the journal changed."""
    found = _found(person, case)
    return render(request, "cases/_happened.html", _happened(person, found))


@page(act="persons.act")
def person(request: HttpRequest, person: people.Person, case: int) -> HttpResponse:
    """Before an act on a person: what the system has to answer, and how it ended when others stood there."""
    found = _found(person, case, "persons.act")
    people_actions.note_reading(by=person, what="case", which=found.subject, now=now())
    return _gate(request, person, found)


@page(act="persons.act", methods=("POST",))
def about_person(request: HttpRequest, person: people.Person, case: int, do: str) -> HttpResponse:
    """Answer a question about the system, make the test, or put an act on a person on record."""
    found = _found(person, case, "persons.act")
    if do not in _ABOUT_PERSON:
        raise Http404
    kind, action = _ABOUT_PERSON[do]
    form = kind(request.POST)
    if form.is_valid():
        try:
            action(by=person, case=case, now=now(), **form.cleaned_data)
            if do == "act":
                messages.success(request, _("It is on record."))
                return redirect("cases:case", case)
            return redirect(f"/cases/{case}/person?employee={request.POST.get('employee', '')}")
        except rules.CaseError as error:
            form.add_error(None, str(error))
    return _gate(request, person, found, bound=(do, form))


def _found(person: people.Person, number: int, act: str = "cases.read") -> models.Case:
    found = queries.case(person=person, number=number, act=act)
    if found is None:
        raise Http404
    return found


def _form(do: str, person: people.Person, case: models.Case, data: Any = None) -> Spoken:
    more: dict[str, Any] = {}
    if do == "assign":
        more = {"colleagues": queries.colleagues(team=case.team)}
    elif do == "hand":
        names = people_queries.teams().values_list("name", flat=True)
        more = {"teams": [name for name in names if name != case.team]}
    elif do == "remedy":
        more = {"limits": _limits(person, case)}
    initial: dict[str, Any] = {"version": case.version, "to": case.assigned_to_id}
    return ACTS[do][0](data, auto_id=f"{do}_%s", initial=initial, **more)


def _limits(person: people.Person, case: models.Case) -> list[tuple[str, str]]:
    """The policies under which this person may give something, with how much in words."""
    named, found = policy_queries.named(), []
    for policy in policy_queries.book(now=now()).policies.values():
        mine = policies.authority(person, policy, team=case.team, named=named)
        if mine:
            found.append((policy.name, _("without a limit") if mine.limit is None else f"{mine.limit:,.0f}"))
    return found


def _shown(
    request: HttpRequest, person: people.Person, case: models.Case, bound: tuple[str, Spoken] | None = None
) -> HttpResponse:
    works = people.reach(person, "cases.work").holds(case.team)
    names = ["assign", "hand", "remedy"] if works else []
    steps = rules.steps(case.state) if works else []
    made = {do: _form(do, person, case) for do in (*steps, *names)}
    if bound:
        made[bound[0]] = bound[1]
    titled = {do: (do, _(rules.STEP_WORDS[do]), form) for do, form in made.items()}
    known = queries.customer(person=person, case=case)
    shown = {
        **_happened(person, case),
        "state": _(rules.STATES[case.state]),
        "cause": _(case.cause_words) if case.cause else "",
        "steps": [titled[do] for do in titled if do in rules.STEPS],
        "others": [titled[do] for do in names],
        "bound": bound[0] if bound else None,
        "known": known,
        "history": [(event, _said(event)) for event in known.events],
        "composer": _composer(person, case) if works else "",
        "shown_beside": _beside(person, case),
        "present": queries.present(case=case.number, but=person.id, now=now()),
        "may_act_on_persons": people.reach(person, "persons.act").holds(case.team),
        "severity": _(rules.SEVERITIES[case.severity]) if case.severity else "",
    }
    return render(request, "cases/case.html", shown, status=422 if bound else 200)


def _happened(person: people.Person, case: models.Case) -> dict[str, Any]:
    """The timeline and the clocks; the case is put in order by what they are now."""
    at, events = now(), queries.happened(case=case)
    if case.closed_at is None:
        actions.keep_clocks(cases=[case], now=at)
    clocks, names = queries.clocks(events=events, now=at), _names(person, case, events)
    reach = people.reach(person, "promises.read")
    promised = queries.promised(case=case, clocks=clocks, now=at) if reach.holds(case.team) else queries.own(clocks)
    return {
        "case": case,
        "now": at,
        "due": running.next_due(clocks),
        "promised": [
            (
                one,
                _MARKS[one.state],
                _(one.state or "due at no known time"),
                bool(one.held and reach.holds(one.held.team)),
            )
            for one in promised
        ],
        "lines": [(line, _said(line.event), _who(line.event, names)) for line in rules.timeline(events)],
    }


def _composer(person: people.Person, case: models.Case) -> str:
    """Where the composer for this case is; once a decision is made, with the decision to begin from."""
    asked = {"matter": sealed(actions.matter(case), person)}
    if case.state == "decided":
        asked["text"] = "\n\n".join(filter(None, (case.decision, case.decision_reason, case.recourse)))
    return f"{reverse('messages:composer')}?{urlencode(asked)}"


def _beside(person: people.Person, case: models.Case) -> list[tuple[str, str]]:
    """Pages of lower slices that belong to this case, by address: title and where."""
    matter, found = actions.matter(case), []
    book = queries.playbook(now=now())
    for words, name, act in _LOWER:
        if people.reach(person, act).holds(case.team) and book and (name != "procedures:for_matter" or book.procedures):
            found.append((_(words), f"{reverse(name)}?{urlencode({'matter': sealed(matter, person)})}"))
    return found


def _said(event: Event) -> str:
    """What happened, in words."""
    words = _(rules.HAPPENED[event.type]) if event.type in rules.HAPPENED else event.type.replace(".", " ")
    if not event.outcome or event.type.startswith("exception."):
        return words  # of an exception the type says it all
    told = rules.REMEDIES.get(event.outcome) or OUTCOMES.get(event.outcome, event.outcome)
    return f"{words}: {_(told)}"


def _who(event: Event, names: Mapping[str, str]) -> str:
    return names.get(event.employee, event.employee) if event.employee else ""


def _names(person: people.Person, case: models.Case, events: list[Event]) -> Mapping[str, str]:
    """Key → name of whoever acts in these events, for whoever may see it; one's own always."""
    own = {person.employee: _("you")}
    if not people.reach(person, "names.read").holds(case.team):
        return own
    found = people_queries.names(employees=queries.employees(events=events, but=person.employee))
    if found:
        people_actions.note_reading(by=person, what="names", which=case.subject, now=now())
    return {**found, **own}


def _gate(
    request: HttpRequest, person: people.Person, case: models.Case, bound: tuple[str, Spoken] | None = None
) -> HttpResponse:
    events = queries.happened(case=case)
    employees = queries.employees(events=events, but=person.employee)
    chosen = request.POST.get("employee") or request.GET.get("employee", "")
    employee = chosen if chosen in employees else ""
    answers = queries.answers(case=case.number)
    test = queries.shown_test(case=case.number, employee=employee) if employee else None
    gate = rules.gate({name: one.answer for name, one in answers.items()}, test.verdict if test else None)
    names, asked = _names(person, case, events), []
    for name, words in rules.QUESTIONS.items():
        mine = bound is not None and bound[0] == "answer" and bound[1].data.get("question") == name
        form = bound[1] if bound and mine else forms.Answer(initial={"question": name}, auto_id=f"{name}_%s")
        given = answers.get(name)
        asked.append((_(words), given, _(rules.ANSWERS[given.answer]) if given else "", form))
    form = bound[1] if bound and bound[0] == "act" else forms.OnPerson(initial={"employee": employee})
    shown = {
        "case": case, "employees": [(key, names.get(key, key)) for key in employees], "employee": employee,
        "asked": asked, "test": test, "gate": gate, "form": form, "shares": _shares(test) if test else "",
    }  # fmt: skip
    return render(request, "cases/person.html", shown, status=422 if bound else 200)


def _shares(test: models.Substitution) -> str:
    """The share of others' contacts that were not resolved either, with its interval."""
    if test.same_share is None or test.same_share_low is None or test.same_share_high is None:
        return ""
    return f"{test.same_share:.0%} ({test.same_share_low:.0%} – {test.same_share_high:.0%}, 95 %)"
