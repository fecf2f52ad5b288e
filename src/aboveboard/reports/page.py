"""The report: one HTML page that needs no network and no script.

The findings first, then each promise, then hand-offs, episodes and contradictions. Every chart has its table and its download.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aboveboard.findings.model import Finding
from aboveboard.ledger import places
from aboveboard.playbook.model import Playbook
from aboveboard.reports import contents, promise_sections, sections, theme, words
from aboveboard.reports.exhibits import Row
from aboveboard.reports.promise_sections import PromiseSection
from aboveboard.reports.run import Results


def write(results: Results, playbook: Playbook, path: Path) -> None:
    """Write the report to `path`, whole or not at all."""
    text = render(results, playbook)
    with places.replacing(path) as fresh:
        fresh.write_text(text, encoding="utf-8")


def render(results: Results, playbook: Playbook) -> str:
    """The report as HTML text."""
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
    promises = promise_sections.sections(results, playbook)
    others = list(sections.sections(results, playbook))
    heads = contents.grouped(others)
    return environment.get_template("report.html").render(
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
