"""Words to customers: recorded once, with their promises, and not against the record without a reason."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.journal import actions as journal
from aboveboard.desk.journal import queries as record
from aboveboard.desk.messages import actions, models, pages, queries, rules
from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import pages as people_pages
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import actions as playbook
from aboveboard.ledger.event import Event

SignedIn = Callable[[people.Person], Client]
NORTH = people.Matter("case:desk-1", customer="c1", team="North", channel="email")
SAYS = "I will call you back by Friday."
ASKED = "I asked my supervisor."
HTMX = {"HX-Request": "true"}


AUTHORITY = {"attributes": {"authority": "lead"}}


def happened(name: str, type_: str, subject: str = "case:desk-1", hours: float = 1, **more: object) -> None:
    """An event some hours before now."""
    made = Event(id=name, type=type_, time=NOW - timedelta(hours=hours), subject=subject, **more)  # type: ignore[arg-type]
    journal.record(events=[made], now=NOW)


def send(by: people.Person, text: str, token: str = "t", matter: people.Matter = NORTH, **more: object) -> str:
    return actions.send(by=by, matter=matter, text=text, channel="email", token=token, now=NOW, **more)  # type: ignore[arg-type]


def told(subject: str = "case:desk-1") -> list[str]:
    return [one.event.type for one in record.happened(subject=subject)]


@pytest.fixture
def bo(joined: Joining) -> people.Person:
    """Somebody who serves customers in the North."""
    return joined("bo", "frontline", team="North")


class TestSending:
    def test_a_message_is_on_record_with_its_promises(self, bo: people.Person) -> None:
        promise = rules.promise(kind="call-back", text=SAYS, due=NOW + timedelta(days=4), now=NOW)
        name = send(bo, f"Dear Ms Lee, {SAYS}\r\nBo", promises=[promise])
        message, made = (one.event for one in record.happened(subject="case:desk-1"))
        assert (message.id, message.type, message.audience, message.channel) == (
            name,
            "message.sent",
            "customer",
            "email",
        )
        assert message.text == f"Dear Ms Lee, {SAYS}\nBo"
        assert (message.customer, message.team, message.employee) == ("c1", "North", bo.employee)
        assert message.attributes == {"mailed": False}
        assert (made.type, made.rule, made.due) == ("promise.made", "promise:said/call-back", promise.due)
        (kept,) = queries.commitments(person=bo, now=NOW)
        assert (kept.promise, kept.text, kept.due, kept.made_by_id) == (made.id, SAYS, promise.due, bo.id)

    def test_pressed_twice_it_is_there_once(self, bo: people.Person) -> None:
        promise = rules.promise(kind="reply", text="we answer", due=NOW + timedelta(days=1), now=NOW)
        assert send(bo, "Thank you.", promises=[promise]) == send(bo, "Thank you. ", promises=[promise])
        assert told() == ["message.sent", "promise.made"]
        assert models.Commitment.objects.count() == 1
        with pytest.raises(rules.MessagesError, match="sent already, with other words"):
            send(bo, "Something else.")
        assert send(bo, "Something else.", "another") != send(bo, "Thank you.")

    def test_what_fails_leaves_nothing(self, bo: people.Person, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError

        promise = rules.promise(kind="reply", text="we answer", due=NOW + timedelta(days=1), now=NOW)
        monkeypatch.setattr(models.Commitment.objects, "bulk_create", broken)
        with pytest.raises(RuntimeError):
            send(bo, "Thank you.", promises=[promise])
        assert told() == []

    def test_what_is_out_of_reach_cannot_be_written_about(self, bo: people.Person) -> None:
        south = people.Matter("case:2", team="South")
        for act in (actions.note, actions.send, actions.receive):
            more = {} if act is actions.note else {"channel": "email"}
            with pytest.raises(people.ForbiddenError):
                act(by=bo, matter=south, text="Hello.", token="t", now=NOW, **more)  # type: ignore[operator]
        assert told("case:2") == []

    def test_a_promise_that_nobody_was_shown_is_shown_first(self, bo: people.Person) -> None:
        with pytest.raises(rules.UnseenPromiseError, match="call you back by Friday"):
            send(bo, SAYS, seen=[])
        shown = queries.checked(text=SAYS, audience="customer", matter=NORTH, now=NOW).noticed
        send(bo, SAYS, seen=[one.key for one in shown])
        assert told() == ["message.sent"], "left without a clock, on purpose"

    def test_notes_and_what_customers_say(self, bo: people.Person) -> None:
        for _ in range(2):
            actions.note(by=bo, matter=NORTH, text="Asks for the third time.", token="n", now=NOW)
            actions.receive(
                by=bo,
                matter=NORTH,
                text="Where is it?",
                channel="phone",
                said_at=NOW - timedelta(1),
                token="r",
                now=NOW,
            )
        said, noted = (one.event for one in record.happened(subject="case:desk-1"))
        assert (said.type, said.audience, said.channel, said.time) == (
            "message.received",
            "customer",
            "phone",
            NOW - timedelta(1),
        )
        assert (noted.type, noted.audience, noted.employee) == ("note.written", "internal", bo.employee)
        with pytest.raises(rules.MessagesError, match="after now"):
            actions.receive(
                by=bo, matter=NORTH, text="x", channel="web", said_at=NOW + timedelta(1), token="s", now=NOW
            )


class TestAgainstTheRecord:
    def test_what_is_not_on_record_needs_a_reason(self, bo: people.Person) -> None:
        happened("e0", "escalation.opened", subject="case:9", **AUTHORITY)
        with pytest.raises(rules.AgainstRecordError, match="I asked my supervisor"):
            send(bo, ASKED)
        send(bo, ASKED, reason=" On the phone just now. ")
        (message,) = (one.event for one in record.happened(subject="case:desk-1"))
        assert message.attributes["reason"] == "On the phone just now."
        assert message.attributes["not_shown"] == [{"claim": "asked-superior", "words": "I asked my supervisor"}]

    def test_what_is_on_record_needs_none(self, bo: people.Person) -> None:
        happened("e1", "escalation.opened", **AUTHORITY)
        send(bo, ASKED)
        assert told() == ["escalation.opened", "message.sent"]

    def test_where_such_acts_are_never_recorded_nothing_is_asked(self, bo: people.Person) -> None:
        text = "I checked our stock for you."
        send(bo, text)
        happened("e2", "stock.checked", subject="case:9")
        assert queries.checked(text=text, audience="customer", matter=NORTH, now=NOW).against, "from now on they are"

    def test_what_the_desk_records_itself_is_missed_from_the_first_day(self, bo: people.Person) -> None:
        assert self.words(ASKED) == ["I asked my supervisor"]

    def test_an_escalation_that_waits_bears_it_out_however_old(self, bo: people.Person) -> None:
        happened("e1", "escalation.opened", hours=24 * 9, **AUTHORITY)
        assert self.words(ASKED) == []

    def test_a_refusal_told_as_granted_and_a_yes_before_any_decision(self, bo: people.Person) -> None:
        text = "I asked my supervisor and she has approved your refund."
        assert self.words(text) == ["supervisor and she has approved"], "one notice, not two"
        happened("e1", "escalation.opened", hours=3, **AUTHORITY)
        assert self.words(text) == ["supervisor and she has approved"], "it waits"
        happened("e2", "escalation.decided", hours=2, outcome="denied", employee="e-2", **AUTHORITY)
        (found,) = queries.checked(text=text, audience="customer", matter=NORTH, now=NOW).against
        assert [one.type for one in found.events] == ["escalation.decided"]
        assert self.words("My supervisor has not approved it.") == []
        with pytest.raises(rules.AgainstRecordError, match="approved"):
            send(bo, text)
        happened("e3", "escalation.decided", hours=1, outcome="partly", employee="e-2", **AUTHORITY)
        assert self.words(text) == []

    def words(self, text: str) -> list[str]:
        found = queries.checked(text=text, audience="customer", matter=NORTH, now=NOW).against
        return [one.shown.said.words for one in found]


class TestPromises:
    def made(self, by: people.Person, token: str = "t") -> models.Commitment:
        promise = rules.promise(kind="call-back", text=SAYS, due=NOW + timedelta(days=1), now=NOW)
        send(by, "Thank you.", token, promises=[promise])
        return models.Commitment.objects.latest("pk")

    def test_kept_once(self, bo: people.Person) -> None:
        one = self.made(bo)
        for hours in (1, 2):
            actions.keep(by=bo, commitment=one.pk, now=NOW + timedelta(hours=hours))
        actions.withdraw(by=bo, commitment=one.pk, reason="late", now=NOW + timedelta(hours=3))
        one.refresh_from_db()
        assert (one.kept_at, one.withdrawn_at) == (NOW + timedelta(hours=1), None)
        made, kept = (
            one.event for one in record.happened(subject="case:desk-1", types=["promise.made", "promise.kept"])
        )
        assert (kept.rule, kept.due, kept.attributes["promise"]) == (made.rule, made.due, made.id)
        assert told() == ["message.sent", "promise.made", "promise.kept"]

    def test_taken_back_with_a_reason(self, bo: people.Person) -> None:
        one = self.made(bo)
        with pytest.raises(rules.MessagesError, match="why"):
            actions.withdraw(by=bo, commitment=one.pk, reason=" ", now=NOW)
        found = actions.withdraw(by=bo, commitment=one.pk, reason="She called us.", now=NOW)
        assert (found.withdrawn_at, found.reason) == (NOW, "She called us.")
        assert not queries.commitments(person=bo, now=NOW)
        assert queries.commitments(person=bo, which="settled", now=NOW).count() == 1

    def test_those_of_another_team_are_not_there(self, bo: people.Person, joined: Joining) -> None:
        one = self.made(bo)
        for other in (joined("cy", "frontline", team="South"), joined("ana", "analyst")):
            with pytest.raises((rules.NotThereError, people.ForbiddenError)):
                actions.keep(by=other, commitment=one.pk, now=NOW)
            assert not queries.commitments(person=other, whose="reach", now=NOW)
        lead = joined("di", "lead", team="North")
        assert queries.commitments(person=lead, whose="reach", now=NOW).count() == 1
        assert actions.keep(by=lead, commitment=one.pk, now=NOW).settled_by_id == lead.id


class TestTemplates:
    def test_made_changed_and_withdrawn(self, joined: Joining) -> None:
        owner = joined("ada", "policy-owner")
        made = actions.save_template(by=owner, name="Parcel", text="Dear {{ customer }},", now=NOW)
        with pytest.raises(rules.MessagesError, match="already"):
            actions.save_template(by=owner, name=" parcel ", text="x", now=NOW)
        actions.save_template(by=owner, template=made.pk, name="Parcel", text="Hello {{ me }}", now=NOW)
        actions.withdraw_template(by=owner, template=made.pk, now=NOW)
        assert not queries.templates()
        changes = record.happened(types=["template.changed", "template.withdrawn"])
        assert [one.event.text for one in changes] == ["Dear {{ customer }},", "Hello {{ me }}", None]
        with pytest.raises(people.ForbiddenError):
            actions.save_template(by=joined("bo", "frontline"), name="Mine", text="x", now=NOW)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages live at NOW."""
    monkeypatch.setattr(people_pages, "now", lambda: NOW)


