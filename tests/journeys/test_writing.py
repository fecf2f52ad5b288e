"""An answer to a customer on a phone: a better wording taken over, a promise with a clock, and the promise kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.journeys.conftest import Desk, Tab

pytestmark = pytest.mark.slow


def test_from_first_words_to_a_promise_that_is_kept(desk: Desk, tab: Callable[..., Tab]) -> None:
    fred = tab(width=390, scheme="dark")
    fred.join(desk.run("desk", "invite", "fred@example.org", "--role", "frontline"), "Fred")
    page = fred.open("/cases/new")
    page.get_by_label("What is it about?").fill("Where is my phone?")
    page.get_by_label("In the customer's words").fill("It was to be ready at three.")
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_url("**/cases/*/")

    words = page.locator("#words")
    words.fill("😀 We're not supposed to, but for you I'll ask the store. I will call you back within two hours.")
    page.get_by_role("button", name="Put it so").click()
    page.locator(".remarks").wait_for(state="detached")
    assert words.input_value().startswith("😀 I'll ask the store.")
    offer = page.get_by_label("Keep a clock on “I will call you back within two hours.”")
    assert offer.is_checked()
    assert fred.serious() == [] and fred.fits()
    page.get_by_role("button", name="Record it").first.dblclick()
    page.get_by_text("Nothing is mailed from here yet. Promises that now have a clock: 1.").wait_for()
    page.locator(".two-sides").get_by_text("I'll ask the store.").wait_for()
    assert page.locator(".two-sides").get_by_text("I'll ask the store.").count() == 1

    page = fred.open("/promised/")
    assert page.get_by_text("1 promise of yours is open.").is_visible()
    assert fred.serious() == [] and fred.fits()
    page.get_by_role("button", name="Kept").click()
    page.get_by_text("Nothing of yours is open.").wait_for()
    assert fred.complaints == []
