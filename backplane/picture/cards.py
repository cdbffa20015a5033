"""From components to boxes: functions that do alike share one, and so do schedules.

What shares a box: functions with the same way in, the same targets and the same events. Each keeps a line of
its own, with its verbs; their lines to a table become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from backplane.picture import kinds
from backplane.picture.kinds import Column, Kind
from backplane.picture.model import Architecture, Edge, Meaning, Node
from backplane.picture.text import fit, width, wrapped

HEADER: Final = 34.0
TOP_PAD: Final = 4.0
ROUTE: Final = 20.0
NAME: Final = 22.0
SMALL: Final = 15.0
PAD: Final = 8.0
INDENT: Final = 12.0
"""Pixels: the height of a box's head, of a route, a function's name, a small line; the room around."""

TITLE_SIZE, NAME_SIZE, SMALL_SIZE, KIND_SIZE = 13.0, 12.0, 11.0, 10.5
"""The sizes of the fonts, in pixels."""

ICON: Final = 24.0
VERB: Final = 52.0
"""The room for a sign, and for an HTTP method."""

MAX_TEXT: Final = 300.0
MAX_VERBS: Final = 220.0
"""How wide a line may be before its middle is left out, and verbs before they go on in the next line."""

_STRONGEST: Final = (Meaning.WRITES, Meaning.READS, Meaning.CALLS, Meaning.USES)


@dataclass(frozen=True)
class Line:
    """One line of text in a box."""

    text: str
    style: str
    """`name`, `route`, or `small`."""
    key: str
    """What belongs to it: a function's id, or a function's and its target's; empty for details."""
    before: str = ""
    """An HTTP method."""
    after: str = ""
    """At the right end: `public`, or verbs."""

    @property
    def height(self) -> float:
        """In pixels."""
        return {"name": NAME, "route": ROUTE, "small": SMALL}[self.style]

    @property
    def width(self) -> float:
        """The room that it needs, in pixels."""
        size = SMALL_SIZE if self.style == "small" else NAME_SIZE
        room = width(self.text, size, bold=self.style == "name")
        after = width(self.after, SMALL_SIZE) + INDENT if self.after else 0.0
        return room + after + (VERB if self.before else 0.0)


@dataclass(frozen=True)
class Card:
    """One box."""

    id: str
    kind: Kind
    title: str
    label: str
    """What it is, at the right end of its head."""
    lines: tuple[Line, ...]
    members: tuple[str, ...]
    """The ids of the components that share it."""
    whole: str
    """All its text, as a tip."""

    @property
    def width(self) -> float:
        """The room that its text needs, in pixels."""
        head = ICON + width(self.title, TITLE_SIZE, bold=True) + width(self.label, KIND_SIZE) + INDENT
        return max([head, *(self.indent(line) + line.width for line in self.lines)]) + 2 * INDENT

    def indent(self, line: Line) -> float:
        """How far in a line begins, in pixels: verbs stand below their function's name."""
        return INDENT if line.style == "small" and self.lines[0].style == "name" else 0.0

    @property
    def height(self) -> float:
        """Its own height in pixels; a route stands beside its function, which may need more."""
        if not self.lines:
            return HEADER
        return HEADER + TOP_PAD + sum(line.height for line in self.lines) + PAD


@dataclass(frozen=True)
class Link:
    """One drawn line."""

    source: str
    target: str
    meaning: Meaning
    text: str
    """What it says, as a tip."""
    source_line: str = ""
    """The key of the line that it begins at; empty, it begins at the box."""
    target_line: str = ""


@dataclass(frozen=True)
class Drawing:
    """All boxes and lines, before they have places."""

    cards: Mapping[str, Card]
    links: tuple[Link, ...]
    blocks: tuple[tuple[str, tuple[str, ...]], ...]
    """For each box of the entry column that functions stand beside, theirs; last those that none stands
    beside, with no entry."""


