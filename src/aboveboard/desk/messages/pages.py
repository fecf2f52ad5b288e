"""Pages of messages: the composer with what there is to say of a draft, what was promised by word, reply templates."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from aboveboard.desk.messages import actions, forms, models, queries, rules
from aboveboard.desk.people import pages as people_pages
from aboveboard.desk.people.pages import page
from aboveboard.desk.people.rules import Matter, Person, may
from aboveboard.wording import Remark

_PER_PAGE, _MOST_SHOWN = 100, 5
_SOON = timedelta(days=1)
_EVENT = "journal-changed"
"""What htmx tells the page around the composer, so that a timeline there can show what is new."""


@page(act="cases.work")
def composer(request: HttpRequest, person: Person) -> HttpResponse:
    """Write about a matter: a fragment within a case page, and a page by itself."""
    about = _matter(request, person)
    given = request.GET.copy()
    if template := given.get("template", ""):
        given["text"] = _with_template("", template, person, about)
    return _composer(request, person, about, given)


@page(act="cases.work", methods=("POST",))
def check(request: HttpRequest, person: Person) -> HttpResponse:
    """What there is to say of a draft: a fragment, or the composer again without htmx."""
    about = _matter(request, person)
    if not _is_htmx(request):
        return _composer(request, person, about, request.POST)
    if not request.POST.get("text", "").strip():
        queries.warm(
            now=people_pages.now()
        )  # a composer that opens asks too, so that whoever types first need not wait
    return render(request, "messages/_checked.html", _checked(request.POST, about, people_pages.now()))


@page(act="cases.work", methods=("POST",))
def fill(request: HttpRequest, person: Person) -> HttpResponse:
    """The text with a template after it, and what there is to say of it then."""
    about, given = _matter(request, person), request.POST.copy()
    form = _form(given)
    given["text"] = _with_template(form["text"], given.get("template", ""), person, about)
    return _composer(request, person, about, given)


@page(act="cases.work", methods=("POST",))
def send(request: HttpRequest, person: Person) -> HttpResponse:
    """Record a message to the customer with its promises, or an internal note."""
    about, now = _matter(request, person), people_pages.now()
    given = _form(request.POST)
    try:
        if given["kind"] == "internal":
            actions.note(by=person, matter=about, text=given["text"], token=given["token"], now=now)
            return _done(request, person, about, _("The note is recorded. Only colleagues see it."))
        promised = _promised_in(request.POST, about, now)
        actions.send(
            by=person,
            matter=about,
            text=given["text"],
            channel=given["channel"],
            promises=promised,
            seen=forms.seen(request.POST),
            reason=given["reason"],
            token=given["token"],
            now=now,
        )
    except rules.MessagesError as error:
        return _composer(request, person, about, request.POST, says=str(error), status=422)
    told = _("Recorded as told by %(channel)s. Nothing is mailed from here yet.") % {
        "channel": forms.CHANNELS[given["channel"]]
    }
    if promised:
        told += " " + _("Promises that now have a clock: %(count)s.") % {"count": len(promised)}
    return _done(request, person, about, told)


@page(act="cases.work", methods=("POST",))
def received(request: HttpRequest, person: Person) -> HttpResponse:
    """Record what the customer said."""
    about = _matter(request, person)
    form = forms.Received(request.POST)
    if not form.is_valid():
        raise rules.MessagesError(form.says())
    actions.receive(by=person, matter=about, now=people_pages.now(), **form.cleaned_data)
    return _done(request, person, about, _("What the customer said is recorded."))


@page(act="cases.work")
def promised(request: HttpRequest, person: Person) -> HttpResponse:
    """What one promised customers by word, and when it is due."""
    now = people_pages.now()
    form = forms.Promised(request.GET or None)
    chosen = form.chosen()
    found = queries.commitments(person=person, whose=chosen["whose"], which=chosen["which"], now=now)
    found = found.order_by(chosen["sort"], "pk")
    names = may(person, "names.read")
    if request.GET.get("download"):
        return people_pages.csv("promised", _COLUMNS, _lines(found, now, names=names))
    paged = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    mine = queries.commitments(person=person, now=now)
    shown = {
        "found": paged,
        "lines": [(one, rules.state(**_times(one), now=now)) for one in paged],
        "open": mine.count(),
        "over": mine.filter(due__lt=now).count(),
        "form": forms.Promised(chosen),
        "chosen": chosen,
        "more": urlencode(chosen),
        "names": names,
        "now": now,
        "zone": queries.playbook(now=now).timezone,
    }
    return render(request, "messages/promised.html", shown)


@page(act="cases.work")
def due(request: HttpRequest, person: Person) -> HttpResponse:
    """For the first page: what one promised by word that is over its time or due within a day."""
    now = people_pages.now()
    mine = queries.commitments(person=person, now=now).filter(due__lt=now + _SOON)
    shown = {
        "lines": [(one, rules.state(**_times(one), now=now)) for one in mine[:_MOST_SHOWN]],
        "count": mine.count(),
        "zone": queries.playbook(now=now).timezone,
    }
    return render(request, "messages/_due.html", shown)


@page(act="cases.work", methods=("POST",))
def kept(request: HttpRequest, person: Person, commitment: int) -> HttpResponse:
    """Say that a promise was kept."""
    return _settled(request, person, lambda at: actions.keep(by=person, commitment=commitment, now=at))


@page(act="cases.work", methods=("POST",))
def withdraw(request: HttpRequest, person: Person, commitment: int) -> HttpResponse:
    """Take a promise back."""
    reason = request.POST.get("reason", "")
    return _settled(
        request, person, lambda at: actions.withdraw(by=person, commitment=commitment, reason=reason, now=at)
    )


@page(act="playbook.read")
def templates(request: HttpRequest, person: Person) -> HttpResponse:
    """The reply templates."""
    found = queries.templates()
    if request.GET.get("download"):
        header = ("name", "language", "text", "changed_at")
        rows = ((one.name, one.language, one.text, one.changed_at.isoformat()) for one in found)
        return people_pages.csv("templates", header, rows)
    return render(
        request, "messages/templates.html", {"templates": found, "may_change": may(person, "playbook.change")}
    )


@page(act="playbook.change", methods=("GET", "POST"))
def template(request: HttpRequest, person: Person, template: int) -> HttpResponse:
    """One reply template, to be changed; number 0 is a new one."""
    try:
        known = queries.template(number=template) if template else None
    except rules.NotThereError as error:
        raise Http404 from error
    first = {"name": known.name, "language": known.language, "text": known.text} if known else {}
    form = forms.Template(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_template(by=person, template=template or None, now=people_pages.now(), **form.cleaned_data)
        except rules.MessagesError as error:
            form.add_error(None, str(error))
        else:
            notices.success(request, _("The template is saved."))
            return redirect("messages:templates")
    text = form.data.get("text", "") if form.is_bound else first.get("text", "")
    shown = {"form": form, "template": known, "placeholders": rules.PLACEHOLDERS, **_linted(text)}
    return render(request, "messages/template.html", shown, status=422 if form.errors else 200)


@page(act="playbook.change", methods=("POST",))
def check_template(request: HttpRequest, person: Person) -> HttpResponse:
    """The remarks on the words of a template: a fragment."""
    return render(request, "messages/_remarks.html", _linted(_form(request.POST)["text"]))


@page(act="playbook.change", methods=("POST",))
def withdraw_template(request: HttpRequest, person: Person, template: int) -> HttpResponse:
    """Offer a template no more."""
    try:
        actions.withdraw_template(by=person, template=template, now=people_pages.now())
    except rules.NotThereError as error:
        raise Http404 from error
    notices.success(request, _("The template is offered no more."))
    return redirect("messages:templates")


def _matter(request: HttpRequest, person: Person) -> Matter:
    return people_pages.matter(request, person, "cases.work")


def _form(given: Mapping[str, Any]) -> dict[str, Any]:
    form = forms.Compose(given)
    if not form.is_valid():
        raise rules.MessagesError(form.says())
    return form.cleaned_data


def _with_template(text: str, number: str, person: Person, about: Matter) -> str:
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise rules.MessagesError("Choose a template first.")
    chosen = queries.template(number=int(number))
    filled = rules.filled(chosen.text, queries.values(person=person, matter=about, now=people_pages.now()))
    return rules.joined(text, filled)


def _checked(given: Mapping[str, Any], about: Matter, now: datetime) -> dict[str, Any]:
    form = _form(given)
    found = queries.checked(text=form["text"], audience=form["kind"], matter=about, now=now)
    offers = forms.offered(found.noticed, given, found.zone)
    left = rules.placeholders(form["text"])
    return {
        "remarks": _placed(found.remarks, form["text"]),
        "against": found.against,
        "offers": offers,
        "zone": found.zone,
        "left": left,
        "reason": form["reason"],
        "field": "words",
    }


def _linted(text: str) -> dict[str, Any]:
    book = queries.playbook(now=people_pages.now())
    found = queries.lint(text=text, audience="customer", of=book)
    return {"remarks": _placed(found, text), "field": "id_text"}


def _placed(remarks: Iterable[Remark], text: str) -> list[tuple[Remark, str]]:
    """Each remark with the words that its edit takes the place of, so that nothing else is overwritten."""
    return [(one, text[one.edit.start : one.edit.end] if one.edit else "") for one in remarks]


def _promised_in(given: Mapping[str, Any], about: Matter, now: datetime) -> list[rules.Promise]:
    checked = _checked(given, about, now)
    return forms.promises(
        [one for one in checked["offers"] if one.noticed.key in forms.seen(given)], checked["zone"], now
    )


def _composer(
    request: HttpRequest,
    person: Person,
    about: Matter,
    given: Mapping[str, Any],
    *,
    says: str = "",
    done: str = "",
    status: int = 200,
) -> HttpResponse:
    form, now = _form(given), people_pages.now()
    running = queries.on_subject(subject=about.subject, person=person).filter(kept_at=None, withdrawn_at=None)
    token = form["token"] or secrets.token_urlsafe(16)
    shown = {
        **_checked(given, about, now),
        "about": about,
        "sealed": people_pages.sealed(about, person),
        "token": token,
        "received_token": secrets.token_urlsafe(16),
        "text": form["text"],
        "kind": form["kind"],
        "channel": given.get("channel") or (about.channel if about.channel in forms.CHANNELS else "email"),
        "channels": forms.CHANNELS.items(),
        "kinds": forms.KINDS,
        "templates": queries.templates(),
        "running": [(one, rules.state(**_times(one), now=now)) for one in running],
        "says": says,
        "done": done,
    }
    whole = "messages/_composer.html" if _is_htmx(request) else "messages/composer.html"
    return render(request, whole, shown, status=status)


def _done(request: HttpRequest, person: Person, about: Matter, told: str) -> HttpResponse:
    if not _is_htmx(request):
        notices.success(request, told)
        return redirect(f"{reverse('messages:composer')}?{urlencode({'matter': people_pages.sealed(about, person)})}")
    response = _composer(request, person, about, QueryDict(), done=told)
    response["HX-Trigger"] = _EVENT
    return response


def _settled(request: HttpRequest, person: Person, settle: Callable[[datetime], models.Commitment]) -> HttpResponse:
    """Back to the composer where it was pressed there, else to the list."""
    try:
        found = settle(people_pages.now())
    except rules.NotThereError as error:
        raise Http404 from error
    told = f"{_('Kept.') if found.kept_at else _('Taken back.')} “{found.text}”"
    if request.POST.get("matter"):
        return _done(request, person, _matter(request, person), told)
    notices.success(request, told)
    return redirect("messages:promised")


def _times(one: models.Commitment) -> dict[str, Any]:
    return {"made_at": one.made_at, "due": one.due, "kept_at": one.kept_at, "withdrawn_at": one.withdrawn_at}


_COLUMNS = ("subject", "text", "made_at", "due", "state", "made_by", "reason")


def _lines(found: Any, now: datetime, *, names: bool) -> Iterator[tuple[Any, ...]]:
    for one in found.iterator(1_000):
        by = one.made_by.name if names else one.made_by.employee
        state = rules.state(**_times(one), now=now)
        yield one.subject, one.text, one.made_at.isoformat(), one.due.isoformat(), state, by, one.reason


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))
