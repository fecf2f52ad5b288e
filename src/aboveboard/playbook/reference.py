"""The reference page of the playbook, written from the key table: `python -m aboveboard.playbook.reference`."""

from __future__ import annotations

from aboveboard.playbook import keys
from aboveboard.playbook.expressions import parse

_OPENING = """# The playbook

*Written from `aboveboard.playbook.keys`; do not edit by hand.*

What the organisation says it does: one YAML file, or a folder of `.yaml` and `.yml` files that are read as one. A key that is not
named here is an error, which tells the line and the nearest key there is. `aboveboard playbook check` tells every
problem at once; `aboveboard playbook schema` prints a JSON Schema for editors.

Names of entries hold letters, digits, `-`, `_` and `.`, and stand once over all files. Anchors, aliases and tags of YAML
are not used.
"""

_CONDITIONS = f"""## Conditions

A condition is an SQL expression over the columns of the [ledger](ledger.md), or, in `requires`, over the facts of `situation`. It
may use {parse.ALLOWED}. Nothing else can be written: no query, no function of an engine.

- Text stands in single quotes and compares exactly; it has no order. `like` knows `%` and `_`; every other sign is itself.
- Every number is a double. `/` divides exactly, and by zero gives NULL. `cast(… as integer)` drops the fraction.
- `attributes.<key>` is text, NULL where the key is absent; `cast(attributes.n as double)` makes a number of it. What
  cannot be cast is NULL.
- Times are written `timestamp '2026-11-21 16:15'`; without an offset they are read in the playbook's time zone.
- `local_hour(time)` gives the hours since midnight in the playbook's time zone, minutes as a fraction;
  `local_weekday(time)` gives 1 for Monday to 7 for Sunday. Both know the offsets of the years 1970 to 2099.
- NULL is unknown, as in SQL: an event meets a condition only where it is true. Ask with `is null`.

The answer is the same on DuckDB, PostgreSQL, Spark and in plain Python.
"""


_FORMULAS = """## Formulas

A formula says when the record bears a claim out. It joins conditions in brackets, over the events of one subject (customer,
episode) in order of time, and is judged at the event that makes the claim.

| written | true at an event where |
|---|---|
| `once[a, b] f` | `f` was true at some event between `a` and `b` before |
| `historically[a, b] f` | `f` was true at every event between `a` and `b` before |
| `eventually[a, b] f` | `f` will be true at some event between `a` and `b` after |
| `always[a, b] f` | `f` will be true at every event between `a` and `b` after |
| `f since[a, b] g` | `g` was true at some event between `a` and `b` before, and `f` at every later one up to now |
| `f until[a, b] g` | `g` will be true at some event between `a` and `b` after, and `f` at every earlier one from now on |
| `not f`, `f and g`, `f or g`, `f implies g` | as the words say |

- `a` is 0 or a duration; `b` is a duration, `*` (without end), or `claim.due`, the time that was promised (without end where the
  claim carries none). Both ends belong to the window. No interval means any time.
- Events at the same time are simultaneous: each lies 0 before and 0 after the others.
- Tightest bind `not`, `once`, `historically`, `eventually`, `always`; then `since` and `until`, `and`, `or`, `implies`. A
  bracket in which nothing stands but brackets and these words is a group; every other bracket is a condition.
- A condition may ask of the claim: `claim.event`, `claim.time`, `claim.due`, `claim.subject`, `claim.customer`,
  `claim.employee`, `claim.value`, `claim.topic`: `(employee = claim.employee)`.
- Unknown (NULL) is false as soon as a condition's bracket closes: `not (value > 3)` is true of an event without a value,
  `(not value > 3)` is not.
- `always` and `historically` are true where the window holds no event.
"""


def page() -> str:
    """Return the whole page, as Markdown."""
    parts = [_OPENING, "## The top level\n", _table(keys.PLAIN)]
    for section in (*keys.SECTIONS, keys.STEP, keys.REQUIREMENT):
        title = {keys.STEP: "Steps of a procedure", keys.REQUIREMENT: "`requires`"}.get(section, f"`{section.name}`")
        parts += [f"## {title}\n", f"{section.meaning}\n", _table(section.keys)]
    return "\n".join([*parts, _CONDITIONS, _FORMULAS])


def _table(rows: tuple[keys.Key, ...]) -> str:
    head = ("| key | required | value | meaning |", "|---|---|---|---|")
    return "\n".join((*head, *map(_row, rows), ""))


def _row(key: keys.Key) -> str:
    value = " ".join(f"`{word}`" for word in key.choices) or keys.KINDS[key.kind]
    cells = (f"`{key.name}`", "yes" if key.required else "", value, key.meaning)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    print(page(), end="")
