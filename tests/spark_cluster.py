"""A Spark cluster of this machine, started once for all tests that ask for it: a master and two workers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

MASTER = "spark://127.0.0.1:17077"


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session on a real cluster of this machine: a master and two workers, each a process of its own."""
    pyspark = pytest.importorskip("pyspark", reason="Spark is not installed")
    folder = tmp_path_factory.mktemp("spark")
    home = Path(pyspark.__file__).parent
    with ExitStack() as cluster:
        cluster.enter_context(
            _process(
                home, folder, "master", "--host", "127.0.0.1", "--port", MASTER.rpartition(":")[2], "--webui-port", "0"
            )
        )
        for _ in range(2):
            cluster.enter_context(
                _process(home, folder, "worker", "--cores", "1", "--memory", "1g", "--webui-port", "0", MASTER)
            )
        yield from _session(MASTER, folder)


def _session(master: str, folder: Path) -> Iterator[Any]:
    from aboveboard.engines.spark import Spark

    settings = {
        "spark.cores.max": "2",
        "spark.executor.cores": "1",
        "spark.executor.memory": "800m",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": str(folder / "scratch"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    host = Spark(master=master, settings=settings)
    try:
        _until(lambda: len(host.session.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) == 3)
        yield host.session
    finally:
        host.close()


class _process:  # noqa: N801 - reads as a verb where it is used
    """One process of the cluster, up when entered and gone when left."""

    def __init__(self, home: Path, folder: Path, role: str, *arguments: str) -> None:
        self._log = folder / f"{role}-{time.monotonic_ns()}.log"
        name = f"org.apache.spark.deploy.{role}.{role.capitalize()}"
        self._command = [str(home / "bin" / "spark-class"), name, *arguments]
        self._environment = {
            **os.environ,
            "SPARK_HOME": str(home),
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_WORKER_DIR": str(folder / "work"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "512m",
        }

    def __enter__(self) -> None:
        with self._log.open("w") as log:
            self._running = subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)
        _until(lambda: any(word in self._log.read_text() for word in ("New state: ALIVE", "Successfully registered")))

    def __exit__(self, *_: object) -> None:
        self._running.terminate()
        try:
            self._running.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()


def _until(condition: Callable[[], bool], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "the Spark cluster did not come up"
        time.sleep(0.2)
