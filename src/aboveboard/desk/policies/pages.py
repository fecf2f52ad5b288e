"""Pages of policies: the register, an exception where it is needed, what waits for whom, flagged rules, proposals."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.pages import csv, now, page, sealed
from aboveboard.desk.people.pages import matter as opened
from aboveboard.desk.people.rules import Matter, Person
from aboveboard.desk.playbook import queries as playbook
from aboveboard.desk.playbook import rules as playbook_rules
from aboveboard.desk.policies import actions, forms, models, queries, rules
from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook, Policy

_PER_PAGE, _MOST_SHOWN = 50, 5
_STATES = (rules.WAITING, rules.GRANTED, rules.DENIED, rules.WITHDRAWN)
_ORDER: dict[str, Callable[[queries.Figures], Any]] = {
    "policy": lambda one: one.policy.name.lower(),
    "owner": lambda one: ((one.policy.owner or "").lower(), one.policy.name.lower()),
    "asked": lambda one: -one.asked,
    "granted": lambda one: -one.granted,
    "denied": lambda one: -one.denied,
    "share": lambda one: -(one.share if one.share is not None else -1),
    "amount": lambda one: -one.amount,
    "waiting": lambda one: -one.waiting,
    "flagged": lambda one: -one.suggestions,
    "changed": lambda one: -one.number,
}
_HEADER = ("policy", "says", "owner", "asked", "waiting", "granted", "denied", "granted_share", "granted_share_low",
           "granted_share_high", "granted_amount", "unanswered_suggestions", "changed_in_version", "changed_at")  # fmt: skip
_TABS = (
    (gettext_lazy("Policies"), "policies:register", rules.READ),
    (gettext_lazy("Waits for you"), "policies:waiting", rules.DECIDE),
    (gettext_lazy("Rules in the way"), "policies:suggestions", rules.ANSWER),
    (gettext_lazy("Proposals"), "policies:proposals", rules.READ),
    (gettext_lazy("Your suggestions"), "policies:own_suggestions", rules.MAKE),
)


def _shown(request: HttpRequest, person: Person, **more: Any) -> dict[str, Any]:
    """What every page of policies shows: the way between them, and what this person is owed to know."""
    tabs = [(title, reverse(at), reverse(at) == request.path) for title, at, act in _TABS if people.may(person, act)]
    return {"tabs": tabs, "told": queries.told(person=person), "now": now(), "currency": _book().currency} | more


def _book() -> Playbook:
    return queries.book(now=now())


@page(act=rules.READ)
def register(request: HttpRequest, person: Person) -> HttpResponse:
    """Every policy with what was asked of it; sorted, searched, or as CSV."""
    found = queries.figures(person=person, now=now())
    wanted = request.GET.get("q", "").strip().lower()
    found = [one for one in found if wanted in f"{one.policy.name} {one.policy.says} {one.policy.owner or ''}".lower()]
    order = request.GET.get("order", "asked")
    found.sort(key=_ORDER["policy"])
    found.sort(key=_ORDER.get(order, _ORDER["asked"]))
    if request.GET.get("as") == "csv":
        return csv("policies", _HEADER, [_row(one) for one in found])
    granted, decided = sum(one.granted for one in found), sum(one.granted + one.denied for one in found)
    book, levels = _book(), queries.named()
    named = [(level, queries.holders(level=level, levels=levels)) for level in rules.levels_of(book)]
    more = {
        "found": found, "q": request.GET.get("q", ""), "order": order, "granted": granted, "decided": decided,
        "more": urlencode({"q": request.GET.get("q", "")}),
        "levels": named, "unheld": rules.unheld(book, levels), "given": models.Level.objects.order_by("role", "name"),
        "may_set": people.reach(person, rules.CHANGE).everything, "form": forms.Level(),
        "roles": [one for one in people.ROLES.values() if {rules.ASK, rules.DECIDE} & one.acts], "shows_told": True,
        "may_ask": people.may(person, rules.ASK),
        "has_book": bool(book.organisation or book.policies or book.promises),
    }  # fmt: skip
    return render(request, "policies/page.html", _shown(request, person, **more))


def _row(one: queries.Figures) -> tuple[Any, ...]:
    at = one.changed_at.isoformat() if one.changed_at else ""
    return (
        one.policy.name, one.policy.says, one.policy.owner or "", one.asked, one.waiting, one.granted, one.denied,
        one.share, one.low, one.high, one.amount, one.suggestions, one.number or "", at,
    )  # fmt: skip


@page(act=rules.READ)
def policy(request: HttpRequest, person: Person, name: str) -> HttpResponse:
    """One policy: what it says, who may bend it how far, what was asked, and how it changed."""
    at = now()
    held = _book().policies.get(name)
    if held is None:
        raise Http404
    requests = queries.requests(person=person, now=at).filter(policy=name)
    state = request.GET.get("state", "")
    state = state if state in _STATES else ""
    chosen = requests.filter(state=state) if state else requests
    if request.GET.get("as") == "csv":
        return csv(f"exceptions of {name}", _ASKED_HEADER, [_asked_row(one) for one in chosen])
    levels = queries.named()
    figures = next(one for one in queries.figures(person=person, now=at) if one.policy.name == name)
    more = {
        "policy": held, "figures": figures, "found": Paginator(chosen, _PER_PAGE).get_page(request.GET.get("page")),
        "state": state, "more": urlencode({"state": state}), "changes": queries.changes_of(policy=name),
        "authority": [(level, limit, queries.holders(level=level, levels=levels)) for level, limit in held.authority.items()],
        "proposals": queries.proposals(rule=held.rule)[:10],
    }  # fmt: skip
    return render(request, "policies/policy.html", _shown(request, person, **more))


_ASKED_HEADER = ("asked_at", "subject", "team", "amount", "reason", "state", "ended_at", "level", "needed", "decided_at_level",
                 "evidence", "answer")  # fmt: skip


def _asked_row(one: models.ExceptionRequest) -> tuple[Any, ...]:
    ended = one.ended_at.isoformat() if one.ended_at else ""
    return (
        one.asked_at.isoformat(), one.subject, one.team or "", one.amount, one.reason, one.state, ended, one.level,
        one.needed, one.used, one.evidence, one.answer,
    )  # fmt: skip


@page(act=rules.CHANGE, methods=("POST",))
def level(request: HttpRequest, person: Person) -> HttpResponse:
    """Say which role has which level of authority."""
    form = forms.Level(request.POST)
    if not form.is_valid():
        raise rules.PoliciesError(form.says())
    given = form.cleaned_data
    act = actions.give_level if given["do"] == "give" else actions.take_level
    act(by=person, role=given["role"], name=given["name"], now=now())
    return redirect("policies:register")


@dataclass(frozen=True)
class _Where:
    """The matter that a page is about, sealed to be handed on; None where the page stands by itself."""

    matter: Matter | None
    sealed: str


def _where(request: HttpRequest, person: Person, act: str) -> _Where:
    if not (request.POST.get("matter") or request.GET.get("matter")):
        return _Where(None, "")
    found = opened(request, person, act)
    return _Where(found, sealed(found, person))


@page(act=rules.ASK)
def for_matter(request: HttpRequest, person: Person) -> HttpResponse:
    """Bend a rule in a matter, or say that one is in the way: a part of a case page, or a page by itself."""
    where = _where(request, person, rules.ASK)
    shown = _for_matter(person, where) | {"form": _ask_form(person, where), "flag": _flag_form()}
    part = request.headers.get("HX-Request") and where.matter
    return render(
        request, "policies/_for_matter.html" if part else "policies/for_matter.html", _shown(request, person, **shown)
    )


def _for_matter(person: Person, where: _Where) -> dict[str, Any]:
    asked = []
    if where.matter:
        mine = queries.requests(person=person, now=now())
        asked = list(mine.filter(subject=where.matter.subject, team=where.matter.team))
    return {"matter": where.matter, "sealed": where.sealed, "asked": asked, "may_flag": people.may(person, rules.MAKE)}


def _teams(person: Person, act: str) -> list[str | None]:
    reach = people.reach(person, act)
    named = [one.name for one in people_queries.teams()] if reach.everything else sorted(reach.teams)
    return [*named, None] if reach.everything else list(named)


def _ask_form(person: Person, where: _Where, data: Any = None) -> forms.Ask:
    book, levels = _book(), queries.named()
    teams = None if where.matter else _teams(person, rules.ASK)
    team = where.matter.team if where.matter else next(iter(teams or ()), None)
    choices = [
        (one.name, f"{one.says} ({_far(rules.authority(person, one, team=team, named=levels), book.currency)})")
        for one in book.policies.values()
    ]
    return forms.Ask(data, choices=choices, currency=book.currency, teams=teams)


def _far(authority: rules.Authority, currency: str) -> str:
    if authority.limit is None:
        return _("yours to grant without a limit")
    if not authority:
        return _("somebody else decides")
    return _("you may grant up to %(amount)s") % {"amount": f"{currency} {authority.limit:f}".strip()}


def _flag_form(data: Any = None) -> forms.Suggest:
    return forms.Suggest(data, choices=[(one.rule, one.says) for one in rules.rules_of(_book()).values()])


@page(act=rules.ASK)
def may(request: HttpRequest, person: Person) -> HttpResponse:
    """Who decides this, said while it is being written: oneself at once, or the nearest who may, and why."""
    where = _where(request, person, rules.ASK)
    held = _book().policies.get(request.GET.get("policy", ""))
    if held is None:
        return render(request, "policies/_may.html", {})
    subject, team = (where.matter.subject, where.matter.team) if where.matter else ("", request.GET.get("team") or None)
    people.need(person, rules.ASK, team=team, of_team=True)
    try:
        amount = Decimal(request.GET.get("amount", "").replace(",", ".") or 0)
        amount = amount if amount.is_finite() and 0 <= amount <= rules.MOST else Decimal(0)
    except InvalidOperation:
        amount = Decimal(0)
    before = queries.granted_so_far(policy=held.name, subject=subject) if subject else Decimal(0)
    mine = rules.authority(person, held, team=team, named=queries.named())
    shown: dict[str, Any] = {
        "policy": held, "mine": mine, "amount": amount, "before": before, "at_once": mine.covers(amount + before),
        "needed": rules.needed(held, amount + before), "currency": _book().currency,
    }  # fmt: skip
    if not shown["at_once"]:
        shown["able"] = queries.able(policy=held, team=team, amount=amount + before, without=person.id)
    return render(request, "policies/_may.html", shown)


@page(act=rules.ASK, methods=("POST",))
def ask(request: HttpRequest, person: Person) -> HttpResponse:
    """Bend a rule within one's own authority, or ask whoever may."""
    where = _where(request, person, rules.ASK)
    form = _ask_form(person, where, request.POST)
    try:
        made = _made(person, where, form) if form.is_valid() else None
    except rules.PoliciesError as error:
        form.add_error(None, str(error))
        made = None
    part = request.headers.get("HX-Request")
    if made is not None and not part:
        messages.success(request, _says(made))
        return redirect("policies:exception", made.pk)
    shown = _for_matter(person, where) | {"form": form, "flag": _flag_form()}
    if made is not None:
        shown |= {"form": _ask_form(person, where), "says": _says(made)}
    template = "policies/_for_matter.html" if part else "policies/for_matter.html"
    return render(request, template, _shown(request, person, **shown), status=200 if made else 422)


