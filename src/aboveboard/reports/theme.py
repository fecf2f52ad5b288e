"""One look for every chart, and the one place where a specification becomes a drawing.

Charts are written with stand-in colours; after rendering these are replaced by the page's CSS variables, so that one drawing
serves light, dark and paper. Each chart is drawn twice, for a wide page and for a phone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import altair
import vl_convert
from altair.utils import schemapi

WIDE, NARROW = 750, 330

# Stand-ins: near-black values that no palette uses, each the name of a CSS variable of the page.
INK, SOFT, LINE, PAPER, ACCENT = "#010001", "#010002", "#010003", "#010004", "#010005"
KEPT, LATE, BROKEN, OPEN, AT_RISK, CANCELLED = "#010011", "#010012", "#010013", "#010014", "#010015", "#010016"
BAND, SIGNAL = "#010017", "#010018"
HEAT = tuple(f"#0100{n:02d}" for n in range(21, 28))
VARIABLES = {
    INK: "ink", SOFT: "soft", LINE: "line", PAPER: "paper", ACCENT: "accent",
    KEPT: "kept", LATE: "late", BROKEN: "broken", OPEN: "open", AT_RISK: "at-risk", CANCELLED: "cancelled",
    BAND: "band", SIGNAL: "signal", **{stand_in: f"heat-{n}" for n, stand_in in enumerate(HEAT)},
}  # fmt: skip
# On paper, in a notebook or in a downloaded file there is no page to ask: the light values.
LIGHT = {
    "ink": "#1b2027", "soft": "#5a6570", "line": "#e1e4e6", "paper": "#ffffff", "ground": "#f6f6f3", "accent": "#0b6b70",
    "kept": "#2f7d5b", "late": "#c98a00", "broken": "#b5361c", "open": "#6c8196", "at-risk": "#7a4fb5", "cancelled": "#a9b1b8",
    "band": "#d6e6e6", "signal": "#b5361c",
    "heat-0": "#eef4f1", "heat-1": "#f6e9cf", "heat-2": "#f3d19c", "heat-3": "#ecb066", "heat-4": "#dc8440", "heat-5": "#c25a2a",
    "heat-6": "#93301a",
}  # fmt: skip
DARK = {
    "ink": "#e8eaed", "soft": "#a3adb8", "line": "#30373f", "paper": "#161a1f", "ground": "#0e1114", "accent": "#5cc0c0",
    "kept": "#62b891", "late": "#e3b04b", "broken": "#ef7b5f", "open": "#93a7bb", "at-risk": "#b394e6", "cancelled": "#6a737c",
    "band": "#24403f", "signal": "#ef7b5f",
    "heat-0": "#1f2a27", "heat-1": "#3a3122", "heat-2": "#5a4323", "heat-3": "#835524", "heat-4": "#b0682b", "heat-5": "#d9803f",
    "heat-6": "#f6a56c",
}  # fmt: skip

FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif"

CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": FONT,
    "autosize": {"type": "fit-x", "contains": "padding"},
    "padding": 2,
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT, "titleColor": SOFT, "gridColor": LINE, "domainColor": LINE, "tickColor": LINE,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelPadding": 6, "titlePadding": 8,
        "ticks": False, "domain": False, "labelLimit": 170,
    },
    "axisX": {"grid": False},
    "text": {"color": INK, "fontSize": 12},
    "line": {"color": ACCENT, "strokeWidth": 2},
    "point": {"color": ACCENT, "filled": True, "size": 46},
    "rule": {"color": SOFT},
    "header": {"labelColor": INK, "labelFontSize": 12, "title": None},
    "range": {"heatmap": list(HEAT)},
}  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """One chart, drawn for a wide page and for a phone; `alt` says in words what it shows."""

    wide: str
    narrow: str
    alt: str


def draw(build: Callable[[int], altair.Chart], alt: str) -> Drawing:
    """Render a chart, built for a width in pixels, at both widths."""
    # Altair holds each piece of a chart against the schema of Vega-Lite, which takes four fifths of the time that a page
    # takes. Our charts are the same for all data: that they fit the schema is for a test to see.
    with schemapi.debug_mode(False):
        return Drawing(svg(build(WIDE), alt), svg(build(NARROW), alt), alt)


def svg(chart: altair.Chart, alt: str) -> str:
    """One SVG whose colours are the page's variables, that scales with its column and shows values on hover."""
    specification = {**chart.to_dict(validate=False), "config": CONFIG}
    return inline(vl_convert.vegalite_to_svg(specification, vl_version="6.1"), alt)


def inline(drawing: str, alt: str) -> str:
    """Replace stand-in colours, let the drawing scale, and turn the marks' labels into hover texts."""
    drawing = re.sub(r"#0100[0-9a-f]{2}", lambda m: f"var(--{VARIABLES[m.group()]})", drawing)
    drawing = re.sub(
        r'<svg ([^>]*?)width="([\d.]+)" height="([\d.]+)"', r'<svg \1style="max-width:\2px"', drawing, count=1
    )
    drawing = re.sub(
        r' font-family="[^"]*"| aria-hidden="true"| aria-roledescription="[^"]*"| pointer-events="none"', "", drawing
    )
    drawing = drawing.replace("<svg ", f'<svg role="img" aria-label="{escape(alt)}" ', 1)
    return re.sub(r'<path aria-label="([^"]*)"([^>]*?)/?>(?:</path>)?', r"<path\2><title>\1</title></path>", drawing)


def variables(colours: dict[str, str]) -> str:
    """The colours as CSS custom properties."""
    return " ".join(f"--{name}: {value};" for name, value in colours.items())


def standalone(drawing: str) -> str:
    """The same SVG with the light colours written in, for a file or a notebook."""
    drawing = drawing.replace("<svg ", f'<svg font-family="{FONT}" ', 1)
    return re.sub(r"var\(--([a-z0-9-]+)\)", lambda m: LIGHT[m.group(1)], drawing)
