"""A walk over the desk's pages: what of them somebody is led to from the menu, and how each looks and can be used."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aboveboard.web.settings")

import django

django.setup()

from django.urls import Resolver404, resolve  # noqa: E402
from tests.desk.test_routes import address as example  # noqa: E402
from tests.desk.test_routes import routes  # noqa: E402

DEPTH = 3
"""How many steps from the menu: a page, what it leads to, and what it shows inside."""
MOST = 400
"""Tabs on one page; beyond that its lists go on as they began."""


@dataclass(frozen=True)
class Place:
    """A page or a piece of one: the name of its route, an address of it, whether it is whole, and what kinds of things it has."""

    route: str
    address: str
    whole: bool
    kinds: frozenset[tuple[str, str]]
    status: int = 200


@dataclass
class _Read(HTMLParser):
    """The addresses that a page leads to, and the kinds of elements it is made of."""

    here: str
    to: list[str] = field(default_factory=list)
    kinds: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self.kinds.add((tag, held.get("class", "") + held.get("name", "") + held.get("type", "")))
        self.to += [
            urljoin(self.here, held[name])
            for name in ("href", "hx-get")
            if held.get(name) and tag not in ("link", "use")
        ]


def route_of(address: str) -> str | None:
    """The name of the route, without what stands in its places; None where there is none."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return None


def pages(*, without_places: bool = False) -> set[str]:
    """The names of all routes that answer GET with a page or a piece of one; `without_places`: those of one address alone."""
    return {
        resolve(example(route)).view_name
        for route, pattern in routes()
        if not route.startswith(("api/", "health", "metrics", "language/"))
        and "GET" in getattr(pattern.callback, "methods", ("GET",))
        and not (without_places and "<" in route)
    }


def read(asks: Any, address: str) -> tuple[Place, list[str]]:
    """What is at an address, and the addresses that it leads to. `asks` is the request of somebody's browser."""
    answer = asks.get(address)
    if answer.status >= 400:
        return Place(route_of(address) or "", address, False, frozenset(), answer.status), []
    route, kept = route_of(answer.url) or "", "attachment" in answer.headers.get("content-disposition", "")
    if kept or "text/html" not in answer.headers.get("content-type", ""):
        return Place(route, answer.url, False, frozenset()), []
    text, found = answer.text(), _Read(answer.url)
    found.feed(text)
    return Place(route, answer.url, text.lstrip().startswith("<!doctype"), frozenset(found.kinds)), found.to


def places(asks: Any, home: str) -> Iterator[Place]:
    """Whatever somebody is led to from the first page, one place of each route, the nearest."""
    seen: set[str | None] = {None}
    waiting = deque([(f"{home}/", 0)])
    while waiting:
        address, depth = waiting.popleft()
        route = route_of(address)
        if route in seen or not address.startswith(home):
            continue
        place, to = read(asks, address)
        if place.route not in seen:
            yield place
        seen |= {route, place.route}
        if depth < DEPTH:
            waiting.extend((one.split("#")[0], depth + 1) for one in to)


_WATCH = """() => {
  window.visited = [];
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')];
  const chosen = new Map();
  const wanted = all.filter((one) => {
    if (one.disabled || one.tabIndex < 0 || one.type === 'hidden') return false;
    if (!one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})) return false;
    if (one.type !== 'radio') return true;
    const group = (one.form ? [...document.forms].indexOf(one.form) : '') + one.name;
    if (chosen.has(group) && !one.checked) return false;
    chosen.set(group, one);
    return true;
  });
  // Of the buttons of one choice, Tab comes to that which is chosen, or to the first.
  window.wanted = wanted.filter((one) => one.type !== 'radio' || [...chosen.values()].includes(one));
  window.said = (one) => one.outerHTML.slice(0, 120);
  document.addEventListener('focusin', (event) => {
    const style = getComputedStyle(event.target);
    const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1 || style.boxShadow !== 'none';
    window.visited.push([event.target, seen]);
  });
  return window.wanted.length;
}"""
_COMPARE = """() => {
  const visited = new Set(window.visited.map(([one]) => one));
  return {
    missed: window.wanted.filter((one) => one.isConnected && !visited.has(one)).map(window.said),
    unseen: window.visited.filter(([one, seen]) => !seen && one !== document.body).map(([one]) => window.said(one)),
  };
}"""
_CALM = """() => !document.querySelector('.htmx-request')
  && ![...document.querySelectorAll('[hx-trigger="load"]')].some((one) => !one.dataset.met && (one.dataset.met = '1'))"""


def settled(page: Any) -> None:
    """Wait until the page has put in whatever it shows of other pages."""
    page.wait_for_function(_CALM, timeout=20_000)


def by_keyboard(page: Any) -> Mapping[str, list[str]]:
    """What Tab does not come to (`missed`), and what does not show that it has the focus (`unseen`)."""
    count = min(page.evaluate(_WATCH), MOST)
    # A part that scrolls takes the focus too, so that keys can scroll it.
    for _ in range(count + 20):
        page.keyboard.press("Tab")
    found: dict[str, list[str]] = page.evaluate(_COMPARE)
    if count == MOST:
        found["missed"] = []
    return found


def name_of(place: Place) -> str:
    """A name for a picture of it."""
    return re.sub(r"\W+", "-", place.route)
