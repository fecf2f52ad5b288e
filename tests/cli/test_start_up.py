"""The command answers at once: what is heavy is loaded by what needs it, and not before."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"altair", "duckdb", "ibis", "jinja2", "numpy", "pandas", "pyarrow", "rich", "ruamel", "sqlglot", "vl_convert"}
ASKED = """
import json, sys
from aboveboard.cli import main
try:
    main(sys.argv[1:], prog_name="aboveboard")
finally:
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    """The packages that a process of its own has loaded once it has answered."""
    done = subprocess.run([sys.executable, "-c", ASKED, *arguments], capture_output=True, text=True, check=False)
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["analize"]], ids=["help", "version", "a slip of the finger"]
)
def test_nothing_heavy_is_loaded_to_say_what_there_is(arguments: list[str]) -> None:
    modules = loaded(*arguments)
    assert "click" in modules
    assert not modules & HEAVY


def test_the_help_of_a_command_waits_for_no_engine() -> None:
    assert not loaded("analyse", "--help") & {"altair", "duckdb", "ibis", "pandas", "pyarrow", "vl_convert"}
