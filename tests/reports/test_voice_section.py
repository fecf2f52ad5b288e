"""The section on what customers say: it answers first, and says beside every chart how often words are read rightly."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from tests.findings.test_voice import AT, SHOP

from aboveboard.analyses.voice import tables
from aboveboard.playbook.model import Playbook
from aboveboard.reports.run import Results
from aboveboard.reports.sections import voice

MODEL = {
    "model": "sentiment", "slice": "all", "label": "all", "learnt_from": "own ratings", "weak": False, "accuracy": 0.83,
    "accuracy_low": 0.81, "accuracy_high": 0.85, "texts_count": 900,
}  # fmt: skip
THEME = {"theme": 'the "late" parcel', "texts_count": 90, "share": 0.4, "negative_count": 60, "positive_count": 10}


def section(**rows: list[dict[str, Any]]) -> Any:
    specs = {spec.name: spec for spec in tables.TABLES}
    made = {
        name: pa.Table.from_pylist([dict.fromkeys(specs[name].columns) | row for row in listed])
        for name, listed in rows.items()
    }
    return voice.section(Results(made, (), AT), Playbook())


def test_every_chart_says_how_often_words_are_read_rightly() -> None:
    whole = SHOP | {"cut": "all", "value": "all"}
    other = SHOP | {"value": "Hillcrest", "negative_share": 0.3, "negative_share_low": 0.2, "negative_share_high": 0.4}
    weeks = [SHOP | {"cut": "week", "value": f"2026-01-{day:02}", "negative_differs": False} for day in (5, 12, 19)]
    shown = section(voice_by=[whole, SHOP, other, *weeks], voice_models=[MODEL], themes=[THEME])
    drawn = [figure for figure in shown.figures if figure.drawing is not None]
    assert [figure.title for figure in drawn] == [
        "What do customers speak about?", "Which team are customers discontent with?", "Does it change?",
    ]  # fmt: skip
    assert all("read rightly in 83 % (81–85 %)" in figure.note for figure in drawn)
    assert shown.answer.startswith("120 texts of customers; 60 % (51–69 %) negative. Most spoken of: “the")
    assert '"late"' in drawn[0].drawing.wide or "&quot;late&quot;" in drawn[0].drawing.wide


def test_a_weak_model_is_called_weak() -> None:
    shown = section(
        voice_by=[SHOP | {"cut": "all"}], voice_models=[MODEL | {"weak": True, "slice": "its own sentences"}]
    )
    assert shown.note.startswith("weak, for it did not learn from your own texts")


def test_without_texts_there_is_no_section() -> None:
    assert section(voice_by=[]) is None
