"""How the lines run: curves from box to box, and below the columns that they pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from backplane.picture.cards import Drawing, Link
from backplane.picture.kinds import Column
from backplane.picture.layout import LANE, Box, Layout, Side, spread

PORT_GAP: Final = 8.0
"""Pixels between the ends of two lines at one side of a box."""

ARROW: Final = 6.0
"""How long an arrow's head is."""

_BULGE: Final = 18.0
_BULGE_STEP: Final = 7.0
_CORNER: Final = 8.0
Role = Literal["source", "target"]


@dataclass(frozen=True)
class Path:
    """One line in its place."""

    link: Link
    data: str
    """SVG's path data."""
    points: tuple[tuple[float, float], ...]
    """Where it begins, passes and ends."""


@dataclass(frozen=True)
class _End:
    """One end of a line at a box."""

    link: int
    role: Role
    box: str
    side: Side
    wish: float
    other: float
    """How high the other end is, which orders ends of one wish."""
    fixed: bool
    """Whether it belongs to a line of text."""


def paths(drawing: Drawing, layout: Layout) -> list[Path]:
    """The lines of a drawing whose boxes have their places."""
    ends = [end for number, link in enumerate(drawing.links) for end in _ends(number, link, layout)]
    at = {(end.link, end.role): (end, y) for end, y in _ports(ends, layout)}
    lanes = _lanes(drawing, layout)
    outs = _bulges(drawing, layout, at)
    found = []
    for number, link in enumerate(drawing.links):
        source, start = at[number, "source"]
        target, end = at[number, "target"]
        begin = (_edge(layout.boxes[link.source], source.side), start)
        finish = (_edge(layout.boxes[link.target], target.side), end)
        # The head stands beside the box, and the line ends where the head begins.
        tip = (finish[0] + (ARROW if target.side == "right" else -ARROW), end)
        if number in outs:
            found.append(
                Path(link, _bow(begin, tip, outs[number]), (begin, (begin[0] + outs[number], end), finish))
            )
        else:
            passed = [point for lane in lanes.get(number, ()) for point in lane]
            found.append(Path(link, _run([begin, *passed, tip]), (begin, *passed, finish)))
    return found


def _slot(box: Box) -> int:
    return box.card.kind.column.slot


def _ends(number: int, link: Link, layout: Layout) -> Iterator[_End]:
    source, target = layout.boxes[link.source], layout.boxes[link.target]
    one, other = _slot(source), _slot(target)
    if one == other:
        # Lines within a column run beside it, where it has the fewest others.
        side: Side = "left" if one <= Column.ENTRY else "right"
        sides: tuple[Side, Side] = (side, side)
        down = source.y < target.y
        starts = source.bottom - 12 if down else source.y + 12
        stops = target.y + 12 if down else target.bottom - 12
    else:
        sides = ("right", "left") if one < other else ("left", "right")
        starts, stops = _leaving(source, link.source_line, sides[0]), _arriving(target, link.target_line)
    fixed = one != other
    yield _End(number, "source", link.source, sides[0], starts, stops, fixed=fixed and bool(link.source_line))
    yield _End(number, "target", link.target, sides[1], stops, starts, fixed=fixed and bool(link.target_line))


def _leaving(box: Box, key: str, side: Side) -> float:
    """Where a line would like to begin: at its own line of text; of several functions, in their middle."""
    names = [y for line, y in zip(box.card.lines, box.line_ys, strict=True) if line.style == "name"]
    if key or not names or side == "left":
        return box.line_y(key) if key or _slot(box) < Column.DATA else box.y + box.height / 2
    return (names[0] + names[-1]) / 2


def _arriving(box: Box, key: str) -> float:
    """Where a line would like to end: tables are met in the middle, what has lines of its own at its head."""
    return box.line_y(key) if key or _slot(box) < Column.DATA else box.y + box.height / 2


