"""Runs a program on the embedded engine with no emulator behind it, and hands over the whole graph.

What it does not prove: that AWS takes these inputs. The provider's own tests and the end-to-end ones do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from backplane.local import wire
from backplane.local.engine import Created, Engine, Resource
from backplane.local.invokes import invoke
from backplane.local.program import Deployment, run
from backplane.local.provider.plan import previewed
from backplane.local.provider.rows import row_of
from backplane.local.sdk import output_types

UNKNOWN = wire.UNKNOWN
ACCOUNT = "123456789012"
REGION = "eu-west-1"


class RecordedProvider:
    """Answers every required output with a value that names its resource, so that swapped wiring shows."""

    def check(self, type_: str, name: str, inputs: Mapping[str, Any]) -> None:
        """Anything goes: the provider table's own tests check inputs."""

    def preview(self, type_: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return previewed(row_of(type_), inputs)

    def create(
        self, type_: str, name: str, inputs: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> Created:
        del settings  # whichever provider: the graph is what counts
        service = re.split("[:/]", type_)[1]
        known = {"arn": f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}", "region": REGION, **inputs}
        outputs = {
            output: known.get(output, _sample(f"{name}-{output}", kind))
            for output, kind in output_types(type_).items()
        }
        if type_ == "aws:acm/certificate:Certificate":
            hosts = [inputs.get("domainName", name), *(inputs.get("subjectAlternativeNames") or [])]
            outputs["domainValidationOptions"] = [_proof(host) for host in hosts]
        return Created(f"{name}-id", {key: value for key, value in outputs.items() if value is not None})

    def read(self, type_: str, id_: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        return self.create(type_, id_, {}, settings).outputs

    def invoke(self, token: str, arguments: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
        del settings
        return invoke(token, arguments, region=REGION, account=ACCOUNT, endpoint=None)


def _proof(host: str) -> dict[str, str]:
    """What ACM wants to find in the DNS of a host."""
    return {
        "domainName": host,
        "resourceRecordName": f"_proof.{host}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_proof-of-{host}.acm-validations.aws.",
    }


def _sample(text: str, kind: type) -> Any:
    return {str: text, int: 1, float: 1.0, bool: False}.get(kind)


class Graph:
    """What a program declared."""

    def __init__(self, engine: Engine) -> None:
        self.resources = list(engine.resources.values())
        self.outputs = engine.outputs
        self.messages = engine.messages

    def all(self, type_: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.type == type_]

    def one(self, type_: str, name: str | None = None) -> Resource:
        found = [resource for resource in self.all(type_) if name in (None, resource.name)]
        assert len(found) == 1, f"{type_} {name}: {[resource.name for resource in self.all(type_)]}"
        return found[0]

    def component(self, name: str) -> Resource:
        found = [resource for resource in self.components() if resource.name == name]
        assert len(found) == 1, f"{name}: {[resource.name for resource in self.components()]}"
        return found[0]

    def components(self) -> Iterator[Resource]:
        return (resource for resource in self.resources if resource.type.startswith("backplane:"))


def record(
    program: Callable[[], Any],
    *,
    preview: bool = False,
    config: Mapping[str, str] | None = None,
    root: Path | None = None,
    folder: Path | None = None,
) -> Graph:
    """The graph of a program, in a preview (computed outputs unknown) or in an up."""
    root = root or Path.cwd()
    deployment = Deployment("backplane", "test", root, folder or root, config or {})
    engine = Engine(deployment.project, deployment.stack, RecordedProvider(), preview=preview)
    run(program, deployment, engine, preview=preview)
    return Graph(engine)
