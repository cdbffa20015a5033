"""A Pulumi engine in this process: the ResourceMonitor and Engine services that a program talks to.

It creates, and keeps no state: diffs, imports and refresh are what the real engine is for. In a preview it
answers with the inputs alone, so that every computed output is unknown, as under `pulumi preview`.

Source: https://github.com/pulumi/pulumi/blob/master/proto/pulumi/resource.proto
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from backplane.local import wire
from backplane.local.front import reachable

STACK_TYPE = "pulumi:pulumi:Stack"
_PROVIDER_PREFIX = "pulumi:providers:"
_FEATURES = ("SECRETS", "RESOURCE_REFERENCES", "ALIAS_SPECS", "DELETED_WITH")


class ProgramError(Exception):
    """The program, or a resource that it asked for, failed; the message names it and what to do."""


@dataclass(frozen=True)
class Resource:
    """One registered resource."""

    urn: str
    type: str
    name: str
    parent: str = ""
    custom: bool = True
    id: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    dependencies: tuple[str, ...] = ()
    provider: str = ""
    protect: bool = False
    retain_on_delete: bool = False
    aliases: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Created:
    """What a provider answers for a new resource."""

    id: str
    outputs: dict[str, Any]


@dataclass(frozen=True)
class Event:
    """The beginning or the end of one resource's creation."""

    kind: Literal["started", "created", "failed"]
    type: str
    name: str
    seconds: float = 0.0


