"""Escalations written by hand: the small ledgers of the episodes serve here too."""

from __future__ import annotations

from tests.analyses.episodes.conftest import first, opened

__all__ = ["first", "opened"]
