"""Escalations, case by case, worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest

from aboveboard.analyses import escalations
from aboveboard.analyses.escalations.tables import ESCALATIONS
from aboveboard.playbook.model import Playbook, Policy

Event = tuple[float, str, dict[str, Any]]
FEE = {"fee": Policy("fee", "The fee stays.", "finance", authority={"rep": 20.0, "lead": 100.0})}
CARD = {"card": Policy("card", "As on the card.", authority={"waiter": 0.0, "manager": 50.0})}
BOOK = Playbook(policies=FEE | CARD)
MINE = "mine"
"""Stands for the story's own subject and customer: every story is told of others."""


def asked(hours: float, needed: str | None = "lead", **columns: Any) -> Event:
    return (
        hours,
        "escalation.opened",
        {"subject": MINE, "customer": MINE, "attributes": {"authority": needed}, **columns},
    )


def decided(hours: float, used: str | None = "lead", reason: str | None = None, **columns: Any) -> Event:
    attributes = {"authority": used, "reason": reason}
    return hours, "escalation.decided", {"subject": MINE, "customer": MINE, "attributes": attributes, **columns}


def happened(hours: float, type: str, **columns: Any) -> Event:
    return hours, type, {"subject": MINE, "customer": MINE, **columns}


def remedied(hours: float, **columns: Any) -> Event:
    return happened(hours, "remedy.given", outcome="voucher", **columns)


Told = dict[str, list[dict[str, Any]]]


@pytest.fixture
def tell(opened: Any, first: datetime) -> Any:
    """Tell many stories at once, by name, up to `days`: the rows of each, in the order of their openings.

    One query answers all of them: each story has a subject and a customer of its own, and ids that begin with its name.
    """

    def tell(stories: dict[str, list[Event]], *, days: float = 30, book: Playbook = BOOK, **options: Any) -> Told:
        events = []
        for name, story in stories.items():
            for number, (hours, type, columns) in enumerate(story, start=1):
                named = {key: name if value == MINE else value for key, value in columns.items()}
                events.append((hours, type, {"id": f"{name} {number}", **named}))
        led = opened(*events)
        found = escalations.escalations(led.events, book, as_of=first + timedelta(days=days), **options)
        table = led.arrow(found)
        assert tuple(table.column_names) == ESCALATIONS.columns
        rows = sorted(table.to_pylist(), key=lambda row: row["event"])
        return {name: [row for row in rows if row["event"].startswith(f"{name} ")] for name in stories}

    return tell


def endings(told: Told) -> dict[str, Any]:
    return {name: (row["ending"], row["theatre"]) for name, (row,) in told.items()}


NOTHING, CHANGED = ("nothing", True), ("changed", False)


def test_which_decision_answers(tell: Any) -> None:
    rule = "policy:fee"
    told = tell(
        {
            "first": [decided(-1, outcome="early"), asked(0), decided(2, outcome="upheld"), decided(3)],
            "both": [asked(0), asked(1), decided(2)],
            "other": [
                asked(0, rule=rule), decided(1, rule="policy:card"), decided(2, subject="elsewhere"), decided(3),
                decided(4, rule=rule),
            ],
            "bare": [asked(0), decided(1, rule=rule)],
            "untied": [asked(0, subject=None), decided(1, subject=None), remedied(2)],
        }
    )  # fmt: skip
    (row,) = told["first"]
    assert (row["decision"], row["outcome"], row["latency_minutes"]) == ("first 3", "upheld", 120)
    assert (row["authority_needed"], row["authority_used"]) == ("lead", "lead")
    assert [row["decision"] for row in told["both"]] == ["both 3", "both 3"], "one decision may answer several"
    (row,) = told["other"]
    assert (row["decision"], row["policy"]) == ("other 4", "fee"), "one without a rule answers, one on another does not"
    (row,) = told["bare"]
    assert (row["rule"], row["policy"]) == (rule, "fee"), "the decision says which rule it was"
    (row,) = told["untied"]
    assert (row["decision"], row["changed"], row["theatre"], row["ending"]) == (None, None, None, None)


