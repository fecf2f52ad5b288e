"""The five stories of the specification, written out as events: the heroes by hand, their surroundings by a seeded die.

`python -m aboveboard.simulate.stories` writes `stories/<name>/events.csv` anew; a test holds that the committed files
are what it writes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from aboveboard.simulate.rows import Rows
from aboveboard.simulate.stories import bad_day, cinema, two_phones, waiter, water_bottle

STORIES: dict[str, Callable[[], Rows]] = {
    "waiter": waiter.events,
    "water-bottle": water_bottle.events,
    "cinema": cinema.events,
    "bad-day": bad_day.events,
    "two-phones": two_phones.events,
}


def write(folder: Path) -> list[Path]:
    """Write every story's `events.csv` under `folder` and return the paths written."""
    written = []
    for name, events in STORIES.items():
        path = folder / name / "events.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(events().csv(), encoding="utf-8", newline="")
        written.append(path)
    return written
