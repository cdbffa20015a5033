"""The picture as SVG: one file by itself, readable on light and dark pages, the same bytes on any machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from backplane.picture.cards import (
    HEADER,
    ICON,
    INDENT,
    KIND_SIZE,
    NAME_SIZE,
    SMALL_SIZE,
    TITLE_SIZE,
    VERB,
    Card,
    drawing,
)
from backplane.picture.icons import ICONS
from backplane.picture.layout import LANE, MARGIN, Box, Layout, layout
from backplane.picture.lines import ARROW, Path, paths
from backplane.picture.model import Architecture, Meaning
from backplane.picture.text import width

_FONT = "'Segoe UI',Roboto,'Helvetica Neue',Arial,'Liberation Sans','Noto Sans',sans-serif"
_LEGEND: Final = {
    Meaning.CALLS: "calls, sends",
    Meaning.READS: "reads",
    Meaning.WRITES: "writes, or both",
    Meaning.USES: "uses",
}
_COLUMNS: Final = ("clients", "edge", "entry", "functions", "data", "operations")

_LIGHT: Final = {
    ".page": "fill:#ffffff",
    ".card": "fill:#ffffff;stroke:#d0d7de",
    ".head": "fill:#f6f8fa",
    ".rule": "stroke:#d0d7de",
    ".t": "fill:#1f2328",
    ".m": "fill:#59636e",
    ".clients": "stroke:#59636e",
    ".edge": "stroke:#0969da",
    ".entry": "stroke:#5b4bd1",
    ".functions": "stroke:#bc4c00",
    ".data": "stroke:#0f766e",
    ".operations": "stroke:#9a2c6e",
    ".call": "stroke:#5b4bd1",
    ".read": "stroke:#0f8a7e",
    ".write": "stroke:#c2570c",
    ".use": "stroke:#7a8490",
    ".a-call": "fill:#5b4bd1",
    ".a-read": "fill:#0f8a7e",
    ".a-write": "fill:#c2570c",
    ".a-use": "fill:#7a8490",
}
_DARK: Final = {
    ".page": "fill:#0d1117",
    ".card": "fill:#0d1117;stroke:#3d444d",
    ".head": "fill:#161b22",
    ".rule": "stroke:#3d444d",
    ".t": "fill:#f0f6fc",
    ".m": "fill:#9da7b3",
    ".clients": "stroke:#9da7b3",
    ".edge": "stroke:#58a6ff",
    ".entry": "stroke:#a89bff",
    ".functions": "stroke:#f0883e",
    ".data": "stroke:#39c5b5",
    ".operations": "stroke:#e275ad",
    ".call": "stroke:#a89bff",
    ".read": "stroke:#39c5b5",
    ".write": "stroke:#f0883e",
    ".use": "stroke:#8b949e",
    ".a-call": "fill:#a89bff",
    ".a-read": "fill:#39c5b5",
    ".a-write": "fill:#f0883e",
    ".a-use": "fill:#8b949e",
}
_SHAPES: Final = {
    "text": f"font-family:{_FONT};font-size:{NAME_SIZE:g}px",
    ".title": "font-size:20px;font-weight:600",
    ".column": f"font-size:{SMALL_SIZE:g}px;letter-spacing:.6px",
    ".name": f"font-size:{TITLE_SIZE:g}px;font-weight:600",
    ".b": "font-weight:600",
    ".small": f"font-size:{SMALL_SIZE:g}px",
    ".kind": f"font-size:{KIND_SIZE:g}px",
    ".verb": "font-size:10.5px;font-weight:600",
    ".icon": "fill:none;stroke-width:1.4;stroke-linecap:round;stroke-linejoin:round",
    ".line": "fill:none;stroke-width:1.5",
    ".write": "stroke-width:2",
    ".read": "stroke-dasharray:7 3",
    ".use": "stroke-dasharray:2 3",
}
"""Lines differ by more than their colours, for who can't tell those apart."""


def svg(architecture: Architecture) -> str:
    """The picture of an architecture."""
    drawn = drawing(architecture)
    placed = layout(drawn)
    lines = paths(drawn, placed)
    lowest = max([placed.bottom, *(y for line in lines for _, y in line.points)])
    rightmost = max([placed.right, *(x for line in lines for x, _ in line.points)])
    wide = MARGIN + max(rightmost, MARGIN + _legend_width())
    high = lowest + LANE + 56
    return "\n".join(_parts(architecture, placed, lines, (wide, high))) + "\n"


