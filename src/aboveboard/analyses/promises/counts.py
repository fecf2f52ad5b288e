"""How promises are counted: the engine groups the outcomes into small cells, numpy does the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aboveboard.analyses.shared.survival import Estimate
from aboveboard.analyses.shared.tables import TableSpec
from aboveboard.engines import ledgers
from aboveboard.ledger import local_time

Array = npt.NDArray[Any]
Cells = dict[str, Array]

QUARTER = 900
"""Seconds in a quarter of an hour."""
DAY = 86_400
"""Seconds in a day of the wall clock."""
ENDED = ("kept", "late", "broken")
MISSED = ("late", "broken")
RUNNING = ("open", "at risk")
ENOUGH = 20
"""Fewer ended promises than this, and no share of them is judged."""
ABSENT = "(none)"
"""Stands for the value of a slice where the starting event does not say."""


def number(condition: Any) -> Any:
    """How many rows hold `condition`: an int64 aggregate, 0 where none does."""
    return condition.ifelse(1, 0).sum().coalesce(0).cast("int64")


def seconds(minutes: Any, *, digits: int) -> Any:
    """Minutes as whole seconds with `digits` significant digits, rounded up: int64, so that cells stay few.

    A duration of 10,750 seconds with three digits is 10,800; the error is below one part in 10^(digits − 1), and
    always on the side that promises less. Integers only, so that engines agree. Rounding up holds below zero too.
    """
    exact = (minutes * 60).ceil().cast("int64")
    size = exact.abs()
    step = ibis.cases(*((size < 10**power, 10 ** (power - digits)) for power in range(digits + 1, 10)), else_=10**6)
    step = ibis.ifelse(size < 10**digits, 1, step)
    return -((-exact).cast("float64") / step).floor().cast("int64") * step


def with_clock(outcomes: Any, zone: ZoneInfo) -> Any:
    """The outcomes with what the organisation's clocks showed at the start.

    Adds int64 columns: `day` (local days since 1970-01-01), `slot` (quarter hour of the day, 0–95), `hour` (0–23) and
    `weekday` (1 Monday – 7).
    """
    shown = local_time.local(outcomes.made_at, zone, *years(outcomes))
    day = whole(shown, DAY)
    slot = whole(shown - day * DAY, QUARTER)
    # 1970-01-01 was a Thursday.
    return outcomes.mutate(day=day, slot=slot, hour=whole(slot, 4), weekday=(day + 3) % 7 + 1)


def years(outcomes: Any) -> tuple[int, int]:
    """The first and the last year in which a promise was made: the fewer years, the quicker local time is found."""
    edges = ledgers.arrow(outcomes.aggregate(first=outcomes.made_at.min(), last=outcomes.made_at.max())).to_pylist()[0]
    return (1970, 1970) if edges["first"] is None else (edges["first"].year - 1, edges["last"].year + 1)


def whole(value: Any, divisor: int) -> Any:
    """`value` divided by `divisor`, rounded down: int64 on every engine (`//` is not the same on all)."""
    return (value / divisor).floor().cast("int64")


def cells(expr: Any) -> Cells:
    """Run a small query: one numpy array per column, object arrays for text, NaN for absent numbers."""
    table = ledgers.arrow(expr)
    return {name: column_array(table[name]) for name in table.column_names}


def column_array(column: pa.ChunkedArray) -> Array:
    """An Arrow column as a numpy array (see `cells`)."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return np.array(column.to_pylist(), dtype=object)
    return np.asarray(column.combine_chunks().to_numpy(zero_copy_only=False))


def groups(table: Cells, *by: str) -> Iterator[tuple[tuple[Any, ...], Cells]]:
    """The cells of each distinct combination of the `by` columns, in sorted order: (values, their cells)."""
    rows: dict[tuple[Any, ...], list[int]] = {}
    for index, key in enumerate(zip(*(table[name].tolist() for name in by), strict=True)):
        rows.setdefault(key, []).append(index)
    for key in sorted(rows, key=lambda values: tuple((value is None, str(value)) for value in values)):
        yield key, {name: column[rows[key]] for name, column in table.items()}


def rows_to_table(spec: TableSpec, rows: Iterable[Mapping[str, Any]]) -> Any:
    """Rows (missing keys and NaN are absent) as an Ibis table with exactly the columns of `spec`."""
    kinds = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "boolean": pa.bool_()}
    kinds["timestamp"] = pa.timestamp("us", tz="UTC")
    listed = list(rows)
    columns = [pa.array([_present(row.get(field.name)) for row in listed], kinds[field.kind]) for field in spec.fields]
    schema = pa.schema([(field.name, kinds[field.kind]) for field in spec.fields])
    return ibis.memtable(pa.Table.from_arrays(columns, schema=schema))


def estimate_columns(name: str, estimate: Estimate) -> dict[str, float]:
    """An estimate as the three columns `name`, `name_low` and `name_high`."""
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def _present(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and value != value else value
