"""Every page of the desk, as each of the demo's people is led to it: for eyes, for a keyboard, on a phone, by day and by night."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.journeys import walk
from tests.journeys.conftest import Desk, Tab, served

from aboveboard.cli.demo import PEOPLE

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
CUSTOMERS = 250
_COLOURS_CHANGE_MS = 200
PARTS = {
    "home": "leads on to the first page of the menu",
    "policies:may": "asked by a form while an amount is typed",
    "escalations:may": "asked by a form while a decision is sought",
    "policies:told": "shown to whoever was told something",
    "playbook:compare": "two versions that are chosen in a form",
    "playbook:conflicts": "shown inside the preview of a draft that changes something",
}
"""Routes without a page of their own that something leads to."""
OF_ALLAUTH = ("account_", "mfa_")
"""Doors, and pages that are open once one has a second factor: `test_administrator` goes there."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, list[str]]]:
    """The demo company's desk after a day's work, and the addresses that open without a log-in."""
    folder = tmp_path_factory.mktemp("demo")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ABOVEBOARD_")}
    build = ["demo", "--check", "--customers", str(CUSTOMERS), "--out", str(folder)]
    subprocess.run([sys.executable, "-m", "aboveboard.cli", *build], env=plain, cwd=folder, check=True)
    where = {"ABOVEBOARD_DATABASE": str(folder / "desk.db"), "ABOVEBOARD_FOLDER": str(folder / "desk.files")}
    with served(folder, where) as desk:
        asked = {**desk.environment, "PYTHONPATH": str(ROOT)}
        work = [sys.executable, "-m", "tests.journeys.busy"]
        done = subprocess.run(work, env=asked, cwd=folder, text=True, stdout=subprocess.PIPE, check=True)
        yield desk, done.stdout.split()


@pytest.fixture
def look(demo: tuple[Desk, list[str]], chromium: Any, request: pytest.FixtureRequest) -> Iterator[Look]:
    """Looks at pages of the demo's desk."""
    made = Look(demo[0], chromium, request.config.getoption("--pictures", default=None))
    yield made
    for context in made.contexts:
        context.close()


class Look:
    """Looks at pages wide and by day, narrow and by night; where a folder is given, takes pictures of them."""

    def __init__(self, desk: Desk, chromium: Any, pictures: str | None) -> None:
        self.desk, self.chromium, self.contexts = desk, chromium, list[Any]()
        self.pictures = Path(pictures) if pictures else None
        self.faults: dict[str, list[str]] = defaultdict(list)
        self.kinds: dict[str, set[tuple[str, str]]] = defaultdict(set)

    def tabs(self, email: str | None = None) -> tuple[Tab, Tab]:
        """Two browsers, a wide and a narrow one, signed in where an address is given."""
        wide = self._tab(1440, "light", None)
        if email:
            wide.sign_in(email)
        return wide, self._tab(390, "dark", wide.page.context.storage_state())

    def _tab(self, width: int, scheme: str, state: Any) -> Tab:
        context = self.chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, storage_state=state
        )
        context.set_default_timeout(30_000)
        self.contexts.append(context)
        return Tab(context, self.desk)

    def at(self, place: walk.Place, wide: Tab, narrow: Tab, who: str) -> None:
        """Look at a page, unless nothing is on it that was not on one of its route before."""
        if place.status >= 400:
            self._wrong(place, f"for {who}", [f"leads to a refusal: {place.status}"])
        known = self.kinds[place.route]
        if not place.whole or place.kinds <= known:
            return
        first = not known
        known |= place.kinds
        for tab in (wide, narrow):
            size = "wide" if tab is wide else "narrow"
            tab.open(place.address)
            walk.settled(tab.page)
            self._wrong(place, f"{size} for {who}", tab.serious())
            self._wrong(place, f"{size} for {who}", [] if tab.fits() else ["is wider than the screen"])
            if first and tab is wide:
                for how, ones in walk.by_keyboard(tab.page).items():
                    self._wrong(place, f"by keyboard, {how}", ones)
            self._wrong(place, f"{size} for {who}, console", tab.complaints)
            tab.complaints.clear()
            if self.pictures:
                self._picture(place, tab, size, who)

    def _wrong(self, place: walk.Place, how: str, found: list[str]) -> None:
        if found:
            self.faults[f"{place.route} {place.address}"] += [f"{how}: {one}" for one in found]

    def _picture(self, place: walk.Place, tab: Tab, size: str, who: str) -> None:
        assert self.pictures
        self.pictures.mkdir(parents=True, exist_ok=True)
        for scheme in ("light", "dark"):
            tab.page.emulate_media(color_scheme=scheme)
            tab.page.wait_for_timeout(_COLOURS_CHANGE_MS)
            name = f"{walk.name_of(place)}-{who}-{size}-{scheme}.png"
            tab.page.screenshot(path=str(self.pictures / name), full_page=True)
        tab.page.emulate_media(color_scheme="light" if size == "wide" else "dark")


def test_every_page_can_be_seen_and_used(demo: tuple[Desk, list[str]], look: Look) -> None:
    desk, doors = demo
    reached: set[str] = set()
    for name, role, _team in PEOPLE:
        wide, narrow = look.tabs(f"{name.lower()}@example.org")
        for place in walk.places(wide.page.request, desk.address):
            reached.add(place.route)
            look.at(place, wide, narrow, role)
    wide, narrow = look.tabs()
    for address in ("/account/login/", *doors):
        place, _ = walk.read(wide.page.request, desk.address + address)
        reached.add(place.route)
        look.at(place, wide, narrow, "stranger")
    print("not reached:", ", ".join(sorted(walk.pages() - reached)))
    assert dict(look.faults) == {}
    left = walk.pages(without_places=True) - reached - PARTS.keys()
    assert sorted(route for route in left if not route.startswith(OF_ALLAUTH)) == []
