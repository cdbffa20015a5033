"""Reads the architecture out of the resources that a program declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from backplane.local.engine import Resource
from backplane.picture import kinds
from backplane.picture.details import details_of
from backplane.picture.kinds import KINDS, Column, Kind
from backplane.picture.model import CLIENTS_ID, Architecture, Edge, Meaning, Node, Row
from backplane.picture.routes import routes_of

_REST = "aws:apigateway/restApi:RestApi"
_ROLE = "aws:iam/role:Role"
_ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"

_SPEAKS_OF_CALLERS: Final = frozenset(
    {
        "aws:kms/key:Key",
        "aws:lambda/permission:Permission",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sqs/queuePolicy:QueuePolicy",
    }
)
"""Policies of what is called: they depend on who calls, and the edge is the other way round."""

_CARRIES_VALUES: Final = frozenset(
    {
        "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
        "aws:s3/bucketObjectv2:BucketObjectv2",
    }
)
"""What tells browsers where things are: nothing is called by it."""

_READING: Final = ("Get", "List", "Query", "Scan", "BatchGet", "Describe", "Head", "ConditionCheck")
_SILENT: Final = (kinds.ALARMS, kinds.DASHBOARD, kinds.TRACING)
"""What looks at everything: a line to each would hide the others. It says what it watches in words."""
_WATCHING: Final = (kinds.ALARMS, kinds.DASHBOARD)

_WORDS: Final = {
    kinds.ALARMS: "tell",
    kinds.BACKUPS: "saves",
    kinds.TRAIL: "records the use of",
    kinds.IDENTITIES: "lets people into",
}


def architecture(name: str, resources: Iterable[Resource]) -> Architecture:
    """The components of a program and their edges.

    Args:
        name: the backend's.
        resources: what a preview declared.
    """
    return _Reader(name, resources).read()


class _Reader:
    def __init__(self, name: str, resources: Iterable[Resource]) -> None:
        self._name = name
        self._all = {resource.urn: resource for resource in sorted(resources, key=lambda item: item.urn)}
        self._owners = {urn: self._owner(urn) for urn in self._all}
        self._parts: dict[str, list[Resource]] = {}
        for urn, owner in self._owners.items():
            if owner:
                self._parts.setdefault(owner, []).append(self._all[urn])

    def read(self) -> Architecture:
        uses = self._uses()
        nodes = {urn: self._node(urn, uses) for urn in self._parts}
        edges = [edge for source, target in sorted(uses) for edge in self._edge(nodes, source, target)]
        nodes[CLIENTS_ID] = Node(CLIENTS_ID, kinds.CLIENTS, "")
        edges += _clients(nodes, edges)
        return Architecture(self._name, nodes, tuple(edges))

    def _owner(self, urn: str) -> str:
        """The component whose box shows a resource: the outermost one, but for what is shown as a part."""
        found = ""
        while urn in self._all:
            kind = KINDS.get(self._all[urn].type)
            if kind is not None:
                found = urn
                if kind.part:
                    break
            urn = self._all[urn].parent
        return found

    def _uses(self) -> set[tuple[str, str]]:
        """Who depends on whom, and what functions say they reach: that need not be created here."""
        pairs: set[tuple[str, str]] = set()
        for resource in self._all.values():
            owner = self._owners[resource.urn]
            if not owner or resource.type in _SPEAKS_OF_CALLERS | _CARRIES_VALUES:
                continue
            others = {self._owners[urn] for urn in resource.dependencies if urn in self._owners} - {owner, ""}
            if resource.type == _ROLE_POLICY:
                holders = {self._owners[urn] for urn in resource.dependencies if self._type(urn) == _ROLE}
                for holder in holders - {owner, ""}:
                    # A right that the target itself gives to another's role.
                    pairs.add((holder, owner))
                    others.discard(holder)
            pairs |= {(owner, other) for other in others}
        named = {(self._kind(urn).access, self._all[urn].name): urn for urn in self._parts}
        for urn in (urn for urn in self._parts if self._kind(urn) is kinds.FUNCTION):
            for reached in _access(self._all[urn]):
                target = named.get(reached)
                if target is not None and target != urn:
                    pairs.add((urn, target))
        return pairs

    def _type(self, urn: str) -> str:
        return self._all[urn].type if urn in self._all else ""

    def _kind(self, urn: str) -> Kind:
        kind = KINDS[self._all[urn].type]
        if kind is kinds.HTTP_API and any(part.type == _REST for part in self._parts[urn]):
            return kinds.REST_API
        return kind

    def _node(self, urn: str, uses: set[tuple[str, str]]) -> Node:
        kind, parts = self._kind(urn), self._parts[urn]
        watched = [self._kind(target) for source, target in sorted(uses) if source == urn]
        details = _watching(watched) if kind in _WATCHING else details_of(kind, parts)
        functions = {
            part.urn: self._owners[part.urn]
            for part in self._all.values()
            if self._owners[part.urn] and self._kind(self._owners[part.urn]) is kinds.FUNCTION
        }
        rows = tuple(
            Row(route.verb, route.path, route.note, functions[route.target])
            for route in routes_of(parts)
            if route.target in functions
        )
        return Node(urn, kind, self._all[urn].name, details, rows)

    def _edge(self, nodes: Mapping[str, Node], source: str, target: str) -> Iterator[Edge]:
        one, other = nodes[source], nodes[target]
        if one.kind in _SILENT and not (one.kind is kinds.ALARMS and other.kind is kinds.TOPIC):
            return
        if one.kind is kinds.FUNCTION:
            yield _used_by_function(self._all[source], one, other)
        elif one.kind in _WORDS:
            yield Edge(source, target, Meaning.USES, _WORDS[one.kind])
        elif other.kind is kinds.POOL:
            yield Edge(source, target, Meaning.USES, "checks tokens of")
        elif one.kind.column is Column.EDGE and other.kind is kinds.BUCKET:
            yield Edge(source, target, Meaning.READS, "shows")
        elif other.kind in (kinds.FUNCTION, kinds.TOPIC, kinds.QUEUE, kinds.HTTP_API, kinds.REST_API):
            yield Edge(source, target, Meaning.CALLS, "calls" if one.kind.column < Column.DATA else "tells")
        else:
            yield Edge(source, target, Meaning.USES, "uses")


def _access(resource: Resource) -> dict[tuple[str, str], list[str]]:
    """The verbs of a function by the kind and the name of what they reach."""
    found: dict[tuple[str, str], list[str]] = {}
    for statement in resource.inputs.get("access") or ():
        for name in statement["Resource"]:
            kind, _, rest = name.partition("/")
            verbs = [action.partition(":")[2] for action in statement["Action"]]
            found.setdefault((kind, rest.partition("/")[0]), []).extend(verbs)
    return found


def _used_by_function(resource: Resource, one: Node, other: Node) -> Edge:
    verbs = tuple(sorted(set(_access(resource).get((other.kind.access, other.name), ()))))
    if other.kind in (kinds.FUNCTION, kinds.TOPIC, kinds.QUEUE, kinds.CHANNEL):
        meaning = Meaning.CALLS
    elif not verbs:
        meaning = Meaning.USES
    else:
        meaning = Meaning.READS if all(verb.startswith(_READING) for verb in verbs) else Meaning.WRITES
    words = f"may {', '.join(verbs)} on" if verbs else "uses"
    if not verbs and other.kind is kinds.POOL:
        words = "checks tokens of"
    return Edge(one.id, other.id, meaning, words, verbs)


def _clients(nodes: Mapping[str, Node], edges: Iterable[Edge]) -> Iterator[Edge]:
    """Who comes from outside, to all that nothing at the edge stands before."""
    fronted = {edge.target for edge in edges if nodes[edge.source].kind in (kinds.CDN, kinds.SITE)}
    for urn, node in nodes.items():
        if node.kind in (kinds.POOL, kinds.IDENTITIES):
            yield Edge(CLIENTS_ID, urn, Meaning.CALLS, "sign in at")
        elif urn not in fronted and node.kind in (
            kinds.CDN,
            kinds.SITE,
            kinds.HTTP_API,
            kinds.REST_API,
            kinds.CHANNEL,
        ):
            yield Edge(CLIENTS_ID, urn, Meaning.CALLS, "call")


def _watching(watched: list[Kind]) -> tuple[str, ...]:
    counts: dict[Kind, int] = {}
    for kind in watched:
        if kind is not kinds.TOPIC:
            counts[kind] = counts.get(kind, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (item[0].column, item[0].label))
    return tuple(f"on {count} {kind.word}{'s' if count > 1 else ''}" for kind, count in ordered)
