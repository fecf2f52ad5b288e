"""`ab.people` for a notebook: the system's share, verdicts, one employee's own chart, and how others fared."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from aboveboard.analyses import attribution, promises
from aboveboard.engines import Ledger, ledgers
from aboveboard.playbook.model import Playbook
from aboveboard.reports import notebook, own_charts, theme


class People:
    """`ab.people`: what of the differences is the system's, and one employee's own record, for the employee first."""

    def variance(
        self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None
    ) -> notebook.Answer:
        """What goes with employee, team, rule, channel, product, place and hour, for every outcome."""
        book = notebook._book(playbook)
        kept = ledger.keep(promises.outcomes(ledger.events, book, as_of=as_of), "promises_for_notebook")
        models = attribution.models(ledger.events, kept, book, as_of=as_of)
        return notebook.Answer(attribution.tables.VARIANCE, attribution.variance(models), book)

    def verdicts(
        self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None
    ) -> notebook.Answer:
        """A bad day, a change, or neither: one row per employee, in order of keys."""
        book = notebook._book(playbook)
        judged = self._judged(ledger, book, as_of)
        return notebook.Answer(attribution.tables.PEOPLE, attribution.people(judged), book)

    def own_chart(
        self, ledger: Ledger, playbook: Playbook | str | Path, employee: str, *, as_of: datetime | None = None
    ) -> notebook.Answer:
        """The record of one employee, week by week, with its limits; empty where the key has no contact."""
        book = notebook._book(playbook)
        judged = self._judged(ledger, book, as_of)
        people = [row for row in ledgers.arrow(attribution.people(judged)).to_pylist() if row["employee"] == employee]
        weeks = attribution.own_charts(judged)

        def draw(rows: list[notebook.Row], playbook: Playbook) -> str | None:
            if not rows:
                return None
            said = own_charts.alt_text(rows, people[0], playbook.timezone)
            return theme.svg(own_charts.chart(rows, people[0], playbook.timezone, theme.WIDE), said)

        return notebook.Answer(attribution.tables.OWN_CHARTS, weeks.filter(weeks.employee == employee), book, draw)

    def substitution(
        self, ledger: Ledger, playbook: Playbook | str | Path, *, as_of: datetime | None = None
    ) -> notebook.Answer:
        """How comparable contacts of others ended, for every breakdown and every note against an employee."""
        book = notebook._book(playbook)
        return notebook.Answer(
            attribution.tables.SUBSTITUTION, attribution.substitution(ledger.events, book, as_of=as_of), book
        )

    def _judged(self, ledger: Ledger, book: Playbook, as_of: datetime | None) -> attribution.Judged:
        resolved = attribution.resolved(ledger.events, book, as_of=as_of)
        return attribution.judged(ledger.events, resolved, book, as_of=as_of)


people = People()
