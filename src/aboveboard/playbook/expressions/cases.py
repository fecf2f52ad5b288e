"""Small and capital letters where an engine knows those of ASCII alone (PostgreSQL, when text is compared by bytes).

DuckDB, Spark and Python know the letters of all scripts. All agree on letters that have one other case: Latin, Greek,
Cyrillic and Armenian are in this table. They differ on those whose other case is several letters or depends on the
place in the word (ß, İ, a final sigma): do not build a condition on these.
"""

from __future__ import annotations

from typing import Any

_PAIRS = tuple(
    (capital, capital.lower())
    for capital in map(chr, range(0x80, 0x590))
    if len(capital.lower()) == 1 and capital.lower() != capital and capital.lower().upper() == capital
)
_CAPITAL = "".join(capital for capital, _ in _PAIRS)
_SMALL = "".join(small for _, small in _PAIRS)


def changed(text: Any, to: str) -> Any:
    """Return ibis text with all letters `lower` or `upper`, where the engine itself changes ASCII only."""
    if to == "lower":
        return text.translate(_CAPITAL, _SMALL).lower()
    return text.translate(_SMALL, _CAPITAL).upper()
