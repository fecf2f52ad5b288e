"""Pages of people, and what every page of the desk stands on: who asks, and whether they may."""

from __future__ import annotations

import csv as csv_format
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from aboveboard.desk.people import actions, forms, models, queries, rules
from aboveboard.ledger.errors import AboveboardError
from aboveboard.ledger.formats.csv import harmless

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, rules.Person, P], HttpResponse]
_PER_PAGE = 100
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_MATTER, _MATTER_LASTS = "matter", timedelta(hours=12)
_UNDO, _UNDO_LASTS = "undo", timedelta(minutes=10)
Back = Callable[..., None]
_BACK: dict[str, Back] = {}
"""The ways back that slices offer (`undoes`), by their names."""


def page(
    *, act: str | tuple[str, ...] | None, methods: tuple[str, ...] = ("GET",)
) -> Callable[[Page[P]], Callable[..., HttpResponse]]:
    """Make a view of a function of (request, person, …): signed in, allowed to `act`, by these methods alone.

    `act` None: whoever is signed in; several: whoever may one of them. The view carries `acts` and `methods` for the test
    that walks over every route. A refusal is answered with 403 and who may; what an action refuses with an error of ours, on
    the page itself with 422 where htmx asked, and as a message on the page before otherwise.
    """

    acts = (act,) if isinstance(act, str) else act or ()

    def made(view: Page[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not isinstance(request.user, models.User):
                return _to_sign_in(request)
            person = queries.person(user=request.user)
            try:
                if act is not None and not any(rules.may(person, one) for one in acts):
                    rules.need(person, acts[0])
                return view(request, person, *args, **kwargs)
            except rules.ForbiddenError as error:
                return render(request, "403.html", {"says": str(error)}, status=403)
            except AboveboardError as error:
                return _refused(request, str(error))

        found: Any = never_cache(require_http_methods([*methods, *(("HEAD",) if "GET" in methods else ())])(answered))
        found.acts, found.methods = None if act is None else acts, methods
        return found  # type: ignore[no-any-return]

    return made


def csv(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A table as a file to download. Text that a spreadsheet would take for a formula has an apostrophe before it."""
    sink = io.StringIO()
    writer = csv_format.writer(sink)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    made = HttpResponse(sink.getvalue(), content_type="text/csv; charset=utf-8")
    made["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}.csv") or "attachment"
    return made


def _cell(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value


def now() -> datetime:
    """The time of this request. The edge of the desk: below pages, time is an argument."""
    return datetime.now(UTC)


def sealed(matter: rules.Matter, person: rules.Person) -> str:
    """The matter as a text for an address, that this person can hand on and nobody can make up."""
    return signing.dumps([person.id, *astuple(matter)], salt=_MATTER, compress=True)


def matter(request: HttpRequest, person: rules.Person, act: str) -> rules.Matter:
    """The matter that the page which showed this one sealed for this person, as `matter` in the query or the form.

    Raises MatterError where it is missing, too old or another's, ForbiddenError where this person may not `act` on it.
    """
    given = request.POST.get("matter") or request.GET.get("matter", "")
    try:
        whose, *values = signing.loads(given, salt=_MATTER, max_age=_MATTER_LASTS)
    except signing.BadSignature as error:
        raise rules.MatterError(
            "This page is too old, or was not opened from its case. Open the case again."
        ) from error
    found = rules.Matter(*values)
    if whose != person.id:
        raise rules.MatterError("This page was opened for somebody else. Open the case again.")
    rules.need(person, act, team=found.team, of_team=True)
    return found


def undoes(name: str) -> Callable[[Back], Back]:
    """Make a function of (by, now, …) the way back of an act: what `done` hands on under this name, it takes back.

    It does so by an ordinary act of its slice, with its checks and its events, and refuses where something happened since.
    """

    def made(back: Back) -> Back:
        _BACK[name] = back
        return back

    return made


def done(
    request: HttpRequest,
    person: rules.Person,
    says: str,
    *,
    undo: str | None = None,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Say on the next page that something was done; with `undo`, a way back stands beside it, for ten minutes.

    `about` is what that way back needs, as JSON can say it. It travels in the notice, sealed for this person.
    """
    token = signing.dumps([person.id, undo, dict(about or {})], salt=_UNDO, compress=True) if undo else ""
    messages.success(request, says, extra_tags=token)


@page(act=None, methods=("POST",))
def undo(request: HttpRequest, person: rules.Person) -> HttpResponse:
    """Take back what a notice offered to take back."""
    try:
        whose, name, about = signing.loads(request.POST.get("undo", ""), salt=_UNDO, max_age=_UNDO_LASTS)
    except signing.BadSignature as error:
        raise rules.PeopleError("It is too late to undo this here. Do it on its page.") from error
    if whose != person.id or name not in _BACK:
        raise rules.PeopleError("This is somebody else's to undo.")
    _BACK[name](by=person, now=now(), **about)
    messages.success(request, _("Undone."))
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The page that this one was asked from, if it is ours."""
    back = request.headers.get("Referer", "/")
    return back if back.startswith(request.build_absolute_uri("/")) else "/"


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    response = redirect_to_login(request.get_full_path())
    if request.headers.get("HX-Request"):
        # htmx would put the sign-in page into the middle of the page it is on.
        return HttpResponse(status=401, headers={"HX-Redirect": response["Location"]})
    return response


def _refused(request: HttpRequest, says: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, "_refused.html", {"says": says}, status=422)
    if request.method == "GET":
        return render(request, "refused.html", {"says": says}, status=422)
    messages.error(request, says)
    return redirect(_back(request))


@page(act="people.manage")
def everybody(request: HttpRequest, person: rules.Person) -> HttpResponse:
    """Who works here, with which roles; invitations that are open."""
    shown = {
        "people": queries.everybody(),
        "invitations": queries.invitations(),
        "teams": queries.teams(),
        "roles": rules.ROLES.values(),
        "form": forms.Invite(),
        "now": now(),
    }
    return render(request, "people/page.html", shown)


@page(act="people.manage", methods=("POST",))
def invite(request: HttpRequest, person: rules.Person) -> HttpResponse:
    """Invite somebody; shows the link once, to be sent by hand while no mail is set up."""
    form = forms.Invite(request.POST)
    if not form.is_valid():
        raise rules.PeopleError(form.says())
    given = form.cleaned_data
    token = actions.invite(by=person, email=given["email"], role=given["role"], team=given["team"], now=now())
    link = request.build_absolute_uri(reverse("people:join", args=[token]))
    return render(request, "people/invited.html", {"email": given["email"], "link": link})


@page(act="people.manage", methods=("POST",))
def withdraw(request: HttpRequest, person: rules.Person, invitation: int) -> HttpResponse:
    """Withdraw an invitation."""
    actions.withdraw(by=person, invitation=invitation, now=now())
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("people:everybody")


@page(act="people.manage", methods=("POST",))
def role(request: HttpRequest, person: rules.Person, user: int) -> HttpResponse:
    """Give a role, or take it away: `do` is `give` or `take`."""
    form = forms.Role(request.POST)
    if not form.is_valid():
        raise rules.PeopleError(form.says())
    given = form.cleaned_data
    act = actions.give_role if given["do"] == "give" else actions.take_role
    act(by=person, user=user, role=given["role"], team=given["team"], now=now())
    return redirect("people:everybody")


@page(act="people.manage", methods=("POST",))
def account(request: HttpRequest, person: rules.Person, user: int) -> HttpResponse:
    """Close an account, or open it again: `do` is `close` or `open`."""
    act = actions.open_account if request.POST.get("do") == "open" else actions.close_account
    act(by=person, user=user, now=now())
    return redirect("people:everybody")


@page(act="people.manage", methods=("POST",))
def let_back_in(request: HttpRequest, person: rules.Person, user: int) -> HttpResponse:
    """A link for somebody who lost their password or second factor; shown once."""
    token = actions.let_back_in(by=person, user=user, now=now())
    link = request.build_absolute_uri(reverse("people:come_back", args=[token]))
    return render(request, "people/way_back.html", {"link": link})


@page(act="people.manage", methods=("POST",))
def team(request: HttpRequest, person: rules.Person) -> HttpResponse:
    """Add a team."""
    actions.add_team(by=person, name=request.POST.get("name", ""))
    return redirect("people:everybody")


@page(act="keys.manage", methods=("GET", "POST"))
def keys(request: HttpRequest, person: rules.Person) -> HttpResponse:
    """One's own keys of the API; a new one is shown once."""
    form, made = forms.Key(request.POST or None), None
    if request.method == "POST":
        if not form.is_valid():
            raise rules.PeopleError(form.says())
        given = form.cleaned_data
        made = actions.make_key(
            by=person, name=given["name"], scopes=given["scopes"], expires_at=form.expires_at(now()), now=now()
        )
        form = forms.Key()
    return render(
        request, "people/keys.html", {"keys": queries.keys(user=person.id), "form": form, "made": made, "now": now()}
    )


@page(act="keys.manage", methods=("POST",))
def revoke_key(request: HttpRequest, person: rules.Person, key: int) -> HttpResponse:
    """Stop a key."""
    actions.revoke_key(by=person, key=key, now=now())
    messages.success(request, _("The key is stopped."))
    return redirect("people:keys")


@page(act="audit.read")
def readings(request: HttpRequest, person: rules.Person) -> HttpResponse:
    """Who read which personal data."""
    form = forms.Readings(request.GET)
    which = form.data.get("which", "").strip()
    found = Paginator(queries.readings(which=which), _PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "people/readings.html",
        {"found": found, "which": which, "more": urlencode({"which": which})},
    )


@page(act=None, methods=("GET", "POST"))
def me(request: HttpRequest, person: rules.Person) -> HttpResponse:
    """One's own account: roles, language, second factor, log-ins."""
    if request.method == "POST":
        form = forms.Language(request.POST)
        if not form.is_valid():
            raise rules.PeopleError(form.says())
        actions.choose_language(user=person.id, language=form.cleaned_data["language"])
        response = redirect("people:me")
        response.set_cookie("django_language", form.cleaned_data["language"], samesite="Lax", max_age=365 * 24 * 3600)
        return response
    held = [(rules.ROLES[one.role], one.team) for one in person.held]
    form = forms.Language(initial={"language": request.LANGUAGE_CODE[:2]})
    return render(request, "people/me.html", {"held": held, "form": form})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Take an invitation, by the link alone."""
    form = forms.Join(request.POST or None)
    try:
        found = queries.invitation(token=token, now=now())
    except rules.PeopleError as error:
        return render(request, "people/join.html", {"says": str(error)}, status=410)
    if request.method == "POST" and form.is_valid():
        given, language = form.cleaned_data, request.LANGUAGE_CODE[:2]
        try:
            user = actions.join(
                token=token, name=given["name"], password=given["password"], language=language, now=now()
            )
        except rules.PeopleError as error:
            form.add_error(None, str(error))
        else:
            login(request, user, backend=_BACKEND)
            return redirect("/")
    shown = {"form": form, "email": found.email, "role": rules.ROLES[found.role], "team": found.team}
    return render(request, "people/join.html", shown, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: HttpRequest, token: str) -> HttpResponse:
    """Set a new password, by the link of an administrator alone."""
    form = forms.Password(request.POST or None)
    try:
        found = queries.way_back(token=token, now=now())
    except rules.PeopleError as error:
        return render(request, "people/come_back.html", {"says": str(error)}, status=410)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.come_back(token=token, password=form.cleaned_data["password"], now=now())
        except rules.PeopleError as error:
            form.add_error(None, str(error))
        else:
            login(request, user, backend=_BACKEND)
            return redirect("/")
    return render(
        request, "people/come_back.html", {"form": form, "email": found.user.email}, status=422 if form.errors else 200
    )
