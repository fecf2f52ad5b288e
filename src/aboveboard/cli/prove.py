"""`aboveboard prove`: which rules of a playbook cannot all be kept, for whom, and what would free them."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aboveboard.cli import told

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook
    from aboveboard.prover import Comparison, Limits, Proof

_PATH = click.Path(path_type=Path, exists=True)
_YEAR = timedelta(days=366)
_SHOWN_EDITS = 3


@click.command("prove")
@click.argument("playbook_path", metavar="PLAYBOOK", type=_PATH)
@click.option(
    "--events",
    "events",
    multiple=True,
    help="Ledger events: count the real cases that fell into each conflict (again for more).",
)
@click.option("--mapping", help="Mapping for events that are not in ledger form.")
@click.option("--against", type=_PATH, help="An older version of the playbook: say what changed, with a witness.")
@click.option(
    "--seconds", type=click.FloatRange(min=1), default=120.0, show_default=True, help="How long to search at most."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(
    playbook_path: Path,
    events: tuple[str, ...],
    mapping: str | None,
    against: Path | None,
    seconds: float,
    as_json: bool,
) -> None:
    """Prove which rules of PLAYBOOK cannot all be kept, in which situations, and what would free them.

    Rules are the `requires` of its promises, policies and incentives, and the opening hours of its calendars. Every answer
    is checked again without the solver. Exit code 1 if there are conflicts, or something was not decided in time.
    """
    with told.plainly():
        from aboveboard.playbook import reader
        from aboveboard.prover import Limits, compare, prove

        playbook = reader.read(playbook_path)
        between = _days(playbook)
        limits = Limits(seconds=seconds)
        if against is not None:
            changes = compare(reader.read(against), playbook, between=between, limits=limits)
            click.echo(_json(changes.as_dict()) if as_json else _changed(changes))
            sys.exit(1 if changes.came or changes.unknown else 0)
        if events:
            answer, proof = _counted(playbook, events, mapping, limits)
        else:
            proof = prove(playbook, between=between, limits=limits)
            answer = proof.as_dict()
    click.echo(_json(answer) if as_json else "\n".join(_lines(answer)))
    sys.exit(1 if proof.conflicts or proof.unknown else 0)


def _days(playbook: Playbook) -> tuple[date, date] | None:
    """Opening hours are looked at for the year to come."""
    if not any(fact.calendar for fact in playbook.situation.values()):
        return None
    today = date.today()  # noqa: DTZ011 - a day of the year to come, whichever zone
    return today, today + _YEAR


def _counted(
    playbook: Playbook, events: tuple[str, ...], mapping: str | None, limits: Limits
) -> tuple[dict[str, Any], Proof]:
    """The proof with the real cases of each conflict laid beside it."""
    from aboveboard.analyses import conflicts, promises
    from aboveboard.engines import read

    with read(*events, mapping=mapping, timezone=playbook.timezone.key) as ledger:
        as_of = ledger.arrow(ledger.events.aggregate(last=ledger.events.time.max()))["last"][0].as_py()
        proof = conflicts.proof(playbook, as_of=as_of, limits=limits)
        outcomes = ledger.keep(promises.outcomes(ledger.events, playbook, as_of=as_of), "promises")
        rows = ledger.arrow(conflicts.conflicts(proof, ledger.events, outcomes, playbook)).to_pylist()
    answer = proof.as_dict()
    for found, row in zip(answer["conflicts"], rows, strict=True):
        names = [name for name in row if name.endswith(("_count", "_share", "_low", "_high"))]
        found["events"] = {name: row[name] for name in ("promise", *names, "uncounted_because")}
    return answer, proof


def _json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, indent=1)


def _lines(answer: dict[str, Any]) -> list[str]:
    """What was found, in words."""
    count = len(answer["conflicts"])
    if not answer["rules"]:
        return ["No entry of this playbook says what it `requires`, so there is nothing to prove."]
    lines = [f"{len(answer['rules'])} rules. {_how_many(count, answer['unknown'])}"]
    for number, found in enumerate(answer["conflicts"], start=1):
        lines += ["", f"{number}. {click.style(' + '.join(found['rules']), bold=True)}", f"   where  {found['where']}"]
        lines.append(f"   say    {found['says']}")
        lines += [f"   real   {_real(found['events'])}"] if "events" in found else []
        lines += [
            f"   free   {edit['says']}  ({edit['file']}:{edit['line']}: {edit['key']} {edit['new']})"
            for edit in found["edits"][:_SHOWN_EDITS]
        ]
        if len(found["edits"]) > _SHOWN_EDITS:
            lines.append(f"          … and {len(found['edits']) - _SHOWN_EDITS} more (--json)")
    remarks = [*answer["remarks"], *answer["shadowed"]]
    if remarks:
        lines += ["", "Also:", *(f" – {remark['says']}" for remark in remarks)]
    lines += ["", *(f"Not decided in time: {each}." for each in answer["unknown"])] if answer["unknown"] else []
    return lines


def _how_many(count: int, unknown: list[str]) -> str:
    if not count:
        return "No conflict was found." if unknown else "In every situation all of them can be kept."
    return "1 conflict:" if count == 1 else f"{count} conflicts:"


def _real(events: dict[str, Any]) -> str:
    if events["uncounted_because"]:
        return f"not counted: {events['uncounted_because']}"
    total = events["events_count"] + events["outside_count"]
    said = f"{events['events_count']:,} of {total:,} cases of {events['promise']}"
    if events["missed_share"] is None:
        return said
    rest = "" if events["outside_missed_share"] is None else f"; of the others {events['outside_missed_share']:.0%}"
    return f"{said}: {events['missed_share']:.0%} late or broken{rest}"


def _changed(changes: Comparison) -> str:
    answer = changes.as_dict()
    lines = [f"All rules together: {answer['whole']['how']}.{_witness(answer['whole'])}"]
    lines += [f" – {each['rule']}: {each['how']}.{_witness(each)}" for each in answer["rules"] if each["how"] != "same"]
    for key, word in (("conflicts_came", "New conflict"), ("conflicts_went", "Gone")):
        lines += [f"{word}: {' + '.join(each['rules'])}. {each['says']}" for each in answer[key]]
    return "\n".join([*lines, *(f"Not decided in time: {each}." for each in answer["unknown"])])


def _witness(change: dict[str, Any]) -> str:
    said = ""
    for key, word in (("now_forbidden", "no longer allowed"), ("now_allowed", "now allowed")):
        if change[key] is not None:
            said += f" {word.capitalize()}: {', '.join(f'{name} {value}' for name, value in change[key].items())}."
    return said
