"""The labelled conversations: whole, well-formed, and without words that belong to others."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from benchmarks import claim_labels

from aboveboard.analyses.claims.tables import KINDS, VERDICTS
from aboveboard.sources import mapping

FILES = ("tau_bench_airline", "tau_bench_airline_second", "abcd")


def said(name: str, path: Path) -> dict[tuple[str, int], str]:
    """What the agent said to the customer, by conversation and message, as the shipped mapping has it."""
    with mapping.read(name).open([path]) as opened:
        rows = opened.rows().filter("type = 'message.sent'").project("subject, attributes, text").fetchall()
    return {(subject, json.loads(attributes)["message"]): text for subject, attributes, text in rows}


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_a_claim_with_its_verdict_or_no_claim_at_all(name: str) -> None:
    for label in claim_labels.read(name):
        assert (label.claim in KINDS and label.verdict in VERDICTS) or (label.claim, label.verdict) == ("", ""), label
        assert len(label.note) <= 60, label


@pytest.mark.parametrize("name", FILES)
def test_a_claim_stands_once_per_message_and_beside_no_empty_row(name: str) -> None:
    read = claim_labels.read(name)
    assert max(Counter((*label.place, label.claim) for label in read).values()) == 1
    empty = {label.place for label in read if not label.claim}
    assert not empty & {label.place for label in read if label.claim}


@pytest.mark.parametrize(
    ("name", "file", "labelled", "messages"),
    [("tau-bench", "airline-runs.json", "tau_bench_airline", 642), ("abcd", "abcd_sample.json", "abcd", 32)],
)
def test_every_message_of_an_agent_was_read_and_no_words_were_copied(
    real_data: Path, name: str, file: str, labelled: str, messages: int
) -> None:
    texts = said(name, real_data / name / file)
    read = claim_labels.read(labelled)
    assert {label.place for label in read} == set(texts)
    assert len(texts) == messages
    for label in read:
        if len(label.note.split()) > 3 and not label.note.startswith("by:"):
            assert label.note.lower() not in texts[label.place].lower(), label


def test_a_run_lies_in_one_half_and_under_one_name() -> None:
    read = claim_labels.read("tau_bench_airline")
    names = {(label.run, label.place[0]) for label in read}
    assert len(names) == len({run for run, _ in names}) == len({name for _, name in names}) == 80
    assert Counter(label.half for label in read if label.run in (0, 1)).keys() == {"development", "held out"}


def test_the_halves_have_no_task_in_common() -> None:
    tasks: dict[str, set[str]] = {"development": set(), "held out": set()}
    for label in claim_labels.read("tau_bench_airline"):
        tasks[label.half].add(label.place[0].split("-")[0])
    assert [len(found) for found in tasks.values()] == [10, 10]
    assert not tasks["development"] & tasks["held out"]


def test_the_second_reading_agrees_with_the_first_as_the_page_says() -> None:
    first = claim_labels.of(claim_labels.read("tau_bench_airline"))
    read = claim_labels.read("tau_bench_airline_second")
    second = claim_labels.of(read)
    cells = [(*place, kind) for place in sorted({label.place for label in read}) for kind in KINDS]
    agreement = claim_labels.kappa(
        [first.get(cell, "none") for cell in cells], [second.get(cell, "none") for cell in cells]
    )
    page = (Path(__file__).resolve().parents[2] / "docs/measures/claims-labels.md").read_text()
    assert f"Cohen's kappa is {agreement:.2f}" in page
    assert len({label.place for label in read}) == 60


def test_of_two_claims_of_a_type_the_worse_stands() -> None:
    found = claim_labels.worst([("s", 1, "changed", "supported"), ("s", 1, "changed", "contradicted")])
    assert found == {("s", 1, "changed"): "contradicted"}
    assert claim_labels.worst([("s", 1, "changed", "not yet"), ("s", 1, "changed", "unverifiable")]) == {
        ("s", 1, "changed"): "not yet"
    }


def test_right_is_what_both_sides_have() -> None:
    known = {("s", 1, "changed"): "supported", ("s", 2, "checked"): "contradicted", ("s", 3, "checked"): "supported"}
    seen = {("s", 1, "changed"): "contradicted", ("s", 2, "checked"): "contradicted", ("s", 4, "checked"): "supported"}
    assert claim_labels.score(known, seen) == claim_labels.Score(labelled=3, found=3, right=2)
    assert claim_labels.score(known, seen, "checked") == claim_labels.Score(labelled=2, found=2, right=1)
    assert claim_labels.score(known, seen, verdict="contradicted") == claim_labels.Score(labelled=1, found=2, right=1)


def test_kappa_is_cohens() -> None:
    """Two readers of 100 cases agree in 45 + 15; by their frequencies they would in 54: (0.60 − 0.54) ÷ 0.46."""
    first = ["yes"] * 70 + ["no"] * 30
    second = ["yes"] * 45 + ["no"] * 25 + ["yes"] * 15 + ["no"] * 15
    assert claim_labels.kappa(first, second) == pytest.approx((0.60 - 0.54) / 0.46)
    assert claim_labels.kappa(["a"], ["a"]) == 1.0
    with pytest.raises(ValueError, match="nothing to agree on"):
        claim_labels.kappa([], [])