def drawing(architecture: Architecture) -> Drawing:
    """The boxes and lines of an architecture."""
    return _Drawing(architecture).made()


@dataclass
class _Drawing:
    architecture: Architecture
    cards: dict[str, Card] = field(default_factory=dict)
    card_of: dict[str, str] = field(default_factory=dict)

    def made(self) -> Drawing:
        blocks = self._functions()
        self._schedules()
        for node in self.architecture.nodes.values():
            if node.id not in self.card_of:
                self._add([node], _title(node), node.kind.label if node.name else "", _lines(node))
        links = self._links()
        return Drawing(self.cards, tuple(links), tuple((entry, tuple(ids)) for entry, ids in blocks))

    def _add(self, nodes: list[Node], title: str, label: str, lines: Iterable[Line]) -> str:
        made = tuple(lines)
        id_ = nodes[0].id
        whole = "\n".join([f"{label} {title}".strip(), *(_whole(line) for line in made)])
        members = tuple(node.id for node in nodes)
        short = fit(title, TITLE_SIZE, MAX_TEXT, bold=True)
        self.cards[id_] = Card(id_, nodes[0].kind, short, label, made, members, whole)
        self.card_of |= dict.fromkeys(members, id_)
        return id_

    def _functions(self) -> list[tuple[str, list[str]]]:
        """The boxes of functions, in the order of the routes that lead to them."""
        nodes = self.architecture.nodes
        entries = [node for node in nodes.values() if node.rows]
        entries.sort(key=lambda node: (node.kind is kinds.CHANNEL, node.name))
        order = [row.function for node in entries for row in node.rows]
        functions = [node.id for node in nodes.values() if node.kind is kinds.FUNCTION]
        rest = sorted(set(functions) - set(order), key=lambda id_: nodes[id_].name)
        groups: dict[tuple[str, frozenset[str], frozenset[str]], list[Node]] = {}
        for id_ in dict.fromkeys([*order, *rest]):
            groups.setdefault((self._entry(entries, id_), *self._ends(id_)), []).append(nodes[id_])
        blocks: dict[str, list[str]] = {}
        for (entry, targets, _), members in groups.items():
            blocks.setdefault(entry, []).append(self._function_card(members, targets))
        return sorted(blocks.items(), key=lambda block: block[0] == "")

    def _entry(self, entries: list[Node], function: str) -> str:
        """The box that a function stands beside: that of its routes, or of whom else calls it."""
        for node in entries:
            if any(row.function == function for row in node.rows):
                return node.id
        nodes = self.architecture.nodes
        callers = sorted(edge.source for edge in self.architecture.edges if edge.target == function)
        return next((id_ for id_ in callers if nodes[id_].kind is kinds.POOL), "")

    def _ends(self, function: str) -> tuple[frozenset[str], frozenset[str]]:
        nodes, edges = self.architecture.nodes, self.architecture.edges
        targets = frozenset(edge.target for edge in edges if edge.source == function)
        events = frozenset(
            edge.source
            for edge in edges
            if edge.target == function and nodes[edge.source].kind.column >= Column.FUNCTIONS
        )
        return targets, events

    def _function_card(self, members: list[Node], targets: frozenset[str]) -> str:
        runtimes = {detail for node in members for detail in node.details}
        lines = [line for node in members for line in self._function_lines(node, len(targets) > 1)]
        label = runtimes.pop() if len(runtimes) == 1 else ""
        return self._add(members, "Functions" if len(members) > 1 else "Function", label, lines)

    def _function_lines(self, node: Node, several: bool) -> list[Line]:  # noqa: FBT001 - internal
        edges = [edge for edge in self.architecture.edges if edge.source == node.id]
        name = fit(node.name, NAME_SIZE, MAX_TEXT, bold=True)
        if not several:
            verbs = wrapped(list(edges[0].verbs) if edges else [], SMALL_SIZE, MAX_VERBS)
            if len(verbs) == 1 and width(verbs[0], SMALL_SIZE) < MAX_VERBS / 2:
                return [Line(name, "name", node.id, after=verbs[0])]
            return [Line(name, "name", node.id), *(Line(text, "small", "") for text in verbs)]
        lines = [Line(name, "name", node.id)]
        for edge in sorted(edges, key=self._by_target):
            called = self.architecture.nodes[edge.target].called
            first, *more = wrapped(list(edge.verbs), SMALL_SIZE, MAX_VERBS) or [""]
            text = f"{called}: {first}" if first else called
            lines.append(Line(fit(text, SMALL_SIZE, MAX_TEXT), "small", f"{node.id} {edge.target}"))
            lines += [Line(text, "small", "") for text in more]
        return lines

    def _by_target(self, edge: Edge) -> tuple[int, str, str]:
        target = self.architecture.nodes[edge.target]
        return target.kind.column, target.kind.label, target.name

    def _schedules(self) -> None:
        """One box for all schedules of one expression."""
        groups: dict[tuple[str, ...], list[Node]] = {}
        for node in self.architecture.nodes.values():
            if node.kind is kinds.SCHEDULE:
                groups.setdefault(node.details, []).append(node)
        for details, members in groups.items():
            names = [node.name for node in members]
            title = names[0] if len(names) == 1 else f"{len(names)} \u00d7 {_beginning(names)}"
            label = "Schedule" if len(names) == 1 else "Schedules"
            self._add(members, title, label, [_detail(text) for text in details])

    def _links(self) -> list[Link]:
        found: dict[tuple[str, str, str, str], list[Edge]] = {}
        for edge in self.architecture.edges:
            source, target = self.cards[self.card_of[edge.source]], self.cards[self.card_of[edge.target]]
            starts, ends = _line_of(source, edge), ""
            if target.kind is kinds.FUNCTION and (starts or len(target.members) > 1):
                # Every route leads to its own function; schedules and pools lead to the box.
                ends = edge.target if starts or source.kind.column >= Column.FUNCTIONS else ""
            found.setdefault((source.id, target.id, starts, ends), []).append(edge)
        return [
            Link(source, target, _strongest(edges), self._tip(edges), starts, ends)
            for (source, target, starts, ends), edges in found.items()
        ]

    def _tip(self, edges: list[Edge]) -> str:
        nodes = self.architecture.nodes
        return "\n".join(
            f"{nodes[edge.source].called} {edge.words} {nodes[edge.target].called}" for edge in edges
        )


