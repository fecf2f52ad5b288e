"""The conversations: questions, cases that wander between teams, repairs, calls back."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.simulate.blocks import (
    DAY,
    HOUR,
    MINUTE,
    Blocks,
    Clock,
    Flags,
    Floats,
    Ints,
    joined,
    named,
    one_of,
    same,
    waits,
)
from aboveboard.simulate.customers import Customers
from aboveboard.simulate.truth import Rates

QUESTIONS = ("order question", "warranty question", "billing question", "using it")
DESKS = ("phone line", "chat desk", "counter")
DESK_CHANNELS = ("phone", "chat", "store")
TOPICS = ("billing", "complaints", "returns")
AGENTS = 40
FIX_SHARE = 0.8  # of the days have passed when the new inbox is there


def write(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates) -> None:
    """Write everything the desks do."""
    _questions(blocks, clock, rng, people, rates)
    _cases(blocks, clock, rng, people, rates)
    _repairs(blocks, clock, rng, people, rates)
    _calls_back(blocks, clock, rng, people)


def _when(clock: Clock, rng: np.random.Generator, count: int, low: float, high: float) -> Ints:
    return clock.utc(rng.integers(clock.days, size=count), low + (high - low) * rng.random(count))


def _questions(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates) -> None:
    """Write questions and their answers. The phone line is as busy as the others together, and no worse.

    Who asked about a warranty and was read the card comes back within days; every employee reads the same card.
    """
    count = round(len(people) * 0.9)
    person, started_at = rng.integers(len(people), size=count), _when(clock, rng, count, 8.5, 19.0)
    desk = rng.choice(len(DESKS), p=(0.55, 0.25, 0.2), size=count)
    question = rng.integers(len(QUESTIONS), size=count)
    resolved = rng.random(count) < 0.88
    back = resolved & (rng.random(count) < _comes_back(question, rates))
    subject = np.arange(count, dtype=np.int64)
    _contact(blocks, rng, people, person, started_at, desk, question, subject, resolved, np.ones(count, dtype=bool))
    again_at = started_at + rng.integers(20, 110, count) * HOUR // DAY * DAY + rng.integers(1, 4, count) * HOUR
    _contact(blocks, rng, people, person, again_at, desk, question, subject, rng.random(count) < 0.88, back)


def _comes_back(question: Ints, rates: Rates) -> Floats:
    """Return how likely each who was told it is resolved has to come back: it depends on the question alone."""
    scripted = question == QUESTIONS.index("warranty question")
    return np.where(scripted, rates.repeat_after_script, rates.repeat_anywhere)


def _contact(
    blocks: Blocks, rng: np.random.Generator, people: Customers, person: Ints, at: Ints, desk: Ints, question: Ints,
    subject: Ints, resolved: Flags, where: Flags,
) -> None:  # fmt: skip
    count = len(person)
    line = {
        "customer": people.first_key(person), "subject": named("question:", subject), "channel": one_of(DESK_CHANNELS, desk),
        "team": one_of(DESKS, desk), "touchpoint": one_of(QUESTIONS, question),
        "employee": named("agent-", rng.integers(1, AGENTS + 1, count)),
    }  # fmt: skip
    spoken = np.maximum(1, np.round(rng.lognormal(1.9, 0.5, count)))
    ended_at = at + (spoken * MINUTE).astype(np.int64)
    blocks.add("contact.started", at, where=where, **line)
    blocks.add(
        "contact.ended",
        ended_at,
        where=where,
        **line,
        value=spoken,
        outcome=one_of(("unresolved", "resolved"), resolved.astype(np.int64)),
    )
    asked = where & (rng.random(count) < 0.15)
    score = np.clip(np.round(rng.normal(np.where(resolved, 4.3, 2.6), 0.8)), 1, 5)
    blocks.add("survey.answered", ended_at + 2 * HOUR, where=asked, **line, outcome="csat", value=score)


def _cases(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates) -> None:
    """Write cases in writing. Billing and the orders desk send some to and fro; a fix quickens the answers for all."""
    count = round(len(people) * 0.5)
    person, opened_at = rng.integers(len(people), size=count), _when(clock, rng, count, 8.0, 20.0)
    topic = rng.choice(len(TOPICS), p=(0.4, 0.3, 0.3), size=count)
    subject = named("case:", np.arange(count, dtype=np.int64))
    question = rng.integers(len(QUESTIONS), size=count)
    line = {
        "customer": people.first_key(person),
        "subject": subject,
        "channel": "email",
        "touchpoint": one_of(QUESTIONS, question),
    }
    team = one_of(TOPICS, topic)
    fixed_at = int(clock.utc(np.array([round(clock.days * FIX_SHARE)]), np.array([7.0]))[0])
    slow = rng.random(count) < np.where(opened_at < fixed_at, rates.slow_answer_before_fix, rates.slow_answer)
    closed_at = (
        opened_at + np.where(slow, rng.integers(25 * 60, 60 * 60, count), rng.integers(8 * 60, 22 * 60, count)) * MINUTE
    )
    employee = named("agent-", rng.integers(1, AGENTS + 1, count))
    blocks.add("case.opened", opened_at, **line, team=team)
    blocks.add("case.assigned", opened_at + 10 * MINUTE, **line, team=team, employee=employee)
    billing = topic == TOPICS.index("billing")
    tossed = rng.random(count) < np.where(billing, rates.ping_pong, rates.ping_pong_anywhere)
    passed_on = ~tossed & (rng.random(count) < 0.25)
    there_at = _passed(blocks, rng, line, opened_at + 60 * MINUTE, team, "orders desk", tossed | passed_on)
    back_at = _passed(blocks, rng, line, there_at + 40 * MINUTE, "orders desk", team, tossed)
    closed_at = np.where(tossed, np.maximum(closed_at, back_at + 10 * MINUTE), closed_at)
    cause = one_of(('{"cause":"invoice"}', '{"cause":"delivery"}', '{"cause":"product"}'), rng.integers(3, size=count))
    closers = pc.if_else(pa.array(passed_on), "orders desk", team)
    blocks.add("case.closed", closed_at, **line, team=closers, employee=employee, outcome="closed", attributes=cause)
    back = rng.random(count) < _comes_back(question, rates)
    again_at = closed_at + rng.integers(20, 110, count) * HOUR
    blocks.add("case.reopened", again_at, where=back, **line, team=closers)
    blocks.add(
        "case.closed",
        again_at + 6 * HOUR,
        where=back,
        **line,
        team=closers,
        employee=employee,
        outcome="closed",
        attributes=cause,
    )
    if rates.slow_answer_before_fix != rates.slow_answer:
        blocks.add(
            "fix.released", np.array([fixed_at]), rule="promise:answer-within-a-day", text="One inbox instead of two."
        )


def _passed(
    blocks: Blocks,
    rng: np.random.Generator,
    line: dict[str, pa.Array | str],
    at: Ints,
    sender: pa.Array | str,
    receiver: pa.Array | str,
    where: Flags,
) -> Ints:
    """Write a hand-off and return when it arrived: after as long as hand-offs take in this company."""
    count = len(at)
    to = joined('{"to":"', same(receiver, count) if isinstance(receiver, str) else receiver, '"}')
    received_at = at + waits(rng, count)
    blocks.add("handoff.sent", at, where=where, **line, team=sender, attributes=to)
    blocks.add("handoff.received", received_at, where=where, **line, team=receiver)
    return received_at


def _repairs(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates) -> None:
    """Write machines brought to the workshop on open days, and when they were mended: Monday's later than others."""
    count = round(len(people) * 0.3)
    person = rng.integers(len(people), size=count)
    open_days = np.flatnonzero(clock.weekdays <= 5)
    within = open_days[open_days < clock.days]
    nth = rng.integers(len(within), size=count)
    day = within[nth]
    booked_at = clock.utc(day, 8.2 + 8.5 * rng.random(count))
    late = rng.random(count) < np.where(clock.weekdays[day] == 1, rates.late_repair_monday, rates.late_repair)
    later = np.where(late, rng.integers(3, 6, count), rng.integers(1, 3, count))
    done_at = clock.utc(open_days[np.searchsorted(open_days, day) + later], 8.5 + 8.0 * rng.random(count))
    line = {
        "customer": people.first_key(person), "subject": named("repair:", np.arange(count, dtype=np.int64)), "channel": "store",
        "touchpoint": "repair desk", "team": "workshop",
    }  # fmt: skip
    blocks.add("repair.booked", booked_at, **line)
    blocks.add("repair.done", done_at, **line, employee=named("fitter-", rng.integers(1, 13, count)))


def _calls_back(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers) -> None:
    """Write promises to call back, kept nineteen times in twenty: the innocent promise."""
    count = round(len(people) * 0.25)
    person, made_at = rng.integers(len(people), size=count), _when(clock, rng, count, 8.5, 15.0)
    due_at = made_at + rng.integers(2, 5, count) * HOUR
    kept_at = (
        due_at + np.where(rng.random(count) < 0.04, rng.integers(5, 400, count), -rng.integers(5, 110, count)) * MINUTE
    )
    line = {
        "customer": people.first_key(person), "subject": named("call:", np.arange(count, dtype=np.int64)), "channel": "phone",
        "team": "phone line", "rule": "promise:call-back", "employee": named("agent-", rng.integers(1, AGENTS + 1, count)),
    }  # fmt: skip
    blocks.add("promise.made", made_at, **line, due=pa.array(due_at))
    blocks.add("promise.kept", kept_at, **line)
