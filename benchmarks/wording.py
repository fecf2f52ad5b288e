"""How often the wording rules err, and how long a message takes: what docs/measures/wording.md quotes.

    python -m benchmarks wording [--data FOLDER]

Precision and recall per rule over the labelled sentences of tests/wording/sentences: of authors A, B and C and of those from G
on, whom the rules were written by, and of D, E and F, whose sentences nobody who writes rules has read. A remark is right
where the sentence is labelled with its rule; on a sentence labelled with another rule, or none, it counts as wrong. Intervals
are Wilson's. Where the public data lies, it also counts the remarks on tau-bench's agent messages and on the airlines' replies
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
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median, quantiles

from aboveboard.analyses.shared import intervals
from aboveboard.wording import Linter

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = ROOT / "tests" / "wording" / "sentences"
HELD_OUT = "DEF"
AUTHORS = {"development": "ABCGHIJKLMNOPQ", "held out": HELD_OUT}
Row = dict[str, str]


def sentences(language: str, authors: str) -> list[Row]:
    """The labelled sentences of these authors; those of the later ones stand in a file of their own."""
    rows: list[Row] = []
    for file in sorted(SENTENCES.glob(f"{language}*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            rows += [row for row in csv.DictReader(lines) if row["author"] in authors]
    return rows


def judged(linter: Linter, rows: Iterable[Row], language: str) -> dict[str, Counter[str]]:
    """Per rule: right, wrong, missed."""
    counts: dict[str, Counter[str]] = {rule.id: Counter() for rule in linter.rules}
    for row in rows:
        audience = "internal" if row["audience"] == "internal" else "customer"
        found = {remark.rule for remark in linter.read(row["sentence"], language=language, audience=audience).remarks}
        for rule in found:
            counts[rule]["right" if rule == row["rule"] else "wrong"] += 1
        if row["rule"] and row["rule"] not in found:
            counts[row["rule"]]["missed"] += 1
    return counts


def accuracy(linter: Linter) -> Iterator[str]:
    """A table per language and group of authors."""
    for language in ("en", "de"):
        for group, authors in AUTHORS.items():
            rows = sentences(language, authors)
            counts = judged(linter, rows, language)
            harmless = [row for row in rows if not row["rule"]]
            on_harmless = sum(sum(one.values()) for one in _wrong(linter, harmless, language))
            yield f"\n### {language}, {group} authors ({len(rows)} sentences, {len(harmless)} harmless)\n"
            yield "| rule | right | wrong | missed | precision (95 %) | recall (95 %) |\n|---|---|---|---|---|---|"
            for rule, one in [*counts.items(), ("**all**", sum(counts.values(), Counter()))]:
                right, wrong, missed = one["right"], one["wrong"], one["missed"]
                shares = f"{_share(right, right + wrong)} | {_share(right, right + missed)}"
                yield f"| {rule} | {right} | {wrong} | {missed} | {shares} |"
            yield f"\nRemarks on harmless sentences: {on_harmless}."


def _wrong(linter: Linter, rows: Iterable[Row], language: str) -> list[Counter[str]]:
    return list(judged(linter, rows, language).values())


def _share(count: int, n: int) -> str:
    if not n:
        return "–"
    low, high = intervals.wilson(count, n)
    return f"{count / n:.2f} ({float(low):.2f}–{float(high):.2f})"


def speed(linter: Linter) -> Iterator[str]:
    """Processor time per message with everything loaded, the language found out; and a process of its own from start to end."""
    texts = [row["sentence"] for language in ("en", "de") for row in sentences(language, AUTHORS["development"])]
    for text in texts:
        linter.read(text)
    took = []
    for text in texts:
        started = time.thread_time()
        linter.read(text)
        took.append(1000 * (time.thread_time() - started))
    yield f"{len(texts)} messages, processor time: median {median(took):.2f} ms, 95 % under {quantiles(took, n=20)[-1]:.2f} ms."
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", 'import aboveboard as ab; ab.lint("That\'s our policy.")'], check=True)
    yield f"A Python process that lints one message: {time.perf_counter() - started:.2f} s from start to end."


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
    for line in (*accuracy(linter), "\n### Speed\n", *speed(linter)):
        print(line)
    if (data / "README.md").exists():
        print("\n### Real texts\n")
        for line in real(linter, data):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
