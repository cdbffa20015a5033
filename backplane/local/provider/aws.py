"""The AWS provider of the embedded engine: a pulumi-aws type is a row, and a row is calls of the emulator."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backplane.local import invokes, wire
from backplane.local.assets import read_asset, zip_archive
from backplane.local.engine import Created, ProgramError
from backplane.local.front import Fronts, reachable
from backplane.local.provider import coerce, models, plan
from backplane.local.provider.clients import Clients
from backplane.local.provider.rows import place_of, row_of
from backplane.local.provider.table import Read, Row, evaluate
from backplane.local.sdk import fit, output_names, output_types, property_types

ACCOUNT = "000000000000"
_ACCOUNT_ID = re.compile(r"\d{12}")

_USED_SETTINGS = frozenset({"region", "accessKey", "defaultTags"})
_SETTINGS_WITHOUT_EFFECT = frozenset(
    {
        "allowedAccountIds",  # the account is the access key's
        "maxRetries",  # the emulator answers or is gone
        "profile",  # profiles are AWS accounts; the emulator knows none
        "secretKey",  # the emulator takes any
        "skipCredentialsValidation",
        "skipMetadataApiCheck",
        "skipRegionValidation",
        "skipRequestingAccountId",
        "version",
    }
)


class AwsProvider:
    """Implements `engine.Provider`; safe to call from many threads.

    Args:
        folder: what the paths of assets are relative to: the folder that the program runs in.
        endpoint: the emulator's address; None in a preview, which calls nothing.
        config: the stack's configuration, of which `aws:...` are this provider's settings.
        account: the account of resources whose provider has no 12-digit access key.
    """

    def __init__(
        self,
        folder: Path,
        *,
        endpoint: str | None = None,
        config: Mapping[str, str] | None = None,
        account: str = ACCOUNT,
    ) -> None:
        self._folder, self._endpoint, self._account = folder, endpoint, account
        prefix = "aws:"
        self._config = {
            key.removeprefix(prefix): value for key, value in (config or {}).items() if key.startswith(prefix)
        }
        self._clients = Clients(endpoint)
        self._fronts = Fronts(endpoint or "")
        self._not_emulated: set[str] = set()
        self._lock = threading.Lock()

    @property
    def not_emulated(self) -> list[str]:
        """What this run asked for and the emulator doesn't do: the type, the input if it is one, and what."""
        with self._lock:
            return sorted(self._not_emulated)

    def check(self, type_: str, name: str, inputs: Mapping[str, Any]) -> None:
        """Refuse what can't be created, in a preview too.

        Raises:
            ProgramError: a type or an input that the table doesn't know, or a value that AWS would refuse.
        """
        row = row_of(type_)
        self._note_not_emulated(row, wire.plain(dict(inputs)))
        planned = plan.make(row, name, inputs, _no_bytes)
        plan.refuse(row, place_of(type_), planned)

    def preview(self, type_: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs that are known before a resource is there."""
        return plan.previewed(row_of(type_), inputs)

    def create(
        self, type_: str, name: str, inputs: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> Created:
        """Create a resource; every output that the SDK promises and the inputs don't have is in the answer.

        Raises:
            ProgramError: the emulator refused, or an output is missing.
        """
        row = row_of(type_)
        inputs = reachable(dict(inputs))
        scope = self._scope(settings, inputs)
        tags = {**scope.default_tags, **(inputs.get("tags") or {})}
        if tags and "tagsAll" in output_names(type_):
            inputs = {**inputs, "tags": tags}
        planned = plan.make(row, name, inputs, self._bytes)
        environment: dict[str, Any] = {**scope.environment, "in": planned.inputs}
        answer = self._make(row, planned.first, scope, environment)
        environment["out"] = _below(row.result, answer)
        environment["id"] = _identity(row, environment)
        for step in planned.steps:
            self._make(row, step, scope, environment)
        if row.front is not None:
            environment["front"] = self._fronts.open(str(evaluate(row.front, environment)))
        shape = models.output_shape(row.service, row.create)
        outputs = self._outputs(row, scope, environment, _shape_below(shape, row.result))
        outputs.setdefault("tagsAll", tags)
        given = {key for key, value in inputs.items() if value is not None}
        return Created(environment["id"], _promised(type_, outputs, given, planned.inputs))

    def read(self, type_: str, id_: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs of a resource that is there already.

        Raises:
            ProgramError: it isn't there, or its row doesn't say how to find it.
        """
        row = row_of(type_)
        if row.read is None:
            raise ProgramError(f"{type_} {id_!r} can't be looked up; add `read` to {place_of(type_)}")
        scope = self._scope(settings, {})
        environment: dict[str, Any] = {**scope.environment, "in": {}, "id": id_}
        environment["out"] = self._look_up(row, row.read, scope, environment)
        if environment["out"] in (None, [], {}):
            raise ProgramError(f"{type_} {id_!r} isn't there; create it first, or correct the id")
        shape = models.output_shape(row.service, row.read.operation)
        outputs = self._outputs(row, scope, environment, _shape_below(shape, row.read.result))
        outputs.setdefault("tagsAll", outputs.get("tags") or {})
        return _promised(type_, outputs, set(), {})

    def invoke(self, token: str, arguments: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of a data source.

        Raises:
            ProgramError: a data source that nobody has written down.
        """
        scope = self._scope(settings, arguments)
        return invokes.invoke(
            token, arguments, region=scope.region, account=scope.account, endpoint=self._endpoint
        )

    def replace_code(
        self,
        function_name: str,
        code: wire.Archive,
        *,
        alias: str | None = "live",
        settings: Mapping[str, Any] | None = None,
    ) -> str:
        """Put new code into a function that runs, publish it as a version, and let the alias serve it.

        Args:
            function_name: the physical name.
            code: the files, by paths relative to the program's folder.
            alias: what moves to the new version; None for a function without one.
            settings: of the explicit provider that created the function.

        Returns:
            The new version.
        """
        scope = self._scope(settings or {}, {})
        answer = self._clients.call(
            "lambda",
            "UpdateFunctionCode",
            {"FunctionName": function_name, "ZipFile": self._bytes(code), "Publish": alias is not None},
            region=scope.region,
            account=scope.account,
        )
        version: str = answer["Version"]
        if alias is not None:
            self._clients.call(
                "lambda",
                "UpdateAlias",
                {"FunctionName": function_name, "Name": alias, "FunctionVersion": version},
                region=scope.region,
                account=scope.account,
            )
        return version

    def close(self) -> None:
        """Give back the ports that it has opened."""
        self._fronts.close()

    def _note_not_emulated(self, row: Row, inputs: dict[str, Any]) -> None:
        kind = re.sub(r"^aws:(\w+)/\w+:", r"aws.\1.", row.type)
        notes = {f"{kind}: {row.not_emulated}"} if row.not_emulated else set()
        for path, reason in row.inputs_not_emulated.items():
            name = re.split("[=~]", path)[0]
            if any(_matches(path, value) for value in plan.at(inputs, name.split("."))):
                notes.add(f"{kind} {name}: {reason}")
        with self._lock:
            self._not_emulated |= notes

    def _scope(self, settings: Mapping[str, Any], inputs: Mapping[str, Any]) -> _Scope:
        """Where a resource lives: what it says itself, then its provider, then the stack's configuration."""
        chosen = settings or self._config
        unknown = set(chosen) - _USED_SETTINGS - _SETTINGS_WITHOUT_EFFECT
        if unknown:
            raise ProgramError(
                f"the provider setting {', '.join(sorted(unknown))} is not known here; "
                f"add it to _USED_SETTINGS or _SETTINGS_WITHOUT_EFFECT of {__name__}"
            )
        region = inputs.get("region") or chosen.get("region") or self._config.get("region")
        if not region:
            raise ProgramError("no region is set; add `aws:region` to the stack's configuration")
        key = str(chosen.get("accessKey") or "")
        account = key if _ACCOUNT_ID.fullmatch(key) else self._account
        return _Scope(str(region), account, self._endpoint or "", _tags(chosen.get("defaultTags")))

    def _make(
        self, row: Row, call: plan.Call, scope: _Scope, environment: Mapping[str, Any]
    ) -> dict[str, Any]:
        parameters = call.complete(environment)
        if parameters is None or not row.called:
            return {}
        return self._clients.call(
            row.service, call.operation, parameters, region=scope.region, account=scope.account
        )

    def _look_up(self, row: Row, read: Read, scope: _Scope, environment: Mapping[str, Any]) -> Any:
        parameters = {member: evaluate(expression, environment) for member, expression in read.given.items()}
        answer = self._clients.call(
            row.service, read.operation, parameters, region=scope.region, account=scope.account
        )
        return _below(read.result, answer)

    def _outputs(self, row: Row, scope: _Scope, environment: dict[str, Any], shape: Any) -> dict[str, Any]:
        """Every output that the row, the answer or the inputs give."""
        scoped = dict(environment)
        for name, read in row.lookups.items():
            scoped[name] = self._look_up(row, read, scope, scoped)
        outputs = {"region": scope.region, **_answered(row, shape, environment["out"])}
        for name, expression in row.outputs.items():
            value = evaluate(expression, scoped)
            if value is not None:
                outputs[name] = value
        prefix = {row.name.prefix_input: ""} if row.name and row.name.prefix_input else {}
        return {**row.defaults, **prefix, **outputs}

    def _bytes(self, file: wire.Asset | wire.Archive) -> bytes:
        try:
            if isinstance(file, wire.Asset):
                return read_asset(file, self._folder)
            return zip_archive(file, self._folder)
        except OSError as error:
            raise ProgramError(f"{error.filename} can't be read: {error.strerror}") from error


class _Scope:
    """Where a call goes."""

    def __init__(self, region: str, account: str, endpoint: str, default_tags: Mapping[str, str]) -> None:
        self.region, self.account, self.default_tags = region, account, default_tags
        self.environment = {
            "region": region,
            "account": account,
            "endpoint": endpoint,
            "host": endpoint.partition("://")[2],
        }


def _matches(path: str, value: Any) -> bool:
    """Whether a value is what `path=value` or `path~part` asks for."""
    if "~" in path:
        return path.partition("~")[2] in str(value)
    wanted = path.partition("=")[2]
    return not wanted or wanted == str(value)


def _no_bytes(_: wire.Asset | wire.Archive) -> bytes:
    """A preview builds nothing."""
    return b"?"


def _tags(setting: Any) -> dict[str, str]:
    """The provider's default tags: settings that are no strings travel as JSON."""
    if not setting:
        return {}
    loaded = json.loads(setting) if isinstance(setting, str) else setting
    tags: dict[str, str] = loaded.get("tags") or {}
    return tags


def _below(path: str, answer: Any) -> Any:
    return answer if path == "@" else evaluate(path, answer)


def _shape_below(shape: Any, path: str) -> Any:
    """The shape that a result path leads to; `A.B` and `A[0]` are all that rows use."""
    for part in [] if path == "@" else path.split("."):
        shape = shape.members[part.partition("[")[0]] if shape is not None else None
        if "[" in part and shape is not None:
            shape = shape.member
    return shape


def _identity(row: Row, environment: Mapping[str, Any]) -> str:
    identity = evaluate(row.id, environment)
    if identity is None:
        raise ProgramError(
            f"{row.create} answered nothing that {row.id!r} finds; correct `id` of {place_of(row.type)}"
        )
    return str(identity)


def _answered(row: Row, shape: Any, answer: Any) -> dict[str, Any]:
    """The outputs that the answer has under their own or the inputs' names."""
    if shape is None or not isinstance(answer, Mapping):
        return {}
    found: dict[str, Any] = {}
    for name in output_names(row.type) - {"id", "urn"}:
        member = coerce.find(tuple(shape.members), row.rename.get(name, name))
        if member is not None and answer.get(member) is not None:
            value = coerce.from_answer(shape.members[member], answer[member], row.rename, name)
            found[name] = fit(property_types(row.type)[name], value)
    return {name: value for name, value in found.items() if value is not None}


def _promised(
    type_: str, outputs: dict[str, Any], given: set[str], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """The outputs that the SDK knows, as it types them.

    Raises:
        ProgramError: one that it promises is missing; a program would silently get None.
    """
    row, types = row_of(type_), property_types(type_)
    wanted = {name: value for name, value in outputs.items() if name in types and value is not None}
    chosen = {
        name: fit(types[name], value)
        for name, value in {**inputs, **wanted}.items()
        if name in types and (name not in given or name in row.outputs)
    }
    chosen = {name: value for name, value in chosen.items() if value is not None}
    missing = sorted(set(output_types(type_)) - set(chosen) - given)
    if missing:
        raise ProgramError(
            f"nothing gives the output {', '.join(map(repr, missing))}, which pulumi_aws promises; "
            f"add it to `outputs` or `defaults` of {place_of(type_)}"
        )
    return chosen
