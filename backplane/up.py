"""`backplane up`: a backend on this machine, from nothing to reachable, until it is told to stop."""

from __future__ import annotations

import contextlib
import queue
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

from backplane import project as projects
from backplane.errors import ProgramFailed
from backplane.local.emulator import Emulator, EmulatorError
from backplane.progress import Progress, Result

if TYPE_CHECKING:
    from backplane.local.engine import Engine
    from backplane.local.provider import AwsProvider

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    overrides: Mapping[str, str]
    """Configuration that comes before the file's."""
    given: Mapping[str, str]
    """For each key of `overrides`, the option that set it."""
    arguments: tuple[str, ...]
    """What names this stack on the command line."""
    environment: str
    port: int
    as_json: bool
    watch: bool


@dataclass(frozen=True)
class Running:
    """A backend that serves."""

    project: projects.Project
    emulator: Emulator
    engine: Engine
    provider: AwsProvider


class Stopped(BaseException):
    """A signal arrived before the backend was reachable."""


class Again(Exception):  # noqa: N818 - not an error: the way back to the command line
    """The program changed: start afresh, on the same port."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.port = port


class Endings:
    """Why serving ends, whoever says so first: a signal, the emulator, or a changed program."""

    def __init__(self) -> None:
        self._reasons: queue.SimpleQueue[str] = queue.SimpleQueue()  # put() is safe in a signal handler
        self._serving = False
        self._signalled = False

    def signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - what handlers get
        """Handle a signal: the first one counts, so that a second can't interrupt the clearing away."""
        if self._signalled:
            return
        self._signalled = True
        if not self._serving:
            raise Stopped
        self._reasons.put("signal")

    def say(self, reason: str) -> None:
        """End serving."""
        self._reasons.put(reason)

    def serving(self) -> None:
        """From now on a signal is the proper end, not an interruption."""
        self._serving = True

    def wait(self) -> str:
        """The reason, once there is one."""
        return self._reasons.get()

    @contextlib.contextmanager
    def handling(self) -> Iterator[None]:
        """Take the signals of this process."""
        before = {number: signal.signal(number, self.signal) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def up(options: Options, progress: Progress, result: Result) -> None:
    """Start, report and serve until a signal.

    Raises:
        ConfigurationError: the configuration can't run.
        EmulatorError: it did not start or did not stay.
        ProgramFailed: the program or a resource failed.
        Again: the program changed.
    """
    project = projects.load(projects.find_root(), options.environment, options.overrides)
    endings = Endings()
    with endings.handling(), contextlib.ExitStack() as stack:
        emulator = Emulator(options.port, region=project.region)
        stack.callback(emulator.stop)
        running = _start(project, options, emulator, progress)
        threading.Thread(target=_mind, args=(emulator, endings), daemon=True).start()
        if options.watch:
            from backplane.watch import Watcher

            watcher = Watcher(running, options.arguments, progress, lambda: endings.say("again"))
            watcher.start()
        endings.serving()
        _report(running, options, progress, result)
        reason = endings.wait()
        if reason == "emulator":
            raise EmulatorError(emulator.failure() or "the emulator ended")
        if reason == "again":
            raise Again(emulator.port)


def _start(project: projects.Project, options: Options, emulator: Emulator, progress: Progress) -> Running:
    """The emulator starts while this process imports Pulumi and checks the configuration."""
    taken: EmulatorError | None = None
    with progress.step("emulator", "Starting the emulator"):
        try:
            emulator.start()
        except EmulatorError as error:
            taken = error
        projects.check(project, options.given)
        if taken is not None:
            raise taken
        from backplane.evaluate import evaluate
        from backplane.local.engine import Engine
        from backplane.local.provider import AwsProvider

        emulator.ready()
    deployment = project.deployment()
    provider = AwsProvider(deployment.folder, endpoint=emulator.endpoint, config=deployment.config)
    engine = Engine(deployment.project, deployment.stack, provider, preview=False, on_event=progress.event)
    with progress.step("program", "Running the program"):
        evaluate(deployment, engine, preview=False)
        _check_runtimes(engine)
    progress.seconds["total"] = round(progress.total(), 3)
    return Running(project, emulator, engine, provider)


def _check_runtimes(engine: Engine) -> None:
    """Refuse to serve functions that nothing here can run: a bundle may come out of a cache."""
    runtimes = {str(resource.inputs.get("runtime", "")) for resource in engine.resources.values()}
    if any(runtime.startswith("nodejs") for runtime in runtimes) and shutil.which("node") is None:
        raise ProgramFailed(
            "functions in TypeScript run on this machine's Node.js, and there is none; install version 20 or "
            "newer (nodejs.org, apt install nodejs npm, brew install node)"
        )


def _report(running: Running, options: Options, progress: Progress, result: Result) -> None:
    from backplane import report

    for severity, message in running.engine.messages:
        progress.say(f"{severity}: {message}")
    describe = report.as_json if options.as_json else report.as_text
    result.write(describe(running, progress.seconds, watching=options.watch))


def _mind(emulator: Emulator, endings: Endings) -> None:
    emulator.wait()
    endings.say("emulator")
