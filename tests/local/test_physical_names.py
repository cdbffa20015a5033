from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.local.engine import ProgramError
from backplane.local.provider.names import physical_name
from backplane.local.provider.table import Naming


@given(st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True), st.integers(48, 300))
def test_a_name_is_the_logical_one_and_seven_hex_digits(name: str, limit: int) -> None:
    made = physical_name(Naming(limit=limit), name, {})

    head, _, digits = made.rpartition("-")
    assert head == name
    assert len(digits) == 7
    assert set(digits) <= set("0123456789abcdef")


def test_two_names_differ() -> None:
    assert len({physical_name(Naming(), "jobs", {}) for _ in range(50)}) == 50


def test_the_programs_own_name_is_kept() -> None:
    assert physical_name(Naming(limit=3), "jobs", {"name": "my-jobs"}) == "my-jobs"


def test_a_prefix_is_followed_by_26_digits() -> None:
    naming = Naming(prefix_input="namePrefix")

    first, second = (physical_name(naming, "jobs", {"namePrefix": "p-"}) for _ in range(2))

    assert len(first) == 28
    assert first < second


def test_fifo_resources_end_in_fifo() -> None:
    naming = Naming(fifo="fifoQueue", limit=80)

    assert physical_name(naming, "jobs", {"fifoQueue": True}).endswith(".fifo")
    assert not physical_name(naming, "jobs", {"fifoQueue": False}).endswith(".fifo")


def test_a_key_alias_begins_with_alias_and_a_bucket_has_no_capitals() -> None:
    assert physical_name(Naming(before="alias/"), "key", {}).startswith("alias/key-")
    assert physical_name(Naming(lower=True), "Assets", {}).startswith("assets-")


def test_a_name_that_aws_would_cut_is_refused_with_the_length_that_fits() -> None:
    with pytest.raises(ProgramError, match="a name of at most 56 characters, or set 'name'"):
        physical_name(Naming(limit=64), "x" * 57, {})
