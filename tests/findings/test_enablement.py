"""Findings of the pulse: of teams and never of persons, with interval, and gathered where many wait."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aboveboard.analyses.enablement.tables import LINKS, PULSE, REPLIES
from aboveboard.analyses.shared import arrays
from aboveboard.engines import ledgers
from aboveboard.findings import enablement
from aboveboard.findings.model import Finding
from aboveboard.playbook.model import Playbook

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LACKS = {
    "team": "harbour", "question": "training", "answers_count": 40, "score": 2.0, "score_low": 1.6, "score_high": 2.4,
    "rest_score": 3.7, "differs": True, "cases_count": 100, "breakdowns_count": 30, "breakdown_share": 0.3,
    "breakdown_share_low": 0.22, "breakdown_share_high": 0.4,
}  # fmt: skip
WAITS = {
    "team": "harbour",
    "answers_count": 40,
    "unanswered_count": 20,
    "unanswered_days_median": 30.0,
    "reply_days_median": 9.0,
}
LINK = {
    "question": "tools",
    "teams_count": 12,
    "correlation": -0.8,
    "correlation_low": -0.9,
    "correlation_high": -0.4,
    "q": 0.01,
}


def found(*, pulse: Any = (), replies: Any = (), links: Any = ()) -> list[Finding]:
    made = {"pulse": (PULSE, pulse), "pulse_replies": (REPLIES, replies), "pulse_links": (LINKS, links)}
    tables = {name: ledgers.arrow(arrays.rows_to_table(spec, list(rows))) for name, (spec, rows) in made.items()}
    return list(enablement.findings(tables, Playbook(), as_of=AT))


def test_what_a_team_misses_beside_what_it_breaks() -> None:
    [one] = found(pulse=[LACKS])
    assert one.sentence == (
        "At harbour people miss training: 2.0 of 5 (1.6–2.4), elsewhere 3.7. There 30 % of 100 promises broke (22–40 %)."
    )
    assert (one.kind, one.about) == ("pulse.lacks", {"team": "harbour", "question": "training"})
    assert (one.evidence.n, one.evidence.estimate) == (40, 2.0)


def test_a_small_or_unsure_or_upward_difference_is_none() -> None:
    for more in ({"differs": False}, {"rest_score": 2.4}, {"score": 4.5}):
        assert found(pulse=[LACKS | more]) == []


def test_answers_that_wait_are_said_of_each_team_or_of_all_where_they_are_many() -> None:
    [one] = found(replies=[WAITS | {"team": "all"}, WAITS])
    assert one.about == {"team": "harbour"} and "20 answers of harbour to the pulse wait" in one.sentence
    teams = [WAITS | {"team": f"t{n}"} for n in range(4)]
    [one] = found(replies=[WAITS | {"team": "all", "unanswered_count": 80}, *teams])
    assert one.about == {"team": "all"} and "80 answers of all teams" in one.sentence
    assert found(replies=[WAITS | {"unanswered_days_median": 10.0}, WAITS | {"unanswered_days_median": None}]) == []


def test_a_link_is_said_where_it_is_sure_and_goes_the_bad_way() -> None:
    [one] = found(links=[LINK])
    assert one.sentence == "Teams that miss tools break more of their promises (rank correlation −0.80, 12 teams)."
    assert found(links=[LINK | {"q": 0.2}, LINK | {"correlation": 0.8}, LINK | {"q": None, "correlation": None}]) == []


def test_missing_tables_say_nothing() -> None:
    assert list(enablement.findings({}, Playbook(), as_of=AT)) == []
