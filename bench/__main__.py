"""`python -m bench`: a table, and JSON if it is asked for."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import cold, local, program, warm
from bench.processes import BenchError
from bench.rows import Row

BENCHES: Mapping[str, Callable[[int], Iterator[Row]]] = {
    "program": program.rows,
    "cold": cold.rows,
    "warm": warm.rows,
    "local": local.rows,
}
_COLOURS = {"stretch met": "green", "met": "green", "missed": "red", "information": "dim"}


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and leave with 0: a missed budget is a finding, not a failure."""
    options = _options(arguments)
    errors = Console(stderr=True)
    rows: list[Row] = []
    try:
        for name in options.names or BENCHES:
            for row in BENCHES[name](options.repeat):
                rows.append(row)
                errors.print(f"[dim]{name}: {row.what}: {_value(row)}[/dim]", highlight=False)
    except BenchError as error:
        errors.print(str(error), markup=False)
        return 1
    Console(width=None if sys.stdout.isatty() else 200).print(_table(rows))
    if options.json:
        report = {"machine": _machine(), "repeat": options.repeat, "rows": [row.as_json() for row in rows]}
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHES)}; all without one"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to a file too")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="rounds that count, 5 without it")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(BENCHES))
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; known: {', '.join(BENCHES)}")
    if options.repeat < 1:
        parser.error("--repeat takes 1 or more")
    return options


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title="Against the budgets; only ratios carry over to another machine", show_lines=True)
    for heading in ("", "what", "measured", "by processor time", "budget", "stretch", "verdict", "how"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        limits = [_limit(row, limit) for limit in (row.budget, row.stretch)]
        by_cpu = f"{row.cpu:.2f}x" if row.cpu is not None else ""
        verdict = f"[{_COLOURS[row.verdict]}]{row.verdict}[/]"
        table.add_row(row.group, row.what, _value(row), by_cpu, *limits, verdict, row.note)
    return table


def _value(row: Row) -> str:
    return f"{row.value:.2f}x" if row.unit == "x" else f"{row.value:.3g} {row.unit}"


def _limit(row: Row, limit: float | None) -> str:
    return "" if limit is None else f"{limit:g}{'x' if row.unit == 'x' else f' {row.unit}'}"


def _machine() -> dict[str, object]:
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
