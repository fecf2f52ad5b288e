"""A decision sought higher up, on the phone of whoever asks and the desk of whoever decides, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.journeys.conftest import Desk, Tab

pytestmark = pytest.mark.slow
PLAYBOOK = """\
organisation: Beacon Phones
currency: EUR
policies:
  goodwill: {says: Money for trouble., authority: {frontline: 20, lead: 100}}
"""


def test_asked_told_decided_and_seen(desk: Desk, tab: Callable[..., Tab]) -> None:
    (desk.folder / "playbook.yaml").write_text(PLAYBOOK)
    desk.run("desk", "playbook", "playbook.yaml", "--why", "The first.")
    bo, lena = tab(width=390), tab(scheme="dark")
    for one, name, role in ((bo, "Bo", "frontline"), (lena, "Lena", "lead")):
        one.join(desk.run("desk", "invite", f"{name.lower()}@example.org", "--role", role), name)
    page = bo.open("/cases/new")
    page.get_by_label("What is it about?").fill("The deposit is gone")
    page.get_by_label("In the customer's words").fill("Give it back.")
    page.get_by_role("button", name="Open the case").click()

    # What nobody was asked is not said without a word about it.
    page.locator("#words").fill("I asked my supervisor and she approved it.")
    page.locator("#checked", has_text="The record shows no decision higher up").wait_for()
    page.locator("summary", has_text="Seek a decision higher up").click()
    page.get_by_label("What is to be decided").fill("May she have 50 for the deposit?")
    page.get_by_label("What was tried already").fill("20, which she declined.")
    page.get_by_label("Authority it needs").select_option("policy:goodwill")
    page.locator("#escalate_amount").fill("50")
    page.locator("#escalations-for-matter .notice", has_text="It goes to Lena.").wait_for()
    assert (bo.serious(), bo.fits()) == ([], True)
    page.get_by_role("button", name="Send it higher").click()
    page.locator("#escalations-for-matter", has_text="Sent to Lena").wait_for()
    page.locator(".two-sides", has_text="Decision sought higher up").wait_for()

    seen = lena.open("/today/")
    seen.get_by_role("link", name="May she have 50").click()
    assert (lena.serious(), lena.fits()) == ([], True)
    seen.get_by_label("Why", exact=True).fill("Our till was wrong.")
    seen.get_by_role("button", name="Decide").click()
    assert "nothing is granted" in seen.get_by_role("alert").inner_text()
    seen.get_by_label("What changes for the customer", exact=True).fill("50 go back to her card today.")
    seen.get_by_role("button", name="Decide").click()
    assert "an exception was granted" in seen.inner_text("main")
    for path in ("/escalations/", "/escalations/all", "/escalations/register"):
        lena.open(path)
        assert (lena.serious(), lena.fits()) == ([], True), path

    page = bo.open("/today/")
    page.get_by_role("link", name="May she have 50").click()
    assert (bo.serious(), bo.fits()) == ([], True)
    page.get_by_role("link", name="Tell the customer").click()
    page.locator("#words").fill("My supervisor approved it: 50 go back to your card today.")
    page.wait_for_timeout(1500)
    assert "The record shows" not in page.locator("#checked").inner_text()
    assert [one for one in bo.complaints + lena.complaints if "422" not in one] == []