class Provider(Protocol):
    """What the engine asks of the AWS provider. `settings` are the inputs of an explicit `aws.Provider`."""

    def check(self, type_: str, name: str, inputs: Mapping[str, Any]) -> None:
        """Refuse, with a ProgramError, a type or an input that `create` could not map."""

    def preview(self, type_: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs that are known without creating the resource: its inputs, and unknowns inside them."""

    def create(
        self, type_: str, name: str, inputs: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> Created:
        """Create the resource; every output that the SDK types as required is in the answer."""

    def read(self, type_: str, id_: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs of a resource that somebody else created."""

    def invoke(self, token: str, arguments: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of a data source, such as `aws:index/getRegion:getRegion`."""


class Engine(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Runs one program once: `resources`, `outputs` and `failures` are what it left."""

    def __init__(
        self,
        project: str,
        stack: str,
        provider: Provider,
        *,
        preview: bool,
        on_event: Callable[[Event], None] = lambda _: None,
    ) -> None:
        self.resources: dict[str, Resource] = {}
        self.outputs: dict[str, Any] = {}
        self.failures: list[str] = []
        self.messages: list[tuple[str, str]] = []
        self._project, self._stack = project, stack
        self._provider, self._preview, self._on_event = provider, preview, on_event
        self._lock = threading.RLock()
        self._root = ""

    # -- ResourceMonitor

    def GetDeploymentInfo(self, request: Any, context: Any = None) -> Any:  # noqa: ARG002, N802
        """What this engine can do."""
        names = [f"RESOURCE_MONITOR_FEATURE_{feature}" for feature in _FEATURES]
        features = [getattr(resource_pb2, name) for name in names]
        return resource_pb2.DeploymentInfo(supportedFeatures=features)

    def SignalAndWaitForShutdown(self, request: Any, context: Any = None) -> Any:  # noqa: ARG002, N802
        """The program is done; nothing waits for it here."""
        return empty_pb2.Empty()

    def RegisterResource(self, request: Any, context: Any = None) -> Any:  # noqa: ARG002, N802
        """Declare a resource and, on `up`, create it."""
        resource = self._declare(request)
        if request.remote:
            raise self._failure(resource, "is a component of another language; the embedded engine runs none")
        if not request.custom or resource.type.startswith(_PROVIDER_PREFIX):
            identity = str(uuid.uuid4()) if request.custom else ""
            resource = replace(resource, id=identity, outputs=resource.inputs)
        else:
            resource = self._create(resource)
        secrets = {key for key, value in resource.inputs.items() if wire.is_secret(value)}
        hidden = _hide(resource.outputs, secrets | set(request.additionalSecretOutputs))
        self._put(replace(resource, outputs=hidden))
        return resource_pb2.RegisterResourceResponse(
            urn=resource.urn, id=resource.id, object=wire.dump(hidden)
        )

    def RegisterResourceOutputs(self, request: Any, context: Any = None) -> Any:  # noqa: ARG002, N802
        """The outputs of a component or of the stack."""
        outputs = reachable(wire.load(request.outputs))
        with self._lock:
            resource = self.resources[request.urn]
            self.resources[request.urn] = replace(resource, outputs=outputs)
            if resource.type == STACK_TYPE:
                self.outputs = outputs
        return empty_pb2.Empty()

    def ReadResource(self, request: Any, context: Any = None) -> Any:  # noqa: ARG002, N802
        """A resource that somebody else created."""
        urn = self._urn(request.parent, request.type, request.name)
        outputs = wire.load(request.properties)
        if request.type == "pulumi:pulumi:StackReference":
            raise self._refuse(
                f"{urn}: a StackReference needs another stack's state, which only Pulumi keeps"
            )
        if not self._preview:
            outputs = self._answer(
                urn, self._provider.read, request.type, request.id, self._settings(request.provider)
            )
        self._put(Resource(urn, request.type, request.name, request.parent, id=request.id, outputs=outputs))
        return resource_pb2.ReadResourceResponse(urn=urn, properties=wire.dump(outputs))

    def Invoke(self, request: Any, context: Any = None) -> Any:  # noqa: ARG002, N802
        """A data source."""
        arguments = wire.load(request.args)
        if wire.is_unknown(arguments):  # the SDK's own check misses strings inside lists
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        settings = self._settings(request.provider)
        answer = self._answer(
            request.tok, self._provider.invoke, request.tok, wire.plain(arguments), settings
        )
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(wire.dump(answer))  # a keyword of Python
        return response

    # -- Engine

    def Log(self, request: Any, context: Any = None) -> Any:  # noqa: ARG002, N802
        """A message of the program."""
        if request.severity >= engine_pb2.INFO:
            with self._lock:
                self.messages.append((engine_pb2.LogSeverity.Name(request.severity).lower(), request.message))
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any, context: Any = None) -> Any:  # noqa: ARG002, N802
        """The stack's URN."""
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(self, request: Any, context: Any = None) -> Any:  # noqa: ARG002, N802
        """The stack's URN, once the SDK knows it."""
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(self, request: Any, context: Any = None) -> Any:  # noqa: ARG002, N802
        """A program's wish for a version of the CLI, which isn't here."""
        return engine_pb2.RequirePulumiVersionResponse()

    # -- parts

    def _declare(self, request: Any) -> Resource:
        urn = self._urn(request.parent, request.type, request.name)
        with self._lock:
            if self.failures:
                raise ProgramError(self.failures[0])
            if urn in self.resources:
                raise self._refuse(
                    f"{urn}: two resources have this type, parent and name; rename one of them"
                )
            resource = Resource(
                urn=urn,
                type=request.type,
                name=request.name,
                parent=request.parent,
                custom=request.custom,
                inputs=wire.load(request.object),
                dependencies=tuple(sorted(set(request.dependencies))),
                provider=request.provider,
                protect=request.protect,
                retain_on_delete=request.retainOnDelete,
                aliases=tuple(alias.urn or alias.spec.name for alias in request.aliases),
                ignore_changes=tuple(request.ignoreChanges),
            )
            self.resources[urn] = resource
            return resource

    def _create(self, resource: Resource) -> Resource:
        inputs = {key: value for key, value in resource.inputs.items() if value is not None}
        try:
            self._provider.check(resource.type, resource.name, inputs)
            if self._preview:
                return replace(resource, outputs=self._provider.preview(resource.type, inputs))
            return self._create_now(resource, inputs)
        except ProgramError as error:
            raise self._failure(resource, _masked(str(error), resource.inputs)) from error

    def _create_now(self, resource: Resource, inputs: dict[str, Any]) -> Resource:
        start = time.perf_counter()
        self._on_event(Event("started", resource.type, resource.name))
        try:
            settings = self._settings(resource.provider)
            created = self._provider.create(resource.type, resource.name, wire.plain(inputs), settings)
        except ProgramError:
            self._on_event(Event("failed", resource.type, resource.name, time.perf_counter() - start))
            raise
        self._on_event(Event("created", resource.type, resource.name, time.perf_counter() - start))
        return replace(resource, id=created.id, outputs={**inputs, **created.outputs})

    def _settings(self, reference: str) -> dict[str, Any]:
        """The inputs of the explicit provider that `<urn>::<id>` names; none for the default one."""
        resource = self.resources.get(reference.rpartition("::")[0])
        return wire.plain(resource.inputs) if resource else {}

    def _answer(self, what: str, call: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
        try:
            return call(*arguments)
        except ProgramError as error:
            raise self._refuse(f"{what}: {error}") from error

    def _failure(self, resource: Resource, why: str) -> ProgramError:
        return self._refuse(f"{resource.type} {resource.name!r}: {why}")

    def _refuse(self, message: str) -> ProgramError:
        with self._lock:
            self.failures.append(message)
        return ProgramError(message)

    def _urn(self, parent: str, type_: str, name: str) -> str:
        parents = parent.split("::")[2] if parent else STACK_TYPE
        qualified = type_ if parents == STACK_TYPE else f"{parents}${type_}"
        return f"urn:pulumi:{self._stack}::{self._project}::{qualified}::{name}"

    def _put(self, resource: Resource) -> None:
        with self._lock:
            self.resources[resource.urn] = resource


def _masked(message: str, inputs: Mapping[str, Any]) -> str:
    """The message without the secrets that the inputs hold, however deep."""
    for secret in sorted(_secrets(inputs), key=len, reverse=True):
        message = message.replace(secret, "[secret]")
    return message


def _secrets(value: Any, *, inside: bool = False) -> set[str]:
    match value:
        case wire.Secret():
            return _secrets(value.value, inside=True)
        case Mapping():
            return {text for item in value.values() for text in _secrets(item, inside=inside)}
        case list():
            return {text for item in value for text in _secrets(item, inside=inside)}
        case str() if inside and value:
            return {value}
        case _:
            return set()


def _hide(outputs: dict[str, Any], secret: set[str]) -> dict[str, Any]:
    return {
        key: wire.Secret(value) if key in secret and not isinstance(value, wire.Secret) else value
        for key, value in outputs.items()
    }
