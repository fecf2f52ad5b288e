"""The three-hour promise of the story, as it happened: at risk at once, the owner alerted, broken, and the silent others."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.desk.conftest import NOW, Joining

from aboveboard.analyses import promises as analysis
from aboveboard.desk.cases import actions as cases
from aboveboard.desk.cases import pages as case_pages
from aboveboard.desk.cases import rules as case_rules
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import pages as people_pages
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import actions as playbook
from aboveboard.desk.promises import actions, models, pages, queries, rules, tasks
from aboveboard.engines import read
from aboveboard.playbook import reader

STORY = Path(__file__).parents[3] / "stories" / "two-phones"
PROMISE = "pick-up-in-3-hours"
NINE = datetime.fromisoformat("2025-11-20T14:00:00+00:00")
PAID = datetime.fromisoformat("2025-11-20T21:15:00+00:00")
SignedIn = Callable[[people.Person], Client]


@pytest.fixture(scope="module")
def events() -> pa.Table:
    with read(str(STORY / "events.csv")) as ledger:
        return ledger.arrow(ledger.events.order_by("time"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the evening is kept, once it was worked out."""
    return tmp_path_factory.mktemp("evening") / "kept.db"


@pytest.fixture
def told(database: str, events: pa.Table, tmp_path: Path) -> Iterator[Callable[[datetime], None]]:
    """Lets time pass to a moment: events come in, and the clocks are brought up to it."""
    since = [datetime.fromisoformat("2025-01-01T00:00:00+00:00")]
    begin = since[0]
    playbook.publish(by=None, text=(STORY / "playbook.yaml").read_text(), why="x", effective_from=begin, now=begin)

    def until(now: datetime) -> None:
        mine = events.filter(pc.and_(pc.greater(events["time"], since[0]), pc.less_equal(events["time"], now)))
        if mine.num_rows:
            pq.write_table(mine, tmp_path / "part.parquet")
            journal.take(part=tmp_path / "part.parquet")
        since[0] = now
        tasks.advance(now=now)

    yield until


def dana() -> models.Clock:
    return models.Clock.objects.get(promise=PROMISE, subject="order:7716")


def at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """What the clock of the pages shows."""
    monkeypatch.setattr(people_pages, "now", lambda: now)


def test_from_the_order_to_the_silent_others(
    told: Callable[[datetime], None],
    joined: Joining,
    signed_in: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
    events: pa.Table,
) -> None:
    owner, other = joined("ada", "policy-owner", team="Store Operations"), joined("bo", "policy-owner", team="finance")
    everybody, store = joined("eve", "cx-lead"), joined("cy", "frontline", team="Harbour Street")
    told(NINE)
    models.Alert.objects.all().delete()
    told(PAID - timedelta(minutes=1))
    assert not models.Clock.objects.filter(subject="order:7716", promise=PROMISE).exists()

    told(PAID + timedelta(minutes=1))
    one = dana()
    assert one.state == rules.AT_RISK and one.due_at == PAID + timedelta(hours=3)
    assert one.chance_share is not None and one.chance_high is not None and one.chance_count is not None
    # A lead time before the end would still be silent: the chance of this hour speaks at once.
    assert one.chance_by_hour and one.chance_count > 100 and one.chance_share < 0.15 and one.chance_high < 0.25
    assert ("order:7716", "at risk") in {(a.subject, a.what) for a in queries.alerts(person=owner)}
    assert queries.alerts(person=other) == [] and queries.alerts(person=store) == []
    assert len(queries.alerts(person=everybody)) == len(queries.alerts(person=owner))

    at(monkeypatch, PAID + timedelta(minutes=2))
    page = signed_in(everybody).get("/promises/").content.decode()
    assert "order:7716" in page and "For you" in page
    today = signed_in(owner).get("/promises/due").content.decode()
    assert "Promises you answer for" in today and "order:7716" in today
    assert "order:7716" not in signed_in(other).get("/promises/due").content.decode()
    browser = signed_in(store)
    browser.get("/me/")
    with CaptureQueriesContext(connection) as asked:
        today = browser.get("/promises/due").content.decode()
    assert "Promises you answer for" not in today and "order:7716" in today and len(asked) < 15, "their team's"
    monkeypatch.setattr(case_pages, "now", people_pages.now)
    _on_a_case(store, PAID + timedelta(minutes=2), signed_in)

    alert = models.Alert.objects.get(subject="order:7716")
    with pytest.raises(people.ForbiddenError):
        actions.see(by=store, alert=alert.pk, now=PAID)
    assert signed_in(everybody).post(f"/promises/alerts/{alert.pk}/seen").status_code == 302
    assert "order:7716" not in {a.subject for a in queries.alerts(person=owner)}

    for minutes in (60, 120, 175, 180):
        told(PAID + timedelta(minutes=minutes))
        assert dana().state == rules.AT_RISK
    now = PAID + timedelta(minutes=181)
    told(now)
    assert dana().state == rules.BROKEN
    assert ("order:7716", "broken") in {(a.subject, a.what) for a in queries.alerts(person=owner)}

    silent = {one.subject for one in queries.silent(promise=PROMISE, reach=people.Reach(True), now=now)}
    assert len(silent) >= 3 and "order:7716" not in silent, "Dana has been on four channels"
    at(monkeypatch, now)
    page = signed_in(everybody).get(f"/promises/one/{dana().pk}/").content.decode()
    assert all(str(one) in page for one in silent)

    _as_the_analysis(events, now)


