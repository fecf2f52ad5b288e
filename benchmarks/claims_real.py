"""Claims found in real conversations, beside labels made by reading them: what docs/measures/claims.md quotes.

    python -m benchmarks claims_real [--data FOLDER]

Reads tau-bench's airline runs and ABCD's sample chats by the mappings that ship. Prints, for the development half and the
held-out half: precision and recall per claim type and per verdict; the verdicts on what was done once more with the acts
taken out of every other conversation, so that true words become false ones; and every contradiction. Exit code 1 where of
all that is called contradicted, in both halves of both records, less than 0.9 is.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import ibis

from aboveboard.analyses import claims
from aboveboard.analyses.claims.tables import KINDS
from aboveboard.engines import Ledger
from aboveboard.engines import read as read_ledger
from aboveboard.ledger import attributes
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook
from benchmarks import claim_labels as labels
from benchmarks.claim_labels import Claims, Label

ROOT = Path(__file__).resolve().parent.parent
SETS = {"tau-bench": ("airline-runs.json", "tau_bench_airline"), "abcd": ("abcd_sample.json", "abcd")}
HALVES = ("development", "held out")
PLAYBOOK = "organisation: A service desk whose conversations are public\ntimezone: America/New_York\n"
ACTS = (
    *("booking.made", "booking.changed", "booking.cancelled", "payment.refunded"),
    *("remedy.given", "escalation.opened", "record.checked"),
)
SPOKEN_OF = ("asked-superior", "checked", "refunded", "changed")
"""Claims of what was done: true as long as the act stands in the record before them."""
GOAL = 0.9
ASKED_AFTER = timedelta(days=8)
"""The conversations are over: whatever was to be done without a time should have been, and a refund *in 5 to 7 business days*
is not yet due. So the labels have it."""

Half = tuple[str, Claims, Claims]
"""The name of a half, the claims in its labels, and those that were found in its messages."""


def conversations(ledger: Ledger) -> Any:
    """The events with each conversation a world of its own, all beginning at the first one's start.

    The sets have no times; the mappings lay conversations apart. Here they lie side by side, so that the record of each
    ends when the conversation does, as the labels have it; and the same customer in another trial is another customer.
    """
    events = ledger.events
    began = events.time.min().over(ibis.window(group_by=events.subject))
    seconds = (events.time.epoch_seconds() - began.epoch_seconds()).cast("int64")
    start = events.time.min().over(ibis.window())
    return events.mutate(time=start + seconds.as_interval("s"), customer=events.subject)


def found(
    events: Any, playbook: Playbook, where: Mapping[str, int], as_of: datetime
) -> dict[tuple[str, int, str], str]:
    """What the analysis finds: one verdict per message and claim type."""
    table = claims.claims(events, playbook, as_of=as_of).to_pyarrow().to_pylist()
    return labels.worst(
        (row["subject"], where[row["event"]], row["claim"], row["verdict"]) for row in table if row["event"] in where
    )


def places(ledger: Ledger, events: Any) -> dict[str, int]:
    """The agent's messages: event id → how far down its conversation it stands."""
    sent = events.filter((events.type == "message.sent") & (events.audience == "customer"))
    rows = ledger.arrow(sent.select("id", message=attributes.text(sent, "message").cast("int64"))).to_pylist()
    return {row["id"]: row["message"] for row in rows}


def without_acts(events: Any, subjects: Sequence[str]) -> Any:
    """The events without what was done in these conversations; the words stay."""
    return events.filter(~(events.subject.isin(subjects) & events.type.isin(ACTS)))


def false_now(known: Claims, subjects: Iterable[str]) -> dict[tuple[str, int, str], str]:
    """The labels of a record without the acts of these conversations: what was said of acts there is true no longer."""
    gone = set(subjects)
    return {key: "contradicted" if key[0] in gone else verdict for key, verdict in of_acts(known).items()}


def of_acts(known: Claims) -> dict[tuple[str, int, str], str]:
    """The claims that something was done. Of the others, the record without acts says nothing that a reader has judged."""
    return {key: verdict for key, verdict in known.items() if key[2] in SPOKEN_OF}


def by_type(halves: Iterable[Half]) -> Iterator[str]:
    """Precision and recall of each claim type in each half, whatever the verdict."""
    yield "| half | claim | in the labels | found | precision | recall |"
    yield "|---|---|--:|--:|---|---|"
    for half, known, seen in halves:
        for claim in (*KINDS, None):
            one = labels.score(known, seen, claim)
            if one.labelled or one.found:
                yield f"| {half} | {claim or 'all'} | {one.labelled} | {one.found} | {one.precision} | {one.recall} |"


