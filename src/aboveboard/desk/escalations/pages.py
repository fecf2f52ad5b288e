"""Pages of escalations: what waits higher up, one of them, asking from a case, and the register."""

from __future__ import annotations

from dataclasses import astuple, fields
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aboveboard.desk.escalations import actions, forms, models, queries, rules
from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.pages import csv, matter, now, page, sealed
from aboveboard.desk.people.rules import Matter, Person
from aboveboard.desk.policies import queries as policies
from aboveboard.desk.policies import rules as policies_rules
from aboveboard.desk.policies.forms import EVIDENCE
from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook.model import Policy

_PER_PAGE, _MOST_SHOWN, _DAYS = 50, 5, 90
_EVENT = "journal-changed"
_ANY = (rules.DECIDE, rules.OPEN, rules.READ)
_TABS = (
    (gettext_lazy("What waits"), "escalations:page", _ANY),
    (gettext_lazy("All of them"), "escalations:listed", _ANY),
    (gettext_lazy("What comes of it"), "escalations:register", (rules.READ,)),
)
_HEADER = (
    "number", "opened_at", "subject", "team", "policy", "amount", "level", "asks", "tried", "state", "ended_at", "used", "given",
    "changes", "reason",
)  # fmt: skip
_ORDERS = {"newest": ("-opened_at", "-id"), "oldest": ("opened_at", "id"), "team": ("team", "-opened_at", "-id"),
           "policy": ("policy", "-opened_at", "-id")}  # fmt: skip
_STATES = (rules.WAITING, *rules.OUTCOMES)


def _shown(request: HttpRequest, person: Person, **more: Any) -> dict[str, Any]:
    tabs = [
        (title, reverse(at), reverse(at) == request.path)
        for title, at, acts in _TABS
        if any(people.may(person, act) for act in acts)
    ]
    return {
        "tabs": tabs,
        "now": now(),
        "currency": policies.book(now=now()).currency,
        "top": policies_rules.OWNER,
    } | more


@page(act=_ANY)
def waiting(request: HttpRequest, person: Person) -> HttpResponse:
    """What waits for this person's decision, and what they asked themselves, with its age."""
    found = queries.waits_for(person=person, now=now())
    if request.GET.get("as") == "csv":
        return csv("waiting escalations", _HEADER, [_row(one.escalation) for one in found])
    asked = list(queries.asked_by(person=person)[:_PER_PAGE])
    more = {"found": found, "asked": asked, "decides": people.may(person, rules.DECIDE)}
    return render(request, "escalations/page.html", _shown(request, person, **more))


@page(act=_ANY)
def listed(request: HttpRequest, person: Person) -> HttpResponse:
    """All within sight: filtered, sorted, as CSV."""
    state = request.GET.get("state", "")
    state = state if state in _STATES else ""
    order = request.GET.get("order", "newest")
    order = order if order in _ORDERS else "newest"
    found = queries.within(person=person, now=now()).order_by(*_ORDERS[order])
    found = found.filter(state=state) if state else found
    if request.GET.get("as") == "csv":
        return csv("escalations", _HEADER, [_row(one) for one in found])
    shown = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    met = queries.changed(escalations=list(shown))
    more = {
        "found": shown, "lines": [(one, met.get(one.pk)) for one in shown], "state": state, "order": order,
        "more": f"state={state}&order={order}", "states": _STATES,
    }  # fmt: skip
    return render(request, "escalations/listed.html", _shown(request, person, **more))


def _row(one: models.Escalation) -> tuple[Any, ...]:
    ended = one.ended_at.isoformat() if one.ended_at else ""
    return (
        one.pk, one.opened_at.isoformat(), one.subject, one.team or "", one.policy, one.amount, one.level, one.asks, one.tried,
        one.state, ended, one.used, one.given, one.changes, one.reason,
    )  # fmt: skip


@page(act=rules.READ)
def register(request: HttpRequest, person: Person) -> HttpResponse:
    """How many, how long they waited, and after how many nothing changed: by team and by policy, never by person."""
    form = forms.Period(request.GET if request.GET.get("days") else {"days": _DAYS})
    days = form.cleaned_data["days"] if form.is_valid() else _DAYS
    at = now()
    found = queries.register(person=person, since=timedelta(days=days), now=at)
    if request.GET.get("as") == "csv":
        header = [one.name for one in fields(queries.Figures)]
        return csv("what comes of escalations", header, [astuple(one) for one in found])
    lines = [(one, at - timedelta(minutes=one.wait) if one.wait is not None else None) for one in found]
    parts = [(part, [line for line in lines if line[0].part == part]) for part in ("team", "policy")]
    more = {"form": form, "days": days, "all": lines[0] if lines else None, "parts": parts, "least": queries.LEAST}
    return render(request, "escalations/register.html", _shown(request, person, **more))


