"""The AWS emulator, ministack, as a process of our own.

A process and not a thread of this one: Lambda workers inherit the server's environment, so it has to be a
clean one; the Pulumi program would share the interpreter lock with the server that it waits for; and a
process can be killed at once, where ministack's orderly end takes seconds. It costs 0.1 seconds more.

No state is kept: everything lies in one temporary folder, which goes with the process.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
DEFAULT_PORT = 4566
REGION = "us-east-1"
_SUPERVISOR = Path(__file__).with_name("_supervisor.py")
_READY_SECONDS = 30.0
_STOP_SECONDS = 10.0
_LAST_LINES = 15


class EmulatorError(Exception):
    """The emulator did not start or did not stay; the message says what to do."""


class Emulator:
    """One emulator with IAM enforced, for as long as the `with` block or until `stop()`.

    Args:
        port: where it listens on 127.0.0.1; 0 is any free port.
        region: the region of requests that name none.
        environment: further variables of the server, such as `CLOUDTRAIL_RECORDING`.
    """

    def __init__(
        self, port: int = 0, *, region: str = REGION, environment: Mapping[str, str] | None = None
    ) -> None:
        self.port = port
        self.pid = 0
        """The server's process; 0 before `start`."""
        self.folder = Path()
        """All that it writes, until it stops."""
        self._region = region
        self._environment = dict(environment or {})
        self._supervisor: subprocess.Popen[str] | None = None
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._reader: threading.Thread | None = None

    @property
    def endpoint(self) -> str:
        """Its address, without a trailing slash."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        try:
            self.ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process and come back at once; requests wait until it serves.

        Raises:
            EmulatorError: the port is taken or not ours to open.
        """
        with _listen(self.port) as listener:
            self.port = listener.getsockname()[1]
            self.folder = Path(tempfile.mkdtemp(prefix="backplane-"))
            try:
                self._supervisor = self._spawn(listener.fileno())
            except BaseException:
                shutil.rmtree(self.folder, ignore_errors=True)
                raise
        self._reader = threading.Thread(target=self._read, name="emulator-log", daemon=True)
        self._reader.start()
        assert self._supervisor.stdout is not None  # noqa: S101 - a pipe, as asked for
        self.pid = int(self._supervisor.stdout.readline() or 0)

    def ready(self, seconds: float = _READY_SECONDS) -> None:
        """Wait until it answers.

        Raises:
            EmulatorError: it ended, or did not answer in time; with its last lines.
        """
        connection = http.client.HTTPConnection(HOST, self.port, timeout=seconds)
        try:
            connection.request("GET", "/_ministack/health")
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            late = self._say(f"did not answer in {seconds:g} s: {error}")
            raise EmulatorError(self._ended() or late) from None
        finally:
            connection.close()
        if status != http.client.OK:
            raise EmulatorError(self._say(f"answered its health check with {status}"))

    def failure(self) -> str | None:
        """Why it no longer runs, in words for a person; None while it does."""
        if self._supervisor is None or self._supervisor.poll() is None:
            return None
        return self._ended()

    def wait(self) -> None:
        """Come back when it ends, of itself or by `stop()`."""
        if (supervisor := self._supervisor) is not None:
            supervisor.wait()

    def stop(self) -> None:
        """Kill it with all that it started, and remove its folder. Harmless when it is done already."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is None:
            return
        for pipe in (supervisor.stdin, supervisor.stdout):
            if pipe is not None:
                pipe.close()
        try:
            supervisor.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            supervisor.kill()
            supervisor.wait()
        if supervisor.returncode < 0:  # somebody killed the supervisor, which did not clean up then
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        if self._reader is not None:
            self._reader.join()
        if supervisor.stderr is not None:
            supervisor.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _spawn(self, listener: int) -> subprocess.Popen[str]:
        server = [sys.executable, "-m", "hypercorn", "--workers", "0", "--bind", f"fd://{listener}"]
        server += ["--keep-alive", "75", "--log-level", "WARNING", "backplane.local._app:app"]
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SUPERVISOR), str(self.folder), str(listener), *server],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            cwd=self.folder,
            env=self._variables(),
            pass_fds=[listener],
            start_new_session=True,  # Ctrl-C goes to the terminal's foreground group, which this is not in
        )

    def _variables(self) -> dict[str, str]:
        """A clean environment: Lambda workers inherit it, and the host's AWS settings must not reach them."""
        names = ("HOME", "TMPDIR", "STATE_DIR", "S3_DATA_DIR")
        places = {name: str(self.folder / name.lower()) for name in names}
        for place in places.values():
            Path(place).mkdir()
        return {
            **places,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "LANG": "C.UTF-8",
            "PYTHONNOUSERSITE": "1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": self._region,
            "AUTH": "true",
            "LAMBDA_EXECUTOR": "local",
            "LOG_LEVEL": "WARNING",
            # This machine's Node.js runs the handlers, and may be older than Lambda's: no news to a log.
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": f"unix://{self.folder}/none",  # the same with Docker as without
            **self._environment,
        }

    def _read(self) -> None:
        assert self._supervisor is not None  # noqa: S101 - started by start()
        assert self._supervisor.stderr is not None  # noqa: S101 - a pipe, as asked for
        for line in self._supervisor.stderr:
            self._lines.append(line.rstrip())

    def _ended(self) -> str | None:
        if self._supervisor is None:
            return "the emulator is not running"
        try:
            status = self._supervisor.wait(1)
        except subprocess.TimeoutExpired:
            return None
        if self._reader is not None:
            self._reader.join(1)
        number = status - 128 if status > 128 else -status  # noqa: PLR2004 - the shell's convention
        if number > 0:
            return self._say(f"was killed by {signal.Signals(number).name}")
        return self._say(f"ended with status {status}")

    def _say(self, what: str) -> str:
        return "\n".join([f"the emulator (ministack, port {self.port}) {what}", *self._lines])


def _listen(port: int) -> socket.socket:
    """A listening socket of this port; connections queue until the server takes them over."""
    try:
        if port:  # macOS lets 127.0.0.1 be bound where somebody listens on every address
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    raise EmulatorError(_taken(port))
        return socket.create_server((HOST, port), backlog=512)
    except OverflowError:
        raise EmulatorError(f"port {port} is not one of 0-65535") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise EmulatorError(_taken(port)) from None
        reason = f"port {port} can't be opened: {error.strerror}"
        raise EmulatorError(f"{reason}; take any free port with PORT=0 (--port 0)") from None


def _taken(port: int) -> str:
    return f"port {port} is taken{_holder(port)}; stop that, or take any free port with PORT=0 (--port 0)"


def _holder(port: int) -> str:
    import psutil

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                if connection.pid is None:
                    return " by another user's process"
                return f" by process {connection.pid} ({psutil.Process(connection.pid).name()})"
    except psutil.Error:  # macOS shows other processes' sockets to root alone
        pass
    return ""
