"""The water bottle: an offer that does good at the roadside, adds nothing at home, and must not become a command.

Visits at the roadside and at home run through the same procedure. Steps are left out now and then for reasons that have
nothing to do with the customer (no water left in the van), which is what lets their worth be estimated: at the
roadside water lifts the score by two thirds of a point, at home by nothing.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from aboveboard.simulate.rows import Rows, minutes

FIRST, DAYS = date(2025, 5, 12), 84
TECHNICIANS = tuple(f"technician-{n:02d}" for n in range(1, 13))
WATER_AT_THE_ROADSIDE, WATER_AT_HOME = 0.65, 0.0
EXPLANATION, GOODBYE = 0.5, 0.0
JOURNEY = (
    "call",
    "updates",
    "arrival",
    "greeting",
    "diagnosis",
    "explanation",
    "repair",
    "water",
    "paperwork",
    "goodbye",
)


def events() -> Rows:
    """Return twelve weeks of visits, a dozen or so a day."""
    rows = Rows(story="wb", seed=99, zone="Europe/London")
    visit = 0
    for day in range(DAYS):
        for _ in range(rows.whole(11, 15)):
            visit += 1
            _visit(rows, FIRST + timedelta(days=day), visit)
    _hero(rows)
    return rows


def _visit(rows: Rows, day: date, number: int) -> None:
    at_home = rows.chance(0.46)
    place = "at home" if at_home else "roadside"
    line = {
        "customer": f"member-{number}",
        "subject": f"visit:{number}",
        "channel": "field",
        "touchpoint": place,
        "team": "patrol",
        "employee": rows.pick(TECHNICIANS),
    }
    at = rows.at(day, rows.between(7.0, 21.0))
    rows.add("visit.started", at, **line)
    _step(rows, line, "greet", "done", at + minutes(1))
    explained = not rows.chance(0.3)
    _step(rows, line, "explain", "done" if explained else "skipped", at + minutes(9), reason="next call waiting")
    water = _water(rows, line, at + minutes(16), declines=0.7 if at_home else 0.2)
    rang = not rows.chance(0.4)
    _step(rows, line, "ring-back", "done" if rang else "skipped", at + minutes(45), reason="end of shift")
    rows.add(
        "visit.ended", at + minutes(rows.between(30, 60)), **line, outcome="mobile" if rows.chance(0.9) else "towed"
    )
    worth = WATER_AT_HOME if at_home else WATER_AT_THE_ROADSIDE
    if rows.chance(0.9):
        mean = 7.6 + worth * water + EXPLANATION * explained + GOODBYE * rang
        score = rows.rating(mean, 0.9, 0, 10)
        rows.add(
            "survey.answered",
            at + minutes(rows.between(120, 900)),
            **{**line, "channel": "app"},
            outcome="rating",
            value=score,
        )


def _step(rows: Rows, line: dict[str, str], step: str, done: str, at: datetime, *, reason: str | None = None) -> None:
    attributes = {"reason": reason} if done == "skipped" else None
    rows.add(f"step.{done}", at, **line, rule=f"step:breakdown-visit/{step}", outcome=done, attributes=attributes)


def _water(rows: Rows, line: dict[str, str], at: datetime, *, declines: float) -> bool:
    """Write the offer and its answer, or that there was none to give; return whether water was offered."""
    if rows.chance(0.35):
        _step(rows, line, "offer-water", "skipped", at, reason="no water left in the van")
        return False
    _step(rows, line, "offer-water", "offered", at)
    declined = rows.chance(declines)
    _step(rows, line, "offer-water", "declined" if declined else "done", at + minutes(0.5))
    # Now and then somebody offers again: insistence is a habit of the rule, not of one technician.
    if declined and rows.chance(0.05):
        _step(rows, line, "offer-water", "offered", at + minutes(2))
        _step(rows, line, "offer-water", "done" if rows.chance(0.5) else "declined", at + minutes(2.5))
    return True


def _hero(rows: Rows) -> None:
    """Write one visit of a Sunday afternoon: nine touchpoints without a flaw, and a bottle pressed on her."""
    day = FIRST + timedelta(days=DAYS - 1)
    line = {
        "customer": "member-ruth",
        "subject": "visit:ruth",
        "channel": "field",
        "touchpoint": "at home",
        "team": "patrol",
        "employee": "technician-04",
    }

    def at(clock: str) -> datetime:
        return rows.at(day, clock)

    def step(id: str, clock: str, name: str, done: str) -> None:
        rows.add(f"step.{done}", at(clock), id=id, **line, rule=f"step:breakdown-visit/{name}", outcome=done)

    rows.add("contact.started", at("14:02"), id="ruth-calls", **{**line, "channel": "phone", "touchpoint": "call"})
    rows.add(
        "contact.ended",
        at("14:06"),
        id="ruth-called",
        **{**line, "channel": "phone", "touchpoint": "call"},
        value=4.0,
        outcome="resolved",
    )
    rows.add("visit.started", at("14:31"), id="ruth-visit", **line)
    step("ruth-greeted", "14:32", "greet", "done")
    step("ruth-explained", "14:41", "explain", "done")
    step("ruth-offered", "14:52", "offer-water", "offered")
    step("ruth-declines", "14:52", "offer-water", "declined")
    step("ruth-offered-again", "14:55", "offer-water", "offered")
    step("ruth-declines-again", "14:55", "offer-water", "declined")
    step("ruth-offered-thrice", "14:58", "offer-water", "offered")
    step("ruth-gives-in", "14:59", "offer-water", "done")
    rows.add(
        "message.sent",
        at("14:58"),
        id="ruth-told",
        **line,
        rule="step:breakdown-visit/offer-water",
        audience="customer",
        text="Please take it. I'm supposed to make sure every customer gets one.",
    )
    rows.add("visit.ended", at("15:10"), id="ruth-visit-ends", **line, outcome="mobile")
    step("ruth-rung-back", "16:30", "ring-back", "done")
    for touchpoint in JOURNEY:
        score = 9 if touchpoint == "water" else 10
        rows.add(
            "survey.answered",
            at("18:20"),
            id=f"ruth-rates-{touchpoint}",
            **{**line, "channel": "app", "touchpoint": touchpoint},
            outcome="rating",
            value=score,
            text="I said no twice." if touchpoint == "water" else None,
        )