WHAT_CHANGES = {
    "upgrade": (happened(2, "remedy.given", outcome="upgrade"), True),
    "apology": (happened(2, "remedy.given", outcome="Apology"), False),
    "exception": (happened(2, "exception.granted", rule="policy:fee"), True),
    "refund": (happened(2, "payment.refunded", value=5.0), True),
    "booking": (happened(2, "booking.changed"), True),
    "cancelled": (happened(2, "order.cancelled"), True),
    "ordered": (happened(2, "order.placed"), False),
    "kept": (happened(2, "promise.kept"), True),
    "promised": (happened(2, "promise.made", text="I will deal with it."), False),
    "shown": (happened(2, "status.changed", outcome="on its way", audience="customer"), True),
    "inside": (happened(2, "status.changed", outcome="on its way", audience="internal"), False),
    "our work": (happened(2, "status.changed", outcome="Resolved", audience="customer"), False),
    "words": (happened(2, "message.sent", text="I have dealt with it.", audience="customer"), False),
    "note": (happened(2, "note.written", text="Dealt with.", audience="internal"), False),
    "pat": (happened(2, "recognition.given", text="Well handled.", employee="e"), False),
    "closed": (happened(2, "case.closed", outcome="resolved"), False),
    "denied": (happened(2, "exception.denied", rule="policy:fee"), False),
}


def test_what_counts_as_a_change(tell: Any) -> None:
    told = tell({name: [asked(0), decided(1), event] for name, (event, _) in WHAT_CHANGES.items()})
    for name, ((_, type, _), changes) in WHAT_CHANGES.items():
        (row,) = told[name]
        assert row["theatre"] is not changes, name
        assert (row["changed"], row["changed_event"]) == ((type, f"{name} 3") if changes else (None, None))


def test_the_list_is_data(tell: Any) -> None:
    story = {
        "sent": [asked(0), decided(1), happened(2, "technician.sent")],
        "given": [asked(0), decided(1), remedied(2)],
    }
    more = (*escalations.CHANGES, escalations.Change("technician.*"))
    assert endings(tell(story, changes=more)) == {"sent": CHANGED, "given": CHANGED}


def test_when_a_change_counts(tell: Any) -> None:
    stories = {
        "in time": [asked(0), decided(1), remedied(1 + 71.5)],
        "too late": [asked(0), decided(1), remedied(1 + 72.5)],
        "before the decision": [asked(0), remedied(0.5), decided(1)],
        "before the opening": [remedied(-1), asked(0), decided(1)],
        "never decided": [asked(0)],
        "undecided, remedied": [asked(0), remedied(200)],
    }
    expected = {
        "in time": CHANGED, "too late": NOTHING, "before the decision": CHANGED, "before the opening": NOTHING,
        "never decided": ("undecided", True), "undecided, remedied": CHANGED,
    }  # fmt: skip
    assert endings(tell(stories)) == expected
    early = endings(tell(stories, days=3))
    assert {name for name, ending in early.items() if ending == (None, None)} == {
        "too late", "before the opening", "in time", "never decided", "undecided, remedied",
    }, "while a window is open nothing is said"  # fmt: skip
    other = tell(stories, window=timedelta(days=4), patience=timedelta(days=2))
    assert endings(other) == expected | {"too late": CHANGED, "undecided, remedied": ("undecided", True)}


def test_a_no_told_with_its_reason_is_told_apart_and_changes_nothing(tell: Any) -> None:
    told = happened(2, "message.sent", audience="customer", text="No, for the law forbids it.")
    refusal = happened(1, "exception.denied", rule="policy:fee", attributes={"reason": "law"})
    no = {"outcome": "Denied"}
    stories = {
        "told": [asked(0), decided(1, reason="law", **no), told],
        "why is on the refusal": [asked(0), decided(1, **no), refusal, told],
        "no why": [asked(0), decided(1, **no), told],
        "no words": [asked(0), decided(1, reason="law", **no)],
        "words before": [asked(0), happened(0.5, "message.sent", audience="customer"), decided(1, reason="law", **no)],
        "no no": [asked(0), decided(1, reason="law", outcome="noted"), told],
    }
    found = endings(tell(stories))
    assert {name for name, ending in found.items() if ending == ("told no", True)} == {"told", "why is on the refusal"}
    assert [ending for ending in found.values() if ending[0] != "told no"] == [NOTHING] * 4


