"""Claims in a playbook: read, refused, laid over those that ship, changed and written back."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from tests.playbook.test_reader import one

from aboveboard.analyses.claims.tables import KINDS
from aboveboard.playbook import claims, reader
from aboveboard.playbook.writer import Document

TEXT = """\
timezone: Europe/Berlin
claims:
  asked-superior:   # ours are on the phone
    words: {en: [rang the duty manager, '/rang (my|the) boss/'], de: [habe oben angerufen]}
    evidence: once[0, 1 hour] (type = 'call.made')
  sent-technician:
    says: A technician was sent.
    owner: dispatch
    words: {en: [sent a technician]}
    evidence: >
      once[0, 1 day] (type = 'visit.planned')
      or eventually[0, claim.due] (type = 'visit.started')
    recorded_by: type = 'visit.started'
    same: customer
    commitment: true
"""
SHIPPED = """\
claims:
  asked-superior:
    says: Somebody above was asked.
    words: {en: [asked my manager]}
    evidence: once[0, 2 hours] (type = 'escalation.opened')
    recorded_by: type = 'escalation.opened'
  checked:
    says: Somebody looked.
    words: {en: [have checked]}
    evidence: once[0, 1 hour] (type = 'record.checked')
    same: episode
"""


def test_claims_are_read() -> None:
    asked, sent = reader.read(TEXT).claims.values()
    assert asked.words["de"] == ("habe oben angerufen",)
    assert (asked.says, asked.same, asked.commitment) == (None, None, None)
    assert (sent.says, sent.owner, sent.same, sent.commitment) == (
        "A technician was sent.",
        "dispatch",
        "customer",
        True,
    )
    assert str(sent.evidence) == (
        "once[0, 1 day] (type = 'visit.planned') or eventually[0, claim.due] (type = 'visit.started')"
    )
    assert (asked.place.line, sent.place.line) == (3, 6)


def test_what_the_playbook_states_wins_and_its_words_are_added() -> None:
    applied = claims.overlaid(reader.read(SHIPPED).claims, reader.read(TEXT).claims)
    assert list(applied) == ["asked-superior", "checked", "sent-technician"]
    asked = applied["asked-superior"]
    assert asked.says == "Somebody above was asked." and str(asked.evidence) == "once[0, 1 hour] (type = 'call.made')"
    assert asked.words["en"] == ("asked my manager", "rang the duty manager", "/rang (my|the) boss/")
    assert asked.words["de"] == ("habe oben angerufen",) and asked.recorded_by is not None
    assert (asked.same, asked.commitment, applied["checked"].same) == ("subject", False, "episode")


def test_a_time_zone_may_be_given_to_a_book_that_names_none() -> None:
    text = "claims: {checked: {evidence: (local_hour(time) > 3)}}"
    zone = ZoneInfo("Asia/Tokyo")
    formula = reader.read(text + "\n", timezone=zone).claims["checked"].evidence
    assert formula is not None and "Asia/Tokyo" in repr(formula.tree)


@pytest.mark.parametrize(
    ("text", "said", "suggestion"),
    [
        ("claims: {sent: {says: x}}\n", "so it needs `words` and `evidence`", None),
        ("claims: {cheked: {says: x}}\n", "no claim of that name ships", "checked"),
        ("claims: {checked: {words: {english: [a]}}}\n", "two letters", None),
        ("claims: {checked: {words: {en: ['/(/']}}}\n", "no regular expression", None),
        ("claims: {checked: {words: {en: ['/a*/']}}}\n", "no words at all", None),
        ("claims: {checked: {evidence: onec (type = 'a')}}\n", "(character 1 of: onec", "once"),
        ("claims: {checked: {same: ticket}}\n", "not one of subject, customer, episode", None),
        ("claims: {checked: {evidance: once (true)}}\n", "a claim has no key 'evidance'", "evidence"),
    ],
)
def test_what_is_wrong_is_told(text: str, said: str, suggestion: str | None) -> None:
    problem = one(text)
    assert said in problem.message and problem.suggestion == suggestion and problem.line == 1


def test_the_playbook_knows_the_claims_that_ship() -> None:
    assert set(claims.SHIPPED) == set(KINDS)


def test_words_are_patterns() -> None:
    phrase, expression = claims.pattern("sent a  technician"), claims.pattern("/sent (him|her)/")
    assert phrase.search("We have SENT a\ntechnician.") and not phrase.search("sent a technicians")
    assert expression.search("I sent her") and not expression.search("I sent them")
    assert claims.pattern("a.b").search("a.b") and not claims.pattern("a.b").search("axb")


def test_an_entry_is_changed_and_the_rest_stays() -> None:
    document = Document.of(TEXT)
    document.set("claims.asked-superior.evidence", "once[0, 3 hours] (type = 'call.made')")
    document.set("claims.asked-superior.same", "episode")
    asked = reader.read(document.text()).claims["asked-superior"]
    assert (str(asked.evidence), asked.same) == ("once[0, 3 hours] (type = 'call.made')", "episode")
    assert "# ours are on the phone" in document.text()
    assert reader.read(document.text()).claims["sent-technician"] == _moved(reader.read(TEXT).claims["sent-technician"])


def _moved(claim: reader.Claim) -> reader.Claim:
    """The same entry a line further down: a key was added above it."""
    return replace(claim, place=replace(claim.place, line=claim.place.line + 1))
