"""What goes wrong in a way the user can mend. Everything else is a bug and shows its traceback."""

from __future__ import annotations


class AboveboardError(Exception):
    """Says what is wrong, where, and what to do. `exit_code` is what the command line ends with."""

    exit_code = 2


class LedgerError(AboveboardError):
    """A file of events could not be read or written."""

    exit_code = 3
