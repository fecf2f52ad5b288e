"""A visit on a phone: the steps, an offer that is declined, and the button that is gone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from tests.journeys.conftest import Desk, Tab

pytestmark = pytest.mark.slow

PLAYBOOK = """
organisation: Wayside
timezone: Europe/London
procedures:
  breakdown-visit:
    starts: type = 'visit.started'
    steps:
      greet: {kind: must, why: The member knows who has come and that help is here.}
      offer-water: {kind: offer, why: Who has waited at the roadside may be thirsty.}
"""
PUBLISH = """
import sys, django
django.setup()
from datetime import UTC, datetime
from aboveboard.desk.playbook import actions
now = datetime.now(UTC)
actions.publish(by=None, text=sys.stdin.read(), why="as agreed", effective_from=now, now=now)
"""


def publish(desk: Desk, text: str) -> None:
    """Bring a playbook in, as whoever set the desk up would."""
    environment = {**desk.environment, "DJANGO_SETTINGS_MODULE": "aboveboard.web.settings"}
    subprocess.run([sys.executable, "-c", PUBLISH], input=text, text=True, env=environment, cwd=desk.folder, check=True)


def test_an_offer_is_declined_and_cannot_be_pressed(desk: Desk, tab: Callable[..., Tab]) -> None:
    publish(desk, PLAYBOOK)
    fred = tab(width=390)
    fred.join(desk.run("desk", "invite", "fred@example.org", "--role", "frontline"), "Fred")
    page = fred.open("/visits/")
    page.get_by_label("Customer").fill("member-9")
    page.get_by_role("button", name="Begin").click()
    assert page.get_by_text("Who has waited at the roadside may be thirsty.").is_visible()
    assert fred.serious() == [] and fred.fits()

    water = page.locator("li.step").filter(has_text="Offer water")
    water.get_by_role("button", name="Offered").click()
    page.locator("li.step[data-state=offered]").wait_for()
    water.get_by_role("button", name="Customer said no").click()
    page.locator("li.step[data-state=declined]").get_by_text("the customer said no").wait_for()
    assert water.get_by_role("button").all_inner_texts() == ["Done, because they asked"]

    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    forced = page.request.post(
        f"{page.url}answer",
        form={"step": "offer-water", "act": "offer", "csrfmiddlewaretoken": token},
        headers={"HX-Request": "true", "Referer": page.url},
    )
    assert (forced.status, "has said no" in forced.text()) == (422, True), "not by a forged press either"

    page.get_by_role("button", name="End the visit").click()
    page.wait_for_url("**/visits/")
    assert fred.complaints == []
    events = [json.loads(line) for line in desk.run("journal", "show", "--customer", "member-9").splitlines()]
    assert [one["type"] for one in events] == ["visit.started", "step.offered", "step.declined", "visit.ended"]