def _made(person: Person, where: _Where, form: forms.Ask) -> models.ExceptionRequest:
    given = form.cleaned_data
    matter = where.matter or Matter(given["subject"].strip(), team=given["team"] or None)
    return actions.ask(
        by=person,
        matter=matter,
        policy=given["policy"],
        amount=given["amount"],
        reason=given["reason"],
        key=given["key"],
        now=now(),
    )


def _says(made: models.ExceptionRequest) -> str:
    return _("Granted.") if made.state == rules.GRANTED else _sent(made)


def _sent(made: models.ExceptionRequest) -> str:
    if made.sent_to:
        return _("Sent to %(name)s, who may decide it. You will be told.") % {"name": made.sent_to}
    return _("Nobody here may decide this yet. It waits; an administrator can give somebody the role.")


@page(act=rules.DECIDE)
def waiting(request: HttpRequest, person: Person) -> HttpResponse:
    """What waits for this person's decision, with its age."""
    found = queries.waits_for(person=person, now=now())
    if request.GET.get("as") == "csv":
        return csv(
            "waiting exceptions",
            ("policy", *_ASKED_HEADER),
            [(w.request.policy, *_asked_row(w.request)) for w in found],
        )
    return render(request, "policies/waiting.html", _shown(request, person, found=found))