def test_what_is_tied_to_whom(tell: Any) -> None:
    order = {"subject": "order:7"}
    stories = {
        "loose": [asked(0), decided(1), happened(2, "payment.refunded", subject=None)],
        "elsewhere": [asked(0), decided(1), happened(2, "payment.refunded", **order)],
        "delivery": [asked(0), decided(1), happened(2, "order.delivered", **order)],
    }
    assert endings(tell(stories)) == {"loose": CHANGED, "elsewhere": NOTHING, "delivery": NOTHING}
    ids = [f"{name} {number}" for name in stories for number in (1, 2, 3)]
    members = ibis.memtable(pa.table({"event": ids, "episode": [one.split()[0] for one in ids]}))
    tied = endings(tell(stories, members=members))
    assert tied == {"loose": CHANGED, "elsewhere": CHANGED, "delivery": NOTHING}, "an order would have come anyway"


CLIMBS = {"rep": False, "waiter": False, "manager": True, "lead": True, "owner": True, "judge": None}
NEEDS: dict[str, tuple[tuple[str | None, float | None, str], Any, Any]] = {
    "small": (("policy:fee", 15.0, "lead"), True, "within the frontline's authority"),
    "large": (("policy:fee", 60.0, "lead"), False, None),
    "unknown": (("policy:fee", None, "lead"), None, None),
    "came back": (("policy:fee", 60.0, "rep"), True, "decided by the frontline"),
    "nothing": (("policy:card", 0.0, "manager"), False, None),
    "loose": (("policy:loose", 10.0, "manager"), None, None),
    "ruleless": ((None, 10.0, "manager"), None, None),
}


def test_climbing_is_beyond_the_frontline(tell: Any) -> None:
    stories = {level: [asked(0), decided(1, level)] for level in CLIMBS} | {"open": [asked(0)]}
    told = tell(stories | {"named": [asked(0, "judge"), decided(1, "judge")]})
    found = {name: row["climbed"] for name, (row,) in told.items()}
    assert found == CLIMBS | {"open": None, "named": True}, "the level asked for is above, though no policy names it"


def test_what_need_not_have_climbed(tell: Any) -> None:
    stories = {
        name: [asked(0, rule=rule, value=value), decided(1, used)]
        for name, ((rule, value, used), _, _) in NEEDS.items()
    }
    stories["given"] = [asked(0, rule="policy:fee"), decided(1), remedied(2, value=12.0)]
    needs = {name: (needless, because) for name, (_, needless, because) in NEEDS.items()}
    needs["given"] = (True, "within the frontline's authority")

    def found(**options: Any) -> dict[str, Any]:
        return {name: (row["needless"], row["needless_because"]) for name, (row,) in tell(stories, **options).items()}

    assert found() == needs
    verdicts = {"fee": "change the rule", "card": "push authority down", "loose": "keep and explain"}
    policies = ibis.memtable(pa.table({"policy": list(verdicts), "verdict": list(verdicts.values())}))
    more = {"large": "change the rule", "unknown": "change the rule", "nothing": "push authority down"}
    assert found(policies=policies) == needs | {name: (True, why) for name, why in more.items()} | {
        "loose": (False, None)
    }
    unsure = ibis.memtable(pa.table({"policy": ["loose", "card"], "verdict": ["not enough data", "keep and explain"]}))
    assert found(policies=unsure) == needs


def test_an_empty_ledger_has_no_escalations_and_an_empty_list_no_changes(tell: Any) -> None:
    assert tell({}) == {}
    story = {"given": [asked(0), decided(1), remedied(2)]}
    assert endings(tell(story, changes=())) == {"given": NOTHING}


def test_a_negative_window_is_refused(tell: Any) -> None:
    with pytest.raises(ValueError, match="window"):
        tell({}, window=timedelta(days=-1))
