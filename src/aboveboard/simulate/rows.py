"""Writing down what happened, one event at a time: the pen of the stories."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

_T = TypeVar("_T")

# The ledger's columns without `recorded_at`, which whoever imports the file sets.
COLUMNS = (
    "id", "type", "time", "source", "customer", "subject", "channel", "touchpoint", "team", "employee", "rule",
    "outcome", "value", "due", "audience", "text", "attributes",
)  # fmt: skip


class Rows:
    """Events of one story, in one time zone, with a seeded die.

    `random.Random` and not numpy: its stream is fixed across versions of Python, so that the committed files can be
    compared byte for byte with what the script writes.
    """

    def __init__(self, *, story: str, seed: int, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.die = random.Random(seed)  # noqa: S311 - a simulation, not a secret
        self._story = story
        self._rows: list[dict[str, str]] = []

    def at(self, day: date, clock: str | float) -> datetime:
        """Return the moment of a local `clock` ("16:15", or hours since midnight) on `day`."""
        if isinstance(clock, str):
            return datetime.combine(day, time.fromisoformat(clock), self.zone)
        wall = datetime.combine(day, time(0)) + timedelta(seconds=round(clock * 3600))
        return wall.replace(tzinfo=self.zone)

    def add(self, type: str, at: datetime, *, id: str | None = None, **columns: Any) -> str:
        """Write one event down and return its id. `attributes` may be a mapping; times must know their zone."""
        key = id or f"{self._story}-{len(self._rows) + 1:05d}"
        row = {"id": key, "type": type, "time": _moment(at)}
        for name, value in columns.items():
            if name not in COLUMNS:
                raise KeyError(f"{name!r} is not a ledger column")
            if value is not None:
                row[name] = _text(value)
        self._rows.append(row)
        return key

    def csv(self) -> str:
        """Return the events as CSV, in order of time; equal times keep the order in which they were written."""
        out = io.StringIO()
        pen = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        pen.writeheader()
        pen.writerows(sorted(self._rows, key=lambda row: row["time"]))
        return out.getvalue()

    def chance(self, share: float) -> bool:
        """Return True with probability `share`."""
        return self.die.random() < share

    def between(self, low: float, high: float) -> float:
        """Return a number from `low` up to `high`, each as likely."""
        return low + (high - low) * self.die.random()

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self.die.random() * (high - low + 1))

    def pick(self, options: Sequence[_T]) -> _T:
        """Return one of `options`, each as likely."""
        return options[int(self.die.random() * len(options))]

    def rating(self, mean: float, spread: float, low: int = 1, high: int = 5) -> int:
        """Return a whole score around `mean`, kept within the scale."""
        return min(high, max(low, round(self.die.gauss(mean, spread))))


def minutes(count: float) -> timedelta:
    """Return whole seconds' worth of `count` minutes: no event of a story is timed finer than a second."""
    return timedelta(seconds=round(count * 60))


def _moment(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{value:g}" if isinstance(value, float) else str(value)
