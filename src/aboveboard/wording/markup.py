"""The prose of a file, passage by passage, each sign of which knows where it stands in the file.

What is no prose (tags, code, keys, comments) is left out; what separates blocks of it becomes a blank line, which ends a
sentence. Placeholders of templates stay: the matcher knows them.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import PurePath

_BLOCKS = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "br",
            "button",
            "caption",
            "dd",
            "details",
            "div",
            "dl",
            "dt",
        ),
        *(
            "fieldset",
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "head",
            "header",
            "hr",
            "html",
            "li",
        ),
        *(
            "main",
            "nav",
            "ol",
            "option",
            "p",
            "section",
            "select",
            "summary",
            "table",
            "tbody",
            "td",
            "textarea",
            "tfoot",
        ),
        *("th", "thead", "title", "tr", "ul"),
    }
)
"""Tags that end a block of text, and with it a sentence."""
_HTML = re.compile(
    r"(?P<gone><!--.*?-->|<(?P<raw>script|style|pre|code)\b[^>]*>.*?</(?P=raw)\s*>|<![^>]*>)"
    r"|</?(?P<tag>[A-Za-z][\w:-]*)(?:\s(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)?/?>"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});)"
    r"|(?P<statement>\{%.*?%\}|\{#.*?#\})",
    re.DOTALL | re.IGNORECASE,
)
_MARKDOWN = re.compile(
    r"(?P<gone><!--.*?-->|^(?P<fence>```+|~~~+)[^\n]*\n.*?(?:^(?P=fence)[^\n]*$|\Z)|`[^`\n]+`|\]\([^)\n]*\)|<https?://[^>]*>"
    r"|^---\n.*?^---$)"
    r"|(?P<block>^[ \t]*(?:[-*+]|\d+[.)])[ \t]+|^#{1,6}[ \t]+|[ \t]*\|[ \t]*)"
    r"|(?P<mark>\*{1,3}|(?<!\w)_{1,2}|_{1,2}(?!\w)|!?\[)"
    r"|(?P<statement>\{%.*?%\}|\{#.*?#\})",
    re.DOTALL | re.MULTILINE,
)
_YAML = re.compile(
    r"(?P<block>^[ \t]*(?:-[ \t]+){0,9}(?:[\w.\"'-]+(?:[ \t]+[\w.-]+){0,9}:"
    r"(?:[ \t]+[|>][+-]?\d*)?(?=[ \t]|$))[ \t]*|^[ \t]*-[ \t]+)"
    r"|(?P<gone>(?:^|(?<=[ \t]))#[^\n]*)|(?P<mark>(?<=[ \t:])[\"']|[\"'](?=[ \t]*$))|(?P<statement>\{%.*?%\}|\{#.*?#\})",
    re.DOTALL | re.MULTILINE,
)
_STATEMENTS = re.compile(r"(?P<statement>\{%.*?%\}|\{#.*?#\})", re.DOTALL)


@dataclass(frozen=True)
class Prose:
    """Text without markup. `origin[i]` is where its sign `i` stands in the file; one entry more marks the end."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the file."""
        return self.origin[start], self.origin[end - 1] + 1 if end > start else self.origin[start]


def prose(text: str, kind: str) -> Prose:
    """The prose of a file of this kind (see `kind_of`)."""
    form = {"html": _HTML, "markdown": _MARKDOWN, "yaml": _YAML}.get(kind, _STATEMENTS)
    parts: list[str] = []
    origin: list[int] = []
    at = 0
    for match in form.finditer(text):
        parts.append(text[at : match.start()])
        origin.extend(range(at, match.start()))
        instead = _instead(match)
        parts.append(instead)
        origin.extend([match.start()] * len(instead))
        at = match.end()
    parts.append(text[at:])
    origin.extend(range(at, len(text) + 1))
    return Prose("".join(parts), tuple(origin))


def _instead(match: re.Match[str]) -> str:
    held = match.groupdict()
    if held.get("entity"):
        return html.unescape(match[0])
    if held.get("block") or (held.get("tag") or "").lower() in _BLOCKS:
        return "\n\n"
    return " " if held.get("gone") or held.get("statement") else ""


_KINDS = {
    ".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".yaml": "yaml", ".yml": "yaml", ".txt": "text", ".text": "text", ".eml": "text", ".csv": "csv", ".parquet": "parquet",
    ".liquid": "html", ".jinja": "html", ".jinja2": "html", ".j2": "html", ".hbs": "html", ".mustache": "html", ".mjml": "html",
}  # fmt: skip
_TEMPLATES = {".liquid", ".jinja", ".jinja2", ".j2", ".hbs", ".mustache"}
SUFFIXES = frozenset(_KINDS)


def kind_of(path: PurePath) -> str | None:
    """text, markdown, html, yaml, csv or parquet by the file's suffix; None where it is another.

    `letter.md.j2` is Markdown: before a template's suffix the one before it counts.
    """
    suffix = path.suffix.lower()
    if suffix in _TEMPLATES and (inner := PurePath(path.stem).suffix.lower()) in _KINDS:
        return _KINDS[inner]
    return _KINDS.get(suffix)


__all__ = ["SUFFIXES", "Prose", "kind_of", "prose"]
