"""Every route and every role: nobody reads or changes what is not theirs, and a stranger meets the doors alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.desk.conftest import Joining

from aboveboard.desk.people import rules

# What a stranger may open: doors, and what a monitor asks for.
OPEN = {
    "account/login/", "account/logout/", "account/inactive/", "account/2fa/authenticate/", "language/setlang/", "health", "metrics",
    "join/<str:token>", "back/<str:token>", "c/<str:token>/", "c/<str:token>/appeal", "c/<str:token>/write", "api/openapi.json",
}  # fmt: skip
# Of allauth, for whoever is signed in: one's own password, second factor and log-ins.
OWN = "account/"
EXAMPLES = {"int": "1", "str": "x", "slug": "x", "uuid": "6b1b6b0a-8a36-4a2e-b2a8-1f6f5f2a9f10", "path": "x"}


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the site, with its pattern."""
    for one in (resolver or get_resolver()).url_patterns:
        here = before + str(one.pattern).lstrip("^")
        if isinstance(one, URLResolver):
            yield from routes(one, here)
        else:
            yield here, one


def address(route: str) -> str:
    """The route with something in each of its places."""
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: EXAMPLES[found.group(1) or "str"], route)


PAGES = [
    (route, pattern.callback) for route, pattern in routes() if hasattr(pattern.callback, "acts") and not route.startswith("api/")
]  # fmt: skip


def test_every_route_is_open_on_purpose_or_asks_for_an_act() -> None:
    known = {route for route, _ in PAGES}
    others = [route for route, _ in routes() if route not in known and route not in OPEN]
    assert [route for route in others if not route.startswith((OWN, "api/"))] == []
    assert [route for route, view in PAGES if view.acts is not None and not set(view.acts) <= set(rules.ACTS)] == []


def test_a_stranger_is_sent_to_the_door(database: str) -> None:
    stranger = Client(headers={"host": "localhost"})
    for route, _ in routes():
        if route in OPEN:
            continue
        for ask in (stranger.get, stranger.post, stranger.put, stranger.delete):
            answer = ask(address(route))
            assert answer.status_code in (302, 401, 404, 405), (route, ask, answer.status_code)
            if answer.status_code == 302:
                assert answer["Location"].startswith("/account/"), (route, answer["Location"])


def test_forged_requests_are_refused(
    database: str, joined: Joining, signed_in: Callable[[rules.Person], Client]
) -> None:
    browser = signed_in(joined("ada", "admin"))
    browser.handler.enforce_csrf_checks = True
    for route, view in PAGES:
        if "POST" in view.methods:
            assert browser.post(address(route)).status_code == 403, route


@pytest.mark.parametrize("role", rules.ROLES)
def test_a_role_opens_what_it_allows_and_nothing_else(
    joined: Joining, signed_in: Callable[[rules.Person], Client], role: str
) -> None:
    browser = signed_in(joined("bo", role))
    for route, view in PAGES:
        allowed = view.acts is None or bool(rules.ROLES[role].acts & set(view.acts))
        for method in view.methods:
            answer = browser.generic(method, address(route))
            assert (answer.status_code != 403) == allowed, (role, route, method, answer.status_code)
            assert answer.status_code < 500, (role, route, method)
