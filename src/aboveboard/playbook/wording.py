"""A playbook in plain words: what is promised, by whom, on which clock, how often."""

from __future__ import annotations

from aboveboard.playbook.model import Playbook, Promise


def summary(book: Playbook) -> str:
    """Return the promises of a playbook as text for people, one paragraph each."""
    head = f"{book.organisation or 'The organisation'} ({book.timezone.key})"
    if not book.promises:
        return f"{head} promises nothing in this playbook."
    count = len(book.promises)
    opening = f"{head} makes {count} promise{'' if count == 1 else 's'}:"
    return "\n\n".join([opening, *(promise(each) for each in book.promises.values())])


def promise(entry: Promise) -> str:
    """Return one promise: its name, words, owner, clock and objective."""
    lines = [
        f"{entry.name}: “{entry.says}”",
        f"  owner      {entry.owner or 'nobody is named'}",
        f"  starts     {entry.starts.sql}",
        f"  kept by    {entry.kept_by.sql}",
    ]
    if entry.cancelled_by is not None:
        lines.append(f"  cancelled  {entry.cancelled_by.sql}")
    return "\n".join([*lines, f"  time       {clock(entry)}", f"  objective  {objective(entry)}"])


def clock(entry: Promise) -> str:
    """Return how long a promise has, and on which clock."""
    hours = f", on the opening hours of {entry.calendar}" if entry.calendar else ""
    given = f"within {entry.within.says}" if entry.within else f"by the time in `{entry.by}`"
    return f"{given}{hours}"


def objective(entry: Promise) -> str:
    """Return how often a promise is meant to be kept."""
    return "none stated" if entry.objective is None else f"kept {entry.objective * 100:g} % of the time"
