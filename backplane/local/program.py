"""Runs a Pulumi program, unchanged, against the embedded engine."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import logging
import os
import runpy
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import settings, stack

from backplane.local.engine import Engine, ProgramError

_WORKERS = 32
_ORGANIZATION = "organization"  # what a state in a local file calls its organisation


@dataclass(frozen=True)
class Deployment:
    """Which stack runs: what Pulumi.yaml and Pulumi.<stack>.yaml say."""

    project: str
    stack: str
    root: Path
    """The folder of Pulumi.yaml."""
    folder: Path
    """The folder that the program runs in: `main` of Pulumi.yaml."""
    config: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    """Keys of `config` whose values are secret."""


def run_folder(deployment: Deployment, engine: Engine, *, preview: bool) -> None:
    """Run the program in the deployment's folder, as `pulumi up` and `pulumi preview` do."""

    def program() -> None:
        runpy.run_path(str(deployment.folder), run_name="__main__")

    run(program, deployment, engine, preview=preview)


def run(program: Callable[[], Any], deployment: Deployment, engine: Engine, *, preview: bool) -> None:
    """Run a program to its end.

    Raises:
        ProgramError: the program or one of its resources failed; the first cause, not what followed from it.
    """
    failure: list[BaseException] = []
    context = contextvars.copy_context()

    def work() -> None:
        try:
            context.run(_run, program, deployment, engine, preview)
        except BaseException as error:  # noqa: BLE001 - it is raised again below, in the caller's thread
            failure.append(error)

    # A thread of its own: the SDK wants an event loop that nobody else runs, and leaves its own behind.
    thread = threading.Thread(target=work, name="pulumi-program")
    before = Path.cwd()
    os.chdir(deployment.folder)
    try:
        with _without_collection():
            thread.start()
            thread.join()
    finally:
        os.chdir(before)
    if engine.failures:
        raise ProgramError(engine.failures[0]) from (failure[0] if failure else None)
    if failure:
        raise failure[0]


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """No garbage collection, for as long as a program runs.

    Nearly all that the SDK makes stays; to look through it again and again takes as long as the program.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _run(program: Callable[[], Any], deployment: Deployment, engine: Engine, preview: bool) -> None:  # noqa: FBT001
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_default_executor(ThreadPoolExecutor(_WORKERS, "pulumi-rpc"))
    # The SDK leaves tasks behind when a program fails; their tracebacks repeat what is reported already.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    settings.ROOT.set(None)
    settings.configure(
        settings.Settings(
            project=deployment.project,
            stack=deployment.stack,
            monitor=engine,
            engine=engine,
            dry_run=preview,
            organization=_ORGANIZATION,
            root_directory=str(deployment.root),
        )
    )
    pulumi.runtime.set_all_config(dict(deployment.config), list(deployment.secrets))
    try:
        loop.run_until_complete(stack.run_in_stack(program))
    finally:
        _close(loop)


def _close(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    asyncio.set_event_loop(None)
