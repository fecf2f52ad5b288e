"""A clock of the desk that a journey can move: it stands in for `datetime` where the desk asks what time it is.

Python imports a module of this name at the start of every process whose PYTHONPATH leads here, so that the served desk, its worker
and the terminal have one clock. The file that DESK_CLOCK names says how many seconds it is ahead of the machine's.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import ModuleType
from typing import Any

EDGES = frozenset({"aboveboard.desk.people.pages", "aboveboard.web.worker", "aboveboard.cli.desk"})
"""The modules that ask for the time; everywhere else it is an argument."""
_CLOCK = Path(os.environ["DESK_CLOCK"])


class Moved(datetime):
    """`datetime`, but for what time it is."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        """The moved time, as a plain `datetime`."""
        return datetime.now(tz) + timedelta(seconds=float(_CLOCK.read_text()))


class _Moving(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> Any:
        if name not in EDGES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        assert spec and spec.loader, name
        run = spec.loader.exec_module

        def moved(module: ModuleType) -> None:
            run(module)
            module.datetime = Moved  # type: ignore[attr-defined]

        spec.loader.exec_module = moved  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, _Moving())
