"""What a picture shows: the components of a backend, and who calls, reads and writes what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backplane.picture.kinds import Kind

CLIENTS_ID = "clients"


class Meaning(StrEnum):
    """What an edge says; each has a line of its own."""

    CALLS = "call"
    READS = "read"
    WRITES = "write"
    USES = "use"


@dataclass(frozen=True)
class Row:
    """One way into an API, and the function that answers."""

    verb: str
    """The HTTP method; empty where there is none."""
    path: str
    note: str
    """What is special about it: `public`."""
    function: str
    """Its id."""


@dataclass(frozen=True)
class Node:
    """One component."""

    id: str
    kind: Kind
    name: str
    details: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def called(self) -> str:
        """As sentences call it: tables and buckets often have one name."""
        return f"{self.kind.word} {self.name}".rstrip()


@dataclass(frozen=True)
class Edge:
    """One component's use of another."""

    source: str
    target: str
    meaning: Meaning
    words: str
    """Between the two names, in a sentence: `calls`."""
    verbs: tuple[str, ...] = ()
    """The IAM actions, without their service, where a function has some."""


@dataclass(frozen=True)
class Architecture:
    """A whole backend."""

    name: str
    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...]

    def sentences(self) -> list[str]:
        """All that the picture shows, for who can't see it."""
        said: list[str] = []
        for source in sorted({edge.source for edge in self.edges}, key=self._order):
            told: dict[str, list[str]] = {}
            for edge in self.edges:
                if edge.source == source:
                    told.setdefault(edge.words, []).append(self.nodes[edge.target].called)
            clauses = [f"{words} {', '.join(names)}" for words, names in told.items()]
            said.append(f"{self.nodes[source].called} {'; '.join(clauses)}.")
        return [f"{text[:1].upper()}{text[1:]}" for text in said]

    def _order(self, id_: str) -> tuple[int, str]:
        node = self.nodes[id_]
        return node.kind.column, node.called
