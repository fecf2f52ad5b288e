"""A complaint from its receipt to its end, and a lead who wants to coach, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.journeys.conftest import Desk, Tab

pytestmark = pytest.mark.slow
Opening = Callable[..., Tab]
PLAYBOOK = """\
organisation: Beacon Phones
promises:
  answer-in-a-day:
    says: You have our answer within a day.
    starts: type = 'complaint.received'
    kept_by: type = 'message.sent'
    within: 24 hours
policies:
  goodwill: {says: Money for trouble., authority: {frontline: 20, lead: 100}}
"""


@pytest.fixture(scope="module", autouse=True)
def people(desk: Desk) -> dict[str, str]:
    """Links with which Bo and Cleo join; a playbook."""
    (desk.folder / "playbook.yaml").write_text(PLAYBOOK)
    desk.run("desk", "playbook", "playbook.yaml", "--why", "The first.")
    return {
        name: desk.run("desk", "invite", f"{name.lower()}@example.org", "--role", role)
        for name, role in (("Bo", "frontline"), ("Cleo", "cx-lead"))
    }


def test_from_a_complaint_to_its_cause_and_not_to_a_person(tab: Opening, people: dict[str, str]) -> None:
    bo, cleo = tab(), tab(width=390, scheme="dark")
    bo.join(people["Bo"], "Bo")
    page = bo.open("/cases/")
    page.keyboard.press("n")
    page.get_by_label("What is it about?").fill("The phones are not at the store")
    page.get_by_label("In the customer's words").fill("You said three hours, guaranteed.")
    page.get_by_role("button", name="Open the case").click()
    assert "is due" in page.locator(".answer").inner_text()
    number = page.url.rstrip("/").rsplit("/", 1)[1]
    page.get_by_role("button", name="Tell the customer that it was received").click()
    page.locator("summary", has_text="Begin work").click()
    page.get_by_role("button", name="Begin work").click()
    page.get_by_label("Decision", exact=True).fill("You are right.")
    page.get_by_label("Its reason").fill("Three hours cannot be kept after half past four.")
    page.get_by_label("Where the customer can turn").fill("The ombudsman.")
    page.get_by_role("button", name="Decide").click()
    page.get_by_role("button", name="The customer is told").click()
    assert "Write to the customer first" in page.get_by_role("alert").inner_text()
    assert page.locator("#words").input_value().startswith("You are right.")
    page.locator("#composer .record").first.click()
    # The clock and the timeline follow what the composer recorded.
    page.locator(".two-sides .customer", has_text="You are right.").wait_for()
    assert "kept" in page.locator("section", has=page.locator("#clocks")).inner_text()
    assert bo.serious() == []
    page.get_by_role("button", name="The customer is told").click()

    cleo.join(people["Cleo"], "Cleo")
    seen = cleo.open(f"/cases/{number}/")
    seen.locator("#present", has_text="Bo is looking").wait_for()
    assert (cleo.serious(), cleo.fits()) == ([], True)
    seen.get_by_label("something a person did").check()
    seen.get_by_role("button", name="Close", exact=True).click()
    assert "A person is the last thing" in seen.get_by_role("alert").inner_text()

    seen.get_by_role("link", name="Was it a person?").click()
    assert "7 answers are missing" in seen.locator(".answer").inner_text()
    seen.get_by_label("Who").select_option(label="Bo")
    seen.get_by_role("button", name="Choose").click()
    assert (cleo.serious(), cleo.fits()) == ([], True)
    assert "Shut:" in seen.inner_text("main")

    seen = cleo.open(f"/cases/{number}/")
    seen.get_by_label("a promise that could not be kept").check()
    seen.get_by_role("button", name="Close", exact=True).click()
    assert "Cause: a promise that could not be kept" in seen.locator(".answer").inner_text()

    # Bo's page says that it is old, and nothing that he does is lost or done twice.
    page.bring_to_front()
    page.locator("#present", has_text="Somebody changed").wait_for(timeout=25_000)
    assert bo.complaints == [] or all("422" in one for one in bo.complaints)


def test_the_inbox_by_keyboard(tab: Opening, people: dict[str, str]) -> None:
    bo = tab()
    bo.sign_in("bo@example.org")
    for title in ("Charged twice", "Wrong colour"):
        page = bo.open("/cases/new")
        page.get_by_label("What is it about?").fill(title)
        page.get_by_role("button", name="Open the case").click()
    page = bo.open("/cases/?order=newest")
    assert bo.serious() == []
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("m")
    page.get_by_text("Done for 1 case.").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("1 case.", exact=True).wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert "Bo has it" in page.locator(".answer").inner_text()
