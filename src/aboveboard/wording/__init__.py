"""A linter for words to customers and about them (SPEC 4.9): `lint(text)` gives remarks, each with its why and a better wording.

Rules and languages are data (`rules/*.toml`, `languages/*.toml`); `patterns` is the small grammar they are written in.
"""

from aboveboard.wording.errors import WordingError
from aboveboard.wording.linter import Linter, Reading, lint
from aboveboard.wording.model import Edit, Remark, Rule

__all__ = ["Edit", "Linter", "Reading", "Remark", "Rule", "WordingError", "lint"]
