"""Where the boxes stand: one column for each step of a request, and functions beside the routes to them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from backplane.picture.blocks import BLOCK_GAP, GAP, TOP, Place, blocks, place
from backplane.picture.cards import HEADER, Card, Drawing
from backplane.picture.kinds import TITLES, Column

MARGIN: Final = 24.0
CAPTION: Final = 34.0
"""Pixels: the room around the picture, and what a column's title takes."""

LANE: Final = 12.0
"""Pixels between lines that pass below a column."""

_GUTTERS: Final = {
    Column.CLIENTS: 54.0,
    Column.EDGE: 54.0,
    Column.ENTRY: 62.0,
    Column.FUNCTIONS: 96.0,
}
"""Pixels to the right of a column, where its lines are."""


Side = Literal["left", "right"]


@dataclass(frozen=True)
class Box:
    """A card in its place."""

    card: Card
    x: float
    y: float
    width: float
    height: float
    line_ys: tuple[float, ...]
    """The middle of each line of text."""

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.y + self.height

    def line_y(self, key: str) -> float:
        """The middle of the line of a key; of its head, where there is none."""
        found = (y for line, y in zip(self.card.lines, self.line_ys, strict=True) if key and line.key == key)
        return next(found, self.y + HEADER / 2)


@dataclass(frozen=True)
class Title:
    """The words above a column."""

    text: str
    x: float
    width: float
    y: float
    """Where it begins; its boxes begin CAPTION below."""


@dataclass(frozen=True)
class Layout:
    """All boxes in their places."""

    boxes: Mapping[str, Box]
    slots: Mapping[int, tuple[float, float]]
    """Where the columns begin and end, by their places from the left."""
    bottoms: Mapping[int, float]
    """Where the last box of each ends."""
    titles: tuple[Title, ...]

    def gutter(self, slot: int, side: Side) -> float:
        """How much room there is beside a column, up to the next one; beside the last there is no end."""
        left, right = self.slots[slot]
        if side == "right":
            return min((start - right for start, _ in self.slots.values() if start > right), default=math.inf)
        return min((left - end for _, end in self.slots.values() if end < left), default=MARGIN)

    @property
    def right(self) -> float:
        """Where the last column ends."""
        return max(right for _, right in self.slots.values())

    @property
    def bottom(self) -> float:
        """Where the lowest box ends."""
        return max(self.bottoms.values())


def layout(drawing: Drawing) -> Layout:
    """The boxes of a drawing in their places: none overlaps another, each holds its text."""
    columns = _columns(drawing.cards.values())
    places = {column: (left, right - left) for column, left, right in columns}
    boxes: dict[str, Box] = {}
    for found in blocks(drawing):
        boxes[found.card.id] = _box(found, places)
    captions = dict.fromkeys(places, TOP)
    for column in (Column.DATA, Column.OPERATIONS, Column.EDGE, Column.CLIENTS):
        cards = [card for card in drawing.cards.values() if card.kind.column is column]
        if column is Column.OPERATIONS and Column.DATA in places:
            captions[column] = _bottom(boxes, Column.DATA) + BLOCK_GAP + CAPTION
        for card, y in _beside(cards, drawing, boxes, captions.get(column, TOP)):
            boxes[card.id] = _box(place(card, y), places)
    titles = tuple(
        Title(TITLES[column], *places[column], captions[column] - CAPTION)
        for column in places
        if TITLES[column]
    )
    slots = {column.slot: (left, right) for column, left, right in columns}
    bottoms = {column.slot: _bottom(boxes, column) for column in sorted(places)}
    return Layout(boxes, slots, bottoms, titles)


def _bottom(boxes: Mapping[str, Box], column: Column) -> float:
    return max(box.bottom for box in boxes.values() if box.card.kind.column is column)


def _columns(cards: Iterable[Card]) -> tuple[tuple[Column, float, float], ...]:
    """Where each column begins and ends; one without boxes takes no room."""
    widths: dict[int, float] = {}
    there: dict[int, set[Column]] = {}
    for card in cards:
        column = card.kind.column
        widths[column.slot] = max(widths.get(column.slot, 0.0), card.width)
        there.setdefault(column.slot, set()).add(column)
    found, x = [], MARGIN
    for slot in sorted(widths):
        wide = float(round(widths[slot]))
        found += [(column, x, x + wide) for column in sorted(there[slot])]
        x += wide + _GUTTERS.get(Column(slot), 0.0)
    return tuple(found)


def _box(found: Place, places: Mapping[Column, tuple[float, float]]) -> Box:
    x, wide = places[found.card.kind.column]
    return Box(found.card, x, found.y, wide, found.height, found.line_ys)


def _beside(
    cards: Sequence[Card], drawing: Drawing, boxes: Mapping[str, Box], top: float
) -> Iterable[tuple[Card, float]]:
    """A column's boxes, each as near as can be to the middle of what it is tied to; last what is not."""
    wanted: list[tuple[float, Card]] = []
    loose: list[Card] = []
    for card in cards:
        ends = [
            boxes[link.source].line_y(link.source_line)
            for link in drawing.links
            if link.target == card.id and link.source in boxes
        ] + [
            boxes[link.target].line_y(link.target_line)
            for link in drawing.links
            if link.source == card.id and link.target in boxes
        ]
        if ends:
            wanted.append((sum(ends) / len(ends), card))
        else:
            loose.append(card)
    # Operations stand below what they are tied to: those that are tied to the lowest come first.
    turned = -1 if top > TOP else 1
    wanted.sort(key=lambda item: (item[0] * turned, item[1].id))
    tops = spread([(middle - card.height / 2, card.height + GAP) for middle, card in wanted], top)
    for (_, card), found in zip(wanted, tops, strict=True):
        yield card, float(round(found))
        top = float(round(found)) + card.height + GAP
    for card in loose:
        yield card, top
        top += card.height + GAP


@dataclass(frozen=True)
class _Cluster:
    """Things that touch: they move together to where all of them are least far from where they want to be."""

    wish: float
    count: int
    size: float

    @property
    def top(self) -> float:
        return self.wish / self.count


def spread(wanted: Sequence[tuple[float, float]], lowest: float) -> list[float]:
    """Where things begin that must not overlap, in the order given, as near as can be to where they want to.

    Args:
        wanted: for each where it wants to begin, and its size with the room after it.
        lowest: where the first may begin.
    """
    clusters: list[_Cluster] = []
    for start, size in wanted:
        clusters.append(_Cluster(start, 1, size))
        while len(clusters) > 1 and max(lowest, clusters[-2].top) + clusters[-2].size > clusters[-1].top:
            below, above = clusters.pop(), clusters.pop()
            wish = above.wish + below.wish - above.size * below.count
            clusters.append(_Cluster(wish, above.count + below.count, above.size + below.size))
    found: list[float] = []
    sizes = [size for _, size in wanted]
    for cluster in clusters:
        at = max(lowest, cluster.top)
        for _ in range(cluster.count):
            found.append(at)
            at += sizes[len(found) - 1]
    return found
