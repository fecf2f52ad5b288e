"""By when? Golden cases, said on Wednesday 19 November 2025 at ten o'clock in New York."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aboveboard.analyses.claims.extraction import sentences, times

NEW_YORK = ZoneInfo("America/New_York")
SAID = datetime(2025, 11, 19, 15, tzinfo=UTC)


def due(text: str, *, said: datetime = SAID, zone: ZoneInfo = NEW_YORK, limits_only: bool = False) -> str | None:
    plain = sentences.plain(text)
    found = times.when(plain, (0, len(plain)), 0, limits_only=limits_only)
    moment = found.after(said, zone) if found else None
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I will call you by Friday.", "2025-11-21 23:59"),
        ("We'll reply within 24 hours.", "2025-11-20 10:00"),
        ("You will hear from us tomorrow morning.", "2025-11-20 12:00"),
        ("It arrives in the next 3–5 business days.", "2025-11-26 23:59"),
        ("The refund is made within 5 to 7 business days.", "2025-11-28 23:59"),
        ("We will fix it by the end of the week.", "2025-11-21 23:59"),
        ("We'll write next week.", "2025-11-28 23:59"),
        ("We come next Friday at 3 pm.", "2025-11-28 15:00"),
        ("I'll ring you by 5 pm.", "2025-11-19 17:00"),
        ("I'll ring you by 9 am.", "2025-11-20 09:00"),
        ("I will deal with him right now.", "2025-11-19 11:00"),
        ("It is ready in three hours, guaranteed.", "2025-11-19 13:00"),
        ("We'll come on May 5th.", "2026-05-05 23:59"),
        ("We'll come on 2025-12-01.", "2025-12-01 23:59"),
        ("By Wednesday.", "2025-11-19 23:59"),
        ("Wir melden uns bis Freitag.", "2025-11-21 23:59"),
        ("Die Erstattung dauert innerhalb von fünf Werktagen.", "2025-11-26 23:59"),
        ("Ich rufe morgen früh an.", "2025-11-20 12:00"),
        ("Wir kommen am 5. Mai.", "2026-05-05 23:59"),
        ("Bis 5.12. ist es da.", "2025-12-05 23:59"),
        ("Um 17:30 Uhr rufe ich an.", "2025-11-19 17:30"),
        ("Bis Ende der Woche.", "2025-11-21 23:59"),
        ("Übermorgen.", "2025-11-21 23:59"),
        ("I will call you.", None),
        ("It was May when you wrote.", None),
        ("By February 30th.", None),
    ],
)
def test_golden(text: str, expected: str | None) -> None:
    assert due(text) == expected


def test_the_day_ends_on_the_organisations_clock_also_when_clocks_change() -> None:
    berlin, saturday = ZoneInfo("Europe/Berlin"), datetime(2025, 10, 25, 10, tzinfo=UTC)
    assert due("by tomorrow", said=saturday, zone=berlin) == "2025-10-26 23:59"
    assert due("within 24 hours", said=saturday, zone=berlin) == "2025-10-26 12:00"


def test_a_bare_date_may_belong_to_something_else() -> None:
    assert due("I will cancel the flight of May 5.", limits_only=True) is None
    assert due("I will cancel the flight of May 5 by tomorrow.", limits_only=True) == "2025-11-20 23:59"
