import sys
from pathlib import Path

import pytest

from bench.processes import BenchError, in_turn
from bench.rows import Row

APPEND = """
import pathlib, sys
log = pathlib.Path("log")
text = (log.read_text() if log.exists() else "") + sys.argv[1]
log.write_text(text)
print('{"seen": %d}' % len(text))
"""


def row(value: float, *, higher_is_better: bool = False, stretch: float | None = 0.75) -> Row:
    return Row("group", "what", value, "x", 1.1, stretch, higher_is_better=higher_is_better)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0.75, "stretch met"), (0.76, "met"), (1.1, "met"), (1.11, "missed")],
)
def test_a_budget_is_met_up_to_its_limit(value: float, verdict: str) -> None:
    assert row(value).verdict == verdict


def test_where_more_is_better_a_budget_is_met_from_its_limit() -> None:
    assert row(1.1, higher_is_better=True, stretch=2).verdict == "met"
    assert row(1.0, higher_is_better=True, stretch=2).verdict == "missed"
    assert row(2.0, higher_is_better=True, stretch=2).verdict == "stretch met"


def test_a_figure_without_a_budget_is_information() -> None:
    assert Row("group", "what", 3.0, "MiB").verdict == "information"


def test_json_carries_the_verdict() -> None:
    assert row(2.0).as_json()["verdict"] == "missed"


def test_processes_run_in_turn_and_the_first_round_counts_for_nothing(tmp_path: Path) -> None:
    costs = in_turn({name: [sys.executable, "-c", APPEND, name] for name in "ab"}, 3, folder=tmp_path)
    assert (tmp_path / "log").read_text() == "abababab"
    assert [answer["seen"] for answer in costs["a"].answers] == [3, 5, 7]
    assert costs["b"].median("seen") == 6
    assert costs["a"].wall > 0


def test_a_process_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="broken ended with status 1"):
        in_turn({"broken": ["false"]}, 1, folder=tmp_path)
