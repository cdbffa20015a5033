"""Cold starts: each handler's import and first request, against a bare boto3 handler's; and package sizes.

A function's packages hold source only (docs/adr/0002), and Lambda can't write bytecode beside it: what ships
is compiled with every cold start. So each handler is measured as shipped and with bytecode.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.events import CLIENT, ISSUER, REGION, Keys, event
from bench.packages import Package, build, runtime, size_mb
from bench.processes import BenchError, in_turn
from bench.rows import Row
from bench.stub import serving

BUDGET, STRETCH = 1.1, 0.75
SIZE_BUDGET_MB, SIZE_STRETCH_MB = 0.5, 0.3
_CHILD = Path(__file__).with_name("_cold.py")
_BARE = Path(__file__).with_name("_bare.py")
_BARE_EVENT = "handlers.users.get.handler"


def rows(repeat: int) -> Iterator[Row]:
    """A row for each handler, and the sizes."""
    keys = Keys()
    with tempfile.TemporaryDirectory(prefix="bench-") as name, serving(keys.published()) as endpoint:
        folder = Path(name)
        shipped = build(folder)
        sandbox = _Sandbox(folder, keys.token(), _variables(shipped, endpoint))
        for package in shipped:
            yield sandbox.row(package, "handler", package.handler.split(".", 1)[1], repeat)
        for package in shipped:
            if package.handler == "handlers.messages.send.handler":
                yield sandbox.row(package, "send", "against a bare handler of the same calls", repeat)
        yield from _sizes(shipped)


class _Sandbox:
    """Where handlers start cold."""

    def __init__(self, folder: Path, token: str, variables: Mapping[str, str]) -> None:
        self._folder, self._token, self._variables = folder, token, variables
        self._boto3, self._bare = runtime(folder), folder / "bare"
        self._bare.mkdir()
        shutil.copy(_BARE, self._bare / "bare.py")

    def row(self, package: Package, bare: str, what: str, repeat: int) -> Row:
        """One handler, as shipped and with bytecode, against a bare one."""
        compiled = package.with_bytecode()
        costs = in_turn(
            {
                "bare": self._command(f"bare.{bare}", _BARE_EVENT, self._bare),
                "shipped": self._command(package.handler, package.handler, package.code, *package.layers),
                "compiled": self._command(package.handler, package.handler, compiled.code, *compiled.layers),
            },
            repeat,
            variables=self._variables,
            folder=self._folder,
        )
        if not all(answer["good"] for cost in costs.values() for answer in cost.answers):
            raise BenchError(f"{package.name} refused its request")
        wall = {title: cost.median("wall") for title, cost in costs.items()}
        cpu = {title: cost.median("cpu") for title, cost in costs.items()}
        return Row(
            "cold start",
            f"{package.name} ({what.removesuffix('.handler')})",
            wall["shipped"] / wall["bare"],
            "x",
            BUDGET,
            STRETCH,
            cpu=cpu["shipped"] / cpu["bare"],
            note=f"{wall['shipped'] * 1000:.0f} ms against {wall['bare'] * 1000:.0f} ms; with .pyc "
            f"{wall['compiled'] / wall['bare']:.2f}x, by processor {cpu['compiled'] / cpu['bare']:.2f}x",
        )

    def _command(self, handler: str, like: str, *folders: Path) -> list[str]:
        file = self._folder / f"{like}.json"
        file.write_text(json.dumps(event(like, self._token)), encoding="utf-8")
        paths = map(str, (*folders, self._boto3))
        return [sys.executable, "-I", "-S", "-B", str(_CHILD), handler, str(file), *paths]


def _variables(packages: Sequence[Package], endpoint: str) -> dict[str, str]:
    known = {
        "USER_POOL_ISSUER": ISSUER,
        "USER_POOL_CLIENT_IDS": CLIENT,
        "REALTIME_ENDPOINT": f"{endpoint}/live",
        "NOTIFICATIONS_TOPIC_ARN": f"arn:aws:sns:{REGION}:123456789012:notifications",
    }
    names = {name for package in packages for name in package.variables}
    return {
        **{name: known.get(name, name.lower()) for name in names},
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def _sizes(shipped: Sequence[Package]) -> Iterator[Row]:
    """The largest code, and for each set of layers the largest code with them."""
    alike: dict[tuple[Path, ...], list[Package]] = {}
    for package in shipped:
        alike.setdefault(package.layers, []).append(package)
    largest = max(shipped, key=lambda package: size_mb([package.code]))
    yield _size("package", f"code alone, largest: {largest.name}", largest, [])
    for layers, packages in alike.items():
        if layers:
            package = max(packages, key=lambda package: size_mb([package.code]))
            others = f" and {len(packages) - 1} more" if len(packages) > 1 else ""
            yield _size("package", f"code and layer, {package.name}{others}", package, layers)


def _size(group: str, what: str, package: Package, layers: Sequence[Path]) -> Row:
    compiled = package.with_bytecode()
    held = sorted(
        ((size_mb([path]), path.name) for layer in layers for path in layer.iterdir() if path.is_dir()),
        reverse=True,
    )
    parts = ", ".join(f"{name} {size:.2f}" for size, name in held[:3])
    return Row(
        group,
        f"{what}, with .pyc",
        size_mb([compiled.code, *(compiled.layers if layers else ())]),
        "MB",
        SIZE_BUDGET_MB,
        SIZE_STRETCH_MB,
        note=f"as shipped {size_mb([package.code, *layers]):.2f} MB{f': {parts}' if parts else ''}",
    )
