"""`backplane preview`: what a backend consists of, without creating, building or writing anything."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable

from backplane.evaluate import evaluate
from backplane.graph import resources_json, short_type, value_json
from backplane.local.engine import STACK_TYPE, Engine, Resource
from backplane.local.provider import AwsProvider
from backplane.project import Project


def preview(project: Project) -> Engine:
    """Run the program as `pulumi preview` does.

    Raises:
        ProgramFailed: the program, or a resource that it asks for, is wrong.
    """
    deployment = project.deployment()
    provider = AwsProvider(deployment.folder, config=deployment.config)
    engine = Engine(deployment.project, deployment.stack, provider, preview=True)
    evaluate(deployment, engine, preview=True)
    return engine


def as_json(project: Project, engine: Engine) -> str:
    """The graph, indented: a person may have to read the difference of two."""
    graph = {
        "resources": resources_json(engine.resources.values(), project.folder),
        "outputs": value_json(engine.outputs, project.folder),
    }
    return json.dumps(graph, indent=2, ensure_ascii=False)


def as_text(engine: Engine) -> str:
    """The components as a tree, what each consists of, and how many resources of each type there are."""
    resources = sorted(engine.resources.values(), key=lambda resource: (resource.type, resource.name))
    children: defaultdict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        children[resource.parent].append(resource)
    lines = [line for root in children[""] for line in _tree(root, children, 0)]
    counts = Counter(short_type(resource.type) for resource in resources if resource.custom)
    width = max((len(name) for name in counts), default=0)
    lines += ["", f"{sum(counts.values())} resources:"]
    lines += [f"  {name:<{width}}  {count}" for name, count in sorted(counts.items())]
    lines += ["", f"outputs: {', '.join(sorted(engine.outputs)) or 'none'}"]
    return "\n".join(lines)


def _tree(resource: Resource, children: dict[str, list[Resource]], depth: int) -> Iterable[str]:
    label = "" if resource.type == STACK_TYPE else f"{short_type(resource.type)} "
    marks = "  [protected]" if resource.protect else ""
    yield f"{'  ' * depth}{label}{resource.name}{marks}"
    for child in children[resource.urn]:
        yield from _tree(child, children, depth + 1)
