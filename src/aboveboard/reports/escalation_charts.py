"""Escalations as a flow: asked, decided or not, and what came of it for the customer.

Vega-Lite has no mark for a band between two columns, so this drawing is written out. A band is as thick as the escalations
that it carries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from aboveboard.reports import theme, words

HEIGHT, GAP, BAR = 190.0, 26.0, 6.0
STAGES = ("decided", "not decided")
ENDINGS = {
    "changed": ("something changed", "kept"),
    "told no": ("told no, and why", "open"),
    "nothing": ("nothing changed", "broken"),
    "undecided": ("never decided", "late"),
    "too early": ("too early to tell", "cancelled"),
}
"""What is written beside each ending, and its colour."""
Counts = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Block:
    """One upright bar: its name, how many it stands for, and where it is."""

    name: str
    count: int
    top: float
    size: float

    @property
    def middle(self) -> float:
        return self.top + self.size / 2


def draw(counts: Counts) -> theme.Drawing:
    """Both widths; `counts` are escalations by (stage, ending)."""
    total = sum(counts.values())
    said = [f"{words.count(total)} asked"]
    said += [f"{words.count(n)} {ENDINGS[name][0]}" for name in ENDINGS if (n := _sum(counts, ending=name))]
    alt = "; ".join(said)
    return theme.Drawing(_svg(counts, theme.WIDE, alt), _svg(counts, theme.NARROW, alt), alt)


def _sum(counts: Counts, *, stage: str | None = None, ending: str | None = None) -> int:
    return sum(n for (at, to), n in counts.items() if stage in (None, at) and ending in (None, to))


def _svg(counts: Counts, width: int, alt: str) -> str:
    total = sum(counts.values())
    scale = HEIGHT / total
    asked = _column([("asked", total)], scale)
    stages = _column([(name, _sum(counts, stage=name)) for name in STAGES], scale)
    endings = _column([(name, _sum(counts, ending=name)) for name in ENDINGS], scale)
    height = max(column[-1].top + column[-1].size for column in (asked, stages, endings)) + 18
    left, right = 4.0, width - (178.0 if width > 500 else 156.0)
    middle = (left + right) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(alt)}" '
        f'viewBox="0 0 {width} {height:.0f}" style="max-width:{width}px" font-size="12">'
    ]
    parts += _bands({("asked", stage.name): stage.count for stage in stages}, asked, stages, left, middle)
    parts += _bands(counts, stages, endings, middle, right)
    parts += [_bar(block, left, "ink") for block in asked]
    parts += [_bar(block, middle, "ink") for block in stages]
    parts += [_bar(block, right, ENDINGS[block.name][1]) for block in endings]
    parts += [_label(f"{words.count(total)} asked", left + BAR + 6, asked[0].middle)]
    parts += [_label(f"{words.count(b.count)} {b.name}", middle + BAR + 6, b.middle) for b in stages]
    parts += [_label(f"{words.count(b.count)} {ENDINGS[b.name][0]}", right + BAR + 6, b.middle) for b in endings]
    return "".join(parts) + "</svg>"


def _column(named: Sequence[tuple[str, int]], scale: float) -> list[Block]:
    """The blocks of one column from the top down; each has room for its label."""
    blocks, top = [], 8.0
    for name, count in named:
        if count:
            blocks.append(Block(name, count, top, max(1.5, count * scale)))
            top += max(blocks[-1].size + 8, GAP)
    return blocks


def _bands(counts: Counts, sources: Sequence[Block], targets: Sequence[Block], x1: float, x2: float) -> list[str]:
    parts = []
    left = {block.name: block.top for block in sources}
    right = {block.name: block.top for block in targets}
    for source in sources:
        for target in targets:
            count = counts.get((source.name, target.name), 0)
            if not count:
                continue
            out, into = source.size * count / source.count, target.size * count / target.count
            colour = ENDINGS[target.name][1] if target.name in ENDINGS else "soft"
            says = f"{words.count(count)}: {source.name} → {ENDINGS.get(target.name, (target.name,))[0]}"
            corners = (x1 + BAR, left[source.name], out, x2, right[target.name], into)
            parts.append(_band(corners, colour, says))
            left[source.name] += out
            right[target.name] += into
    return parts


def _band(corners: tuple[float, float, float, float, float, float], colour: str, says: str) -> str:
    x1, top, out, x2, to, into = corners
    bend = (x1 + x2) / 2
    upper = f"M{x1:.1f},{top:.1f} C{bend:.1f},{top:.1f} {bend:.1f},{to:.1f} {x2:.1f},{to:.1f}"
    lower = (
        f"L{x2:.1f},{to + into:.1f} C{bend:.1f},{to + into:.1f} {bend:.1f},{top + out:.1f} {x1:.1f},{top + out:.1f} Z"
    )
    return (
        f'<path fill="var(--{colour})" fill-opacity="0.3" d="{upper} {lower}"><title>{escape(says)}</title></path>'
    )  # fmt: skip


def _bar(block: Block, x: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{block.top:.1f}" width="{BAR:g}" height="{block.size:.1f}" fill="var(--{colour})"/>'


def _label(says: str, x: float, y: float) -> str:
    halo = 'stroke="var(--paper)" stroke-width="3" paint-order="stroke"'
    return f'<text x="{x:.1f}" y="{y + 4:.1f}" fill="var(--ink)" {halo}>{escape(says)}</text>'