@page(act=rules.DECIDE)
def due(request: HttpRequest, person: Person) -> HttpResponse:
    """For the first page: exceptions that wait for this person's decision."""
    found = queries.waits_for(person=person, now=now())
    shown = {"found": found[:_MOST_SHOWN], "count": len(found), "now": now(), "currency": _book().currency}
    return render(request, "policies/_due.html", shown)


@page(act=rules.READ)
def exception(request: HttpRequest, person: Person, request_id: int) -> HttpResponse:
    """One request: what was asked, why, who decides; the decision, for whoever may make it."""
    return _exception(request, person, request_id, forms.Decide())


def _exception(
    request: HttpRequest, person: Person, request_id: int, form: forms.Decide, status: int = 200
) -> HttpResponse:
    at = now()
    found = queries.requests(person=person, now=at).filter(pk=request_id).first()
    if found is None:
        raise Http404
    people_actions.note_reading(by=person, what="exception", which=found.subject, now=at)
    models.Told.objects.filter(user_id=person.id, exception=found, seen_at=None).update(seen_at=at)
    held = _book().policies.get(found.policy) or Policy(found.policy, "")
    before = (
        queries.granted_so_far(policy=found.policy, subject=found.subject)
        if found.state == rules.WAITING
        else Decimal(0)
    )
    levels, mine = queries.named(), found.asked_by_id == person.id
    decides = found.state == rules.WAITING and not mine and rules.may_decide(
        person, held, team=found.team, amount=found.amount + before, named=levels
    )  # fmt: skip
    names = mine or people.reach(person, "names.read").holds(found.team)
    more = {
        "one": found, "policy": held, "form": form, "decides": decides, "mine": mine, "before": before, "names": names,
        "abuse": queries.abuse_of(customer=found.customer, now=at) if decides else None,
        "evidence": dict(forms.EVIDENCE).get(found.evidence, ""),
    }  # fmt: skip
    return render(request, "policies/exception.html", _shown(request, person, **more), status=status)


