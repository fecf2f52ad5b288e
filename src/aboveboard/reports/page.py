"""The report: one HTML page that needs no network and no script.

The findings first, then each promise, then hand-offs, episodes and contradictions. Every chart has its table and its download.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aboveboard.findings.model import Finding
from aboveboard.ledger import places
from aboveboard.playbook.model import Playbook
from aboveboard.reports import contents, promise_sections, sections, theme, words
from aboveboard.reports.exhibits import Row
from aboveboard.reports.promise_sections import PromiseSection
from aboveboard.reports.run import Results


@dataclass(frozen=True)
class Drawn:
    """Every section of a report with its figures drawn, which takes most of the time that a report takes."""

    promises: Sequence[PromiseSection]
    others: Sequence[sections.Section]


def draw(results: Results, playbook: Playbook) -> Drawn:
    """Draw every figure, once for all pages."""
    return Drawn(promise_sections.sections(results, playbook), list(sections.sections(results, playbook)))


def write(results: Results, playbook: Playbook, path: Path, *, drawn: Drawn | None = None) -> None:
    """Write the report to `path`, whole or not at all."""
    text = render(results, playbook, drawn=drawn)
    with places.replacing(path) as fresh:
        fresh.write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Piece:
    """A section as a page of its own shows it: `head` is what the contents list it under, `html` has no title and no answer."""

    anchor: str
    head: str
    title: str
    answer: str
    html: str


def render(results: Results, playbook: Playbook, *, drawn: Drawn | None = None) -> str:
    """The report as HTML text."""
    done = drawn or draw(results, playbook)
    promises, others = done.promises, done.others
    heads = contents.grouped(others)
    return (
        _environment(playbook)
        .get_template("report.html")
        .render(
            style=Markup(_style()),  # noqa: S704 - our own file
            playbook=playbook,
            results=results,
            findings=[_finding(f, promises, others) for f in results.findings],
            promises=promises,
            heads=heads,
            sections=[section for _, found in heads for section in found],
            interval=words.interval,
            outcome_marks=promise_sections.OUTCOMES,
        )
    )


def pieces(drawn: Drawn, playbook: Playbook) -> Iterator[Piece]:
    """Every section of the report but the findings, one by one, in its order."""
    made: Any = _environment(playbook).get_template("_pieces.html").module
    for promise in drawn.promises:
        title = made.asks(promise).unescape()
        html = str(made.promise(promise, headed=False))
        yield Piece(promise.anchor, "Promises kept", title, _bound(promise.answer), html)
    for head, found in contents.grouped(drawn.others):
        for section in found:
            html = str(made.section(section, headed=False))
            yield Piece(section.anchor, head, section.title, _bound(section.answer), html)


def _environment(playbook: Playbook) -> Environment:
    environment = Environment(
        loader=PackageLoader("aboveboard.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    zone = playbook.timezone
    environment.filters.update(
        share=words.share,
        count=words.count,
        duration=words.duration,
        plain=words.plain,
        moment=lambda value: words.moment(value, zone),
        day=lambda value: words.day(value, zone),
        bound=_bound,
        svg=lambda drawing: Markup(drawing),  # noqa: S704 - our own drawing; names in it are escaped when it is made
    )
    return environment


def _bound(text: str) -> str:
    """Keep a number and its sign, and the two ends of a range, on one line."""
    return re.sub(r"(?<=\d)–(?=\d)", "–\u2060", text.replace(" %", "\u00a0%"))


def _style() -> str:
    source = (Path(__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
    return source.replace("@light@", theme.variables(theme.LIGHT)).replace("@dark@", theme.variables(theme.DARK))


def _finding(finding: Finding, promises: Sequence[PromiseSection], others: Sequence[sections.Section]) -> Row:
    evidence = finding.evidence
    family = finding.kind.split(".")[0]
    target = next((s.anchor for s in promises if s.name == finding.about.get("promise")), None)
    if target is None:
        target = next((s.anchor for s in others if family in s.kinds), None)
    return {
        "finding": finding,
        "target": target,
        "interval": words.interval(evidence.low, evidence.high, evidence.unit),
        "events": list(finding.events[:20]),
    }
