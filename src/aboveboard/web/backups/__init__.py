"""The whole desk in one file, and back: every table and the files beside them, from either database into either.

`archive` is the file and its checksums, `rows` how a row is written in it, `going_out` makes one and `coming_in` takes one in.
"""

from aboveboard.web.backups.archive import BackupError, opened
from aboveboard.web.backups.coming_in import Restored, restore
from aboveboard.web.backups.going_out import write

__all__ = ["BackupError", "Restored", "opened", "restore", "write"]
