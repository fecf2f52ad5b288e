"""A rule is bent, is in the way, and is changed: somebody on the frontline and whoever owns the rule, each at their browser."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.journeys.conftest import Desk, Tab
from tests.journeys.test_frontline import publish

pytestmark = pytest.mark.slow

PLAYBOOK = """
organisation: A shop
timezone: Europe/London
currency: EUR
policies:
  refund:
    says: Refunds within 30 days.
    owner: finance
    authority: {rep: 20, lead: 100}  # in euro
"""


def ask(tab: Tab, subject: str, amount: str, *, says: str) -> str:
    """Ask to bend the rule, of which the page says this at once; what it answers."""
    page = tab.open("/policies/for-matter")
    page.get_by_label("What it is about").fill(subject)
    page.get_by_label("Policy").select_option("refund")
    page.get_by_label("What it costs").fill(amount)
    page.get_by_label("Why", exact=True).fill("The parcel came too late.")
    page.locator("[aria-live] .notice").get_by_text(says).wait_for()
    assert tab.serious() == [] and tab.fits()
    page.get_by_role("button", name="Bend the rule").click()
    page.wait_for_url("**/policies/exceptions/*")
    return str(page.locator(".answer").inner_text())


def test_a_rule_in_the_way_is_changed_and_whoever_said_so_is_told(desk: Desk, tab: Callable[..., Tab]) -> None:
    publish(desk, PLAYBOOK)
    olga, fred = tab(), tab(width=390, scheme="dark")
    olga.join(desk.run("desk", "invite", "olga@example.org", "--role", "policy-owner"), "Olga")
    fred.join(desk.run("desk", "invite", "fred@example.org", "--role", "frontline"), "Fred")

    page = olga.open("/policies/")
    assert page.get_by_text("Nobody has the level rep").is_visible()
    page.get_by_label("Level", exact=True).select_option("rep")
    page.get_by_label("belongs to the role").select_option("frontline")
    page.get_by_role("button", name="Give", exact=True).click()
    page.get_by_text("Nobody has the level").wait_for(state="detached")
    assert olga.serious() == []

    assert ask(fred, "order:1", "12.50", says="grant this at once: up to EUR 20") == "Yes."
    assert "It waits for Olga" in ask(fred, "order:2", "80", says="This needs the level lead. It goes to Olga.")

    phone = fred.open("/policies/for-matter")
    phone.get_by_text("A rule is in the way").click()
    phone.get_by_role("button", name="Refunds within 30 days.").click()
    phone.wait_for_url("**/policies/suggestions/mine")
    assert phone.get_by_text("1 waits for an answer").is_visible() and fred.serious() == []

    page = olga.open("/policies/waiting")
    assert olga.serious() == []
    page.get_by_role("link", name="order:2").click()
    page.get_by_role("button", name="Decide").click()
    page.wait_for_url("**/policies/waiting")

    page = olga.open("/policies/suggestions")
    assert olga.serious() == []
    page.get_by_role("link", name="Propose a change").click()
    page.get_by_label("What should change, and why?").fill("Let the frontline give back up to a hundred.")
    page.get_by_role("button", name="Propose").click()
    page.get_by_label("Who may bend it how far").fill("rep: 100, lead: 100")
    page.get_by_label("Why", exact=True).first.fill("We always say yes.")
    page.get_by_role("button", name="Show what would change").click()
    page.locator("tr.plus").get_by_text("authority: {rep: 100, lead: 100}  # in euro").wait_for()
    assert olga.serious() == [] and olga.fits()
    page.get_by_role("button", name="Accept: make this the rule").click()
    page.get_by_text("Everybody who works by it").wait_for()

    phone = fred.open("/policies/")
    for told in ("on order:2 is granted", "You are answered about policy:refund", "The rule policy:refund is changed"):
        assert phone.get_by_text(told).is_visible()
    assert fred.serious() == [] and fred.fits()
    phone.get_by_role("button", name="Seen").first.click()
    phone.locator(".told-you li").nth(2).wait_for(state="detached")
    assert ask(fred, "order:3", "80", says="grant this at once: up to EUR 100") == "Yes.", "the new rule holds"

    assert olga.complaints == fred.complaints == []
    events = [json.loads(line) for line in desk.run("journal", "show", "--subject", "order:2").splitlines()]
    assert [(one["type"], one.get("outcome")) for one in events] == [
        ("exception.requested", None),
        ("exception.granted", "granted"),
    ]