def by_verdict(halves: Iterable[Half]) -> Iterator[str]:
    """Precision and recall of each verdict in each half: right where message, claim type and verdict are."""
    yield "| half | verdict | in the labels | found | precision | recall |"
    yield "|---|---|--:|--:|---|---|"
    for half, known, seen in halves:
        for verdict in labels.VERDICTS:
            one = labels.score(known, seen, verdict=verdict)
            if one.labelled or one.found:
                yield f"| {half} | {verdict} | {one.labelled} | {one.found} | {one.precision} | {one.recall} |"


def contradictions(read: Sequence[Label], made: Claims) -> Iterator[str]:
    """Every contradiction in the labels with what the reader noted; then those that only the analysis sees."""
    yield "| run | conversation | message | claim | what the record shows | found as |"
    yield "|--:|---|--:|---|---|---|"
    known = labels.of(read)
    runs = {label.place: label.run for label in read}
    for label in read:
        if label.verdict == "contradicted":
            subject, message = label.place
            seen = made.get((subject, message, label.claim), "not found")
            yield f"| {label.run} | {subject} | {message} | {label.claim} | {label.note} | {seen} |"
    for key, verdict in sorted(made.items()):
        if verdict == "contradicted" and known.get(key) != "contradicted" and key[:2] in runs:
            subject, message, claim = key
            said = known.get(key, "no such claim")
            yield f"| {runs[key[:2]]} | {subject} | {message} | {claim} | *the labels: {said}* | contradicted |"


@dataclass(frozen=True)
class Study:
    """One set, read and analysed: its labels, what was found, and both by halves.

    `whole` is the record as it is; `bare` has the claims of acts alone, in a record where every other conversation has none.
    """

    read: Sequence[Label]
    made: Claims
    whole: Sequence[Half]
    bare: Sequence[Half]


def studied(name: str, data: Path) -> Study:
    """Read one set by the mapping of its name, and find the claims in both records."""
    file, labelled = SETS[name]
    read = labels.read(labelled)
    playbook = reader.read(PLAYBOOK)
    every_other = sorted({label.place[0] for label in read if label.run // 2 % 2})
    with read_ledger(data / name / file, mapping=name) as ledger:
        events = ledger.keep(conversations(ledger), "conversations")
        as_of = ledger.arrow(events.aggregate(last=events.time.max())).to_pylist()[0]["last"] + ASKED_AFTER
        where = places(ledger, events)
        made = found(events, playbook, where, as_of)
        made_bare = found(without_acts(events, every_other), playbook, where, as_of)
    whole = tuple(_halves(read, labels.of(read), made))
    bare = tuple(_halves(read, false_now(labels.of(read), every_other), of_acts(made_bare)))
    return Study(read, made, whole, bare)


def report(name: str, study: Study) -> Iterator[str]:
    """What came out of one set, as blocks of Markdown."""
    yield f"## {name}"
    messages, runs = ({label.place for label in study.read}, {label.run for label in study.read})
    yield f"{len(messages)} messages in {len(runs)} conversations."
    yield "### Claims\n\n" + "\n".join(by_type(study.whole))
    yield "### Verdicts\n\n" + "\n".join(by_verdict(study.whole))
    yield "### Verdicts on what was done, every other conversation without its acts\n\n" + "\n".join(
        by_verdict(study.bare)
    )
    yield "### Contradictions\n\n" + "\n".join(contradictions(study.read, study.made))


def called_contradicted(parts: Iterable[Half]) -> tuple[int, int]:
    """Of all that is called contradicted in these parts, how much is so in the labels, and how much there is."""
    scores = [labels.score(known, seen, verdict="contradicted") for _, known, seen in parts]
    return sum(one.right for one in scores), sum(one.found for one in scores)


def _halves(read: Sequence[Label], known: Claims, made: Claims) -> Iterator[Half]:
    for half in HALVES:
        if places := {label.place for label in read if label.half == half}:
            yield half, labels.within(known, places), labels.within(made, places)


def main() -> int:
    """Print both sets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    default = os.environ.get("ABOVEBOARD_DATA", ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default))
    arguments = parser.parse_args()
    parts: list[Half] = []
    for name in SETS:
        study = studied(name, arguments.data)
        print("\n\n".join(report(name, study)) + "\n")
        parts += (*study.whole, *study.bare)
    right, found = called_contradicted(parts)
    print(f"Called contradicted in all: {found}, rightly {right}: {labels.ratio(right, found)}; the goal is {GOAL}.")
    return 0 if right >= GOAL * found else 1


if __name__ == "__main__":
    sys.exit(main())
