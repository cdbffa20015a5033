from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.local import wire

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda number: not number.is_integer()
)
assets = st.builds(wire.Asset, path=texts) | st.builds(wire.Asset, text=texts)
archives = st.builds(wire.Archive, path=texts) | st.builds(
    wire.Archive, assets=st.dictionaries(texts, assets, max_size=3)
)
leaves = texts | numbers | st.booleans() | st.just(wire.UNKNOWN) | assets | archives
leaves |= st.builds(wire.Reference, urn=texts, id=texts)


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4) | inner.map(wire.Secret)


values = st.recursive(leaves, _containers, max_leaves=20)


@given(st.dictionaries(texts, values, max_size=5))
def test_values_survive_the_wire(fields: dict[str, Any]) -> None:
    assert wire.load(wire.dump(fields)) == fields


@given(values)
def test_what_holds_a_secret_or_an_unknown_is_one(value: Any) -> None:
    assert wire.is_secret([{"deep": wire.Secret(value)}])
    assert wire.is_unknown({"deep": [value, wire.UNKNOWN]})
    assert not wire.is_secret(wire.plain(value))


@given(texts)
def test_a_secret_does_not_show_itself(text: str) -> None:
    assert repr(wire.Secret(f"hunter2 {text}")) == "Secret(...)"


def test_entries_without_a_value_are_left_out() -> None:
    assert wire.load(wire.dump({"here": 1, "gone": None})) == {"here": 1}


def test_whole_numbers_are_integers() -> None:
    (number,) = wire.load(wire.dump({"number": 3.0})).values()

    assert isinstance(number, int)


def test_a_kind_of_value_that_this_engine_does_not_know_is_refused() -> None:
    strange = wire.dump({"value": {wire._SIGNATURE: "0" * 32}})

    with pytest.raises(ValueError, match="older than the SDK"):
        wire.load(strange)