def _on_a_case(store: people.Person, now: datetime, signed_in: SignedIn) -> None:
    """Whoever opens a case about it sees one list: with its chance, that the owner was told, and what else runs for her."""
    people_models.Team.objects.get_or_create(name="Harbour Street")
    case = cases.open_case(
        by=store,
        opening=case_rules.Opening(
            title="Two phones",
            words="Are they ready?",
            customer="customer-dana",
            team="Harbour Street",
            about="order:7716",
        ),
        now=now,
    )
    page = signed_in(store).get(f"/cases/{case.pk}/").content.decode()
    assert page.count("ready at the store within three hours, guaranteed.”</a>") == 1
    for told in ("at risk", "owner alerted", "Chance of being kept"):
        assert told in page, told
    other = cases.open_case(
        by=store,
        opening=case_rules.Opening(title="The same", kind="request", customer="customer-dana", team="Harbour Street"),
        now=now,
    )
    assert "ready at the store" in signed_in(store).get(f"/cases/{other.pk}/").content.decode(), "by its customer"


def _as_the_analysis(events: pa.Table, now: datetime) -> None:
    """Every clock stands as the analysis of the same events says, but for its own way to say at risk."""
    with read(str(STORY / "events.csv")) as ledger:
        book = reader.read(STORY / "playbook.yaml")
        rows = ledger.arrow(analysis.outcomes(ledger.events, book, as_of=now)).to_pylist()
    said = {(one["promise"], one["event"]): {"at risk": "open"}.get(one["outcome"], one["outcome"]) for one in rows}
    stood = {
        (one.promise, one.event): {"at risk": "open"}.get(one.state, one.state) for one in models.Clock.objects.all()
    }
    assert stood == said