@pytest.mark.usefixtures("clock")
class TestPages:
    def form(self, by: people.Person, text: str, **more: object) -> dict[str, object]:
        sealed = people_pages.sealed(NORTH, by)
        return {"matter": sealed, "token": "t1", "kind": "customer", "channel": "email", "text": text, **more}

    def test_from_words_to_a_promise_with_a_clock(self, bo: people.Person, signed_in: SignedIn) -> None:
        playbook.publish(
            by=None, text="organisation: A\ntimezone: America/New_York\n", why="x", effective_from=NOW, now=NOW
        )
        browser = signed_in(bo)
        page = browser.get("/messages/composer", {"matter": people_pages.sealed(NORTH, bo)})
        assert "<html" in page.content.decode() and "About case:desk-1" in page.content.decode()
        sealed = {"matter": people_pages.sealed(NORTH, bo)}
        assert "<html" not in browser.get("/messages/composer", sealed, headers=HTMX).content.decode()
        said = f"We're not supposed to, but for you I'll ask the kitchen. {SAYS}"
        checked = browser.post("/messages/check", self.form(bo, said), headers=HTMX).content.decode()
        assert "data-put" in checked and "Keep a clock on “I will call you back by Friday.”" in checked
        assert 'value="2026-03-06T23:59"' in checked and "America/New_York" in checked
        key = checked.split('name="noticed" value="')[-1].split('"')[0]
        sure = self.form(bo, SAYS, noticed=key, promise=key, **{f"due-{key}": "2026-03-06T12:00"})
        for _ in range(2):
            answer = browser.post("/messages/send", sure, headers=HTMX)
            assert answer.status_code == 200, answer.content.decode()
            assert answer["HX-Trigger"] == pages._EVENT
            assert "Nothing is mailed" in answer.content.decode()
        (one,) = models.Commitment.objects.all()
        assert one.due == datetime(2026, 3, 6, 17, tzinfo=UTC)
        assert SAYS in browser.get("/promised/").content.decode()

    def test_an_unseen_promise_comes_back_with_the_offer(self, bo: people.Person, signed_in: SignedIn) -> None:
        answer = signed_in(bo).post("/messages/send", self.form(bo, SAYS))
        assert (answer.status_code, told()) == (422, [])
        assert "You promise something" in answer.content.decode() and SAYS in answer.content.decode()

    def test_against_the_record_it_asks_why_and_keeps_the_words(self, bo: people.Person, signed_in: SignedIn) -> None:
        happened("e0", "escalation.opened", subject="case:9", **AUTHORITY)
        browser = signed_in(bo)
        answer = browser.post("/messages/send", self.form(bo, ASKED), headers=HTMX)
        assert answer.status_code == 422
        assert "The record shows no escalation or request to a superior in the last 3 days." in answer.content.decode()
        assert ASKED in answer.content.decode()
        assert browser.post("/messages/send", self.form(bo, ASKED, reason="by phone"), headers=HTMX).status_code == 200

    def test_notes_and_receipts_without_htmx(self, bo: people.Person, signed_in: SignedIn) -> None:
        browser = signed_in(bo)
        note = browser.post("/messages/send", self.form(bo, "Asks again.", kind="internal"), follow=True)
        assert "Only colleagues see it" in note.content.decode()
        got = browser.post(
            "/messages/received", self.form(bo, "Where is it?", channel="phone", token="t2"), follow=True
        )
        assert "is recorded" in got.content.decode()
        assert sorted(told()) == ["message.received", "note.written"]

    def test_a_matter_out_of_reach_or_made_up_shows_nothing(
        self, bo: people.Person, joined: Joining, signed_in: SignedIn
    ) -> None:
        south = people.Matter("case:secret", customer="customer-nine", team="South")
        other = people_pages.sealed(NORTH, joined("cy", "lead", team="South"))
        browser = signed_in(bo)
        for sealed in (people_pages.sealed(south, bo), other, "made:up", ""):
            for path in ("composer", "check", "fill", "send", "received"):
                ask = browser.get if path == "composer" else browser.post
                answer = ask(f"/messages/{path}", self.form(bo, "x", template="1") | {"matter": sealed})
                assert answer.status_code in (302, 403, 422), (path, answer.status_code)
                assert "case:secret" not in answer.content.decode() and "customer-nine" not in answer.content.decode()
        assert told("case:secret") == told() == []

    def test_templates_are_filled_in_after_what_is_there(
        self, bo: people.Person, joined: Joining, signed_in: SignedIn
    ) -> None:
        owner = signed_in(joined("ada", "cx-lead"))
        words = "About {{ subject }}: {{ parcel }} is on its way. {{ me }}"
        assert owner.post("/templates/0", {"name": "Parcel", "language": "", "text": words}).status_code == 302
        linted = owner.post("/templates/check", {"text": "We're not supposed to, but for you I'll ask."}, headers=HTMX)
        assert "data-field" in linted.content.decode()
        number = models.Template.objects.get().pk
        assert "Parcel" in owner.get("/templates/").content.decode()
        browser = signed_in(bo)
        filled = browser.post("/messages/fill", self.form(bo, "Hello.", template=number), headers=HTMX).content.decode()
        assert "Hello.\n\nAbout case:desk-1: {{ parcel }} is on its way. Bo" in filled and "Still to fill in" in filled
        refused = browser.post("/messages/send", self.form(bo, "{{ parcel }}"), headers=HTMX)
        assert (refused.status_code, told()) == (422, [])
        assert owner.post(f"/templates/{number}/withdraw").status_code == 302
        assert owner.get("/templates/77").status_code == 404

    def test_promises_are_kept_taken_back_and_downloaded(self, bo: people.Person, signed_in: SignedIn) -> None:
        promise = [rules.promise(kind="reply", text="=1+1", due=NOW + timedelta(days=1), now=NOW)]
        for token in "ab":
            send(bo, "Thank you.", token, promises=promise)
        browser = signed_in(bo)
        page = browser.get("/promised/").content.decode()
        assert "2 promises of yours are open" in page
        assert "'=1+1" in browser.get("/promised/?download=csv").content.decode()
        first, second = (one.pk for one in models.Commitment.objects.all())
        assert browser.post(f"/promised/{first}/kept").status_code == 302
        assert browser.post(f"/promised/{second}/withdraw", {"reason": "done by her"}).status_code == 302
        assert "Nothing of yours is open" in browser.get("/promised/").content.decode()
        assert "done by her" in browser.get("/promised/?which=all&sort=subject&whose=reach").content.decode()
        assert browser.post("/promised/99/kept").status_code == 404

    def test_what_is_due_stands_on_the_first_page(self, bo: people.Person, signed_in: SignedIn) -> None:
        browser = signed_in(bo)
        assert browser.get("/promised/due").content.decode().strip() == ""
        for days, words in ((0.5, "soon"), (3, "later")):
            promise = rules.promise(kind="reply", text=words, due=NOW + timedelta(days=days), now=NOW)
            send(bo, "Thank you.", words, promises=[promise])
        shown = browser.get("/promised/due").content.decode()
        assert "soon" in shown and "later" not in shown and 'href="/about/case:desk-1"' in shown
        assert browser.get("/about/case:desk-1")["Location"] == "/cases/1/"
        assert browser.get("/about/order:1").status_code == 404

    def test_a_promise_is_kept_from_the_composer(self, bo: people.Person, signed_in: SignedIn) -> None:
        promise = rules.promise(kind="reply", text="we answer", due=NOW + timedelta(days=1), now=NOW)
        send(bo, "Thank you.", promises=[promise])
        browser, number = signed_in(bo), models.Commitment.objects.get().pk
        sealed = {"matter": people_pages.sealed(NORTH, bo)}
        assert "1 promise made by word runs here" in browser.get("/messages/composer", sealed).content.decode()
        answer = browser.post(f"/promised/{number}/kept", sealed, headers=HTMX)
        assert "Kept. “we answer”" in answer.content.decode() and "runs here" not in answer.content.decode()

    def test_queries_are_bounded_and_a_check_is_quick(self, bo: people.Person, signed_in: SignedIn) -> None:
        for number in range(40):
            happened(f"m{number}", "message.received", hours=number + 1, text="Where is it?", audience="customer")
            promise = [rules.promise(kind="reply", text="we answer", due=NOW + timedelta(days=1), now=NOW)]
            send(bo, "Thank you.", str(number), promises=promise)
        browser, form = signed_in(bo), self.form(bo, f"{ASKED} Your refund has been issued. {SAYS}")
        browser.post("/messages/check", form, headers=HTMX)
        with CaptureQueriesContext(connection) as found:
            started = time.process_time()
            browser.post("/messages/check", form, headers=HTMX)
            taken = time.process_time() - started
        assert len(found) <= 13
        assert taken < 0.1
        with CaptureQueriesContext(connection) as found:
            browser.get("/promised/")
        assert len(found) <= 15