@page(act=rules.DECIDE, methods=("POST",))
def decide(request: HttpRequest, person: Person, request_id: int) -> HttpResponse:
    """Grant or refuse."""
    form = forms.Decide(request.POST)
    if not form.is_valid():
        return _exception(request, person, request_id, form, status=422)
    given = form.cleaned_data
    actions.decide(
        by=person,
        request=request_id,
        grant=given["do"] == "grant",
        evidence=given["evidence"],
        answer=given["answer"],
        now=now(),
    )
    messages.success(request, _("Decided. Whoever asked is told."))
    return redirect("policies:waiting")


@page(act=rules.ASK, methods=("POST",))
def withdraw(request: HttpRequest, person: Person, request_id: int) -> HttpResponse:
    """Take back what one asked for."""
    actions.withdraw(by=person, request=request_id, now=now())
    messages.success(request, _("Withdrawn."))
    return redirect("policies:exception", request_id)


@page(act=rules.MAKE, methods=("POST",))
def suggest(request: HttpRequest, person: Person) -> HttpResponse:
    """Say that a rule is in the way."""
    where = _where(request, person, rules.MAKE)
    form = _flag_form(request.POST)
    if not form.is_valid():
        raise rules.PoliciesError(form.says())
    given = form.cleaned_data
    actions.suggest(by=person, rule=given["rule"], text=given["text"], matter=where.matter, key=given["key"], now=now())
    says = _("Said. Whoever owns the rule owes you an answer; it will be under “Your suggestions”.")
    if request.headers.get("HX-Request"):
        return render(request, "policies/_said.html", {"says": says})
    messages.success(request, says)
    return redirect("policies:own_suggestions")


@page(act=rules.ANSWER)
def suggestions(request: HttpRequest, person: Person) -> HttpResponse:
    """What was said of the rules that are this person's to answer for; each is owed an answer."""
    found = queries.suggestions(person=person, now=now())
    waits = found.filter(answered_at=None)
    known = sorted(set(found.order_by().values_list("rule", flat=True).distinct()))
    rule = request.GET.get("rule", "")
    rule = rule if rule in known else ""
    found = found.filter(rule=rule) if rule else found
    if request.GET.get("as") == "csv":
        return csv("suggestions", _SAID_HEADER, [_said_row(one) for one in found])
    more = {
        "found": Paginator(found, _PER_PAGE).get_page(request.GET.get("page")), "waits": waits.count(),
        "oldest": waits.first(), "form": forms.Answer(), "rule": rule, "more": urlencode({"rule": rule}),
        "rules": known,
    }  # fmt: skip
    return render(request, "policies/suggestions.html", _shown(request, person, **more))


_SAID_HEADER = ("made_at", "rule", "subject", "team", "text", "answered_at", "answer")


def _said_row(one: models.Suggestion) -> tuple[Any, ...]:
    answered = one.answered_at.isoformat() if one.answered_at else ""
    return one.made_at.isoformat(), one.rule, one.subject or "", one.team or "", one.text, answered, one.answer


