"""An administrator opens the desk, invites, sets a second factor, lets somebody back in, and revokes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from tests.journeys.conftest import PASSWORD, Desk, Tab

pytestmark = pytest.mark.slow

Opened = Callable[..., Tab]


def code(secret: str) -> str:
    """What an authenticator app shows now for this secret (RFC 6238)."""
    import base64
    import hmac
    import time

    counter = int(time.time() // 30).to_bytes(8, "big")
    digest = hmac.digest(base64.b32decode(secret + "=" * (-len(secret) % 8)), counter, "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"


def test_from_the_first_invitation_to_the_last_revocation(desk: Desk, tab: Opened) -> None:
    ada = tab()
    ada.join(desk.run("desk", "invite", "ada@example.org"), "Ada")
    page = ada.page
    assert page.url == f"{desk.address}/events/", "a desk without events begins with a file of them"
    ada.open("/people/")

    page.get_by_label("Name", exact=True).fill("North")
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Email").fill("bo@example.org")
    page.get_by_label("Role", exact=True).first.select_option(label="Team lead")
    page.get_by_label("Team", exact=True).first.select_option(label="North")
    page.get_by_role("button", name="Make an invitation").click()
    link = page.locator("#link").inner_text()
    bo = tab()
    bo.join(link, "Bo")
    assert "Team lead · North" in bo.open("/me/").content()
    assert tab().open(link).get_by_text("used already").is_visible(), "an invitation works once"
    assert bo.open("/people/").get_by_text("This is not open to you").is_visible()

    ada.open("/account/2fa/totp/activate/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    secret = re.search(r"[A-Z2-7]{32}", page.content())
    assert secret
    page.get_by_label(re.compile("code", re.I)).fill(code(secret.group()))
    page.get_by_role("button", name="Activate").click()
    page.wait_for_url("**/2fa/**")
    again = tab()
    again.sign_in("ada@example.org")
    assert "/2fa/authenticate" in again.page.url, "the password alone does not let in any more"
    again.page.get_by_label(re.compile("code", re.I)).fill("000000")
    again.page.get_by_role("button", name="Sign In").first.click()
    assert "/2fa/authenticate" in again.page.url

    ada.open("/people/")
    row = page.get_by_role("row").filter(has_text="bo@example.org")
    row.get_by_text("Lost password?").click()
    row.get_by_role("button", name="Make a link").click()
    back = page.locator("#link").inner_text()
    ada.open("/keys/")
    page.get_by_label("What it is for").fill("Till")
    page.get_by_label("read", exact=True).check()
    page.get_by_role("button", name="Make a key").click()
    key = page.locator("#made + .code").inner_text()
    assert key.startswith("ab_")
    page.get_by_role("button", name="Stop").click()
    assert page.get_by_text("The key is stopped.").is_visible()
    asked = page.request.get(f"{desk.address}/api/me", headers={"Authorization": f"Bearer {key}"})
    assert asked.status == 401

    ada.open("/people/")
    page.get_by_role("row").filter(has_text="bo@example.org").get_by_role("button", name="Close").click()
    assert page.get_by_text("closed").is_visible()
    bo.open("/me/")
    assert "/account/login/" in bo.page.url, "a closed account is out at once"
    assert tab().open(back).get_by_text("not valid any more").is_visible()
    assert ada.complaints == [] and bo.complaints == [
        "Failed to load resource: the server responded with a status of 403 (Forbidden)"
    ]


PAGES = (
    "/people/",
    "/keys/",
    "/readings/",
    "/me/",
    "/account/2fa/",
    "/account/sessions/",
    "/account/password/change/",
    "/account/login/",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_pages_of_people_fit_and_are_accessible(desk: Desk, tab: Opened, width: int, scheme: str) -> None:
    eve = tab(width=width, scheme=scheme)
    eve.join(desk.run("desk", "invite", f"eve-{width}-{scheme}@example.org"), "Eve")
    for path in PAGES:
        eve.open(path)
        assert eve.fits(), path
        assert eve.serious() == [], path
    assert eve.complaints == []
