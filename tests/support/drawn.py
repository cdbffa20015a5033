"""What a picture shows, read back from its SVG: boxes, texts, and where the lines run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

from backplane.picture.text import width

SVG = "{http://www.w3.org/2000/svg}"
SIZES = {"title": 20.0, "name": 13.0, "small": 11.0, "kind": 10.5, "verb": 10.5, "column": 11.0}
BOLD = {"title", "name", "b", "verb"}
Point = tuple[float, float]


@dataclass(frozen=True)
class Rectangle:
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: Rectangle) -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def overlaps(self, other: Rectangle) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def has(self, point: Point) -> bool:
        return self.left < point[0] < self.right and self.top < point[1] < self.bottom


@dataclass(frozen=True)
class DrawnBox:
    tip: str
    place: Rectangle
    texts: dict[str, Rectangle]


@dataclass(frozen=True)
class Drawn:
    page: Rectangle
    boxes: list[DrawnBox]
    lines: dict[str, list[Point]]
    """By their tips, many points of each."""

    def mistakes(self) -> list[str]:
        """What no picture may do."""
        found = [
            f"{one.tip!r} overlaps {other.tip!r}"
            for one, other in combinations(self.boxes, 2)
            if one.place.overlaps(other.place)
        ]
        for box in self.boxes:
            if not self.page.holds(box.place):
                found.append(f"{box.tip!r} leaves the page")
            found += [f"{text!r} leaves its box" for text, at in box.texts.items() if not box.place.holds(at)]
            found += [
                f"{one!r} lies on {other!r}"
                for (one, at), (other, there) in combinations(box.texts.items(), 2)
                if at.overlaps(there)
            ]
        for tip, points in self.lines.items():
            found += [
                f"{tip!r} crosses {box.tip!r}" for box in self.boxes if any(box.place.has(p) for p in points)
            ]
            if not all(self.page.has(point) for point in points):
                found.append(f"{tip!r} leaves the page")
        return found


def read(text: str) -> Drawn:
    root = ET.fromstring(text)  # noqa: S314 - our own
    page = Rectangle(0, 0, float(root.attrib["width"]), float(root.attrib["height"]))
    lines = {
        tip.text or "": list(points(path.attrib["d"]))
        for path in root.iterfind(f"{SVG}path")
        if (tip := path.find(f"{SVG}title")) is not None
    }
    return Drawn(page, [_box(group) for group in root.iterfind(f"{SVG}g")], lines)


def _box(group: ET.Element) -> DrawnBox:
    card, tip = group.find(f"{SVG}rect"), group.find(f"{SVG}title")
    assert card is not None
    assert tip is not None
    x, y, wide, high = (float(card.attrib[name]) for name in ("x", "y", "width", "height"))
    texts = {f"{number} {item.text}": _text(item) for number, item in enumerate(group.iterfind(f"{SVG}text"))}
    return DrawnBox(tip.text or "", Rectangle(x, y, x + wide, y + high), texts)


def _text(item: ET.Element) -> Rectangle:
    styles = item.attrib["class"].split()
    size = next((SIZES[style] for style in styles if style in SIZES), 12.0)
    wide = width(item.text or "", size, bold=bool(BOLD.intersection(styles)))
    x, base = float(item.attrib["x"]), float(item.attrib["y"])
    left = x - wide if item.attrib.get("text-anchor") == "end" else x
    return Rectangle(left, base - size * 0.8, left + wide, base + size * 0.2)


def points(data: str) -> Iterator[Point]:
    """Points of a path, close together."""
    at: Point = (0.0, 0.0)
    for command, rest in re.findall(r"([MHVCQ])([^MHVCQ]*)", data):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", rest)]
        match command:
            case "H":
                ends = [at, (numbers[0], at[1])]
            case "V":
                ends = [at, (at[0], numbers[0])]
            case _:
                ends = [at, *zip(numbers[::2], numbers[1::2], strict=True)]
        if command != "M":
            yield from (_bezier(ends, step / 40) for step in range(41))
        at = ends[-1]


def _bezier(ends: list[Point], share: float) -> Point:
    while len(ends) > 1:
        ends = [(a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share) for a, b in pairwise(ends)]
    return ends[0]
