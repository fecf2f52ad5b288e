"""Ledgers for the monitor: drawn cases of some ten events, or one case with an event every second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from aboveboard.ledger.columns import SCHEMA

Numbers = npt.NDArray[np.int64]
TYPES = np.array(["asked", "checked", "done", "closed", "said", "noted"])
IN_CASES = (0.1, 0.1, 0.1, 0.1, 0.1, 0.5)
BY_THE_SECOND = (0.0005, 0.0002, 0.0008, 0.0005, 0.1, 0.898)
_START = 1_767_225_600_000_000  # 2026-01-01, in microseconds since 1970
_SECOND = 1_000_000


def cases(size: int) -> pa.Table:
    """`size` events in cases of ten on average, each over some hours; a tenth of all events say something."""
    draw = np.random.default_rng(size)
    subject = draw.integers(0, size // 10, size)
    opened = draw.integers(0, 90 * 86_400, size // 10)
    return _events(draw, IN_CASES, subject, (opened[subject] + draw.integers(0, 8 * 3_600, size)) * _SECOND)


def one_case(size: int, folder: Path) -> Path:
    """A file of one case with an event every second; drawn once."""
    file = folder / f"one-case-{size}.parquet"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draw = np.random.default_rng(size)
        pq.write_table(_events(draw, BY_THE_SECOND, np.zeros(size, dtype=np.int64), np.arange(size) * _SECOND), file)
    return file


def _events(draw: np.random.Generator, shares: tuple[float, ...], subject: Numbers, after: Numbers) -> pa.Table:
    size = len(subject)
    time = pa.array(_START + after).cast(pa.timestamp("us", tz="UTC"))
    held = {
        "id": pa.array([f"e{number:08}" for number in range(size)]),
        "type": pa.array(TYPES[draw.choice(len(TYPES), size, p=shares)]),
        "time": time,
        "recorded_at": time,
        "subject": pa.array([f"case:{number}" for number in subject.tolist()]),
        "employee": pa.array([f"p{number}" for number in draw.integers(0, 40, size).tolist()]),
    }
    return pa.table([held.get(field.name, pa.nulls(size, field.type)) for field in SCHEMA], schema=SCHEMA)
