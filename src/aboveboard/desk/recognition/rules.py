"""What a report of conduct can be about, who may see it, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping

from aboveboard.desk.people.rules import Person, may
from aboveboard.ledger.errors import AboveboardError

ABUSE, BLAME = "abuse", "blame"
KINDS: Mapping[str, str] = {
    ABUSE: "A customer abused an employee",
    BLAME: "Blame for the organisation's doing was put on an employee",
}
"""What a report can be about, in the words that the ledger gets. What was written stays out of it."""


class RecognitionError(AboveboardError):
    """Thanks or a report that cannot be taken as it is; the text says why."""

    exit_code = 2


def sees(person: Person, *, reported_by: int) -> bool:
    """Whether this person may see a report: whoever made it, and whoever may read reports. Not whoever it is about."""
    return person.id == reported_by or may(person, "conduct.read")


def checked(text: str, what: str) -> str:
    """The words without space around them. Raises RecognitionError where there are none."""
    if not text.strip():
        raise RecognitionError(f"Say {what}.")
    return text.strip()