class TestPages:
    @pytest.fixture
    def evening(
        self, kept: Path, database: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> datetime:
        now = PAID + timedelta(hours=1)
        if kept.exists() and connection.vendor == "sqlite":
            connection.close()
            shutil.copy(kept, database)
        else:
            request.getfixturevalue("told")(now)
            if connection.vendor == "sqlite":
                connection.cursor().execute(f"VACUUM INTO '{kept}'")
        at(monkeypatch, now)
        return now

    def test_one_sees_ones_own_teams(self, evening: datetime, joined: Joining, signed_in: SignedIn) -> None:
        lead, cx = joined("bo", "lead", team="Mill Lane"), joined("ada", "cx-lead")
        mine = signed_in(lead).get("/promises/", {"show": "all", "as": "csv"}).content.decode().splitlines()
        all_ = signed_in(cx).get("/promises/", {"show": "all", "as": "csv"}).content.decode().splitlines()
        teams = [line.split(",")[3] for line in mine[1:]]
        assert teams and set(teams) == {"Mill Lane"} and len(all_) > len(mine)
        theirs = models.Clock.objects.exclude(team="Mill Lane").first()
        assert theirs and signed_in(lead).get(f"/promises/one/{theirs.pk}/").status_code == 404

    def test_filter_sort_and_csv(self, evening: datetime, joined: Joining, signed_in: SignedIn) -> None:
        browser = signed_in(joined("ada", "cx-lead"))
        with CaptureQueriesContext(connection) as asked:
            assert browser.get("/promises/", {"show": "running", "sort": "-chance"}).status_code == 200
        assert len(asked) < 25
        rows = (
            browser.get("/promises/", {"show": "running", "sort": "chance", "as": "csv"}).content.decode().splitlines()
        )
        shares = [float(line.split(",")[9]) for line in rows[1:] if line.split(",")[9]]
        assert shares == sorted(shares) and shares
        assert "order:7716" in browser.get("/promises/", {"q": "7716"}).content.decode()
        for wrong in ({"sort": "x"}, {"show": "x"}, {"promise": "x"}, {"page": "x"}, {"q": "%"}):
            assert browser.get("/promises/", wrong).status_code == 200

    def test_the_register_and_its_budgets(self, evening: datetime, joined: Joining, signed_in: SignedIn) -> None:
        found = {one.name: one for one in queries.register(reach=people.Reach(True), now=evening)}[PROMISE]
        assert found.share is not None and found.low is not None and found.high is not None and found.burnt is not None
        assert found.low < found.share < found.high < 0.98 and found.burnt > 10
        assert found.burnt == pytest.approx(found.missed_count / found.ended_count / 0.02)
        browser = signed_in(joined("ada", "cx-lead"))
        assert PROMISE in browser.get("/promises/kept/").content.decode()
        page = browser.get(f"/promises/kept/{PROMISE}/").content.decode()
        assert "too fast" in page
        assert browser.get("/promises/kept/nothing/").status_code == 404
        models.Clock.objects.filter(promise="home-in-four-days").update(promise="said/call")
        assert "/promises/kept/said/call/" in browser.get("/promises/kept/").content.decode(), "a promise by word"
        assert browser.get("/promises/kept/said/call/").status_code == 200
        book = reader.read(STORY / "playbook.yaml")
        with read(str(STORY / "events.csv")) as ledger:
            outcomes = ledger.keep(analysis.outcomes(ledger.events, book, as_of=evening), "promises")
            rows = ledger.arrow(analysis.budgets(outcomes, book, as_of=evening)).to_pylist()
        mine = queries.burns(promise=book.promises[PROMISE], reach=people.Reach(True), now=evening)
        assert [{key: one[key] for key in rows[0]} for one in mine] == [
            one for one in rows if one["promise"] == PROMISE
        ]

    def test_when_it_is_at_risk_is_chosen(
        self, evening: datetime, joined: Joining, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browser = signed_in(joined("ada", "cx-lead"))
        assert browser.post(f"/promises/kept/{PROMISE}/risk", {"by": "own", "percent": "1"}).status_code == 302
        tasks.advance(now=evening)
        assert dana().state == rules.OPEN, "more than one in a hundred are kept"
        browser.post(f"/promises/kept/{PROMISE}/risk", {"by": "objective"})
        tasks.advance(now=evening)
        assert dana().state == rules.AT_RISK
        with pytest.raises(rules.PromiseError):
            actions.choose(by=joined("eve", "cx-lead"), promise="x", below=None, by_objective=True, now=NOW)

    def test_by_the_api(self, evening: datetime, joined: Joining) -> None:
        from aboveboard.desk.people import actions as people_actions

        lead = joined("bo", "cx-lead")
        held = people.Person(lead.id, lead.name, lead.employee, (people.Held("admin", None), *lead.held))
        token = people_actions.make_key(by=held, name="k", scopes=["read", "write"], expires_at=None, now=NOW)
        client = Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})
        assert PROMISE in [one["promise"] for one in client.get("/api/promises").json()]
        first: dict[str, Any] = client.get("/api/promises/running?show=all").json()
        then = client.get(f"/api/promises/running?show=all&after={first['after']}").json()
        assert first["promises"][-1]["number"] < then["promises"][0]["number"]
        assert client.get(f"/api/promises/{PROMISE}/silent").status_code == 200
        alerts = client.get("/api/promises/alerts").json()
        assert client.post(f"/api/promises/alerts/{alerts[0]['number']}/seen").status_code == 204
        assert len(client.get("/api/promises/alerts").json()) == len(alerts) - 1
        chosen = client.put(f"/api/promises/{PROMISE}/risk", {"below": 0.3}, content_type="application/json")
        assert chosen.status_code == 204 and models.Choice.objects.get().below == 0.3
        assert people_models.User.objects.count() == 1 and pages.running
