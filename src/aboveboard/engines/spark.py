"""Spark: events as Parquet that every worker of a cluster can reach."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from aboveboard.engines.errors import EngineError, missing_extra

SETTINGS: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    # A plan over many promises is large, and without a cluster this process holds the rows too (Spark's own: 1g).
    "spark.driver.memory": "4g",
    # Adaptive execution merges small partitions; this is only where it starts from.
    "spark.sql.shuffle.partitions": "32",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


class Spark:
    """A Spark session.

    A `session` that is handed in, or one that this process has open already (it can have one), is used as it is, except
    that its time zone becomes UTC, and stays open at the end. Otherwise one is started on `master` (default: the cores
    of this machine) with SETTINGS and the caller's `settings` on top. Raises EngineError where the open session is on
    another master than the one asked for.
    """

    def __init__(
        self, *, session: Any = None, master: str | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self._kept: list[Any] = []
        self._views: list[str] = []
        connector = _connector()
        running = session or _running(master)
        self._borrowed = running is not None
        self.session = running or _started(master or "local[*]", settings or {})
        self.backend = connector.from_connection(self.session)

    def open_parquet(self, files: Sequence[Path], *, name: str) -> Any:
        """The files as one table; nothing is copied, so every worker must see the same paths."""
        reader = self.session.read.option("mergeSchema", str(len(files) > 1).lower())
        return self._named(reader.parquet(*[str(file) for file in files]), name)

    def keep(self, expression: Any, *, name: str) -> Any:
        """Compute the expression once and hold it in the workers' memory and on their disks."""
        frame = _frame(self.backend, expression).persist()
        frame.count()
        self._kept.append(frame)
        # A timestamp of Spark's has no zone to Ibis; what was one in UTC stays one.
        types = expression.as_table().schema()
        zoned = {column: kind for column, kind in types.items() if kind.is_timestamp()}
        return self._named(frame, name).cast(zoned)

    def _named(self, frame: Any, name: str) -> Any:
        frame.createOrReplaceTempView(name)
        self._views.append(name)
        return self.backend.table(name)

    def close(self) -> None:
        """Let go of what was kept, and end the session unless it was handed in."""
        for frame in self._kept:
            frame.unpersist()
        for view in self._views:
            self.session.catalog.dropTempView(view)
        if not self._borrowed:
            self.session.stop()


def _connector() -> Any:
    try:
        import pyspark  # noqa: F401 - Ibis would raise its own error, which does not name our extra

        return ibis.pyspark
    except (ImportError, AttributeError) as problem:
        raise missing_extra("Spark", "spark", problem) from problem


def _running(master: str | None) -> Any:
    """The session that this process has open, if it has one."""
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session is not None and master not in (None, session.sparkContext.master):
        raise EngineError(f"Spark is open on {session.sparkContext.master}: stop that session to use {master}")
    return session


def _started(master: str, settings: Mapping[str, str]) -> Any:
    from pyspark.sql import SparkSession

    _need_java()
    builder = SparkSession.builder.appName("aboveboard").master(master)
    for name, value in {**SETTINGS, **settings}.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as problem:  # py4j and pyspark raise many unrelated types here
        first_line = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise EngineError(f"Spark did not start on {master}: {first_line}") from problem


def _need_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if (home and Path(home, "bin", "java").exists()) or shutil.which("java"):
        return
    raise EngineError("Spark needs Java 17 or later: install it, or set JAVA_HOME to where it is")


def arrow(backend: Any, expression: Any) -> pa.Table:
    """The rows of the expression as a pyarrow table, absent values absent."""
    return _frame(backend, expression).toArrow().cast(expression.as_table().schema().to_pyarrow())


def _frame(backend: Any, expression: Any) -> Any:
    backend._run_pre_execute_hooks(expression)
    return backend._session.sql(backend.compile(expression))