def _parts(
    architecture: Architecture, placed: Layout, lines: list[Path], size: tuple[float, float]
) -> Iterator[str]:
    wide, high = (_number(value) for value in size)
    id_ = f"{architecture.name}-picture"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" '
        f'role="img" aria-labelledby="{id_}-title {id_}-desc">'
    )
    yield f'<title id="{id_}-title">Architecture of {escape(architecture.name)}</title>'
    yield f'<desc id="{id_}-desc">{escape(" ".join(architecture.sentences()))}</desc>'
    yield f"<style>{_style()}</style>"
    yield f"<defs>{''.join(_marker(meaning) for meaning in Meaning)}</defs>"
    yield f'<rect class="page" width="{wide}" height="{high}" rx="8"/>'
    yield _text(MARGIN, 42, architecture.name, "t title")
    for title in placed.titles:
        yield _text(title.x, title.y + SMALL_SIZE, title.text, "m column")
        y, right = _number(title.y + 20), _number(title.x + title.width)
        yield f'<path class="rule" d="M{_number(title.x)},{y}H{right}"/>'
    for line in sorted(lines, key=lambda item: _PAINTED.index(item.link.meaning)):
        yield _line(line)
    for box in placed.boxes.values():
        yield from _box(box)
    yield from _legend(size[1] - 30)
    yield "</svg>"


_PAINTED: Final = (Meaning.USES, Meaning.CALLS, Meaning.READS, Meaning.WRITES)
"""The weightiest lies above the others."""


def _style() -> str:
    return f"{_rules(_SHAPES)}{_rules(_LIGHT)}@media(prefers-color-scheme:dark){{{_rules(_DARK)}}}"


def _rules(rules: dict[str, str]) -> str:
    return "".join(f"{selector}{{{rule}}}" for selector, rule in rules.items())


def _marker(meaning: Meaning) -> str:
    long, half, high = (_number(value) for value in (ARROW, ARROW * 0.6, ARROW * 1.2))
    return (
        f'<marker id="{meaning}" markerWidth="{long}" markerHeight="{high}" refX="0" refY="{half}" '
        f'orient="auto" markerUnits="userSpaceOnUse">'
        f'<path class="a-{meaning}" d="M0,0L{long},{half}L0,{high}Z"/></marker>'
    )


def _line(path: Path) -> str:
    meaning = path.link.meaning
    return (
        f'<path class="line {meaning}" d="{path.data}" marker-end="url(#{meaning})">'
        f"<title>{escape(path.link.text)}</title></path>"
    )


def _box(box: Box) -> Iterator[str]:
    card = box.card
    x, y, wide, high = (_number(value) for value in (box.x, box.y, box.width, box.height))
    yield f"<g><title>{escape(card.whole)}</title>"
    yield f'<rect class="card" x="{x}" y="{y}" width="{wide}" height="{high}" rx="6"/>'
    if card.lines:
        yield _head(box)
    yield _icon(card, box.x + INDENT - 1, box.y + HEADER / 2 - 8)
    middle = box.y + HEADER / 2 + TITLE_SIZE * 0.35
    yield _text(box.x + INDENT + ICON, middle, card.title, "t name")
    if card.label:
        yield _text(box.right - INDENT, middle, card.label, "m kind", end=True)
    for line, at in zip(card.lines, box.line_ys, strict=True):
        if line.style == "small":
            yield _text(box.x + INDENT + card.indent(line), at + SMALL_SIZE * 0.35, line.text, "m small")
            continue
        base = at + NAME_SIZE * 0.35
        if line.before:
            yield _text(box.x + INDENT, base, line.before, "m verb")
        style = "t b" if line.style == "name" else "t"
        yield _text(box.x + INDENT + (VERB if line.before else 0), base, line.text, style)
        if line.after:
            yield _text(box.right - INDENT, base, line.after, "m small", end=True)
    yield "</g>"


def _head(box: Box) -> str:
    """The shade behind a box's title, with the box's own upper corners."""
    left, right, top, bottom = (
        _number(v) for v in (box.x + 0.5, box.right - 0.5, box.y + 0.5, box.y + HEADER)
    )
    shade = f"M{left},{bottom}V{_number(box.y + 6)}Q{left},{top} {_number(box.x + 6)},{top}"
    shade += f"H{_number(box.right - 6)}Q{right},{top} {right},{_number(box.y + 6)}V{bottom}Z"
    return f'<path class="head" d="{shade}"/><path class="rule" d="M{left},{bottom}H{right}"/>'


def _icon(card: Card, x: float, y: float) -> str:
    place = f"translate({_number(x)} {_number(y)})"
    return (
        f'<path class="icon {_COLUMNS[card.kind.column]}" transform="{place}" d="{ICONS[card.kind.icon]}"/>'
    )


def _legend(y: float) -> Iterator[str]:
    x = MARGIN
    for meaning, text in _LEGEND.items():
        sample = f"M{_number(x)},{_number(y)}H{_number(x + 30)}"
        yield f'<path class="line {meaning}" d="{sample}" marker-end="url(#{meaning})"/>'
        yield _text(x + 30 + ARROW + 6, y + SMALL_SIZE * 0.35, text, "m small")
        x += _legend_step(text)


def _legend_step(text: str) -> float:
    return 30 + ARROW + 6 + width(text, SMALL_SIZE) + 22


def _legend_width() -> float:
    return sum(_legend_step(text) for text in _LEGEND.values())


def _text(x: float, y: float, text: str, style: str, *, end: bool = False) -> str:
    anchor = ' text-anchor="end"' if end else ""
    return f'<text class={quoteattr(style)}{anchor} x="{_number(x)}" y="{_number(y)}">{escape(text)}</text>'


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