@page(act=rules.ANSWER, methods=("POST",))
def answer(request: HttpRequest, person: Person, suggestion: int) -> HttpResponse:
    """Answer whoever said it."""
    form = forms.Answer(request.POST)
    if not form.is_valid():
        raise rules.PoliciesError(form.says())
    actions.answer(by=person, suggestion=suggestion, text=form.cleaned_data["text"], now=now())
    messages.success(request, _("Answered. Whoever said it is shown your answer."))
    return redirect("policies:suggestions")


@page(act=rules.MAKE)
def own_suggestions(request: HttpRequest, person: Person) -> HttpResponse:
    """What this person said was in the way, and what they were answered."""
    found = queries.own_suggestions(person=person)
    if request.GET.get("as") == "csv":
        return csv("your suggestions", _SAID_HEADER, [_said_row(one) for one in found])
    shown = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    more = {"found": shown, "flag": _flag_form(), "waits": found.filter(answered_at=None).count()}
    return render(request, "policies/own_suggestions.html", _shown(request, person, **more))


@page(act=rules.READ)
def proposals(request: HttpRequest, person: Person) -> HttpResponse:
    """Rules that are proposed for change, and what became of those before."""
    state = request.GET.get("state", rules.OPEN)
    state = state if state in (rules.OPEN, rules.ACCEPTED, rules.REFUSED) else ""
    found = queries.proposals(state=state or None)
    if request.GET.get("as") == "csv":
        return csv("proposals", _PROPOSED_HEADER, [_proposed_row(one) for one in found])
    more = {
        "found": Paginator(found, _PER_PAGE).get_page(request.GET.get("page")), "state": state,
        "more": urlencode({"state": state}), "waits": queries.proposals(state=rules.OPEN).count(),
        "may_propose": people.may(person, rules.CHANGE),
    }  # fmt: skip
    return render(request, "policies/proposals.html", _shown(request, person, **more))


_PROPOSED_HEADER = ("made_at", "rule", "kind", "finding", "sentence", "state", "decided_at", "reason", "version")


def _proposed_row(one: models.Proposal) -> tuple[Any, ...]:
    decided = one.decided_at.isoformat() if one.decided_at else ""
    return (
        one.made_at.isoformat(), one.rule, one.kind, one.finding, one.sentence, one.state, decided, one.reason,
        one.version_id or "",
    )  # fmt: skip


