"""Promises: were they kept, where do they break, and what could be promised instead (SPEC 4.1)."""

from aboveboard.analyses.promises.outcomes import outcomes

__all__ = ["outcomes"]