def _beginning(names: list[str]) -> str:
    """What names have in common, up to a dash, and an ellipsis."""
    first, last = min(names), max(names)
    same = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), 0)
    return f"{first[: first.rfind('-', 0, same) + 1]}\u2026"


def _line_of(card: Card, edge: Edge) -> str:
    """The line of a box that an edge begins at."""
    keys = {line.key for line in card.lines}
    if card.kind is kinds.FUNCTION:
        # Of several functions in one box the lines to one target are one, which begins at the box.
        key = f"{edge.source} {edge.target}"
        return key if key in keys and len(card.members) == 1 else ""
    return edge.target if edge.target in keys else ""


def _strongest(edges: list[Edge]) -> Meaning:
    return min((edge.meaning for edge in edges), key=_STRONGEST.index)


def _title(node: Node) -> str:
    return node.name or node.kind.label


def _lines(node: Node) -> list[Line]:
    room = MAX_TEXT - VERB
    routes = [
        Line(fit(row.path, NAME_SIZE, room), "route", row.function, row.verb, row.note) for row in node.rows
    ]
    return [*(_detail(text) for text in node.details), *routes]


def _detail(text: str) -> Line:
    return Line(fit(text, SMALL_SIZE, MAX_TEXT), "small", "")


def _whole(line: Line) -> str:
    return " ".join(part for part in (line.before, line.text, line.after) if part)
