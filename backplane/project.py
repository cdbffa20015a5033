"""Reads Pulumi.yaml and Pulumi.<environment>.yaml the way Pulumi does, for the embedded engine.

Source: https://www.pulumi.com/docs/iac/concepts/projects/project-file/ and .../stack-settings-file/
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from backplane.errors import ConfigurationError

if TYPE_CHECKING:
    from backplane.local.program import Deployment

PROJECT_FILE = "Pulumi.yaml"
NAMESPACE = "backplane"
_HOME = Path(__file__).resolve().parent.parent
_ENVIRONMENT = re.compile(r"[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True)
class Project:
    """One stack of a project, read but not checked."""

    name: str
    environment: str
    root: Path
    """The folder of Pulumi.yaml."""
    folder: Path
    """The folder that the program runs in."""
    config: Mapping[str, str]
    """Every key with its namespace; lists and objects as JSON, as Pulumi hands them over."""
    secrets: frozenset[str]
    """Keys whose values are encrypted. Only Pulumi can read them: here they hold placeholders."""

    @property
    def region(self) -> str:
        """The region of the default provider."""
        return self.config.get("aws:region", "us-east-1")

    def deployment(self) -> Deployment:
        """What the embedded engine runs."""
        from backplane.local.program import Deployment

        return Deployment(
            self.name, self.environment, self.root, self.folder, dict(self.config), self.secrets
        )


def find_root() -> Path:
    """The folder of the nearest Pulumi.yaml: here, above, or the project that this command belongs to."""
    here = Path.cwd()
    for folder in (here, *here.parents, _HOME):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise ConfigurationError(f"{PROJECT_FILE} is neither in {here} nor above it: run this inside the project")


def load(root: Path, environment: str, overrides: Mapping[str, str]) -> Project:
    """The project with the configuration of an environment, and `overrides` above it.

    Raises:
        ConfigurationError: a file is missing, or is no YAML of the right shape.
    """
    project = _read(root / PROJECT_FILE)
    name = project.get("name")
    if not isinstance(name, str):
        raise ConfigurationError(f"{PROJECT_FILE}: name is required")
    file = _stack_file(root, environment)
    values = {
        **_defaults(project.get("config") or {}),
        **_mapping(_read(file).get("config") or {}, f"{file.name}: config"),
    }
    full = {key if ":" in key else f"{name}:{key}": value for key, value in values.items()}
    return Project(
        name=name,
        environment=environment,
        root=root,
        folder=(root / str(project.get("main") or ".")).resolve(),
        config={key: _text(_placeholder(value, key)) for key, value in full.items()} | dict(overrides),
        secrets=frozenset(key for key, value in full.items() if _has_secret(value)) - set(overrides),
    )


def check(project: Project, given: Mapping[str, str]) -> None:
    """Let the stacks check their configuration, before anything starts.

    A project that has none, such as another team's that imports the components, is its program's to check.

    Args:
        project: what was read.
        given: for each key that the command line sets, the option that did.

    Raises:
        ConfigurationError: the mistakes, one line each.
    """
    sys.path.insert(0, str(project.root))
    if not (project.root / "stacks" / "settings.py").is_file():
        return
    from stacks import settings

    mistakes = settings.check(project.config, f"Pulumi.{project.environment}.yaml")
    if mistakes:
        raise ConfigurationError("\n".join(_with_origin(mistake, given) for mistake in mistakes))


def environments(root: Path) -> list[str]:
    """The environments that have a file."""
    return sorted(path.name.split(".", 1)[1].removesuffix(".yaml") for path in root.glob("Pulumi.*.yaml"))


def _with_origin(mistake: str, given: Mapping[str, str]) -> str:
    """The file is not to blame for what the command line said."""
    for key, option in given.items():
        if re.search(rf"\b{re.escape(key)}\b", mistake):
            return f"{mistake} ({option} on the command line comes before the file)"
    return mistake


def _stack_file(root: Path, environment: str) -> Path:
    file = root / f"Pulumi.{environment}.yaml"
    if not _ENVIRONMENT.fullmatch(environment) or not file.is_file():
        known = ", ".join(environments(root)) or "none"
        raise ConfigurationError(
            f"Pulumi.{environment}.yaml: there is no such file in {root}; --env takes one of: {known}"
        )
    return file


def _read(file: Path) -> dict[str, Any]:
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{file.name}:{line}: is not YAML: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise ConfigurationError(f"{file.name}: can't be read: {error}") from None
    return _mapping(content or {}, file.name)


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"{where} must hold keys and values, got {type(value).__name__}")
    return {str(key): item for key, item in value.items()}


def _defaults(config: Mapping[str, Any]) -> dict[str, Any]:
    """Values that Pulumi.yaml gives to every stack."""
    values = {
        key: entry.get("value", entry.get("default")) if isinstance(entry, dict) else entry
        for key, entry in config.items()
    }
    return {key: value for key, value in values.items() if value is not None}


def _has_secret(value: Any) -> bool:
    match value:
        case {"secure": str()} if len(value) == 1:
            return True
        case dict():
            return any(_has_secret(item) for item in value.values())
        case list():
            return any(_has_secret(item) for item in value)
        case _:
            return False


def _placeholder(value: Any, key: str) -> Any:
    match value:
        case {"secure": str()} if len(value) == 1:
            return f"placeholder-of-{key.rpartition(':')[2]}"
        case dict():
            return {name: _placeholder(item, key) for name, item in value.items()}
        case list():
            return [_placeholder(item, key) for item in value]
        case _:
            return value


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return json.dumps(value)
    return str(value)


class _Loader(yaml.SafeLoader):
    """YAML that keeps numbers and dates as written, as Pulumi does, and refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} is given twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def as_written(self, node: yaml.ScalarNode) -> Any:
        """The text of a value."""
        return self.construct_scalar(node)


for _tag in ("float", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _Loader.as_written)
