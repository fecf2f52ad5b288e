"""Writing the next version: as forms, as text, from a file, by the API, and two people at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.desk.conftest import NOW, Joining
from tests.desk.playbook.test_rules import TEXT

from aboveboard.cli import main
from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import actions, forms, queries, rules

SignedIn = Callable[[people.Person], Client]
TWO_PHONES = (Path(__file__).parents[3] / "stories" / "two-phones" / "playbook.yaml").read_text()


def publish(text: str, by: people.Person | None = None, **more: Any) -> int:
    given: dict[str, Any] = {"why": "as agreed", "effective_from": NOW, "now": NOW} | more
    return actions.publish(by=by, text=text, **given).number


def seen(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def draft(who: people.Person) -> str:
    return queries.begun(user=who.id)[1]


def typed(who: people.Person, section: str, name: str) -> dict[str, str]:
    """What the form of an entry shows, as a browser would send it back."""
    held, table = rules.entry(draft(who), section, name), rules.section(section)
    assert held and table
    form = forms.Entry(table, held=held)
    return {field: form.initial.get(field, "") for field in form.fields}


def read(client: Client, address: str, **more: str) -> str:
    answer = client.get(address, more)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


class TestReading:
    def test_everybody_reads_what_holds(self, joined: Joining, signed_in: SignedIn) -> None:
        browser = signed_in(joined("bo", "frontline"))
        assert "Nothing yet" in read(browser, "/playbook/")
        publish(TWO_PHONES)
        with CaptureQueriesContext(connection) as asked:
            page = read(browser, "/playbook/")
        assert len(asked) < 16
        assert "Your phones are ready at the store within three hours, guaranteed." in page
        assert "Change it" not in page
        assert "guaranteed" not in read(browser, "/playbook/", q="refund-when-late")
        assert browser.get("/playbook/draft/").status_code == 403
        assert browser.get("/playbook/versions/1/playbook.yaml").content.decode() == TWO_PHONES
        assert browser.get("/playbook/versions/2/").status_code == 404

    def test_any_two_versions_are_compared(self, joined: Joining, signed_in: SignedIn) -> None:
        publish(TEXT), publish(TEXT.replace("0.98", "0.9")), publish(TEXT.replace("0.98", "0.8"), why="<b>less</b>")
        browser = signed_in(joined("bo", "analyst"))
        page = read(browser, "/playbook/compare", old="1", new="3")
        assert '<del class="keep-lines">0.98</del> <ins class="keep-lines">0.8</ins>' in page
        assert "&lt;b&gt;less&lt;/b&gt;" in page and "<b>less" not in page
        assert page.count('<tr class="plus">') == 1
        assert browser.get("/playbook/compare", {"old": "x", "new": "9" * 30}).status_code == 200
        assert "Version 2" in read(browser, "/playbook/versions/")

    def test_what_is_to_come_is_said(self, joined: Joining, signed_in: SignedIn) -> None:
        at = datetime.now(NOW.tzinfo)
        publish(TEXT, now=at, effective_from=at)
        publish(TEXT.replace("0.98", "0.9"), now=at, effective_from=at + timedelta(days=3))
        publish(TEXT.replace("0.98", "0.8"), now=at, effective_from=at + timedelta(days=2))
        assert [one.number for one in queries.coming(now=at)] == [3], "version 2 is overtaken before it holds"
        assert "Version 3 is to come" in read(signed_in(joined("bo", "analyst")), "/playbook/")


class TestWriting:
    def test_an_entry_as_a_form_to_a_new_version(self, joined: Joining, signed_in: SignedIn) -> None:
        publish(TEXT)
        owner = joined("ada", "policy-owner")
        browser = signed_in(owner)
        shown = typed(owner, "promises", "ready")
        wrong = browser.post("/playbook/draft/promises/of/ready", shown | {"key-kept_by": "typ = 'order.ready'"})
        assert wrong.status_code == 422
        assert "unknown column &#x27;typ&#x27;" in wrong.content.decode()
        assert browser.post("/playbook/draft/promises/of/ready", shown | {"key-within": "4 hours"}).status_code == 302
        page = read(browser, "/playbook/draft/preview")
        assert '<ins class="keep-lines">4 hours</ins>' in page
        done = browser.post(
            "/playbook/draft/publish",
            {"why": "Tested for a month", "effective_from": "", "seen": seen(page)},
            follow=True,
        )
        assert "Version 2 is published" in done.content.decode()
        made = queries.latest()
        assert made and made.text == TEXT.replace("within: 3 hours", "within: 4 hours")
        assert queries.draft(user=owner.id) is None

    def test_entries_are_added_and_taken_out(self, joined: Joining, signed_in: SignedIn) -> None:
        publish(TEXT)
        owner = joined("ada", "policy-owner")
        browser = signed_in(owner)
        new = {
            "name": "walk-ins",
            "key-says": "Walk-ins first.",
            "key-authority": "rep: 1\nlead: 2",
            "key-requires": "",
        }
        assert browser.post("/playbook/draft/policies/new", new).status_code == 302
        assert browser.post("/playbook/draft/policies/new", new).status_code == 422
        assert browser.post("/playbook/draft/policies/new", {**new, "name": "a/b!"}).status_code == 422
        assert browser.post("/playbook/draft/policies/of/refunds", {"do": "remove", "key-says": "x"}).status_code == 302
        assert (
            browser.post(
                "/playbook/draft/about/new",
                {"key-organisation": "B", "key-timezone": "UTC", "key-touchpoints": "web\nshop"},
            ).status_code
            == 302
        )
        kept = draft(owner)
        book = rules.checked(kept)[0]
        assert (
            book
            and list(book.policies) == ["walk-ins"]
            and dict(book.policies["walk-ins"].authority) == {"rep": 1, "lead": 2}
        )
        assert (book.organisation, book.touchpoints) == ("B", ("web", "shop"))
        assert browser.get("/playbook/draft/policies/of/refunds").status_code == 404
        assert browser.get("/playbook/draft/nothing/new").status_code == 404

    def test_every_section_has_its_form(self, joined: Joining, signed_in: SignedIn) -> None:
        publish(TWO_PHONES)
        owner = joined("ada", "policy-owner")
        browser = signed_in(owner)
        for section, entries in rules.contents(TWO_PHONES).items():
            for one in entries[:1]:
                address = (
                    "/playbook/draft/about/new" if section == "about" else f"/playbook/draft/{section}/of/{one.name}"
                )
                shown = typed(owner, section, one.name)
                assert browser.get(address).status_code == 200
                # Kept as it is shown, nothing changes.
                assert browser.post(address, shown).status_code == 302
        assert draft(owner) == TWO_PHONES

    def test_text_is_checked_while_it_is_typed_and_kept_even_wrong(self, joined: Joining, signed_in: SignedIn) -> None:
        owner = joined("ada", "policy-owner")
        browser = signed_in(owner)
        wrong = TEXT.replace("within: 3 hours", "within: 3 ours")
        told = browser.post("/playbook/draft/check", {"text": wrong}).content.decode()
        assert 'data-goes-to-line="10"' in told and "within: 3 ours" in told
        assert (
            browser.post("/playbook/draft/", {"text": wrong.replace("\n", "\r\n"), "do": "preview"})["Location"]
            == "/playbook/draft/"
        )
        assert draft(owner) == wrong
        assert "Publish it" not in read(browser, "/playbook/draft/preview")
        for broken in ("a: [", "", "x", "promises: {a: &x 1, b: *x}", "\x00", "promises:\n\t- x"):
            assert browser.post("/playbook/draft/check", {"text": broken}).status_code == 200
            assert browser.post("/playbook/draft/", {"text": broken}).status_code == 302
            assert browser.get("/playbook/draft/").status_code == 200
            assert browser.post("/playbook/draft/promises/new", {"name": "a"}).status_code == 422
        assert browser.post("/playbook/draft/discard").status_code == 302

    def test_the_prover_says_what_no_longer_fits(self, joined: Joining, signed_in: SignedIn) -> None:
        freed = TWO_PHONES.replace("then: ready_at <= ordered_at + 3\n", "then: ready_at <= ordered_at + 30\n")
        publish(freed)
        owner = joined("ada", "policy-owner")
        actions.keep_draft(by=owner, text=TWO_PHONES, now=NOW)
        told = read(signed_in(owner), "/playbook/draft/conflicts")
        assert "A new conflict." in told and "no choice keeps" in told
        assert "forbids more than before" in told

    def test_a_file_comes_in_and_goes_out_as_it_was(self, joined: Joining, signed_in: SignedIn) -> None:
        owner = joined("ada", "policy-owner")
        browser = signed_in(owner)
        for content, status in ((b"\xff\xfe", 302), (TWO_PHONES.encode(), 302)):
            file = SimpleUploadedFile("playbook.yaml", content)
            assert browser.post("/playbook/draft/upload", {"file": file}).status_code == status
        page = read(browser, "/playbook/draft/preview")
        browser.post(
            "/playbook/draft/publish", {"why": "First", "effective_from": "2050-01-01T10:00", "seen": seen(page)}
        )
        assert browser.get("/playbook/versions/1/playbook.yaml").content.decode() == TWO_PHONES
        made = queries.latest()
        assert made and made.effective_from.isoformat() == "2050-01-01T15:00:00+00:00", "ten o'clock in New York"


class TestTwoAtOnce:
    def test_the_second_is_shown_what_the_first_changed(self, joined: Joining, signed_in: SignedIn) -> None:
        publish(TEXT)
        ada, eve = joined("ada", "policy-owner"), joined("eve", "policy-owner")
        mine, theirs = TEXT.replace("3 hours\n", "4 hours\n"), TEXT.replace("30 days", "60 days")
        for who, text in ((ada, mine), (eve, theirs)):
            actions.keep_draft(by=who, text=text, now=NOW)
        browser = signed_in(ada)
        assert "Eve" in read(browser, "/playbook/draft/")
        page = read(browser, "/playbook/draft/preview")
        publish(theirs, eve, base=1)
        refused = browser.post(
            "/playbook/draft/publish", {"why": "x", "seen": seen(page)}, follow=True
        ).content.decode()
        assert "Version 2 was published meanwhile" in refused and "Refunds within 60 days." in refused
        assert "Publish it" not in refused
        joint = browser.post("/playbook/draft/catch-up", {"do": "together"}, follow=True).content.decode()
        done = browser.post("/playbook/draft/publish", {"why": "Both", "seen": seen(joint)}, follow=True)
        assert "Version 3 is published" in done.content.decode()
        made = queries.latest()
        assert made and "4 hours" in made.text and "60 days" in made.text

    def test_where_both_changed_the_same_somebody_chooses(self, joined: Joining) -> None:
        publish(TEXT)
        ada, eve = joined("ada", "policy-owner"), joined("eve", "policy-owner")
        actions.keep_draft(by=ada, text=TEXT.replace("3 hours\n", "4 hours\n"), now=NOW)
        publish(TEXT.replace("3 hours\n", "5 hours\n"), eve, base=1)
        with pytest.raises(rules.MovedOnError, match="Version 2"):
            publish(TEXT, ada, base=1)
        with pytest.raises(rules.PlaybookVersionError, match="same lines"):
            actions.catch_up(by=ada, now=NOW, together=True)
        kept = actions.catch_up(by=ada, now=NOW, together=False)
        assert publish(kept.text, ada, base=kept.base) == 3

    def test_what_is_published_is_what_was_looked_at(self, joined: Joining, signed_in: SignedIn) -> None:
        owner = joined("ada", "policy-owner")
        actions.keep_draft(by=owner, text=TEXT, now=NOW)
        browser = signed_in(owner)
        page = read(browser, "/playbook/draft/preview")
        actions.keep_draft(by=owner, text=TEXT.replace("0.98", "0.5"), now=NOW)
        browser.post("/playbook/draft/publish", {"why": "x", "seen": seen(page)})
        assert queries.latest() is None


class TestPrograms:
    @pytest.fixture
    def ask(self, joined: Joining) -> Callable[..., Any]:
        owner = joined("ada", "cx-lead")
        people_actions.give_role(by=joined("root", "admin"), user=owner.id, role="admin", team=None, now=NOW)
        from aboveboard.desk.people import models, queries

        maker = queries.person(user=models.User.objects.get(pk=owner.id))
        token = people_actions.make_key(by=maker, name="k", scopes=["read", "write"], expires_at=None, now=NOW)
        client = Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})

        def asked(method: str, address: str, body: Any = None, **headers: str) -> Any:
            return client.generic(
                method, address, json.dumps(body) if body is not None else "", "application/json", headers=headers
            )

        return asked

    def test_every_act_of_the_pages(self, ask: Callable[..., Any]) -> None:
        assert ask("GET", "/api/playbook").status_code == 404
        made = ask(
            "POST", "/api/playbook/versions", {"text": TEXT, "why": "First", "base": 0}, **{"Idempotency-Key": "k1"}
        )
        again = ask(
            "POST", "/api/playbook/versions", {"text": TEXT, "why": "First", "base": 0}, **{"Idempotency-Key": "k1"}
        )
        assert (made.status_code, again.status_code, again.json()) == (201, 201, made.json())
        assert ask("GET", "/api/playbook").json()["text"] == TEXT
        late = ask("POST", "/api/playbook/versions", {"text": TEXT, "why": "x", "base": 0})
        assert (late.status_code, late["Content-Type"]) == (409, "application/problem+json")
        changed = TEXT.replace("0.98", "0.9")
        told = ask("POST", "/api/playbook/check", {"text": changed}).json()
        assert told["problems"] == [] and told["changes"][0]["keys"] == [
            {"key": "objective", "before": "0.98", "after": "0.9"}
        ]
        assert ask("POST", "/api/playbook/check", {"text": "promises: 3"}).json()["problems"][0]["line"] == 1
        assert ask("PUT", "/api/playbook/draft", {"text": changed}).json()["base"] == 1
        assert ask("POST", "/api/playbook/draft/catch-up", {}).status_code == 200
        assert ask("GET", "/api/playbook/draft").json()["text"] == changed
        assert ask("DELETE", "/api/playbook/draft").status_code == 204
        assert ask("POST", "/api/playbook/versions", {"text": changed, "why": "Less"}).status_code == 201
        assert ask("GET", "/api/playbook/compare/1/2").json() == told["changes"]
        assert [one["number"] for one in ask("GET", "/api/playbook/versions").json()["versions"]] == [2, 1]
        assert ask("GET", "/api/playbook/versions?after=2").json()["versions"][0]["number"] == 1
        assert ask("GET", "/api/playbook/versions/99999999999999999999").status_code == 404
        wrong = ask(
            "POST", "/api/playbook/versions", {"text": "x", "why": "x", "effective_from": "2050-01-01T00:00:00"}
        )
        assert wrong.status_code == 422
        bodies: tuple[dict[str, str], ...] = (
            {"text": "a\x00", "why": "x"},
            {"text": TEXT, "why": "\ud800"},
            {"text": TEXT, "why": "x", "effective_from": "9999-12-31T23:00:00-12:00"},
        )
        assert [ask("POST", "/api/playbook/versions", body).status_code for body in bodies] == [400, 400, 422]

    def test_from_the_terminal(self, database: str, tmp_path: Path) -> None:
        file = tmp_path / "book.yaml"
        file.write_text(TWO_PHONES)
        run = CliRunner()
        assert run.invoke(main, ["desk", "playbook"]).exit_code == 2
        assert run.invoke(main, ["desk", "playbook", str(file)]).exit_code == 2
        made = run.invoke(main, ["desk", "playbook", str(file), "--why", "First"])
        assert made.output.startswith("Version 1 is published")
        assert "already" in run.invoke(main, ["desk", "playbook", str(file), "--why", "Again"]).output
        assert run.invoke(main, ["desk", "playbook"]).output == TWO_PHONES
        file.write_text("promises:\n  a: {says: A.}\n")
        wrong = run.invoke(main, ["desk", "playbook", str(file), "--why", "Wrong"])
        assert wrong.exit_code == 2 and "book.yaml:2" in wrong.output
