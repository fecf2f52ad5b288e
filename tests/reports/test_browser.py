"""The report in a real browser: nothing fetched, nothing overflowing, readable in light, dark and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.reports import sample
from tests.reports.test_page import playbook

from aboveboard.reports import page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    page.write(sample.results(), playbook(), path)
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_it_fits_the_screen_and_fetches_nothing(chromium: Any, report: Path, width: int, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.goto(report.as_uri())
    assert asked == [report.as_uri()]
    assert complaints == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    shown = ".narrow" if width <= 600 else ".wide"
    hidden = ".wide" if width <= 600 else ".narrow"
    assert tab.locator(f"{shown} svg").first.is_visible()
    assert not tab.locator(f"{hidden} svg").first.is_visible()
    context.close()


def test_the_scheme_reaches_the_charts(chromium: Any, report: Path) -> None:
    inks = {}
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme=scheme)
        tab = context.new_page()
        tab.goto(report.as_uri())
        inks[scheme] = tab.evaluate(
            "getComputedStyle([...document.querySelectorAll('.wide svg text')]"
            ".find(t => t.textContent.startsWith('objective'))).fill"
        )
        context.close()
    assert inks["light"] == "rgb(27, 32, 39)"
    assert inks["dark"] == "rgb(232, 234, 237)"


def test_tables_open_and_downloads_work_by_keyboard(chromium: Any, report: Path) -> None:
    context = chromium.new_context(accept_downloads=True)
    tab = context.new_page()
    tab.goto(report.as_uri())
    summary = tab.locator("figure summary").first
    summary.focus()
    tab.keyboard.press("Enter")
    assert tab.locator("figure table").first.is_visible()
    link = tab.locator("a[download]").first
    link.focus()
    with tab.expect_download() as download:
        tab.keyboard.press("Enter")
    assert Path(download.value.path()).read_text().startswith('"promise"')
    context.close()


def test_it_prints(chromium: Any, report: Path, tmp_path: Path) -> None:
    context = chromium.new_context(color_scheme="dark")
    tab = context.new_page()
    tab.goto(report.as_uri())
    tab.emulate_media(media="print")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(14, 17, 20)", "paper is white"
    assert not tab.locator("nav.side").is_visible()
    paper = tmp_path / "report.pdf"
    tab.pdf(path=str(paper), format="A4")
    assert paper.read_bytes().startswith(b"%PDF")
    context.close()
