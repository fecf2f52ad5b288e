"""The report as a file: self-contained, safe, and saying what the tables say."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from tests.reports import sample

from aboveboard.playbook import conditions
from aboveboard.playbook.model import Playbook, Promise, Within
from aboveboard.reports import page


@pytest.fixture(scope="module")
def html() -> str:
    return page.render(sample.results(), playbook())


def playbook() -> Playbook:
    paid, ready = conditions.parse("type = 'order.paid'"), conditions.parse("type = 'order.ready'")
    says = "Your phones are ready <b>at the store</b> within three hours."
    promise = Promise(
        "pick-up-in-3-hours", says, paid, ready, "store operations", within=Within("3 hours", 180), objective=0.98
    )
    return Playbook("Harbour Phones", ZoneInfo("America/New_York"), promises={promise.name: promise})


class Balance(HTMLParser):
    """Counts tags left open and ids given twice."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if str(values.get("href", "")).startswith("#"):
            self.references.append(str(values["href"])[1:])
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.wrong.append(tag)


def test_it_is_well_formed_and_its_links_lead_somewhere(html: str) -> None:
    reader = Balance()
    reader.feed(html)
    assert reader.wrong == []
    assert reader.stack == []
    assert len(reader.ids) == len(set(reader.ids))
    assert set(reader.references) <= set(reader.ids)


def test_it_needs_no_network_and_no_script(html: str) -> None:
    assert "<script" not in html
    assert [url for url in re.findall(r'(?:src|href)="([^"]+)"', html) if not url.startswith(("#", "data:"))] == []
    assert "default-src 'none'" in html


def test_names_from_the_data_are_only_text(html: str) -> None:
    assert "<Sons>" not in html
    assert "<b>at the store</b>" not in html
    assert "&lt;b&gt;at the store" in html


def test_colours_are_the_pages_own(html: str) -> None:
    assert "#0100" not in html, "a stand-in colour was left in a drawing"
    for name in re.findall(r"var\(--([a-z0-9-]+)\)", html):
        assert f"--{name}:" in html


def test_the_answer_stands_first_with_its_interval(html: str) -> None:
    # no line break between a number and its sign, nor inside a range
    said = "Kept in 70\u00a0% of 1,005 (67–\u206073\u00a0%); it is meant to hold in 98\u00a0%."
    assert html.index("What should be done first?") < html.index(said)


def test_every_chart_has_its_table_and_its_download(html: str) -> None:
    figures = re.findall(r"<figure>(.*?)</figure>", html, re.DOTALL)
    assert len(figures) >= 8
    for figure in figures:
        assert "<table>" in figure
        assert "data:text/csv;base64," in figure


def test_a_download_holds_all_rows(html: str) -> None:
    encoded = re.search(r'download="episodes.csv" href="data:text/csv;base64,([^"]+)"', html)
    assert encoded
    lines = base64.b64decode(encoded.group(1)).decode().splitlines()
    assert len(lines) == 1 + 240
    assert lines[0].startswith('"episode","customer"')


def test_nothing_found_is_said() -> None:
    results = sample.results()
    quiet = page.render(type(results)(results.tables, (), results.as_of, results.facts), playbook())
    assert "Nothing stands out" in quiet
