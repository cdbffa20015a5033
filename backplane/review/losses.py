"""What can be lost: data, and its protection; and what won't be there for a while, or any more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from backplane.review.holding import holds
from backplane.review.model import Change, Finding, Section, name_of
from backplane.review.steps import step
from backplane.review.values import at
from backplane.review.words import Text, ended, joined, listed, say, sentences

Created = dict[tuple[str, str], list[Change]]

_BY_DESIGN: Final = frozenset(
    {
        "aws:apigateway/deployment:Deployment",
        "aws:apigatewayv2/deployment:Deployment",
        "aws:lambda/layerVersion:LayerVersion",
    }
)
"""What is made anew with every change, beside the old one: nobody waits for it."""

_QUIET_WHEN_DELETED: Final = frozenset(
    {
        *_BY_DESIGN,
        "aws:apigatewayv2/integration:Integration",
        "aws:apigatewayv2/routeResponse:RouteResponse",
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:lambda/alias:Alias",
        "aws:lambda/permission:Permission",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:sns/topicPolicy:TopicPolicy",
    }
)
"""What only goes with something else that is told, or whose end others tell."""

_GONE_FIRST, _REPLACED, _DELETED = 0, 1, 2
_STAYS_BY_FLAG: Final[Mapping[str, str]] = {
    "aws:cloudwatch/logGroup:LogGroup": "skipDestroy",
    "aws:lambda/layerVersion:LayerVersion": "skipDestroy",
}


def findings(change: Change, new: Created) -> Iterator[Finding]:
    """What goes, or is less protected.

    Args:
        change: the resource.
        new: all that is created, to see whether a resource that goes only has a new name.
    """
    if change.op in ("delete", "replace"):
        content = holds(change.type)
        if content is not None:
            yield _loss(change, content, new)
        elif change.op == "replace" and change.type not in _BY_DESIGN:
            yield _finding(Section.AVAILABILITY, change, say("is replaced{}", _because(change)), _REPLACED)
        elif (
            change.op == "delete"
            and change.type.startswith("aws:")
            and change.type not in _QUIET_WHEN_DELETED
        ):
            yield _finding(Section.AVAILABILITY, change, _deleted(change), _DELETED)
    if change.op in ("update", "same", "replace"):
        yield from _unprotected(change)


def _finding(section: Section, change: Change, text: Text, weight: int, *, guarded: bool = False) -> Finding:
    return Finding(section, change, text, weight, guarded, change.replacing)


def _loss(change: Change, content: str, new: Created) -> Finding:
    old = change.old
    stays = old is not None and (old.retain or at(old.inputs, _STAYS_BY_FLAG.get(change.type, "")) is True)
    what = "is replaced" if change.op == "replace" else "is deleted"
    if change.leftover:
        what = "is deleted at last: an earlier update replaced it"
    if stays:
        told = say(f"{what} here, and the old one stays in AWS with {{}}", content)
        return _finding(
            Section.DATA, change, sentences(ended([say("{}{}", told, _because(change))])), _DELETED
        )
    clauses = [say(f"{what}, and with it go {{}}{{}}", say(content), _because(change))]
    clauses += _in_the_way(change)
    renamed = _same_elsewhere(change, new)
    if renamed is not None:
        clauses.append(
            say(
                "{} is new and alike: if this is a new name, an alias keeps the resource",
                name_of(renamed.urn),
            )
        )
    return _finding(Section.DATA, change, sentences(ended(clauses)), _GONE_FIRST, guarded=True)


def _in_the_way(change: Change) -> list[Text]:
    """What stops the loss, as long as it is there."""
    old = change.old
    if old is None or change.leftover:
        return []
    stops = [say("Pulumi's protect")] if old.protect else []
    if at(old.inputs, "deletionProtectionEnabled") is True or at(old.inputs, "deletionProtection") in (
        True,
        "ACTIVE",
    ):
        stops.append(say("AWS's deletion protection"))
    if not stops:
        return []
    return [say("The update fails as long as {} {} on", _and(stops), say("is" if len(stops) == 1 else "are"))]


def _and(texts: list[Text]) -> Text:
    return texts[0] if len(texts) == 1 else say("{} and {}", texts[0], texts[1])


def _because(change: Change) -> Text:
    """Which properties can't be changed in place, and how they change."""
    told = joined(step(change, path) for path in change.replacing)
    return say(": {}", told) if told else ()


def _deleted(change: Change) -> Text:
    key = change.before.get("routeKey")
    if isinstance(key, str):
        return say("{} is deleted: callers get an error", key)
    return say("is deleted")


def created(changes: Iterable[Change]) -> Created:
    """New resources that hold data, by what they are made of."""
    found: Created = {}
    for change in changes:
        if change.op == "create" and holds(change.type) is not None:
            found.setdefault(_made_of(change.type, change.after), []).append(change)
    return found


def _made_of(type_: str, inputs: Mapping[str, Any]) -> tuple[str, str]:
    return type_, json.dumps(inputs, sort_keys=True, default=str)


def _same_elsewhere(change: Change, new: Created) -> Change | None:
    """A new resource with the same inputs: most likely the same one under another name."""
    if change.op != "delete" or change.leftover:
        return None
    alike = new.get(_made_of(change.type, change.before), [])
    return alike[0] if len(alike) == 1 else None


def _unprotected(change: Change) -> Iterator[Finding]:
    """Protection that Pulumi gave and gives no more."""
    old, new = change.old, change.new
    if old is None or new is None:
        return
    lost = [
        name
        for name, before, after in (
            ("protect", old.protect, new.protect),
            ("retainOnDelete", old.retain, new.retain),
        )
        if before and not after
    ]
    if lost:
        text = say("Pulumi's {} {} switched off", listed(lost), say("is" if len(lost) == 1 else "are"))
        yield _finding(Section.DATA, change, text, _DELETED, guarded=holds(change.type) is not None)
