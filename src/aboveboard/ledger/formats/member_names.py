"""The names by which members of `attributes` go out into a log, where some names belong to columns of the ledger."""

from __future__ import annotations

from dataclasses import dataclass

ESCAPE = "attributes."


@dataclass(frozen=True)
class MemberNames:
    """The names of one format; `owned` are those that belong to columns. `back` undoes `out`."""

    owned: frozenset[str]

    def out(self, key: str) -> str:
        """The name under which a member of `attributes` goes out."""
        return ESCAPE + key if _stem(key) in self.owned else key

    def back(self, name: str) -> str:
        """The member of `attributes` that goes out under this name."""
        return name.removeprefix(ESCAPE) if name.startswith(ESCAPE) and _stem(name) in self.owned else name


def _stem(key: str) -> str:
    while key.startswith(ESCAPE):
        key = key.removeprefix(ESCAPE)
    return key
