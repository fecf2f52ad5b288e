"""All analyses in a row, on a story, through the command line and in a notebook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import aboveboard as ab
from aboveboard.analyses import catalogue
from aboveboard.cli import main
from aboveboard.reports import run

STORY = Path(__file__).resolve().parents[2] / "stories" / "two-phones"
EVENING = datetime(2025, 11, 29, 20, 45, tzinfo=UTC)


@pytest.fixture(scope="module")
def ledger() -> Iterator[ab.Ledger]:
    with ab.read(STORY / "events.csv", timezone="America/New_York") as ledger:
        yield ledger


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, int, int]]:
    """What `results` said on its way."""
    return []


@pytest.fixture(scope="module")
def results(ledger: ab.Ledger, steps: list[tuple[str, int, int]]) -> run.Results:
    """Everything, judged on the evening of the story."""
    playbook = ab.read_playbook(STORY / "playbook.yaml")
    return run.run(ledger, playbook, as_of=EVENING, progress=lambda *step: steps.append(step))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same through the command line, that evening told on New York's clock."""
    folder = tmp_path_factory.mktemp("out")
    arguments = ["analyse", str(STORY / "events.csv"), "--playbook", str(STORY / "playbook.yaml"), "--out", str(folder)]
    arguments += ["--as-of", "2025-11-29T15:45:00-05:00"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "Report:" in done.output
    return folder


def test_every_table_of_the_reference_is_written_with_its_columns(out: Path) -> None:
    for _, specs in catalogue.FAMILIES:
        for spec in specs:
            assert tuple(pq.read_schema(out / f"{spec.name}.parquet").names) == spec.columns, spec.name


def test_findings_are_written_in_order_with_their_evidence(out: Path) -> None:
    findings = json.loads((out / "findings.json").read_text())["findings"]
    assert findings
    assert [f["weight"] for f in findings] == sorted((f["weight"] for f in findings), reverse=True)
    assert all(f["evidence"]["n"] > 0 and f["sentence"] and f["action"] for f in findings)


@pytest.mark.slow
def test_a_moment_may_be_told_in_any_zone(results: run.Results, out: Path) -> None:
    assert results.as_of == EVENING
    there = pq.read_table(out / "promise_summary.parquet")
    assert results.tables["promise_summary"].to_pylist() == there.to_pylist()


def test_a_moment_without_a_zone_is_refused(ledger: ab.Ledger) -> None:
    playbook = ab.read_playbook(STORY / "playbook.yaml")
    with pytest.raises(ValueError, match="no time zone"):
        run.run(ledger, playbook, as_of=EVENING.replace(tzinfo=None))


@pytest.mark.slow
def test_progress_names_each_step_once(results: run.Results, steps: list[tuple[str, int, int]]) -> None:
    assert results.findings
    assert [number for _, number, _ in steps] == list(range(1, steps[0][2] + 1))
    assert len({says for says, _, _ in steps}) == len(steps)


@pytest.mark.parametrize("name", ["outcomes", "summary", "slices", "trend", "budgets", "deliverability"])
def test_a_notebook_shows_promises(ledger: ab.Ledger, name: str) -> None:
    answer = getattr(ab.promises, name)(ledger, STORY / "playbook.yaml")
    page = answer._repr_html_()
    assert answer.spec.question in page
    assert "<table>" in page
    assert "var(--" not in page, "a notebook has no page to take colours from"
    assert answer.spec.name in repr(answer)
    assert answer.to_pyarrow().num_rows == answer.to_pandas().shape[0]


@pytest.mark.parametrize("name", ["episodes", "members", "handoffs", "flows", "repeats", "contradictions", "links"])
def test_a_notebook_shows_episodes(ledger: ab.Ledger, name: str) -> None:
    answer = getattr(ab.episodes, name)(ledger)
    assert answer.spec.question in answer._repr_html_()


def test_charts_are_drawn_where_there_is_something_to_draw(ledger: ab.Ledger) -> None:
    drawn = ab.promises.outcomes(ledger, STORY / "playbook.yaml").chart()
    assert drawn is not None
    assert drawn.startswith("<svg")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["analyse", "nowhere.csv", "--playbook", str(STORY / "playbook.yaml")], 3, "there is no such file"),
        (["analyse", str(STORY / "events.csv"), "--playbook", "nowhere.yaml"], 2, "nowhere.yaml"),
        (
            ["analyse", str(STORY / "events.csv"), "--playbook", str(STORY / "playbook.yaml"), "--as-of", "soon"],
            2,
            "is not a time",
        ),
        (["analize"], 2, "Did you mean 'analyse'"),
    ],
)
def test_mistakes_are_told_plainly(arguments: list[str], code: int, says: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path)] if "analyse" in arguments else arguments)
    assert done.exit_code == code, done.output
    assert says in done.output
    assert "Traceback" not in done.output


@pytest.mark.slow
def test_rejected_rows_are_kept_beside_the_report(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text(
        "id,type,time,subject\n1,order.paid,2026-01-01T10:00:00Z,order:1\n2,order.paid,sometime,order:2\n"
    )
    arguments = ["analyse", str(events), "--playbook", str(STORY / "playbook.yaml"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert "1 rows could not be used" in done.output
    rejects = list((tmp_path / "out" / "rejects").iterdir())
    assert len(rejects) == 1
    assert "sometime" in rejects[0].read_text()
