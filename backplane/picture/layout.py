"""Where the boxes stand: one column for each step of a request, and functions beside the routes to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from backplane.picture.cards import HEADER, PAD, ROUTE, SMALL, TOP_PAD, Card, Drawing
from backplane.picture.kinds import TITLES, Column

MARGIN: Final = 24.0
TOP: Final = 100.0
CAPTION: Final = 34.0
"""Pixels: the room around the picture, what its title and the columns' titles take, and one of these."""

GAP: Final = 16.0
BLOCK_GAP: Final = 26.0
"""Pixels between boxes of a column, and between APIs with their functions."""

LANE: Final = 12.0
"""Pixels between lines that pass below a column."""

_GUTTERS: Final = {
    Column.CLIENTS: 54.0,
    Column.EDGE: 54.0,
    Column.ENTRY: 62.0,
    Column.FUNCTIONS: 96.0,
}
"""Pixels to the right of a column, where its lines are."""


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
    for card, y, lines in _rows(drawing):
        boxes[card.id] = _box(card, y, places, lines)
    captions = dict.fromkeys(places, TOP)
    for column in (Column.DATA, Column.OPERATIONS, Column.EDGE, Column.CLIENTS):
        cards = [card for card in drawing.cards.values() if card.kind.column is column]
        if column is Column.OPERATIONS and Column.DATA in places:
            captions[column] = _bottom(boxes, Column.DATA) + BLOCK_GAP + CAPTION
        for card, y in _beside(cards, drawing, boxes, captions.get(column, TOP)):
            boxes[card.id] = _box(card, y, places)
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


def _box(
    card: Card, y: float, places: Mapping[Column, tuple[float, float]], lines: Sequence[float] | None = None
) -> Box:
    x, wide = places[card.kind.column]
    ys = tuple(lines) if lines is not None else _stacked(card, y)
    height = card.height if lines is None else max(card.height, _ends(card, ys) + PAD - y)
    return Box(card, x, y, wide, height, ys)


def _ends(card: Card, ys: Sequence[float]) -> float:
    return max((y + line.height / 2 for line, y in zip(card.lines, ys, strict=True)), default=0.0)


def _stacked(card: Card, y: float) -> tuple[float, ...]:
    """The lines one below the other."""
    found, at = [], y + HEADER + TOP_PAD
    for line in card.lines:
        found.append(at + line.height / 2)
        at += line.height
    return tuple(found)


def _rows(drawing: Drawing) -> Iterable[tuple[Card, float, Sequence[float] | None]]:
    """The columns of entries and functions: each block of functions beside what leads to it."""
    y = entry_bottom = TOP
    placed: set[str] = set()
    for entry, ids in drawing.blocks:
        start, cards = y, [drawing.cards[id_] for id_ in ids]
        routes = _routes(drawing.cards[entry]) if entry else {}
        at: dict[str, list[float]] = {}
        for card in cards:
            lines = _function_lines(card, y, routes, at)
            yield card, y, lines
            y = max(y + card.height, _ends(card, lines) + PAD) + GAP
        y -= GAP
        if entry:
            card = drawing.cards[entry]
            placed.add(entry)
            own = _entry_lines(card, start, at) if routes else None
            height = card.height if own is None else max(card.height, _ends(card, own) + PAD - start)
            yield card, start, own
            y = entry_bottom = max(y, start + height)
        y += BLOCK_GAP
    rest = [card for card in drawing.cards.values() if card.kind.column is Column.ENTRY]
    at_ = entry_bottom + (BLOCK_GAP if placed else 0.0)
    for card in rest:
        if card.id not in placed:
            yield card, at_, None
            at_ += card.height + GAP


def _routes(card: Card) -> dict[str, int]:
    """How many routes lead to each function."""
    counts: dict[str, int] = {}
    for line in card.lines:
        if line.style == "route":
            counts[line.key] = counts.get(line.key, 0) + 1
    return counts


def _function_lines(
    card: Card, y: float, routes: Mapping[str, int], at: dict[str, list[float]]
) -> list[float]:
    """The middles of a box's lines; a function with many routes takes as much room as they."""
    found: list[float] = []
    cursor = y + HEADER + TOP_PAD
    needed = cursor
    for line in card.lines:
        if line.style == "name":
            cursor = max(cursor, needed)
            middle = cursor + line.height / 2
            count = routes.get(line.key, 0)
            at[line.key] = [middle + ROUTE * number for number in range(count)]
            needed = cursor + ROUTE * count
        found.append(cursor + line.height / 2)
        cursor += line.height
    return found


def _entry_lines(card: Card, y: float, at: Mapping[str, Sequence[float]]) -> list[float]:
    """The middles of an API's lines: routes beside their functions, those of other blocks' below."""
    free = {key: list(ys) for key, ys in at.items()}
    found: list[float | None] = []
    details = y + HEADER + TOP_PAD
    for line in card.lines:
        if line.style == "route":
            found.append(free[line.key].pop(0) if free.get(line.key) else None)
        else:
            found.append(details + SMALL / 2)
            details += SMALL
    lowest = max((middle for middle in found if middle is not None), default=details - ROUTE / 2)
    answer = []
    for middle in found:
        if middle is None:
            lowest += ROUTE
        answer.append(lowest if middle is None else middle)
    return answer


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
    for (_, card), place in zip(wanted, tops, strict=True):
        yield card, float(round(place))
        top = float(round(place)) + card.height + GAP
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
