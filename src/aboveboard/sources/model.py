"""A mapping in memory: what the YAML says, checked as far as it can be without the files."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field

from aboveboard.ledger import columns
from aboveboard.sources.expressions import Expression

# What a block may fill. `id` and `type` have defaults, `source` is said once, and only the ledger knows `recorded_at`.
LEDGER_COLUMNS: tuple[str, ...] = tuple(n for n in columns.NAMES if n not in ("recorded_at", "source", "attributes"))


@dataclass(frozen=True)
class Export:
    """One file of an export, by the alias that expressions use.

    `pattern` is matched against file names (and names inside a zip), without regard to case. `of` makes it a view
    on another file instead: one row per `one_per`, the first in `order`, with `totals` over the group beside it.
    `key` names the columns that tell its rows apart; `per` and `order` say which rows belong together and how they
    follow each other, for `changed` and `previous`.
    """

    alias: str
    line: int
    pattern: str | None = None
    format: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    records: str | None = None
    optional: bool = False
    of: str | None = None
    one_per: tuple[Expression, ...] = ()
    totals: ReadOnly[str, Expression] = field(default_factory=dict)
    key: tuple[Expression, ...] = ()
    per: tuple[Expression, ...] = ()
    order: tuple[Expression, ...] = ()

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Every expression of the entry."""
        return (*self.key, *self.one_per, *self.per, *self.order, *self.totals.values())


@dataclass(frozen=True)
class Join:
    """Each row of `left` looks up the one row of `right` with equal columns; `pairs` are (left column, right column)."""

    left: str
    right: str
    pairs: tuple[tuple[str, str], ...]
    text: str
    line: int


@dataclass(frozen=True)
class Block:
    """One block: which rows of which file are events of which type, and the expression behind each ledger column."""

    name: str
    line: int
    source_file: str
    joins: tuple[Join, ...] = ()
    explode: tuple[str, Expression] | None = None
    where: tuple[Expression, ...] = ()
    changed: tuple[Expression, ...] = ()
    columns: ReadOnly[str, Expression] = field(default_factory=dict)
    attributes: ReadOnly[str, Expression] = field(default_factory=dict)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Every expression of the block, in the order of the file."""
        exploded = (self.explode[1],) if self.explode else ()
        return (*exploded, *self.where, *self.changed, *self.columns.values(), *self.attributes.values())


@dataclass(frozen=True)
class Mapping:
    """The whole file. `dates` are strptime patterns, or the words iso, epoch, epoch_ms; `file` is where it was read."""

    source: str
    about: str
    timezone: str
    dates: tuple[str, ...]
    missing: tuple[str, ...]
    files: ReadOnly[str, Export]
    blocks: tuple[Block, ...]
    file: str
    text: str
