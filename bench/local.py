"""The backend on this machine: from nothing to the first answer, requests a second, memory."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import psutil
from botocore.config import Config

from backplane.local.emulator import Emulator
from backplane.token import access_token
from bench.processes import ROOT, BenchError, environment
from bench.rows import Row

FIRST_BUDGET_S, FIRST_STRETCH_S = 6.0, 2.0
REQUESTS_BUDGET = 8.0
_BACKEND = "site-communications"
_SECONDS = 2.0
_CONNECTIONS = 16
_MOST_STARTS = 5
_REGION = "eu-west-1"
_HANDLER = 'def handler(event, context):\n    {}return {{"statusCode": 200, "body": "{{}}"}}\n'


@dataclass(frozen=True)
class Started:
    """One run of `backplane up`, when it had answered its first request."""

    seconds: float
    """From the command's start to the first 200."""
    line: Mapping[str, Any]
    """What it said."""
    url: str
    headers: Mapping[str, str]
    process: psutil.Process

    def memory(self) -> dict[str, float]:
        """Resident MiB: of the command, of the emulator, and of the Lambda workers."""
        found: Counter[str] = Counter({"command": self.process.memory_info().rss})
        for child in self.process.children(recursive=True):
            words = " ".join(child.cmdline())
            found["emulator" if "hypercorn" in words or "_supervisor" in words else "workers"] += (
                child.memory_info().rss
            )
        return {name: size / 2**20 for name, size in found.items()}


def rows(repeat: int) -> Iterator[Row]:
    """Starts, then load on the last of them."""
    starts: list[Started] = []
    with _up():  # counts for nothing: it builds layers that aren't there, and warms caches
        pass
    for _ in range(min(repeat, _MOST_STARTS) - 1):
        with _up() as started:
            starts.append(started)
    with _up() as last:
        starts.append(last)
        yield from _first(starts)
        yield from _requests(last, repeat)
        memory = last.memory()
        yield Row(
            "memory",
            f"{_BACKEND} on this machine, after the load",
            sum(memory.values()),
            "MiB",
            note=", ".join(f"{name} {size:.0f}" for name, size in memory.items()),
        )


def _first(starts: Sequence[Started]) -> Iterator[Row]:
    seconds = statistics.median(start.seconds for start in starts)
    parts = {
        name: statistics.median(start.line["seconds"][name] for start in starts)
        for name in starts[0].line["seconds"]
    }
    rest = seconds - parts["total"]
    said = ", ".join(f"{name} {value:.2f}" for name, value in parts.items() if name != "total")
    yield Row(
        "first answer",
        f"`backplane up {_BACKEND}` to the first 200 of GET /messages",
        seconds,
        "s",
        FIRST_BUDGET_S,
        FIRST_STRETCH_S,
        note=f"{starts[0].line['resources']} resources; {said}; "
        f"interpreter, sign-up, sign-in and the request {rest:.2f}",
    )


@contextlib.contextmanager
def _up() -> Iterator[Started]:
    """The real command, until the end of the block."""
    command = [str(Path(sys.executable).with_name("backplane")), "up", _BACKEND, "--port", "0", "--json"]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, tempfile.TemporaryFile("w+") as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(TMPDIR=folder),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdout is not None
        with process.stdout:
            try:
                line = process.stdout.readline()
                if not line:
                    errors.seek(0)
                    raise BenchError(f"backplane up failed:\n{errors.read()[-2000:]}")
                yield _answered(json.loads(line), begun, psutil.Process(process.pid))
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(30)


def _answered(line: Mapping[str, Any], begun: float, process: psutil.Process) -> Started:
    port = urlsplit(line["endpoint"]).port or 0
    token = access_token(port=port, region=line["region"], user="bench@example.com", groups=[])
    url, headers = f"{line['outputs']['apiUrl']}/messages", {"authorization": f"Bearer {token}"}
    connection, path = _connection(url)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
    if answer.status != http.client.OK:
        raise BenchError(f"GET /messages answered {answer.status}: {text[:200]!r}")
    return Started(time.perf_counter() - begun, line, url, headers, process)


