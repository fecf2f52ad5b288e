"""How often the wording rules err on writers they have not seen, and how long a message takes (docs/measures/wording.md).

    python -m benchmarks wording
    python -m benchmarks.wording [--data FOLDER] [--only en | de | shipped]

The sentences of tests/wording/sentences, a file per writer. Each writer's sentences are read by a model of all other writers,
with the thresholds that the others call for, each of whom is read for that by a model without both. A remark is right
where the sentence is labelled with its rule; on a sentence labelled with another rule, or none, it counts as wrong.
Intervals are Wilson's. Where the public data lies, it also counts the remarks on tau-bench's agent messages and on the
airlines' replies in the tweets.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, median, quantiles

from aboveboard.analyses.shared import intervals
from aboveboard.wording import Linter, rulebook
from aboveboard.wording.learnt import model, training
from aboveboard.wording.learnt.training import Judged, Labelled
from aboveboard.wording.model import Audience

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = ROOT / "tests" / "wording" / "sentences"
UNMET = ("4", "5", "6")
"""The writers whose files came after the patterns were chosen."""
LANGUAGES = {"en": "English", "de": "German"}
Row = dict[str, str]


def rows_of(file: Path) -> list[Row]:
    """The labelled sentences of one writer."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def judged(linter: Linter, rows: Iterable[Row], language: str) -> dict[str, Counter[str]]:
    """Per rule: right, wrong, missed."""
    counts: dict[str, Counter[str]] = {rule.id: Counter() for rule in linter.rules}
    for row in rows:
        audience: Audience = "internal" if row["audience"] == "internal" else "customer"
        found = {remark.rule for remark in linter.read(row["sentence"], language=language, audience=audience).remarks}
        for rule in found:
            counts[rule]["right" if rule == row["rule"] else "wrong"] += 1
        if row["rule"] and row["rule"] not in found:
            counts[row["rule"]]["missed"] += 1
    return counts


class Writers:
    """The writers of a language who break rules, each read by models that have learnt from others only.

    `models[w]` has learnt from all others, and `unseen[w]` is w's sentences by it. `nested[w][v]` is v's sentences by a
    model without both, as thresholds are chosen where w is not known at all.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.all = training.read(SENTENCES, language)
        self.rows = {writer: self.all[writer] for writer in sorted(training.breaking(self.all), key=_order)}
        self.models: dict[str, model.Model] = {}
        self.nested: dict[str, dict[str, Judged]] = {}
        for writer in self.rows:
            others = {other: texts for other, texts in self.all.items() if other != writer}
            self.models[writer], self.nested[writer] = training.each(others)
        self.unseen = {writer: training.judged(known, self.rows[writer]) for writer, known in self.models.items()}

    @property
    def independent(self) -> list[str]:
        """The writers who knew nothing of rules, patterns or others' sentences."""
        return [writer for writer in self.rows if training.independent(writer)]

    def counts(self, writer: str, *, sure: bool = False) -> dict[str, Counter[str]]:
        """Per rule: right, wrong, missed, by a model of the other writers with the threshold that they call for."""
        least = training.thresholds(self.nested[writer], self.language)[sure]
        counts: dict[str, Counter[str]] = {rule: Counter() for rule in rulebook.ORDER}
        for row, rule, probability in self.unseen[writer]:
            found = rule if probability >= least else ""
            if found:
                counts[found]["right" if found == row.rule else "wrong"] += 1
            if row.rule and row.rule != found:
                counts[row.rule]["missed"] += 1
            if found and not row.rule:
                counts[found]["on harmless"] += 1
        return counts

    def linter(self, writer: str, *, sure: bool = False) -> Linter:
        """Patterns and model as they ship, but the model learnt from the other writers; `sure` leaves out its notes."""
        known = replace(self.models[writer], least=training.thresholds(self.nested[writer], self.language)[sure])
        return Linter(learnt=lambda _: known)


def _order(writer: str) -> tuple[bool, str]:
    return not training.independent(writer), writer


