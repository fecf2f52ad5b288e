"""The control figures through the whole path: mapping, ledger, playbook, analyses, against loops over the raw files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from benchmarks import by_hand, real_questions
from benchmarks import real_data as sets

pytestmark = pytest.mark.slow

HELD = {
    "olist": {"orders delivered": 5_170, "delivered after the promised day": 343},
    "baltimore311": {
        "with both dates": 9_555,
        "closed by their due time": 7_988,
        "closed late": 1_567,
        "due, and not closed": 159,
    },
    "bpic2013": {"cases with an A→B→A return": 1_177, "cases with more than one team": 3_820},
    "servicenow": {"incidents": 24_918, "incidents that kept their agreement (made_sla)": 15_803},
    "helpdesk": {"tickets": 4_580},
}
"""What was found by hand before anything was built: if a control is changed, these still stand."""


@pytest.fixture(scope="module")
def studied(real_data: Path) -> Iterator[Callable[[str], sets.Study]]:
    """A function that reads and analyses a set, once for all tests of this module."""
    with ExitStack() as opened:
        yield cache(lambda name: opened.enter_context(sets.studied(name, real_data)))


@pytest.mark.parametrize("name", HELD)
def test_the_control_figures_come_out(name: str, studied: Callable[[str], sets.Study], real_data: Path) -> None:
    study, control = studied(name), by_hand.figures(name, real_data)
    assert study.figures() == control
    assert control | HELD[name] == control
    assert [receipt.rejected for receipt in study.ledger.receipts] == [0]
    for question in real_questions.MORE[name]:
        assert study.ask(question.sql), question.title


def test_the_sample_of_olist_is_weighed(studied: Callable[[str], sets.Study], real_data: Path) -> None:
    """Each of 5,172 delivered orders stands for 18.65 of 96,478; the 2,345 others that ended stand for themselves."""
    weighed = "\n".join(sets.report(studied("olist"), real_data))
    kept = 4_822 / 5_172 * 96_478 + 5
    assert f"| 64 % | {100 * kept / (96_478 + 2_345):.1f} % (" in weighed


def test_a_figure_that_differs_is_told(
    studied: Callable[[str], sets.Study], real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(by_hand.SETS, "baltimore311", lambda folder: {"requests": 9_999})
    study = studied("baltimore311")
    assert "requests" in sets.differing(study, real_data)
    assert "| requests | 9,999 | 10,000 | **NO** |" in "\n".join(sets.report(study, real_data))
