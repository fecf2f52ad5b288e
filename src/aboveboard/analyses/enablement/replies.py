"""Is every answer answered, and how soon? Told by team where five or more stand on either side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ibis

from aboveboard.analyses.enablement.publishing import LEAST, Study
from aboveboard.analyses.enablement.tables import ALL, OTHERS, REPLIES
from aboveboard.analyses.shared import arrays, intervals

Row = dict[str, Any]
_DAY = 86_400 * 1_000_000


@dataclass(frozen=True)
class _Group:
    """Teams told together; `replied` and `waiting` are days → answers."""

    teams: tuple[str, ...]
    replied: tuple[tuple[int, int], ...]
    waiting: tuple[tuple[int, int], ...]

    @property
    def tellable(self) -> bool:
        """Neither side holds one to four answers: of so few the age would say who they are."""
        return all(_size(side) == 0 or _size(side) >= LEAST for side in (self.replied, self.waiting))


def replies(study: Study) -> Any:
    """Count replies and waiting answers of the told answers: table REPLIES (see `tables`).

    Teams that cannot be told alone are told together where they can, else not at all; `all` is the sum of what is told. Days are
    whole days. A reply to a team and a question answers all that was answered before it.
    """
    told = study.answers
    is_replied = told.replied_at.notnull()
    until = ibis.ifelse(is_replied, told.replied_at, study.end)
    dated = told.mutate(is_replied=ibis.ifelse(is_replied, 1, 0), days=((until - told["at"]) // _DAY).cast("int64"))
    table = arrays.cells(dated.group_by(["cell", "is_replied", "days"]).aggregate(n=dated.count()))
    groups = []
    for (team,), mine in arrays.groups(table, "cell"):
        lines = sorted(zip(*(mine[name].tolist() for name in ("is_replied", "days", "n")), strict=True))
        sides = [tuple((int(days), int(n)) for replied, days, n in lines if replied == side) for side in (1, 0)]
        groups.append(_Group((team,), *sides))
    return arrays.rows_to_table(REPLIES, _rows(groups))


def _rows(groups: list[_Group]) -> Iterator[Row]:
    told = [group for group in groups if group.tellable]
    others = [group for group in groups if not group.tellable]
    together = _joined(others)
    if len(others) > 1 and together.tellable:
        told.append(together)
    if told:
        yield _row(ALL, _joined(told))
    for group in told:
        yield _row(group.teams[0] if len(group.teams) == 1 else OTHERS, group)


def _joined(groups: list[_Group]) -> _Group:
    return _Group(
        tuple(team for group in groups for team in group.teams),
        tuple(line for group in groups for line in group.replied),
        tuple(line for group in groups for line in group.waiting),
    )


def _row(team: str, group: _Group) -> Row:
    replied, waiting = _size(group.replied), _size(group.waiting)
    low, high = intervals.wilson(replied, replied + waiting)
    return {
        "team": team, "answers_count": replied + waiting, "replied_count": replied, "unanswered_count": waiting,
        "replied_share": replied / (replied + waiting), "replied_share_low": float(low), "replied_share_high": float(high),
        "reply_days_median": _median(group.replied), "unanswered_days_median": _median(group.waiting),
    }  # fmt: skip


def _size(side: tuple[tuple[int, int], ...]) -> int:
    return sum(n for _, n in side)


def _median(side: tuple[tuple[int, int], ...]) -> float | None:
    """The day at which half of them are reached."""
    seen, half = 0, _size(side) / 2
    for days, n in sorted(side):
        seen += n
        if seen >= half:
            return float(days)
    return None
