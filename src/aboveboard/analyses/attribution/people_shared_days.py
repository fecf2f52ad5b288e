"""What went wrong for everybody is not the employee's: weeks and days on which the others fared otherwise than expected.

For each employee's day the *others* of that week, that day, and of the team on either, are set against what was expected of them;
the log odds by which they are off move what is expected of the employee. One's own contacts never speak for oneself, and it must
still be there without the one of the others who did most for it: several have to have had it. How much of the others' distance
counts is the positive part of 1 − 1/z² (James and Stein 1961): nothing where chance explains it, nearly all of it on a day on
which everybody failed.
"""

from __future__ import annotations

import numpy as np

from aboveboard.analyses.shared.arrays import Array, Cells

WEEK = 7
MONDAY = 3
"""Day 0, 1 January 1970, was a Thursday: so many days after a Monday."""
LEAST_OTHERS = 2
"""So many others, without the one who did most for it, for there to be an everybody."""


def weeks(day: Array) -> Array:
    """The week of each day, counted from the Monday before 1970."""
    result: Array = (day + MONDAY) // WEEK
    return result


def allowed_for(days: Cells) -> Cells:
    """The rows of `people_case_mix.days` with what everybody had in `expected` and `spread`."""
    week = weeks(days["day"])
    _, team = np.unique(days["team"].astype(str), return_inverse=True)
    _, who = np.unique(days["employee"].astype(str), return_inverse=True)
    found = days
    keys = [week, days["day"]]
    if team.max(initial=0) > 0:
        keys += [_paired(team, week), _paired(team, days["day"])]
    for key in keys:
        found = _moved(found, _off(found, key, who))
    return _levelled(found)


def _off(days: Cells, key: Array, who: Array) -> Array:
    """Per row: the log odds by which the others with the same key were off, as far as it counts."""
    pairs, place = np.unique(np.column_stack([key, who]), axis=0, return_inverse=True)
    place = place.reshape(-1)
    sums = _with_squares({name: np.bincount(place, days[name]) for name in ("n", "good", "expected")})
    _, group = np.unique(pairs[:, 0], return_inverse=True)
    many = np.bincount(group)[group]
    others = {name: np.bincount(group, column)[group] - column for name, column in sums.items()}
    whole = _distance(others, many - 1)
    excess = sums["good"] - sums["expected"]
    # The one who did most for it is left out: then it has to be there still.
    ties = (sums["expected"], sums["n"])
    most = np.where(whole < 0, _furthest(group, -excess, ties), _furthest(group, excess, ties))
    rest = {name: column - sums[name][most] for name, column in others.items()}
    rest |= {name: np.maximum(rest[name], 0.0) for name in ("n", "good", "expected")}
    left = _distance(rest, many - 2)
    counts = (many - 2 >= LEAST_OTHERS) & (np.sign(left) == np.sign(whole))
    return np.where(counts, np.sign(whole) * np.minimum(np.abs(whole), np.abs(left)), 0.0)[place]


def _furthest(group: Array, size: Array, ties: tuple[Array, Array]) -> Array:
    """For each member of a group, the place of the other member with the greatest size (its own where it is alone).

    Ties are broken by numbers: what somebody is called must not matter.
    """
    order = np.lexsort([*ties, -np.round(size, 9), group])
    starts = np.searchsorted(group[order], np.arange(group.max(initial=-1) + 1))
    first = order[starts][group]
    second = order[np.minimum(starts + 1, len(order) - 1)][group]
    found: Array = np.where(first == np.arange(len(group)), second, first)
    return found


def _with_squares(sums: Cells) -> Cells:
    """With each one's excess squared, the excess times n, and n squared: from their sums comes how far single people are apart."""
    excess = sums["good"] - sums["expected"]
    return sums | {"squares": excess**2, "products": excess * sums["n"], "sizes": sums["n"] ** 2}


def _distance(others: Cells, many: Array) -> Array:
    """Log odds by which they were off, times the positive part of 1 − 1/z².

    Contacts of one person hang together, and a few people's bad week is not everybody's: where people are further apart than chance
    has it, the variance is theirs (the linearised one of a ratio: Cochran 1977, *Sampling Techniques*, section 6.3).
    """
    n = np.maximum(others["n"], 1e-9)
    was, wanted = (np.clip(others[name] + 0.5, 0.25, n + 0.75) / (n + 1.0) for name in ("good", "expected"))
    off = np.log(was / (1 - was)) - np.log(wanted / (1 - wanted))
    middle = (was + wanted) / 2
    chance = n * middle * (1 - middle)
    common = (others["good"] - others["expected"]) / n
    apart = others["squares"] - 2 * common * others["products"] + common**2 * others["sizes"]
    apart *= many / np.maximum(many - 1, 1)
    squared = (off * chance) ** 2 / np.maximum(chance, apart)
    moved: Array = off * np.maximum(0.0, 1 - 1 / np.maximum(squared, 1.0))
    return moved


def _moved(days: Cells, off: Array) -> Cells:
    """The expected shares moved by log odds."""
    n = days["n"]
    before = np.clip(days["expected"] / n, 1e-9, 1 - 1e-9)
    after = 1 / (1 + np.exp(-(np.log(before / (1 - before)) + off)))
    ratio = after * (1 - after) / (before * (1 - before))
    return days | {"expected": n * after, "spread": days["spread"] * ratio}


def _levelled(days: Cells) -> Cells:
    """As many expected as there were: what was allowed for on some days is not owed by the others."""
    for _ in range(20):
        short = days["good"].sum() - days["expected"].sum()
        step = short / max(days["spread"].sum(), 1e-9)
        days = _moved(days, np.full(len(days["n"]), float(np.clip(step, -1, 1))))
        if abs(step) < 1e-10:
            break
    return days


def _paired(one: Array, other: Array) -> Array:
    paired: Array = one * (int(other.max(initial=0)) + 1) + other
    return paired
