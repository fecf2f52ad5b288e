"""How often the wording rules err on writers they have not seen, and how long a message takes (docs/measures/wording.md).

    python -m benchmarks wording [--data FOLDER]

The sentences of tests/wording/sentences, a file per writer. Each writer's sentences are read by a model of all other writers,
with the threshold that the other writers call for, each of them read by a model of all but that one. A remark is right where
the sentence is labelled with its rule; on a sentence labelled with another rule, or none, it counts as wrong. Intervals are
Wilson's. Where the public data lies, it also counts the remarks on tau-bench's agent messages and on the airlines' replies
in the tweets.
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
from pathlib import Path
from statistics import mean, median, quantiles

from aboveboard.analyses.shared import intervals
from aboveboard.wording import Linter, rulebook
from aboveboard.wording.learnt import training
from aboveboard.wording.learnt.training import Judged, Labelled
from aboveboard.wording.model import Audience

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = ROOT / "tests" / "wording" / "sentences"
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
    """The writers of a language who break rules, and models of some of them. Everybody's formulae are always learnt from."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.all = training.read(SENTENCES, language)
        self.rows = {writer: rows for writer, rows in self.all.items() if any(row.rule for row in rows)}
        self.judged = {
            writer: self.read_by(writer, [one for one in self.rows if one != writer]) for writer in self.rows
        }

    def read_by(self, writer: str, learnt: Sequence[str]) -> Judged:
        """The writer's sentences as a model of the `learnt` writers judges them."""
        texts = [row for one, rows in self.all.items() if one in learnt or one not in self.rows for row in rows]
        known = training.fit(texts)
        return [(row, *training.probabilities(known, row)) for row in self.rows[writer]]

    def counts(self, writer: str, among: Sequence[str]) -> dict[str, Counter[str]]:
        """Per rule: right, wrong, missed, by a model of the other writers and the threshold of those `among` them."""
        least = training.threshold([one for other in among if other != writer for one in self.judged[other]])
        counts: dict[str, Counter[str]] = {rule: Counter() for rule in rulebook.ORDER}
        for row, rule, probability in self.judged[writer]:
            found = rule if probability >= least else ""
            if found:
                counts[found]["right" if found == row.rule else "wrong"] += 1
            if row.rule and row.rule != found:
                counts[row.rule]["missed"] += 1
            if found and not row.rule:
                counts[found]["on harmless"] += 1
        return counts


def accuracy(writers: Writers) -> Iterator[str]:
    """Tables by rule and by writer: over all writers, and over the independent ones, whose files bear a number."""
    independent = [writer for writer in writers.rows if writer[-1].isdigit()]
    for who, names in (("writers", list(writers.rows)), ("independent writers", independent)):
        yield from _tables(writers, names, f"each of {len(names)} {who} left out in turn")


def _tables(writers: Writers, names: Sequence[str], says: str) -> Iterator[str]:
    by_writer = {writer: writers.counts(writer, names) for writer in names}
    by_rule = {rule: sum((held[rule] for held in by_writer.values()), Counter[str]()) for rule in rulebook.ORDER}
    rows = [row for writer in names for row in writers.rows[writer]]
    yield f"\n### {LANGUAGES[writers.language]}: {says} ({len(rows)} sentences)\n"
    yield "| rule | right | wrong | missed | precision (95 %) | recall (95 %) |\n|---|---|---|---|---|---|"
    yield from (_line(rule, one) for rule, one in by_rule.items())
    yield _line("**all**", _sum(by_rule.values()))
    yield "\n| writer | right | wrong | missed | precision (95 %) | recall (95 %) |\n|---|---|---|---|---|---|"
    yield from (_line(_voices(writers.rows[writer]), _sum(held.values())) for writer, held in by_writer.items())
    harmless = sum(not row.rule for row in rows)
    yield f"\nRemarks on {harmless} harmless sentences: {_sum(by_rule.values())['on harmless']}."


def _sum(counts: Iterable[Counter[str]]) -> Counter[str]:
    return sum(counts, Counter[str]())


def _voices(rows: Sequence[Labelled]) -> str:
    names = sorted({row.author for row in rows}, key=lambda name: (len(name), name))
    return f"{names[0]} to {names[-1]}"


def _line(name: str, one: Mapping[str, int]) -> str:
    right, wrong, missed = one["right"], one["wrong"], one["missed"]
    return (
        f"| {name} | {right} | {wrong} | {missed} | {_share(right, right + wrong)} | {_share(right, right + missed)} |"
    )


def _share(count: int, n: int) -> str:
    if not n:
        return "–"
    low, high = intervals.wilson(count, n)
    return f"{count / n:.2f} ({float(low):.2f}–{float(high):.2f})"


def curve(writers: Writers) -> Iterator[str]:
    """Recall at precision 0.9 by how many other writers are learnt from; the threshold is chosen on the scores themselves."""
    names = list(writers.rows)
    yield f"\n| writers learnt from | {' | '.join(map(_voices, writers.rows.values()))} | mean |"
    yield f"|---|{'---|' * (len(names) + 1)}"
    for count in range(1, len(names)):
        found = []
        for at, writer in enumerate(names):
            others = [*names[at + 1 :], *names[:at]]
            whole = count == len(others)
            found.append(recall(writers.judged[writer] if whole else writers.read_by(writer, others[:count])))
        yield f"| {count} | {' | '.join(f'{one:.2f}' for one in found)} | {mean(found):.2f} |"


def recall(judged: Judged, precision: float = training.PRECISION) -> float:
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


def real(linter: Linter, data: Path) -> Iterator[str]:
    """How many remarks on real texts, by rule; the texts themselves are not printed."""
    for name, texts in (("tau-bench agent messages", agent_messages(data)), ("airlines' replies", replies(data))):
        counts = Counter(remark.rule for text in texts for remark in linter.read(text).remarks)
        listed = ", ".join(f"{rule} {count}" for rule, count in counts.most_common()) or "none"
        yield f"{name}: {len(texts)} read, {counts.total()} remarks ({listed})."


def main() -> int:
    """Print it all; the real texts only where they are."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ABOVEBOARD_DATA", ROOT.parent / "shared/data"))
    )
    data = asked.parse_args().data
    linter = Linter()
    for language in LANGUAGES:
        writers = Writers(language)
        for line in (*accuracy(writers), *curve(writers)):
            print(line, flush=True)
    print("\n### What ships, on the sentences that it was made by\n")
    print("\n".join(shipped(linter)))
    print("\n### Speed\n")
    texts = [row["sentence"] for file in sorted(SENTENCES.glob("*.csv")) for row in rows_of(file)]
    print("\n".join([*speed(linter, texts), start()]))
    if (data / "README.md").exists():
        print("\n".join(speed(linter, agent_messages(data))))
        print("\n### Real texts\n")
        print("\n".join(real(linter, data)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
