"""What the organisation says it does: read, checked, written back, and turned into predicates.

`aboveboard.playbook` is both this package and, called, the function that reads a playbook: importing a module below binds
the package under the very name under which `ab.playbook("playbook.yaml")` is promised, so the package answers the call.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook


class _Callable(ModuleType):
    """This package, which reads a playbook when called."""

    def __call__(self, path_or_text: Path | str) -> Playbook:
        """Return the playbook in a file, a folder or a text; see `reader.read`."""
        from aboveboard.playbook.reader import read

        return read(path_or_text)


sys.modules[__name__].__class__ = _Callable
