"""The evening of two phones at the desk: a promise at risk hours before it breaks, its owner alerted, the silent found."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.conftest import Desk, Tab

pytestmark = pytest.mark.slow
Opening = Callable[..., Tab]
STORY = Path(__file__).parents[2] / "stories" / "two-phones"
PAID = datetime.fromisoformat("2025-11-20T21:15:00+00:00")
BEGINS = PAID - timedelta(minutes=5)
BEFORE = timedelta(weeks=4)
"""So much of the story's eight weeks is on record when the evening begins."""
PROMISE = "pick-up-in-3-hours"
SAYS = "Your phones are ready at the store within three hours, guaranteed."
DANA = "order:7716"
_PATIENCE_SECONDS = 300
"""For work that takes ten seconds on a machine that does nothing else."""


class Evening:
    """What happens at the stores: it comes in by the API as the desk's clock goes on."""

    def __init__(self, desk: Desk, key: str) -> None:
        self.desk, self.key = desk, key
        with (STORY / "events.csv").open(newline="") as file:
            rows = [_event(row) for row in csv.DictReader(file) if row["time"] >= _written(PAID - BEFORE)]
        self._coming = sorted(rows, key=lambda one: str(one["time"]))

    def goes_on(self, browser: Tab, until: datetime) -> int:
        """Let it be this moment; how many events came in until it."""
        self.desk.set_clock(until)
        now = [one for one in self._coming if one["time"] <= _written(until)]
        del self._coming[: len(now)]
        answer = browser.page.request.post(
            f"{self.desk.address}/api/events",
            data="\n".join(map(json.dumps, now)),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/x-ndjson"},
            timeout=60_000,
        )
        assert answer.status == 200 and answer.json()["recorded"] == len(now), answer.text()
        return len(now)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _event(row: Mapping[str, str]) -> dict[str, Any]:
    event: dict[str, Any] = {name: value for name, value in row.items() if value}
    if "value" in event:
        event["value"] = float(event["value"])
    if "attributes" in event:
        event["attributes"] = json.loads(event["attributes"])
    return event


def eventually(tab: Tab, path: str, selector: str, text: str) -> Any:
    """Open a page until the worker has come so far that it says this; the element."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        found = tab.open(path).locator(selector).filter(has_text=text)
        if found.count():
            return found.first
        assert time.monotonic() < end, f"{path} does not say {text!r}: {tab.page.locator('main').inner_text()}"
        time.sleep(0.5)


def invited(ada: Tab, email: str, role: str, team: str) -> str:
    """Invite somebody for a team; the link."""
    page = ada.open("/people/")
    page.get_by_label("Name", exact=True).fill(team)
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Role", exact=True).first.select_option(label=role)
    page.get_by_label("Team", exact=True).first.select_option(label=team)
    page.get_by_role("button", name="Make an invitation").click()
    return str(page.locator("#link").inner_text())


@pytest.fixture(scope="module", autouse=True)
def playbook(desk: Desk) -> None:
    """The story's playbook, from the day on which its events begin."""
    desk.run("desk", "playbook", str(STORY / "playbook.yaml"), "--why", "As it is.")


def test_at_risk_alerted_broken_and_the_silent_found(desk: Desk, tab: Opening) -> None:
    ada, stella, rita, cora = tab(), tab(), tab(width=390, scheme="dark"), tab()
    ada.join(desk.run("desk", "invite", "ada@example.org"), "Ada")
    stella.join(invited(ada, "stella@example.org", "Policy owner", "store operations"), "Stella")
    rita.join(invited(ada, "rita@example.org", "Frontline", "Harbour Street"), "Rita")
    cora.join(desk.run("desk", "invite", "cora@example.org", "--role", "cx-lead"), "Cora")
    page = ada.open("/keys/")
    page.get_by_label("What it is for").fill("The tills")
    page.get_by_label("add events").check()
    page.get_by_role("button", name="Make a key").click()
    evening = Evening(desk, page.locator("#made + .code").inner_text())
    assert evening.goes_on(ada, BEGINS) > 3_000, "four weeks of what was ordered before"

    # 16:16, with two hours and 59 minutes left: the order is paid, and Dana's case is opened.
    evening.goes_on(ada, PAID + timedelta(minutes=1))
    page = rita.open("/cases/new")
    page.get_by_label("What is it about?").fill("Two phones, for a birthday tomorrow")
    page.get_by_label("In the customer's words").fill("Are they really ready at seven?")
    page.get_by_label("Customer", exact=True).fill("customer-dana")
    page.get_by_label("Concerns").fill(DANA)
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_url("**/cases/*/")
    case = page.url.removeprefix(desk.address)
    assert SAYS in page.locator(".answer").inner_text()

    alert = eventually(stella, "/promises/", "section[aria-labelledby=alerts] li", DANA)
    assert "at risk" in alert.inner_text()
    assert DANA in stella.open("/today/").locator("section[aria-labelledby=promises-mine]").inner_text()
    assert DANA in rita.open("/today/").locator("section[aria-labelledby=promises-struck]").inner_text()
    told = rita.open(case).locator("section", has=rita.page.locator("#clocks")).locator("li")
    assert told.count() == 1, "one list of what was promised"
    assert all(one in told.inner_text() for one in (SAYS, "at risk", "owner alerted", "Chance of being kept"))
    seen = stella.open("/promises/").locator("section[aria-labelledby=alerts] li").filter(has_text=DANA)
    seen.get_by_role("button", name="Seen").click()
    assert stella.page.locator("section[aria-labelledby=alerts] li").filter(has_text=DANA).count() == 0
    clock = eventually(cora, "/promises/?show=at+risk", "tr", DANA)
    assert "at risk" in clock.inner_text()
    clock.get_by_role("link").first.click()
    said = cora.page.locator(".answer").inner_text()
    assert "begun in hour 16 of the day" in said and "were kept after all" in said
    assert (cora.serious(), stella.serious(), rita.serious()) == ([], [], [])

    # 19:16: nobody sent the order on in time.
    evening.goes_on(ada, PAID + timedelta(hours=3, minutes=1))
    alert = eventually(stella, "/promises/", "section[aria-labelledby=alerts] li", DANA)
    assert "broken" in alert.inner_text()
    assert "was due" in rita.open(case).locator(".answer .broken").inner_text()
    assert (rita.serious(), rita.fits()) == ([], True)
    eventually(cora, "/promises/?show=broken", "tr", DANA).get_by_role("link").first.click()
    assert "broken" in cora.page.locator(".answer").inner_text()
    silent = cora.page.locator("section[aria-labelledby=silent]")
    orders = silent.locator("li").all_inner_texts()
    assert len(orders) >= 3 and not any(DANA in one for one in orders), "Dana was on four channels"
    assert cora.serious() == []

    # The evening ends; the analysis finds the others of four weeks.
    evening.goes_on(ada, PAID + timedelta(hours=4, minutes=30))
    cora.open("/findings/").get_by_role("button", name="Analyse now").click()
    cora.page.wait_for_url("**/findings/", timeout=_PATIENCE_SECONDS * 1_000)
    found = cora.page.locator("a.said").filter(has_text="never said a word").first
    struck = found.inner_text()
    found.click()
    assert struck in cora.page.locator("main").inner_text()
    cora.page.locator("summary").filter(has_text="in the table problems").click()
    cora.page.locator("th").filter(has_text="silent count").wait_for()
    assert cora.serious() == []
    assert ada.complaints == stella.complaints == rita.complaints == cora.complaints == []
