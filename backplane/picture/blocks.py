"""How high the entries and their functions stand: each function beside the routes that lead to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from backplane.picture.cards import HEADER, PAD, ROUTE, TOP_PAD, Card, Drawing
from backplane.picture.kinds import Column

TOP: Final = 100.0
GAP: Final = 16.0
BLOCK_GAP: Final = 26.0
"""Pixels: where columns begin, the room between boxes, and between APIs with their functions."""


@dataclass(frozen=True)
class Place:
    """How high a box stands."""

    card: Card
    y: float
    height: float
    line_ys: tuple[float, ...]
    """The middle of each line of text."""


def place(card: Card, y: float) -> Place:
    """A box by itself, its lines one below the other."""
    found, at = [], y + HEADER + TOP_PAD
    for line in card.lines:
        found.append(at + line.height / 2)
        at += line.height
    return Place(card, y, card.height, tuple(found))


def blocks(drawing: Drawing) -> Iterator[Place]:
    """The columns of entries and functions: each block of functions beside what leads to it."""
    y = lowest_entry = TOP
    placed: set[str] = set()
    for entry, ids in drawing.blocks:
        start = y
        card = drawing.cards[entry] if entry else None
        routes = _routes(card) if card else {}
        at: dict[str, list[float]] = {}
        for id_ in ids:
            found = _functions(drawing.cards[id_], y, routes, at)
            yield found
            y += found.height + GAP
        y -= GAP
        if card:
            found = _entry(card, start, at)
            yield found
            placed.add(card.id)
            y = lowest_entry = max(y, start + found.height)
        y += BLOCK_GAP
    y = lowest_entry + (BLOCK_GAP if placed else 0.0)
    for card in drawing.cards.values():
        if card.kind.column is Column.ENTRY and card.id not in placed:
            yield place(card, y)
            y += card.height + GAP


def _routes(card: Card) -> dict[str, int]:
    """How many routes lead to each function."""
    counts: dict[str, int] = {}
    for line in card.lines:
        if line.style == "route":
            counts[line.key] = counts.get(line.key, 0) + 1
    return counts


def _functions(card: Card, y: float, routes: Mapping[str, int], at: dict[str, list[float]]) -> Place:
    """A box of functions, each with as much room as its routes need; `at` is told where these have to be."""
    found: list[float] = []
    cursor = needed = y + HEADER + TOP_PAD
    for line in card.lines:
        if line.style == "name":
            cursor = max(cursor, needed)
            middle, count = cursor + line.height / 2, routes.get(line.key, 0)
            at[line.key] = [middle + ROUTE * number for number in range(count)]
            needed = cursor + ROUTE * count
        found.append(cursor + line.height / 2)
        cursor += line.height
    return Place(card, y, max(cursor, needed) + PAD - y, tuple(found))


def _entry(card: Card, y: float, at: Mapping[str, Sequence[float]]) -> Place:
    """A box that functions stand beside: routes at their functions' height, those of other blocks' below."""
    free = {key: list(ys) for key, ys in at.items()}
    found: dict[int, float] = {}
    cursor = y + HEADER + TOP_PAD
    for number, line in enumerate(card.lines):
        if line.style != "route":
            found[number] = cursor + line.height / 2
            cursor += line.height
        elif free.get(line.key):
            found[number] = free[line.key].pop(0)
    bottom = max([cursor, *(found[number] + card.lines[number].height / 2 for number in found)])
    for number in range(len(card.lines)):
        if number not in found:
            found[number] = bottom + ROUTE / 2
            bottom += ROUTE
    height = bottom + PAD - y if card.lines else card.height
    return Place(card, y, height, tuple(found[number] for number in range(len(card.lines))))
