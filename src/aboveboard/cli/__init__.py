"""The command `aboveboard`. Each sub-command lives in a module of its own and is imported only when it runs."""

from __future__ import annotations

from importlib import import_module

import click

# name → (module, one line for --help). The line stands here so that `aboveboard --help` imports no command.
COMMANDS: dict[str, tuple[str, str]] = {
    "analyse": ("analyse", "Run every analysis over events and write findings, tables and the report."),
    "demo": ("demo", "Build the demo company, analyse it and serve its desk on localhost."),
    "desk": ("desk", "The web application: invite people, publish its playbook, back it up, restore it."),
    "export": ("export", "Write a ledger out again: CSV, Parquet, XES, OCEL 2.0."),
    "import": ("import_", "Check files and add their events to a ledger."),
    "journal": ("journal", "The ledger in the operational database: make ready, seal, copy, prove."),
    "lint": ("lint", "Remark on words that customers should not have to hear, or read about themselves."),
    "playbook": ("playbook", "Check a playbook; show what it says."),
    "prove": ("prove", "Prove which rules of a playbook cannot all be kept, and what would free them."),
    "serve": ("serve", "Serve the desk in the browser."),
    "sources": ("sources", "Mappings for other systems' exports: list, show, try, guess."),
    "stories": ("stories", "Run the five stories and say what came out."),
    "worker": ("worker", "Do the timed work of the desk: seal, copy, analyse. `serve` starts one."),
    "verify": ("verify", "Check that nothing in the journal was changed since it was sealed."),
}


class Lazily(click.Group):
    """A group that knows its commands by name and loads a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = import_module(f"aboveboard.cli.{COMMANDS[name][0]}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS:
            from aboveboard.playbook.problems import nearest

            near = nearest(name, COMMANDS)
            ctx.fail(f"No such command {name!r}." + (f" Did you mean {near!r}?" if near else ""))
        return super().resolve_command(ctx, args)


@click.group(cls=Lazily, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="aboveboard", prog_name="aboveboard")
def main() -> None:
    """Find the promises, rules and hand-offs that let customers down, with evidence.

    Exit codes: 0 done; 1 done, and something needs your attention (rejected rows, unmet expectations);
    2 the command line, a mapping or a playbook is wrong; 3 a file could not be read or written;
    4 an engine is not installed or cannot be reached.
    """
