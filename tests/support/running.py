"""Runs programs on the embedded engine with the real AWS provider."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import botocore.session

from backplane.local import wire
from backplane.local.engine import Engine
from backplane.local.program import Deployment, run
from backplane.local.provider import ACCOUNT, AwsProvider

REGION = "eu-west-1"


class Runner:
    """Runs programs in a folder: against an emulator, or as previews without one."""

    def __init__(self, folder: Path, endpoint: str | None) -> None:
        self.folder, self.endpoint = folder, endpoint
        self.config = {"aws:region": REGION}

    def __call__(self, program: Callable[[], Any], config: Mapping[str, str] | None = None) -> Outcome:
        config = {**self.config, **(config or {})}
        provider = AwsProvider(self.folder, endpoint=self.endpoint, config=config)
        preview = self.endpoint is None
        engine = Engine("shop", "test", provider, preview=preview)
        run(program, Deployment("shop", "test", self.folder, self.folder, config), engine, preview=preview)
        return Outcome(engine, provider)

    def client(self, service: str, region: str = REGION, account: str = ACCOUNT) -> Any:
        """A client of the emulator, to look at what a program left."""
        return _client(service, self.endpoint, region, account)


class Outcome:
    """What a program left."""

    def __init__(self, engine: Engine, provider: AwsProvider) -> None:
        self.engine, self.provider = engine, provider
        self.outputs = wire.plain(engine.outputs)
        self.resources = [resource for resource in engine.resources.values() if resource.custom]

    def physical_id(self, type_: str, name: str) -> str:
        (found,) = (one.id for one in self.resources if (one.type, one.name) == (type_, name))
        return found


@functools.cache
def _client(service: str, endpoint: str, region: str, account: str) -> Any:
    return botocore.session.Session().create_client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=account,
        aws_secret_access_key="test",
    )
