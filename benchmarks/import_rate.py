"""How quickly a CSV file becomes a checked ledger, beside DuckDB's bare copy of the same file to Parquet.

    python benchmarks/import_rate.py                        # one million rows, ids given
    python benchmarks/import_rate.py --rows 10_000_000
    python benchmarks/import_rate.py --without-ids --timezone America/New_York --bad 10

The bare copy is `COPY (FROM read_csv(file)) TO file`: it guesses types, checks nothing, and lets the same event in twice.
The import reads every value as what the ledger says it is, checks every row, looks for ids that come twice or that the
ledger has, flushes the part to the disk, and renames it into place. Both in fresh processes, in turn, medians of five.
On a machine that is not quiet, compare processor seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

BARE = """
import json, sys, time
import duckdb
started, spent = time.perf_counter(), time.process_time()
with duckdb.connect() as connection:
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"COPY (FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}.parquet' (FORMAT parquet)")
seconds, spent = time.perf_counter() - started, time.process_time() - spent
peak = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])  # ru_maxrss begins with the parent's peak
print(json.dumps({"seconds": seconds, "processor": spent, "peak": peak}))
"""

IMPORT = """
import datetime, json, pathlib, sys, time
from aboveboard.ledger import intake
started, spent = time.perf_counter(), time.process_time()
receipt = intake.take_file(
    pathlib.Path(sys.argv[1]), into=pathlib.Path(sys.argv[2]), timezone=sys.argv[3],
    recorded_at=datetime.datetime.now(datetime.UTC),
)
seconds, spent = time.perf_counter() - started, time.process_time() - spent
peak = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])  # ru_maxrss begins with the parent's peak
counts = {"recorded": receipt.recorded, "rejected": receipt.rejected}
print(json.dumps({"seconds": seconds, "processor": spent, "peak": peak, **counts}))
"""


def main() -> None:
    """Make the file, run both in turn, print a table."""
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="import-rate-", dir=asked.folder) as folder:
        file = Path(folder) / "events.csv"
        generate(file, asked)
        runs = [(run(BARE, file, folder, n, asked), run(IMPORT, file, folder, n, asked)) for n in range(asked.runs + 1)]
        assert all(ours["recorded"] == asked.rows and ours["rejected"] == asked.bad for _, ours in runs)
        print("\n".join(report(runs[1:], asked, file.stat().st_size)))  # the first run warms the disk's cache


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--bad", type=int, default=0, help="rows that must be rejected")
    parser.add_argument("--without-ids", action="store_true")
    parser.add_argument("--timezone", default="UTC", help="other than UTC: the file's times carry no offset")
    parser.add_argument("--folder", type=Path, help="where the files are made; the system's temporary folder")
    return parser.parse_args()


def generate(file: Path, asked: argparse.Namespace) -> None:
    """Write events of a shop: five types over a year, names drawn with repetition, quoted words, some attributes."""

    def drawn(seed: int, below: int) -> str:
        return f"(hash(n * 31 + {seed}) % {below})::BIGINT"

    z = "Z" if asked.timezone == "UTC" else ""
    time = f"TIMESTAMP '2025-01-01' + to_seconds({drawn(1, 31_536_000)})"
    kind = drawn(2, 5)
    ids = "" if asked.without_ids else "'e' || n AS id,"
    types = "['order.placed', 'order.paid', 'order.shipped', 'order.delivered', 'message.sent']"
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"""
            COPY (
                SELECT {ids} CASE WHEN n < {asked.rows} THEN {types}[1 + {kind}] END AS type,
                    strftime({time}, '%Y-%m-%dT%H:%M:%S{z}') AS time,
                    'shop' AS source, 'c' || {drawn(3, 100_000)} AS customer, 'order:' || (n // 5) AS subject,
                    ['web', 'phone', 'store'][1 + {drawn(4, 3)}] AS channel, NULL AS touchpoint,
                    'team-' || {drawn(5, 200)} AS team, 'emp-' || {drawn(6, 2_000)} AS employee,
                    NULL AS rule, NULL AS outcome, {drawn(7, 100_000)} / 100.0 AS value,
                    CASE WHEN {kind} = 0 THEN strftime({time} + to_days(3), '%Y-%m-%dT%H:%M:%S{z}') END AS due,
                    CASE WHEN {kind} = 4 THEN 'customer' END AS audience,
                    CASE WHEN {kind} = 4 THEN 'Your parcel, "number ' || n || '", is on its way.' END AS text,
                    CASE WHEN {drawn(8, 4)} = 0 THEN '{{"region": "north", "n": ' || (n % 9) || '}}' END AS attributes
                FROM range({asked.rows + asked.bad}) AS given(n)
            ) TO '{file}' (FORMAT csv, HEADER)""")


def run(code: str, file: Path, folder: str, number: int, asked: argparse.Namespace) -> dict[str, float]:
    """Run one of the two in a process of its own, into a place of its own."""
    place = Path(folder) / f"{'bare' if code is BARE else 'ledger'}-{number}"
    done = subprocess.run(
        [sys.executable, "-c", code, file, place, asked.timezone],
        capture_output=True, text=True, check=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    subprocess.run(["rm", "-rf", place, f"{place}.parquet"], check=True)
    return dict(json.loads(done.stdout))


def report(
    runs: list[tuple[dict[str, float], dict[str, float]]], asked: argparse.Namespace, size: int
) -> Iterator[str]:
    """The table, in Markdown; the ratios are those within each pair of runs."""
    ids = "without ids" if asked.without_ids else "with ids"
    yield f"{asked.rows:,} rows ({size / 1e6:,.0f} MB, {ids}, {asked.timezone}, {asked.bad} bad), medians of {len(runs)}:"
    yield ""
    yield "| | seconds | processor seconds | rows a second | peak memory |"
    yield "|---|---:|---:|---:|---:|"
    for name, which in (("bare DuckDB copy", 0), ("checked import", 1)):
        seconds = statistics.median(pair[which]["seconds"] for pair in runs)
        peak = statistics.median(pair[which]["peak"] for pair in runs) / 1024
        processor = statistics.median(pair[which]["processor"] for pair in runs)
        yield f"| {name} | {seconds:.2f} | {processor:.2f} | {asked.rows / seconds:,.0f} | {peak:,.0f} MB |"
    yield ""
    yield f"The import runs at {ratios('seconds', runs)} of the bare copy's rate, by processor time {ratios('processor', runs)}."


def ratios(unit: str, runs: list[tuple[dict[str, float], dict[str, float]]]) -> str:
    """The median of the ratios within each pair, and how far they spread."""
    found = sorted(bare[unit] / ours[unit] for bare, ours in runs)
    return f"{statistics.median(found):.2f} ({found[0]:.2f} to {found[-1]:.2f})"


if __name__ == "__main__":
    main()