def accuracy(writers: Writers) -> Iterator[str]:
    """Tables by rule and by writer; the independent writers are those whom the goal is about, and the others stand beside."""
    by_writer = {writer: writers.counts(writer) for writer in writers.rows}
    sure = {writer: writers.counts(writer, sure=True) for writer in writers.rows}
    harmless = sum(not row.rule for writer in writers.independent for row in writers.rows[writer])
    says = f"each of {len(by_writer)} writers left out in turn"
    yield f"\n### {LANGUAGES[writers.language]}: {says}\n"
    yield f"| writer | right | wrong | missed | {_SHARES} | sure ones: precision | recall |\n|---|---|---|---|---|---|---|---|"
    for writer in by_writer:
        yield _line(_voices(writers.rows[writer]), _sum(by_writer[writer].values()), _sum(sure[writer].values()))
    for name, among in (("**the independent**", writers.independent), ("**all**", [*by_writer])):
        yield _line(name, *(_sum(c for w in among for c in held[w].values()) for held in (by_writer, sure)))
    yield f"\n| rule | right | wrong | missed | {_SHARES} | all writers: precision | recall |\n|---|---|---|---|---|---|---|---|"
    for rule in rulebook.ORDER:
        among = [_sum(by_writer[w][rule] for w in names) for names in (writers.independent, by_writer)]
        yield _line(rule, *among)
    wrongly = _sum(c for w in writers.independent for c in by_writer[w].values())["on harmless"]
    yield f"\nRemarks on {harmless} harmless sentences of the independent writers: {wrongly}."


def unmet(writers: Writers, names: Sequence[str]) -> Iterator[str]:
    """The whole linter, patterns and all, on writers whom neither the patterns nor the model have met."""
    whole, alone, sure = Counter[str](), Counter[str](), Counter[str]()
    for writer in names:
        rows = rows_of(SENTENCES / f"{writer}.csv")
        whole += _sum(judged(writers.linter(writer), rows, writers.language).values())
        sure += _sum(judged(writers.linter(writer, sure=True), rows, writers.language).values())
        alone += _sum(judged(Linter(learnt=lambda _: None), rows, writers.language).values())
    yield _line(f"{LANGUAGES[writers.language]}, patterns alone", alone)
    yield _line(f"{LANGUAGES[writers.language]}, patterns and model", whole)
    yield _line(f"{LANGUAGES[writers.language]}, without the notes of the model", sure)


_SHARES = "precision (95 %) | recall (95 %)"


def _sum(counts: Iterable[Counter[str]]) -> Counter[str]:
    return sum(counts, Counter[str]())


def _voices(rows: Sequence[Labelled]) -> str:
    names = sorted({row.author for row in rows}, key=lambda name: (len(name), name))
    return f"{names[0]} to {names[-1]}"


def _line(name: str, one: Mapping[str, int], other: Mapping[str, int] | None = None) -> str:
    right, wrong, missed = one["right"], one["wrong"], one["missed"]
    cells = [name, right, wrong, missed, _share(right, right + wrong), _share(right, right + missed)]
    if other is not None:
        found = other["right"]
        cells += [_plain(found, found + other["wrong"]), _plain(found, found + other["missed"])]
    return f"| {' | '.join(map(str, cells))} |"


def _plain(count: int, n: int) -> str:
    return f"{count / n:.2f}" if n else "–"


def _share(count: int, n: int) -> str:
    if not n:
        return "–"
    low, high = intervals.wilson(count, n)
    return f"{count / n:.2f} ({float(low):.2f}–{float(high):.2f})"


def curve(writers: Writers) -> Iterator[str]:
    """Recall at precision 0.9 on independent writers, by how many others are learnt from; its threshold is their own choice."""
    names = writers.independent
    yield f"\n| {LANGUAGES[writers.language]}: learnt from | recall at precision 0.9 |\n|---|---|"
    for count in range(1, len(names), 2):
        found: Judged = []
        for at, writer in enumerate(names):
            others = [*names[at + 1 :], *names[:at]][count:]
            left = {writer, *others, *(one for one in writers.rows if one not in names)}
            known = training.fit([row for one, texts in writers.all.items() if one not in left for row in texts])
            found = [*found, *training.judged(known, writers.rows[writer])]
        yield f"| {count} of the independent writers | {recall(found):.2f} |"
    yield f"| all other writers | {recall([one for writer in names for one in writers.unseen[writer]]):.2f} |"


def recall(judged: Judged, precision: float = 0.9) -> float:
    """The share of breaches found at the lowest threshold at which this share of remarks is right."""
    least = training.threshold(judged, precision)
    right = sum(rule == row.rule for row, rule, probability in judged if probability >= least)
    return right / sum(bool(row.rule) for row, _, _ in judged)


def shipped(linter: Linter) -> Iterator[str]:
    """What ships, on the sentences that it was made by: no measure of what it does on others."""
    for language in LANGUAGES:
        rows = [row for file in sorted(SENTENCES.glob(f"{language}*.csv")) for row in rows_of(file)]
        whole = _sum(judged(linter, rows, language).values())
        patterns = _sum(judged(Linter(learnt=lambda _: None), rows, language).values())
        yield _line(f"{LANGUAGES[language]}, patterns alone", patterns)
        yield _line(f"{LANGUAGES[language]}, patterns and model", whole)