@pytest.mark.usefixtures("clock")
class TestApi:
    def client(self, by: people.Person, joined: Joining) -> Callable[..., object]:
        admin_too = people.Person(by.id, by.name, by.employee, (*by.held, people.Held("admin", None)))
        token = people_actions.make_key(by=admin_too, name="till", scopes=["read", "write"], expires_at=None, now=NOW)
        client = Client(headers={"host": "localhost", "Authorization": f"Bearer {token}"})

        def ask(method: str, path: str, body: object = None, key: str | None = None) -> object:
            headers = {"Idempotency-Key": key} if key else {}
            return getattr(client, method)(f"/api{path}", body, content_type="application/json", headers=headers)

        return ask

    def test_every_act(self, bo: people.Person, joined: Joining) -> None:
        ask = self.client(bo, joined)
        about = {"subject": "case:desk-1", "team": "North"}
        checked = ask("post", "/messages/check", {**about, "text": SAYS}).json()  # type: ignore[attr-defined]
        assert checked["commitments"][0] | {"start": 0} == {
            "kind": "call-back", "text": SAYS, "start": 0, "due": "2026-03-06T23:59:59.999Z",
        }  # fmt: skip
        promise = {"text": SAYS, "due": checked["commitments"][0]["due"], "kind": "call-back"}
        body = {**about, "text": SAYS, "channel": "email", "promises": [promise]}
        first, second = (ask("post", "/messages", body, "k") for _ in range(2))
        assert (first.status_code, first.json()) == (201, second.json())  # type: ignore[attr-defined]
        assert ask("post", "/messages", {**body, "text": "other"}, "k").status_code == 422  # type: ignore[attr-defined]
        (one,) = ask("get", "/commitments").json()["commitments"]  # type: ignore[attr-defined]
        assert (one["state"], one["made_by"], one["team"]) == ("open", bo.employee, "North")
        kept = ask("post", f"/commitments/{one['number']}/kept").json()  # type: ignore[attr-defined]
        assert kept["state"] == "kept"
        assert ask("post", "/commitments/99/withdrawn", {"reason": "x"}).status_code == 404  # type: ignore[attr-defined]
        assert ask("post", "/notes", {**about, "text": "Asks again."}).status_code == 201  # type: ignore[attr-defined]
        got = ask("post", "/messages/received", {**about, "text": "Where?", "channel": "chat"})
        assert got.status_code == 201  # type: ignore[attr-defined]
        assert told() == ["message.sent", "promise.made", "promise.kept", "note.written", "message.received"]
        assert ask("post", "/templates", {"name": "x", "text": "y"}).status_code == 403  # type: ignore[attr-defined]

    def test_whose_a_subject_is_the_journal_says(self, bo: people.Person, joined: Joining) -> None:
        happened("o", "case.opened", "case:2", team="South", customer="c2")
        happened("n", "message.received", "case:2", hours=0.5, team="North", text="x", audience="customer")
        answer = self.client(bo, joined)("post", "/notes", {"subject": "case:2", "team": "North", "text": "Mine now."})
        assert answer.status_code == 403  # type: ignore[attr-defined]
        assert queries.about(subject="case:2", customer=None, team="North") == people.Matter("case:2", "c2", "South")

    def test_templates(self, joined: Joining) -> None:
        ask = self.client(joined("ada", "cx-lead"), joined)
        made = ask("post", "/templates", {"name": "x", "text": "Dear {{ customer }}"}).json()  # type: ignore[attr-defined]
        assert made["placeholders"] == ["customer"]
        at = f"/templates/{made['number']}"
        assert ask("put", at, {"name": "z", "text": "y"}).json()["name"] == "z"  # type: ignore[attr-defined]
        assert [one["name"] for one in ask("get", "/templates").json()["templates"]] == ["z"]  # type: ignore[attr-defined]
        assert ask("delete", at).status_code == 204  # type: ignore[attr-defined]
        assert ask("get", "/templates").json() == {"templates": [], "after": None}  # type: ignore[attr-defined]
