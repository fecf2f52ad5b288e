"""Pages of the playbook: what holds, its versions and their differences, and writing the next one."""

from __future__ import annotations

import hashlib
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from aboveboard.desk.people import rules as people
from aboveboard.desk.people.pages import now, page
from aboveboard.desk.playbook import actions, forms, models, queries, rules
from aboveboard.playbook.problems import PlaybookError, Problem
from aboveboard.playbook.writer import EditError

_PER_PAGE = 50


@page(act="playbook.read")
def in_force(request: HttpRequest, person: people.Person) -> HttpResponse:
    """What holds now."""
    at = now()
    held = queries.in_force(now=at)
    shown = {"coming": queries.coming(now=at), "last": queries.latest(), "upload": forms.Upload()}
    return render(request, "playbook/page.html", _contents(request, person, held) | shown)


@page(act="playbook.read")
def version(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """A version as it reads."""
    found = _version(number)
    shown = {"in_force": queries.in_force(now=now()), "single": True}
    return render(request, "playbook/page.html", _contents(request, person, found) | shown)


@page(act="playbook.read")
def download(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """A version as the file that it is."""
    answer = HttpResponse(_version(number).text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="playbook-{number}.yaml"'
    return answer


@page(act="playbook.read")
def versions(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Every version: who made it, when, why, and from when it holds."""
    at = now()
    found = Paginator(queries.versions(), _PER_PAGE).get_page(request.GET.get("page"))
    shown = {
        "found": found, "in_force": queries.in_force(now=at), "coming": {one.number for one in queries.coming(now=at)},
    }  # fmt: skip
    return render(request, "playbook/versions.html", _for(person) | shown | _zone(queries.in_force(now=at)))


@page(act="playbook.read")
def compare(request: HttpRequest, person: people.Person) -> HttpResponse:
    """What differs between two versions: `old` and `new` in the query; the later one's predecessor where `old` is missing."""
    new = _number(request, "new") or (last.number if (last := queries.latest()) else 0)
    old = _number(request, "old") or new - 1
    one, other = queries.version(number=old), _version(new)
    shown = {"old": one, "new": other} | _difference(one.text if one else "", other.text)
    return render(request, "playbook/compare.html", _for(person) | shown | _zone(other))


@page(act="playbook.change", methods=("GET", "POST"))
def draft(request: HttpRequest, person: people.Person) -> HttpResponse:
    """The next version as YAML, with what is wrong beside it; kept at every step."""
    form = forms.Text(request.POST or None)
    if request.method == "POST":
        if not form.is_valid():
            raise rules.PlaybookVersionError(form.says())
        kept = actions.keep_draft(by=person, text=form.cleaned_data["text"], now=now())
        if request.POST.get("do") == "preview" and not rules.checked(kept.text)[1]:
            return redirect("playbook:preview")
        return redirect("playbook:draft")
    base, text = queries.begun(user=person.id)
    shown = {
        "form": forms.Text(initial={"text": text}),
        "base": base,
        "text": text,
        "kept": queries.draft(user=person.id),
        "others": queries.others_writing(user=person.id),
        "sections": _sections(text),
        "upload": forms.Upload(),
    }
    return render(request, "playbook/draft.html", _for(person) | shown | _told(text))


@page(act="playbook.change", methods=("POST",))
def check(request: HttpRequest, person: people.Person) -> HttpResponse:
    """What is wrong with a text, while it is typed. Nothing is kept."""
    return render(request, "playbook/_problems.html", _told(request.POST.get("text", "").replace("\r\n", "\n")))


@page(act="playbook.change", methods=("POST",))
def upload(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Take a file as the draft."""
    form = forms.Upload(request.POST, request.FILES)
    if not form.is_valid():
        raise rules.PlaybookVersionError(form.says())
    actions.keep_draft(by=person, text=form.text(), now=now())
    messages.success(request, _("The file is your draft now. Nothing changes until it is published."))
    return redirect("playbook:draft")


@page(act="playbook.change", methods=("POST",))
def discard(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Throw the draft away."""
    actions.discard_draft(by=person)
    messages.success(request, _("The draft is thrown away."))
    return redirect("playbook:in_force")


@page(act="playbook.change", methods=("GET", "POST"))
def entry(request: HttpRequest, person: people.Person, section: str, name: str | None = None) -> HttpResponse:
    """An entry of the draft as a form, or a new one."""
    table = rules.section(section)
    _base, text = queries.begun(user=person.id)
    held = rules.entry(text, section, name) if name else None
    if section == rules.ABOUT.name and name is None:
        name, held = section, rules.entry(text, section, section) or rules.Entry(section, 0, ())
    if table is None or (name and held is None):
        raise Http404
    calendars = [each.name for each in rules.contents(text)["calendars"]]
    form = forms.Entry(table, request.POST or None, held=held, calendars=calendars)
    if request.method == "POST" and form.is_valid():
        called = name or form.cleaned_data["name"].strip()
        try:
            _change(request, person, section, called, form, fresh=name is None)
            return redirect("playbook:draft")
        except PlaybookError as error:
            form.add_problems(error.problems)
        except EditError as error:
            form.add_error(None, str(error))
    shown = {"form": form, "section": table, "title": forms.TITLES[section], "name": name, "held": held}
    return render(request, "playbook/entry.html", _for(person) | shown, status=422 if form.errors else 200)


def _change(
    request: HttpRequest, person: people.Person, section: str, name: str, form: forms.Entry, *, fresh: bool
) -> None:
    if request.POST.get("do") == "remove":
        actions.remove_entry(by=person, section=section, name=name, now=now())
        messages.success(request, _("“%(name)s” is taken out of the draft.") % {"name": name})
        return
    if fresh and rules.entry(queries.begun(user=person.id)[1], section, name) is not None:
        raise EditError(_("There is one of this name already."))
    actions.set_entry(by=person, section=section, name=name, values=form.values, now=now())
    messages.success(request, _("“%(name)s” is changed in the draft.") % {"name": name})


@page(act="playbook.change")
def preview(request: HttpRequest, person: people.Person) -> HttpResponse:
    """What the draft would change; and where another version came in between, what that changed."""
    base, text = queries.begun(user=person.id)
    last, before = queries.latest(), queries.version(number=base)
    old = before.text if before else ""
    shown: dict[str, Any] = {
        "base": base,
        "text": text,
        "form": forms.Publish(initial={"seen": _seen(text)}),
        "coming": queries.coming(now=now()),
    }
    if last is not None and last.number != base:
        shown |= {
            "moved": last,
            "theirs": _difference(old, last.text),
            "fits": rules.merged(old, text, last.text) is not None,
        }
    return render(request, "playbook/preview.html", _for(person) | shown | _difference(old, text) | _told(text))


@page(act="playbook.change")
def conflicts(request: HttpRequest, person: people.Person) -> HttpResponse:
    """What the prover says of the draft: shown inside the preview."""
    base, text = queries.begun(user=person.id)
    before = queries.version(number=base)
    found = queries.judged(old=before.text if before else rules.BEGINNING, new=text, today=now().date())
    return render(request, "playbook/_conflicts.html", {"judged": found})


@page(act="playbook.change", methods=("POST",))
def catch_up(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Put the draft on the version that came in between: `do` is `together` or `mine`."""
    actions.catch_up(by=person, now=now(), together=request.POST.get("do") != "mine")
    return redirect("playbook:preview")


@page(act="playbook.change", methods=("POST",))
def publish(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Make the draft a version."""
    form = forms.Publish(request.POST)
    if not form.is_valid():
        raise rules.PlaybookVersionError(form.says())
    base, text = queries.begun(user=person.id)
    if form.cleaned_data["seen"] != _seen(text):
        messages.warning(request, _("Your draft has changed since you opened this page. Look at it once more."))
        return redirect("playbook:preview")
    at = now()
    from_when = form.from_when(_time_zone(text), at)
    try:
        made = actions.publish(
            by=person, text=text, why=form.cleaned_data["why"], effective_from=from_when, now=at, base=base
        )
    except rules.MovedOnError as error:
        messages.error(request, str(error))
        return redirect("playbook:preview")
    messages.success(request, _("Version %(number)s is published.") % {"number": made.number})
    return redirect("playbook:in_force")


def _contents(request: HttpRequest, person: people.Person, found: models.Version | None) -> dict[str, Any]:
    words = request.GET.get("q", "").strip()
    sections = _sections(found.text, words) if found else []
    count = sum(len(entries) for _name, _title, entries in sections)
    return _for(person) | {"held": found, "sections": sections, "q": words, "count": count} | _zone(found)


def _sections(text: str, words: str = "") -> list[tuple[str, Any, list[dict[str, Any]]]]:
    """Name, title and entries of every section, in the order in which people look for them."""
    held = rules.contents(text)
    return [
        (name, title, [_entry(each) for each in held[name] if each.speaks_of(words)])
        for name, title in forms.TITLES.items()
    ]


def _entry(found: rules.Entry) -> dict[str, Any]:
    holds = [{"label": forms.LABELS.get(one.key.name, one.key.name), "said": one} for one in found.holds]
    return {"name": found.name, "says": found.says, "holds": holds}


def _change_told(found: rules.EntryChange) -> dict[str, Any]:
    keys = [
        {"label": forms.LABELS.get(one.key, one.key), "before": one.before, "after": one.after} for one in found.keys
    ]
    return {
        "title": forms.TITLES[found.section], "section": found.section, "name": found.name, "how": found.how,
        "says": found.says, "keys": keys,
    }  # fmt: skip


def _difference(old: str, new: str) -> dict[str, Any]:
    return {"changes": [_change_told(each) for each in rules.changes(old, new)], "lines": rules.lines(old, new)}


def _told(text: str) -> dict[str, Any]:
    """What is wrong, each with the line that it stands on as written."""
    written, problems = text.split("\n"), rules.checked(text)[1]
    return {"problems": [(one, _line(written, one)) for one in problems], "checked": True}


def _line(written: list[str], problem: Problem) -> str:
    return written[problem.line - 1].strip() if 0 < problem.line <= len(written) else ""


def _for(person: people.Person) -> dict[str, Any]:
    return {"may_change": people.may(person, "playbook.change")}


def _zone(found: models.Version | None) -> dict[str, Any]:
    return {"zone": _time_zone(found.text) if found else ZoneInfo("UTC")}


def _time_zone(text: str) -> ZoneInfo:
    book, _problems = rules.checked(text)
    return book.timezone if book else ZoneInfo("UTC")


def _seen(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _version(number: int) -> models.Version:
    found = queries.version(number=number)
    if found is None:
        raise Http404
    return found


def _number(request: HttpRequest, name: str) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 9 else 0
