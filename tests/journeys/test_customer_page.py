"""What a customer sees by their link alone, at each step of their case: the truth, and the same word as inside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from tests.journeys.conftest import Desk, Tab

pytestmark = pytest.mark.slow
Opening = Callable[..., Tab]
BEGINS = datetime.fromisoformat("2026-03-02T15:00:00+00:00")
PLAYBOOK = """\
organisation: Beacon Phones
timezone: America/New_York
promises:
  answer-in-three-hours:
    says: You have our answer within three hours.
    starts: type = 'complaint.received'
    kept_by: type = 'message.sent'
    within: 3 hours
"""
WORDS = "You said three hours, guaranteed."
_REFUSED = "Failed to load resource: the server responded with a status of 404 (Not Found)"


class Case:
    """A case at the desk, as whoever works on it has it open."""

    def __init__(self, tab: Tab, path: str) -> None:
        self.tab, self.path, self.page = tab, path, tab.page

    def step(self, summary: str, button: str | None = None) -> None:
        """Take a step of the life cycle."""
        self.tab.open(self.path)
        heading = self.page.locator("summary").get_by_text(summary, exact=True)
        if not heading.locator("xpath=ancestor::details[@open]").count():
            heading.click()
        self.page.get_by_role("button", name=button or summary, exact=True).click()
        self.page.wait_for_load_state()

    def decide(self, decision: str, reason: str) -> None:
        """Decide, tell the customer, and say that they were told."""
        self.tab.open(self.path)
        self.page.get_by_label("Decision", exact=True).fill(decision)
        self.page.get_by_label("Its reason").fill(reason)
        self.page.get_by_label("Where the customer can turn").fill("The ombudsman for telephones.")
        self.page.get_by_role("button", name="Decide").click()

    def tell(self) -> None:
        """Write the decision to the customer."""
        self.tab.open(self.path)
        self.page.locator("#words").wait_for()
        self.page.locator("#composer .record").first.click()
        self.page.locator(".two-sides .customer", has_text="We wrote").first.wait_for()
        self.step("The customer is told")

    def link(self) -> str:
        """Make a link to the customer's page."""
        page = self.tab.open(self.path)
        page.get_by_role("link", name="What does the customer see?").click()
        page.get_by_role("button", name="Make a link").click()
        return str(page.locator("#link").inner_text())


def test_each_step_is_told_as_it_is(desk: Desk, tab: Opening) -> None:
    (desk.folder / "playbook.yaml").write_text(PLAYBOOK)
    desk.run("desk", "playbook", "playbook.yaml", "--why", "The first.")
    bo, dana, screen = tab(), tab(width=390, scheme="dark"), tab()
    bo.join(desk.run("desk", "invite", "bo@example.org", "--role", "frontline"), "Bo")
    page = bo.open("/cases/new")
    page.get_by_label("What is it about?").fill("The phones are not at the store")
    page.get_by_label("In the customer's words").fill(WORDS)
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_url("**/cases/*/")
    case = Case(bo, page.url.removeprefix(desk.address))
    link = case.link()
    assert bo.serious() == [] and bo.fits()

    def seen(state: str, *told: str) -> None:
        """The customer's page has this state and these words; so has the desk's."""
        for customer in (dana, screen):
            shown = customer.open(link)
            assert shown.locator(".answer").inner_text().endswith(f"is: {state}.")
            said = shown.locator("main").inner_text()
            assert [one for one in told if one not in said] == []
            assert "Bo" not in said.split() and "a note for inside" not in said
            assert (customer.serious(), customer.fits()) == ([], True)
        assert f"This case is {state}." in bo.open(case.path).locator(".answer").inner_text()

    seen("received", WORDS, "still to come", "13:0")
    assert dana.page.locator("nav").count() == 0, "there is no menu for whoever has no log-in"

    case.step("Tell the customer that it was received")
    bo.open(case.path).get_by_label("Internal note").check()
    bo.page.locator("#words").fill("It was the e-mail at four; a note for inside.")
    bo.page.locator("#composer .record").first.click()
    bo.page.locator(".two-sides .inside", has_text="the e-mail at four").wait_for()
    seen("acknowledged", "We confirmed that we have it", "still to come")

    desk.set_clock(BEGINS + timedelta(hours=3, minutes=40))
    seen("acknowledged", "not kept in time")
    case.step("Begin work")
    seen("in work", "not kept in time", "We began to work on it")

    case.decide("You get ten dollars back.", "Three hours could not be kept after four.")
    seen("decided", "You get ten dollars back.", "Three hours could not be kept", "The ombudsman", "not kept in time")
    case.tell()
    seen("answered", "We wrote", "kept, but late", "You do not agree?")

    dana.open(link).get_by_label("What is wrong about it?").fill("Ten dollars are no phone.")
    dana.page.get_by_role("button", name="Have it looked at again").click()
    dana.page.get_by_text("We have your objection.").wait_for()
    seen("appealed", "Ten dollars are no phone.")
    shown = dana.page.locator("main")
    assert "What was decided" not in shown.inner_text(), "what is looked at again is not decided"
    assert "Ten dollars are no phone." in bo.open(case.path).locator(".two-sides").inner_text()

    # Whoever decided before may not decide on the objection.
    lea = tab()
    lea.join(desk.run("desk", "invite", "lea@example.org", "--role", "lead"), "Lea")
    again = Case(lea, case.path)
    again.step("Begin work")
    again.decide("Both phones are brought to you tonight.", "It was our promise, and our e-mail.")
    again.tell()
    again.page.get_by_label("a promise that could not be kept").check()
    again.page.get_by_role("button", name="Close", exact=True).click()
    seen("closed", "Both phones are brought to you tonight.", "It was our promise", "We closed your case")
    dana.open(link).get_by_label("Your message").fill("Thank you.")
    dana.page.get_by_role("button", name="Send").click()
    dana.page.get_by_text("We have your message.").wait_for()
    assert lea.complaints == bo.complaints == dana.complaints == screen.complaints == []


def test_no_other_link_opens_it(desk: Desk, tab: Opening) -> None:
    bo = tab()
    bo.join(desk.run("desk", "invite", "bea@example.org", "--role", "frontline"), "Bea")
    page = bo.open("/cases/new")
    page.get_by_label("What is it about?").fill("A second case")
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_url("**/cases/*/")
    case = Case(bo, page.url.removeprefix(desk.address))
    first, second = case.link(), case.link()
    stranger = tab(width=390)
    assert stranger.open(second).get_by_role("heading", name="A second case").is_visible()

    def refused(link: str) -> None:
        shown = stranger.open(link)
        assert shown.get_by_role("heading", name="This link does not work").is_visible()
        assert "A second case" not in shown.content()
        assert (stranger.serious(), stranger.fits()) == ([], True)

    for place in (5, len(first) - len(desk.address) - 10):
        token = first.rstrip("/").rsplit("/", 1)[1]
        other = "A" if token[place % len(token)] != "A" else "B"
        refused(f"{desk.address}/c/{token[: place % len(token)]}{other}{token[place % len(token) + 1 :]}/")
    page = bo.open(f"{case.path}customer/")
    page.get_by_role("button", name="revoke").first.click()
    refused(second)
    assert stranger.open(first).get_by_role("heading", name="A second case").is_visible()
    desk.set_clock(BEGINS + timedelta(days=61))
    refused(first)
    assert set(stranger.complaints) == {_REFUSED} and bo.complaints == []
