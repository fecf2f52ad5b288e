"""Progress is shown on a terminal, and nowhere else."""

from __future__ import annotations

import io
import sys

import pytest

from aboveboard.cli import progress


class Terminal(io.StringIO):
    """Standard error, watched by somebody."""

    def isatty(self) -> bool:
        return True


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    return terminal


def test_nobody_watches_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress.share("a") as share, progress.count("b") as count, progress.steps() as step:
        assert (share, count, step) == (None, None, None)


def test_a_share_becomes_per_cent(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with progress.share("orders.csv") as share:
        assert share is not None
        share(0.5)
    assert "orders.csv" in terminal.getvalue() and "50%" in terminal.getvalue()


def test_events_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with progress.count("all.xes") as count:
        assert count is not None
        count(1200)
    assert "all.xes: 1,200 events" in terminal.getvalue()


def test_steps_are_named_unless_a_machine_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with progress.steps(quiet=True) as step:
        assert step is None
    with progress.steps() as step:
        assert step is not None
        step("looking at promises", 2, 4)
    assert "looking at promises" in terminal.getvalue()
