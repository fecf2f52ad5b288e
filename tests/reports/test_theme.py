"""Charts are sound by Vega-Lite's own schema, which is not asked again for each page."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import altair
import pytest
from altair.utils import schemapi
from tests.reports import sample

from aboveboard.playbook.model import Playbook
from aboveboard.reports import page, theme


def test_every_chart_of_the_page_fits_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def checked(chart: altair.Chart, alt: str) -> str:
        seen.append(alt)
        # Raises where a name or a value is none of Vega-Lite's.
        assert {**chart.to_dict(validate=True), "config": theme.CONFIG}["$schema"]
        return "<svg/>"

    monkeypatch.setattr(theme, "svg", checked)
    monkeypatch.setattr(schemapi, "debug_mode", lambda checks: nullcontext())
    page.render(sample.results(), Playbook("A shop", ZoneInfo("UTC"), promises={}))
    assert len(set(seen)) >= 5
    assert len(seen) % 2 == 0, "each is drawn for a wide page and for a phone"


def test_a_drawing_leaves_the_checks_of_altair_as_they_were() -> None:
    rows = [{"day": datetime(2026, 1, day, tzinfo=UTC).isoformat(), "share": 0.5} for day in (1, 2)]
    chart = altair.Chart(altair.Data(values=rows)).mark_point().encode(x="day:T", y="share:Q")
    drawing = theme.draw(lambda width: chart.properties(width=width, height=100), "Two days")
    assert drawing.wide.startswith("<svg") and drawing.narrow.startswith("<svg")
    assert schemapi.DEBUG_MODE is True