@page(act=_ANY)
def today(request: HttpRequest, person: Person) -> HttpResponse:
    """For the first page: what waits for one's decision, and what was decided for one and not looked at yet."""
    found = queries.waits_for(person=person, now=now())
    mine = queries.asked_by(person=person, unseen=True)
    shown = {"found": found[:_MOST_SHOWN], "count": len(found), "mine": mine[:_MOST_SHOWN], "now": now()}
    return render(request, "escalations/_today.html", shown)


@page(act=rules.OPEN)
def for_matter(request: HttpRequest, person: Person) -> HttpResponse:
    """Seek a decision higher up in a matter: a part of a case page, or a page by itself."""
    found = matter(request, person, rules.OPEN)
    return _for_matter(request, person, found, _form(person))


def _for_matter(
    request: HttpRequest, person: Person, about: Matter, form: forms.Open, *, says: str = "", status: int = 200
) -> HttpResponse:
    asked = queries.on_matter(matter=about)
    met = queries.changed(escalations=asked)
    shown = {
        "matter": about, "sealed": sealed(about, person), "form": form, "says": says,
        "asked": [(one, met.get(one.pk)) for one in asked], "waits": any(one.state == rules.WAITING for one in asked),
    }  # fmt: skip
    part = bool(request.headers.get("HX-Request"))
    template = "escalations/_for_matter.html" if part else "escalations/for_matter.html"
    return render(request, template, _shown(request, person, part=part, **shown), status=status)


def _form(person: Person, data: Any = None) -> forms.Open:
    book = policies.book(now=now())
    held = [(one.name, one.says) for one in book.policies.values()]
    return forms.Open(data, policies=held, levels=rules.ladder(book), currency=book.currency)


@page(act=rules.OPEN)
def may(request: HttpRequest, person: Person) -> HttpResponse:
    """Who would decide it, said while it is being written."""
    about = matter(request, person, rules.OPEN)
    kind, _colon, name = request.GET.get("authority", "").partition(":")
    book = policies.book(now=now())
    held = book.policies.get(name) if kind == "policy" else None
    if held is None and not (kind == "level" and name in rules.ladder(book)):
        return render(request, "escalations/_may.html", {})
    sought, own = rules.Sought(name), False
    if held is not None:
        total = _amount(request) + policies.granted_so_far(policy=held.name, subject=about.subject)
        sought = rules.Sought(policies_rules.needed(held, total), held, total)
        own = policies_rules.authority(person, held, team=about.team, named=policies.named()).covers(total)
    else:
        own = rules.authority(person, sought, team=about.team, book=book, named=policies.named()) is not None
    able = queries.able(sought=sought, team=about.team, without=(person.id,), book=book)
    shown = {"sought": sought, "own": own, "able": able, "top": policies_rules.OWNER}
    return render(request, "escalations/_may.html", shown)


def _amount(request: HttpRequest) -> Decimal:
    try:
        given = Decimal(request.GET.get("amount", "").replace(",", ".") or 0)
    except InvalidOperation:
        return Decimal(0)
    return given if given.is_finite() and 0 <= given <= policies_rules.MOST else Decimal(0)


@page(act=rules.OPEN, methods=("POST",))
def escalate(request: HttpRequest, person: Person) -> HttpResponse:
    """Open one, from its case."""
    about, form = matter(request, person, rules.OPEN), _form(person, request.POST)
    made = None
    try:
        if form.is_valid():
            given = form.cleaned_data
            made = actions.escalate(
                by=person, matter=about, asks=given["asks"], tried=given["tried"], key=given["key"], now=now(), **form.sought()
            )  # fmt: skip
    except (rules.EscalationsError, policies_rules.PoliciesError) as error:
        form.add_error(None, str(error))
    if made is None:
        return _for_matter(request, person, about, form, status=422)
    if not request.headers.get("HX-Request"):
        messages.success(request, _sent(made))
        return redirect("escalations:one", made.pk)
    answer = _for_matter(request, person, about, _form(person), says=_sent(made))
    answer["HX-Trigger"] = _EVENT
    return answer


