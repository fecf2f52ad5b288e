"""Write the colours of the desk from those of the charts, so that they cannot differ: `python -m aboveboard.web.colours`."""

from __future__ import annotations

from pathlib import Path

from aboveboard.reports import theme

PLACE = Path(__file__).parent / "static" / "aboveboard" / "colours.css"
# The edge of something that is typed into must stand out from its ground at 3 : 1 (WCAG 2.2, 1.4.11).
_EDGE = {"light": "#8a929a", "dark": "#6b7680"}
# The charts' yellow fills areas; as text it must be read at 4.5 : 1 (1.4.3).
_LATE_TEXT = {"light": "#835a00", "dark": theme.DARK["late"]}


def sheet() -> str:
    """The style sheet: every colour as a variable, light and dark."""
    light, dark = _variables(theme.LIGHT, "light"), _variables(theme.DARK, "dark")
    return (
        "/* Written by `python -m aboveboard.web.colours` from reports/theme.py. */\n"
        f":root {{ {light} --hatch: rgba(255, 255, 255, .55); color-scheme: light dark; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} --hatch: rgba(0, 0, 0, .45); }} }}\n"
        f"@media print {{ :root {{ {light} }} }}\n"
    )


def _variables(colours: dict[str, str], scheme: str) -> str:
    own = {"edge": _EDGE[scheme], "late-text": _LATE_TEXT[scheme]}
    return " ".join(f"--{name}: {value};" for name, value in {**colours, **own}.items())


if __name__ == "__main__":
    PLACE.write_text(sheet())