def _ports(ends: Sequence[_End], layout: Layout) -> Iterator[tuple[_End, float]]:
    """Ends of one side of a box one below the other; those at a line of text stay there."""
    sides: dict[tuple[str, Side], list[_End]] = {}
    for end in ends:
        if end.fixed:
            yield end, end.wish
        else:
            sides.setdefault((end.box, end.side), []).append(end)
    for (id_, _), own in sides.items():
        box = layout.boxes[id_]
        own.sort(key=lambda end: (end.wish, end.other, end.link))
        gap = min(PORT_GAP, (box.height - 12) / len(own))
        tops = spread([(end.wish - gap * (len(own) - 1) / 2, gap) for end in own], box.y + 6)
        over = max(0.0, tops[-1] - (box.bottom - 6))
        for end, y in zip(own, tops, strict=True):
            yield end, y - over


def _lanes(drawing: Drawing, layout: Layout) -> Mapping[int, list[tuple[tuple[float, float], ...]]]:
    """Where lines pass below columns that they have no business in."""
    order, taken = sorted(layout.slots), dict.fromkeys(layout.slots, 0)
    found: dict[int, list[tuple[tuple[float, float], ...]]] = {}
    for number, link in enumerate(drawing.links):
        one, other = (order.index(_slot(layout.boxes[id_])) for id_ in (link.source, link.target))
        step = 1 if other > one else -1
        for passed in order[one + step : other : step] if other - one != step else ():
            taken[passed] += 1
            y = layout.bottoms[passed] + LANE * taken[passed]
            left, right = layout.slots[passed]
            found.setdefault(number, []).append(
                ((left, y), (right, y)) if step > 0 else ((right, y), (left, y))
            )
    return found


def _bulges(
    drawing: Drawing, layout: Layout, at: Mapping[tuple[int, Role], tuple[_End, float]]
) -> dict[int, float]:
    """How far lines within a column bow out; long ones run outside short ones."""
    found: dict[int, float] = {}
    sides: dict[tuple[int, Side], list[tuple[float, int]]] = {}
    for number, link in enumerate(drawing.links):
        (source, start), (target, end) = at[number, "source"], at[number, "target"]
        if source.side == target.side:
            slot = _slot(layout.boxes[link.source])
            sides.setdefault((slot, source.side), []).append((abs(end - start), number))
    for (slot, side), lines in sides.items():
        room = layout.gutter(slot, side) - _BULGE - ARROW
        step = min(_BULGE_STEP, room / len(lines))
        for rank, (_, number) in enumerate(sorted(lines)):
            out = _BULGE + step * rank
            found[number] = -out if side == "left" else out
    return found


def _edge(box: Box, side: Side) -> float:
    return box.x if side == "left" else box.right


def _bow(begin: tuple[float, float], tip: tuple[float, float], out: float) -> str:
    """Out, along the column, and back, with round corners."""
    lane, down = begin[0] + out, 1 if tip[1] >= begin[1] else -1
    turn = min(_CORNER, abs(tip[1] - begin[1]) / 2)
    aside = lane - turn if out > 0 else lane + turn
    return (
        f"M{_xy(begin)}H{_number(aside)}Q{_xy((lane, begin[1]))} {_xy((lane, begin[1] + turn * down))}"
        f"V{_number(tip[1] - turn * down)}Q{_xy((lane, tip[1]))} {_xy((aside, tip[1]))}H{_number(tip[0])}"
    )


def _run(points: Sequence[tuple[float, float]]) -> str:
    """Curves between columns, straight below those that are passed."""
    data = f"M{_xy(points[0])}"
    for number, (one, other) in enumerate(pairwise(points)):
        data += f"H{_number(other[0])}" if number % 2 else _curve(one, other)
    return data


def _curve(one: tuple[float, float], other: tuple[float, float]) -> str:
    if one[1] == other[1]:
        return f"H{_number(other[0])}"
    middle = (one[0] + other[0]) / 2
    return f"C{_xy((middle, one[1]))} {_xy((middle, other[1]))} {_xy(other)}"


def _xy(point: tuple[float, float]) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    """To a tenth of a pixel, so that rounding is the same everywhere."""
    return f"{value:.1f}".removesuffix(".0")
