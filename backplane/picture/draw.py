"""From a project to its picture."""

from __future__ import annotations

from collections.abc import Iterable

from backplane.local.engine import Resource
from backplane.picture.read import architecture
from backplane.picture.svg import svg
from backplane.preview import preview
from backplane.project import NAMESPACE, Project


def picture(project: Project) -> str:
    """The architecture of a project's backend as SVG.

    Raises:
        ProgramFailed: the program, or a resource that it asks for, is wrong.
    """
    name = project.config.get(f"{NAMESPACE}:backend", project.name)
    return picture_of(name, preview(project).resources.values())


def picture_of(name: str, resources: Iterable[Resource]) -> str:
    """The architecture that some resources make up, as SVG."""
    return svg(architecture(name, resources))