def _sent(made: models.Escalation) -> str:
    if made.sent_to:
        return _("Sent to %(name)s, who may decide it. You will be told.") % {"name": made.sent_to}
    return _("Nobody here may decide this yet. It waits; an administrator can give somebody the role.")


@page(act=_ANY)
def one(request: HttpRequest, person: Person, number: int) -> HttpResponse:
    """One escalation: what is asked, what was tried, who decides; the decision, for whoever may make it."""
    return _one(request, person, number)


def _one(
    request: HttpRequest, person: Person, number: int, *, form: forms.Decide | None = None, passing: forms.Pass | None = None
) -> HttpResponse:  # fmt: skip
    at = now()
    found = queries.one(person=person, number=number, now=at)
    if found is None:
        raise Http404
    people_actions.note_reading(by=person, what="escalation", which=found.subject, now=at)
    actions.see(by=person, escalation=number, now=at)
    book, mine = policies.book(now=at), found.opened_by_id == person.id
    waits = found.state == rules.WAITING and not mine
    needs = queries.sought(escalation=found, book=book) if waits else None
    decides = needs is not None and rules.authority(
        person, needs, team=found.team, book=book, named=policies.named()
    ) is not None  # fmt: skip
    policy = (book.policies.get(found.policy) or Policy(found.policy, "")) if found.policy else None
    more: dict[str, Any] = {
        "one": found, "policy": policy, "mine": mine, "decides": decides, "passings": found.passings.all(),
        "names": mine or people.reach(person, "names.read").holds(found.team), "until": queries.until(found),
        "changed": queries.changed(escalations=[found]).get(found.pk), "evidence": dict(EVIDENCE).get(found.evidence, ""),
        "abuse": policies.abuse_of(customer=found.customer, now=at) if decides and found.policy else None,
    }  # fmt: skip
    if decides:
        more |= {
            "form": form or forms.Decide(of_policy=bool(found.policy)),
            "passing": passing or forms.Pass(auto_id="pass_%s"),
        }
    status = 422 if form or passing else 200
    return render(request, "escalations/one.html", _shown(request, person, **more), status=status)


@page(act=rules.DECIDE, methods=("POST",))
def take(request: HttpRequest, person: Person, number: int) -> HttpResponse:
    """See to it."""
    _in_sight(person, number)
    actions.take(by=person, escalation=number, now=now())
    messages.success(request, _("You see to it. Whoever asked sees that."))
    return redirect("escalations:one", number)


@page(act=rules.DECIDE, methods=("POST",))
def pass_on(request: HttpRequest, person: Person, number: int) -> HttpResponse:
    """Pass it one level higher."""
    _in_sight(person, number)
    form = forms.Pass(request.POST, auto_id="pass_%s")
    try:
        if form.is_valid():
            found = actions.pass_on(by=person, escalation=number, reason=form.cleaned_data["reason"], now=now())
            messages.success(request, _("It is with %(name)s now.") % {"name": found.sent_to})
            seen = queries.one(person=person, number=number, now=now()) is not None
            return redirect("escalations:one", number) if seen else redirect("escalations:page")
    except rules.EscalationsError as error:
        form.add_error(None, str(error))
    return _one(request, person, number, passing=form)


@page(act=rules.DECIDE, methods=("POST",))
def decide(request: HttpRequest, person: Person, number: int) -> HttpResponse:
    """Decide. What is refused is said in the form, where what was written still stands."""
    found = _in_sight(person, number)
    form = forms.Decide(request.POST, of_policy=bool(found.policy))
    try:
        if form.is_valid():
            actions.decide(by=person, escalation=number, now=now(), **form.cleaned_data)
            messages.success(request, _("Decided. Whoever asked is told."))
            return redirect("escalations:one", number)
    except people.ForbiddenError:
        raise
    except AboveboardError as error:
        form.add_error(None, str(error))
    if queries.one(person=person, number=number, now=now()).state != rules.WAITING:  # type: ignore[union-attr] # it was in sight
        raise rules.EscalationsError(" ".join(map(str, form.non_field_errors())))
    return _one(request, person, number, form=form)


def _in_sight(person: Person, number: int) -> models.Escalation:
    found = queries.one(person=person, number=number, now=now())
    if found is None:
        raise Http404
    return found