def _requests(backend: Started, repeat: int) -> Iterator[Row]:
    """The backend in turn with ministack alone and a trivial handler, silent or with a line."""
    targets: dict[str, tuple[str, Mapping[str, str]]] = {"ours": (backend.url, backend.headers)}
    refused = backend.url.replace("/messages", "/users/somebody-else")
    targets["ours, no store"] = (refused, backend.headers)
    with Emulator(region=_REGION) as emulator:
        targets["silent"] = (_trivial(emulator, "silent", ""), {})
        targets["line"] = (_trivial(emulator, "line", 'print("done"); '), {})
        for connections in (1, _CONNECTIONS):
            rates: dict[str, list[float]] = {name: [] for name in targets}
            for _ in range(min(repeat, 3)):
                for name, (url, headers) in targets.items():
                    rates[name].append(_rate(url, headers, connections))
            yield from _rate_rows(
                {name: statistics.median(found) for name, found in rates.items()}, connections
            )


def _rate_rows(rates: Mapping[str, float], connections: int) -> Iterator[Row]:
    several = "1 connection" if connections == 1 else f"{connections} connections"
    yield Row(
        "requests",
        f"GET /messages with its query, {several}, against ministack's silent handler",
        rates["ours"] / rates["silent"],
        "x",
        REQUESTS_BUDGET if connections == 1 else None,
        higher_is_better=True,
        note=f"a second: {rates['ours']:.0f} against {rates['silent']:.0f}; "
        f"ministack's trivial handler that prints a line: {rates['line']:.0f}, since ministack waits another "
        "5 ms for more lines",
    )
    yield Row(
        "requests",
        f"a request that its handler refuses before the store, {several}",
        rates["ours, no store"] / rates["silent"],
        "x",
        REQUESTS_BUDGET if connections == 1 else None,
        higher_is_better=True,
        note=f"a second: {rates['ours, no store']:.0f}",
    )


def _rate(url: str, headers: Mapping[str, str], connections: int) -> float:
    """Requests a second over connections that are kept alive."""
    done = [0] * connections
    _load(url, headers, [0] * connections, time.perf_counter() + _SECONDS / 4)  # workers start
    begun = time.perf_counter()
    _load(url, headers, done, begun + _SECONDS)
    return sum(done) / (time.perf_counter() - begun)


def _load(url: str, headers: Mapping[str, str], done: list[int], until: float) -> None:
    failures: list[Exception] = []

    def one(number: int) -> None:
        connection, path = _connection(url)
        with contextlib.closing(connection):
            try:
                while time.perf_counter() < until:
                    connection.request("GET", path, headers=dict(headers))
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status >= http.client.INTERNAL_SERVER_ERROR:
                        failures.append(BenchError(f"{url} answered {answer.status}"))
                        return
                    done[number] += 1
            except (OSError, http.client.HTTPException) as error:
                failures.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(done))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise BenchError(f"{url}: {failures[0]!r}") from failures[0]


def _connection(url: str) -> tuple[http.client.HTTPConnection, str]:
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30), parts.path


def _trivial(emulator: Emulator, name: str, statement: str) -> str:
    """A function that does nothing behind an HTTP API of the emulator; its address."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=emulator.endpoint,
            region_name=_REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator's own
            config=Config(proxies={}),
        )

    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", _HANDLER.format(statement))
    function = client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="main.handler",
        Code={"ZipFile": code.getvalue()},
    )["FunctionArn"]
    gateway = client("apigatewayv2")
    api = gateway.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
    )["IntegrationId"]
    gateway.create_route(ApiId=api, RouteKey="GET /trivial", Target=f"integrations/{integration}")
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return f"{emulator.endpoint}/_aws/execute-api/{api}/$default/trivial"
