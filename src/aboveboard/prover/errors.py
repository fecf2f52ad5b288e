"""What the prover cannot take on, said with the place in the playbook."""

from __future__ import annotations

from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook.model import Place


class ProverError(AboveboardError):
    """A rule is not linear, or speaks of what has no exact form here. Nothing is dropped in silence: the proof is refused."""


class NotTranslatableError(ProverError):
    """Part of a condition has no exact linear form. `said` names the part and what would do."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(said)


class UndecidedError(Exception):
    """A question had no answer within its time. Caught where an answer may be "unknown"; it never reaches a user."""


def at(place: Place, rule: str, said: str) -> ProverError:
    """Return the error with the file, the line and the rule in front."""
    where = f"{place.file}:{place.line}" if place.line else place.file
    return ProverError(f"{where}: {rule}: {said}")
