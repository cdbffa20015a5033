"""What changes: from two previews by comparing them, or from the engine's own account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from backplane.review.documents import Digest, Graph, PreviewError, Step
from backplane.review.model import STACK_TYPE, Change, Comparison, Op, State
from backplane.review.replacement import replacing
from backplane.review.values import differing, is_known

_OPS: dict[str, Op] = {
    "same": "same",
    "refresh": "same",
    "read": "same",
    "read-replacement": "same",
    "discard": "same",
    "discard-replaced": "same",
    "remove-pending-replace": "same",
    "create": "create",
    "import": "create",
    "update": "update",
    "delete": "delete",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "import-replacement": "replace",
}
"""https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/history.go; what is read is not ours."""

_WORST: tuple[Op, ...] = ("replace", "delete", "create", "update", "same")


def graphs(old: Graph, new: Graph) -> Comparison:
    """The differences of two programs.

    Raises:
        PreviewError: they are of different projects or stacks.
    """
    project, stack = _one_stack(old, new)
    before = {state.urn: state for state in old.resources}
    former = {
        state.urn: next((urn for urn in (state.urn, *state.aliases) if urn in before), "")
        for state in new.resources
    }
    renamed = {old_urn: urn for urn, old_urn in former.items() if old_urn}
    changes = [_compared(before.pop(former[state.urn], None), state, renamed) for state in new.resources]
    changes += [Change("delete", state, None) for state in before.values()]
    return Comparison(project, stack, _sorted(changes), exact=False)


def digest(preview: Digest) -> Comparison:
    """What the engine says.

    Raises:
        PreviewError: it is of several stacks, or has an operation that isn't known.
    """
    project, stack = _one_stack(preview)
    steps: defaultdict[str, list[Step]] = defaultdict(list)
    changes = []
    for step in preview.steps:
        if step.op not in _OPS:
            raise PreviewError(
                f"{preview.source}: has the operation {step.op!r}, which this version doesn't know; it knows "
                f"{', '.join(sorted(_OPS))}"
            )
        if step.pending_delete:
            changes.append(Change("delete", step.old, None, leftover=True))
        elif step.old or step.new:
            steps[step.urn].append(step)
    changes += [_merged(group) for group in steps.values()]
    return Comparison(
        project, stack, _sorted(changes), exact=True, config=preview.config, errors=preview.errors
    )


def _compared(old: State | None, new: State, renamed: Mapping[str, str]) -> Change:
    """The change of one resource.

    What is unknown is made from other resources: where these are others, so is the value.
    """
    if old is None:
        return Change("create", None, new)
    old = replace(old, dependencies=tuple(renamed.get(urn, urn) for urn in old.dependencies))
    remade = set(old.dependencies) != set(new.dependencies) and not is_known(new.inputs)
    forced = replacing(new.type, old.inputs, new.inputs)
    reasons = differing(old.inputs, new.inputs)
    flags = (old.protect, old.retain) != (new.protect, new.retain)
    op: Op = "replace" if forced else "update" if reasons or flags or remade else "same"
    return Change(op, old, new, tuple(reasons), forced)


def _merged(steps: Iterable[Step]) -> Change:
    """One change of all steps of a resource: a replacement has up to three."""
    steps = list(steps)
    op = min((_OPS[step.op] for step in steps), key=_WORST.index)
    old = next((step.old for step in steps if step.old), None)
    new = next((step.new for step in steps if step.new), None)
    if op in ("create", "delete"):
        old, new = (None, new or old) if op == "create" else (old or new, None)
    told = [reason for step in steps for reason in step.reasons]
    seen = differing(old.inputs, new.inputs) if old and new and op != "same" else []
    # The engine also sees what the previews hide, a secret that changes for one.
    unseen = [path for path in told if not any(_within(path, known) for known in seen)]
    forced = dict.fromkeys(reason for step in steps for reason in step.replacing)
    return Change(op, old, new, tuple(dict.fromkeys([*seen, *unseen])), tuple(forced))


def _within(path: str, known: str) -> bool:
    first, second = (text.replace("[", ".").split(".")[0] for text in (path, known))
    return first == second


def _one_stack(*previews: Graph | Digest) -> tuple[str, str]:
    found: dict[tuple[str, str], str] = {}
    for preview in previews:
        for urn in _urns(preview):
            stack, project = urn.removeprefix("urn:pulumi:").split("::", 2)[:2]
            found.setdefault((project, stack), preview.source)
    if len(found) > 1:
        (one, first), (two, second) = list(found.items())[:2]
        what: Literal["projects", "stacks"] = "projects" if one[0] != two[0] else "stacks"
        names = (one[0], two[0]) if what == "projects" else (one[1], two[1])
        raise PreviewError(
            f"{first} and {second} must be of one project and stack, got the {what} {names[0]} and {names[1]}"
            if first != second
            else f"{first}: must be of one project and stack, got the {what} {names[0]} and {names[1]}"
        )
    return next(iter(found), ("", ""))


def _urns(preview: Graph | Digest) -> Iterable[str]:
    if isinstance(preview, Graph):
        return (state.urn for state in preview.resources)
    return (step.urn for step in preview.steps)


def _sorted(changes: Iterable[Change]) -> tuple[Change, ...]:
    ordered = sorted(changes, key=lambda change: (change.urn, change.leftover))
    return tuple(change for change in ordered if change.type != STACK_TYPE)