def speed(linter: Linter, texts: Sequence[str]) -> Iterator[str]:
    """Processor time per message with everything loaded, the language found out."""
    for text in texts:
        linter.read(text)
    took = []
    for text in texts:
        started = time.thread_time()
        linter.read(text)
        took.append(1000 * (time.thread_time() - started))
    signs = mean(map(len, texts))
    yield (
        f"{len(texts)} messages of {signs:.0f} characters on average, processor time: median {median(took):.2f} ms, "
        f"95 % under {quantiles(took, n=20)[-1]:.2f} ms."
    )


def start() -> str:
    """A process of its own from start to end."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", 'import aboveboard as ab; ab.lint("That\'s our policy.")'], check=True)
    return f"A Python process that lints one message: {time.perf_counter() - started:.2f} s from start to end."


_AIRLINES = r"(?:united|americanair|southwestair|jetblue|usairways|virginamerica|delta)"
_CITED = re.compile(rf"[“\"]\s*@?{_AIRLINES}\s*:?\s+(@\w+.*?)(?:[”\"]|$)", re.IGNORECASE | re.DOTALL)
_PASSED_ON = re.compile(rf"\bRT @{_AIRLINES}:?\s+(.*)$", re.IGNORECASE | re.DOTALL)


def agent_messages(data: Path) -> list[str]:
    """What the agent of tau-bench wrote, each text once."""
    runs = json.loads((data / "tau-bench" / "airline-runs.json").read_text(encoding="utf-8"))
    said = (turn.get("content") for run in runs for turn in run["traj"] if turn["role"] == "assistant")
    return list(dict.fromkeys(text for text in said if text))


def replies(data: Path) -> list[str]:
    """Airlines' replies that customers cite in their tweets, each once."""
    with (data / "airline-tweets" / "tweets.csv").open(encoding="utf-8", newline="") as lines:
        tweets = [row["text"] for row in csv.DictReader(lines)]
    found = [match[1] for tweet in tweets for form in (_CITED, _PASSED_ON) for match in form.finditer(tweet)]
    return list(dict.fromkeys(found))


def _sure(code: str) -> model.Model | None:
    known = model.load(code)
    return replace(known, least=known.sure) if known else None


def real(linter: Linter, data: Path) -> Iterator[str]:
    """How many remarks on real texts, by rule; the texts themselves are not printed."""
    quiet = Linter(learnt=_sure)
    for name, texts in (("tau-bench agent messages", agent_messages(data)), ("airlines' replies", replies(data))):
        counts = Counter(remark.rule for text in texts for remark in linter.read(text).remarks)
        listed = ", ".join(f"{rule} {count}" for rule, count in counts.most_common()) or "none"
        sure = sum(len(quiet.read(text).remarks) for text in texts)
        yield f"{name}: {len(texts)} read, {counts.total()} remarks ({listed}), {sure} without the notes of the model."


def main() -> int:
    """Print it all; the real texts only where they are."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ABOVEBOARD_DATA", ROOT.parent / "shared/data"))
    )
    asked.add_argument("--only", choices=[*LANGUAGES, "shipped"], help="a language's writers, or what ships")
    given = asked.parse_args()
    for language in LANGUAGES:
        if given.only in (None, language):
            print("\n".join(learnt(language)), flush=True)
    if given.only in (None, "shipped"):
        print("\n".join(shipping(given.data)), flush=True)
    return 0


def learnt(language: str) -> Iterator[str]:
    """What the model, and the whole linter, do on writers whom they have not met."""
    writers = Writers(language)
    yield from accuracy(writers)
    yield from curve(writers)
    yield f"\nOn {', '.join(f'{language}_{number}' for number in UNMET)}, whom neither patterns nor model had met:\n"
    yield "| | right | wrong | missed | precision (95 %) | recall (95 %) |\n|---|---|---|---|---|---|"
    yield from unmet(writers, [f"{language}_{number}" for number in UNMET])


def shipping(data: Path) -> Iterator[str]:
    """What ships: on the sentences it was made by, how fast, and on real texts where they are."""
    linter = Linter()
    yield "\n### What ships, on the sentences that it was made by\n"
    yield from shipped(linter)
    yield "\n### Speed\n"
    texts = [row["sentence"] for file in sorted(SENTENCES.glob("*.csv")) for row in rows_of(file)]
    yield from speed(linter, texts)
    yield start()
    if (data / "README.md").exists():
        yield from speed(linter, agent_messages(data))
        yield "\n### Real texts\n"
        yield from real(linter, data)


if __name__ == "__main__":
    sys.exit(main())
