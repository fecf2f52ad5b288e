"""The command explains itself."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from aboveboard.cli import COMMANDS, main


def complete(words: str) -> list[str]:
    environment = {
        **os.environ,
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
        "_ABOVEBOARD_COMPLETE": "bash_complete",
    }
    program = [sys.executable, "-c", "from aboveboard.cli import main; main(prog_name='aboveboard')"]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    return [line.split(",")[1] for line in done.stdout.splitlines()]


def test_the_shell_completes_commands_and_options() -> None:
    assert complete("aboveboard an") == ["analyse"]
    assert "--playbook" in complete("aboveboard analyse --p")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_loads_and_says_what_it_does(name: str) -> None:
    command = import_module(f"aboveboard.cli.{COMMANDS[name][0]}").command
    assert command.name == name
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0
    assert len(shown.output.splitlines()) > 5
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts[0]} does not say what it is for"


def test_the_list_of_commands_is_the_list_of_modules() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    assert all(f"\n  {name}" in shown for name in COMMANDS)