@page(act=rules.CHANGE, methods=("GET", "POST"))
def propose(request: HttpRequest, person: Person) -> HttpResponse:
    """Propose a change by hand."""
    mine = queries.owned(person=person, act=rules.CHANGE, now=now())
    choices = [(one.rule, one.says) for one in rules.rules_of(_book()).values() if mine is None or one.rule in mine]
    form = forms.Propose(request.POST or None, choices=choices, initial={"rule": request.GET.get("rule", "")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = actions.propose(by=person, kind="", about={}, rule=given["rule"], sentence=given["sentence"], now=now())
        return redirect("policies:proposal", made.pk)
    return render(
        request, "policies/propose.html", _shown(request, person, form=form), status=422 if form.errors else 200
    )


@page(act=rules.READ)
def proposal(request: HttpRequest, person: Person, number: int) -> HttpResponse:
    """One proposal: the sentence and its evidence, and for the rule's owner the change that it comes to."""
    return _proposal(request, person, _found(number))


def _found(number: int) -> models.Proposal:
    found = queries.proposals().filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class _Edited:
    """What the owner is about to make of a rule: the form, the lines that differ, and what stands against it."""

    form: forms.Change
    difference: list[playbook_rules.Line]
    fault: str = ""


def _proposal(
    request: HttpRequest, person: Person, found: models.Proposal, edited: _Edited | None = None
) -> HttpResponse:
    models.Told.objects.filter(user_id=person.id, proposal=found, seen_at=None).update(seen_at=now())
    entry = rules.rules_of(_book()).get(found.rule)
    owns = found.state == rules.OPEN and entry is not None and rules.owns(person, entry.owner, rules.CHANGE)
    if edited is None and owns and entry is not None:
        edited = _Edited(_change_form(found, entry), [])
    more = {
        "one": found, "entry": entry, "owns": owns, "edited": edited,
        "evidence": _evidence(found.evidence),
        "waits": models.Suggestion.objects.filter(rule=found.rule, answered_at=None).count(),
    }  # fmt: skip
    status = 422 if edited and (edited.fault or edited.form.errors) else 200
    return render(request, "policies/proposal.html", _shown(request, person, **more), status=status)


def _evidence(said: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The numbers of a finding as people read them; what it did not say is left out."""
    share = said.get("unit") == "share"

    def number(key: str) -> str:
        value = said.get(key)
        if not isinstance(value, int | float):
            return ""
        return f"{value:.1%}".replace("%", "\u202f%") if share else f"{value:,.4g}"

    low, high = number("low"), number("high")
    unit = "" if share else str(said.get("unit") or "")
    found = [
        (_("Number"), f"{number('estimate')} {unit}".strip() if number("estimate") else ""),
        (_("95 % interval"), f"{low}–{high}" if low and high else ""),
        (_("Cases"), f"{said['n']:,}" if isinstance(said.get("n"), int) else ""),
        (_("Method"), said.get("method")),
        (_("Source"), said.get("reference")),
    ]
    return [(name, value) for name, value in found if value]


def _change_form(found: models.Proposal, entry: rules.Rule, data: Any = None) -> forms.Change:
    last = playbook.latest()
    held = queries.entry(text=last.text, path=entry.path) if last else {}
    policy = _book().policies.get(entry.path[-1]) if found.rule.startswith("policy:") else None
    drafted = {key: rules.written(value) for key, value in (rules.drafted(found.kind, policy) if policy else [])}
    start = {f"key-{key}": drafted.get(key, held.get(key, "")) for key in entry.keys}
    return forms.Change(data, keys=entry.keys, initial=start | {"on": last.number if last else 0})


@page(act=rules.CHANGE, methods=("POST",))
def change(request: HttpRequest, person: Person, number: int) -> HttpResponse:
    """Show what would change, and then change it: a new version of the playbook."""
    found = _found(number)
    entry = rules.rule(_book(), found.rule)
    form = _change_form(found, entry, request.POST)
    last = playbook.latest()
    if not form.is_valid() or last is None:
        return _proposal(request, person, found, _Edited(form, []))
    try:
        changes = rules.changed(queries.entry(text=last.text, path=entry.path), form.values())
        text = actions.rewritten(last.text, entry.path, changes)
        reader.read(text)
    except AboveboardError as error:
        return _proposal(request, person, found, _Edited(form, [], str(error)))
    shown = playbook_rules.lines(last.text, text)
    digest = hashlib.sha256(f"{last.number}\n{text}".encode()).hexdigest()
    given = form.cleaned_data
    if request.POST.get("do") != "accept" or given["seen"] != digest or not given["reason"].strip():
        asked = request.POST.get("do") == "accept"
        fault = (
            _("Say why: it is what those who work by the rule are told.") if asked and given["seen"] == digest else ""
        )
        data = request.POST.copy()
        data["seen"], data["on"] = digest, str(last.number)
        form = _change_form(found, entry, data)
        return _proposal(request, person, found, _Edited(form, shown, fault))
    actions.accept(
        by=person, proposal=number, changes=changes, reason=given["reason"], on=given["on"],
        effective_from=form.effective_from(), answers=given["answers"], now=now(),
    )  # fmt: skip
    messages.success(request, _("The rule is changed. Everybody who works by it, and who flagged it, is told."))
    return redirect("policies:proposal", number)


@page(act=rules.CHANGE, methods=("POST",))
def refuse(request: HttpRequest, person: Person, number: int) -> HttpResponse:
    """Leave the rule as it is, with a reason."""
    actions.refuse(by=person, proposal=number, reason=request.POST.get("reason", ""), now=now())
    messages.success(request, _("The rule stays as it is. Your reason is on record."))
    return redirect("policies:proposal", number)


@page(act=rules.READ, methods=("GET", "POST"))
def told(request: HttpRequest, person: Person) -> HttpResponse:
    """What this person is owed to know and has not seen; POST: they have, all or those named."""
    if request.method == "POST":
        given = [int(one) for one in request.POST.getlist("told") if one.isdecimal()]
        actions.see(by=person, told=given or None, now=now())
        count = len(given)
        if not request.headers.get("HX-Request"):
            messages.success(request, ngettext("Seen.", "All seen.", count))
            return redirect("policies:register")
    part = request.headers.get("HX-Request")
    template = "policies/_told.html" if part else "policies/told.html"
    return render(request, template, _shown(request, person, shows_told=True))
