import base64
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handlers.shared import clock, cursors
from handlers.shared.attributes import from_item, size, to_item
from handlers.shared.environment import required
from handlers.shared.problems import Problem

IDS = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._:-]{0,40}\Z")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
POSITIONS = st.builds(cursors.Position, MOMENTS.map(clock.timestamp), IDS)
KINDS = st.sampled_from(["message", "notification"])


@given(kind=KINDS, user=IDS, position=POSITIONS)
def test_a_cursor_comes_back_as_the_position_that_it_was_made_of(
    kind: str, user: str, position: cursors.Position
) -> None:
    cursor = cursors.write(kind, user, position)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor)
    assert cursors.read(kind, user, cursor) == position


def test_a_cursor_does_not_tell_whose_it_is() -> None:
    cursor = cursors.write("message", "ada-lovelace", cursors.Position("2026-11-20T13:00:00.123Z", "m1"))
    assert b"ada-lovelace" not in base64.urlsafe_b64decode(cursor + "==")


@given(kind=KINDS, user=IDS, other=IDS, position=POSITIONS)
def test_a_cursor_is_good_for_its_user_and_its_list_alone(
    kind: str, user: str, other: str, position: cursors.Position
) -> None:
    assume(user != other)
    cursor = cursors.write(kind, user, position)
    with pytest.raises(Problem, match="Invalid request"):
        cursors.read(kind, other, cursor)
    with pytest.raises(Problem, match="Invalid request"):
        cursors.read("message" if kind == "notification" else "notification", user, cursor)


@given(position=POSITIONS, at=st.integers(0), character=st.sampled_from("Aa0_-=.\n"))
def test_a_cursor_with_a_changed_character_is_refused(
    position: cursors.Position, at: int, character: str
) -> None:
    cursor = cursors.write("message", "ada", position)
    at %= len(cursor)
    changed = cursor[:at] + character + cursor[at + 1 :]
    assume(changed != cursor)
    with pytest.raises(Problem, match="Invalid request"):
        cursors.read("message", "ada", changed)


VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(values=st.dictionaries(st.text(min_size=1), VALUES, max_size=4))
def test_values_come_back_from_an_item_as_they_went_in(values: dict[str, object]) -> None:
    assert from_item(to_item(values)) == values  # type: ignore[arg-type]  # drawn from JSON's values


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ab", 1 + 2),
        ("ä", 1 + 2),
        (True, 1 + 1),
        (None, 1 + 1),
        (5, 1 + 2),
        (-123, 1 + 4),
        (Decimal("1.5"), 1 + 2),
    ],
)
def test_the_size_of_an_item_is_counted_as_dynamodb_does(value: object, expected: int) -> None:
    assert size(to_item({"a": value})) == expected  # type: ignore[dict-item]  # one of JSON's values


def test_the_size_of_nested_values_includes_their_overhead() -> None:
    assert size(to_item({"a": [True, {"k": "v"}]})) == 1 + 3 + (1 + 1) + (1 + 3 + 1 + 2)


def test_times_are_utc_with_milliseconds_that_are_cut() -> None:
    moment = datetime(2026, 11, 20, 13, 0, 0, 123_999, tzinfo=UTC)
    assert clock.timestamp(moment) == "2026-11-20T13:00:00.123Z"
    assert clock.epoch(moment) == 1_795_179_600


@given(MOMENTS, MOMENTS)
def test_times_sort_as_texts(one: datetime, other: datetime) -> None:
    earlier, later = sorted([one, other])
    assert clock.timestamp(earlier) <= clock.timestamp(later)
    assert clock.TIMESTAMP.fullmatch(clock.timestamp(one))


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("USERS_TABLE", raising=False)
    if value is not None:
        monkeypatch.setenv("USERS_TABLE", value)
    with pytest.raises(RuntimeError, match="USERS_TABLE is not set"):
        required("USERS_TABLE")
