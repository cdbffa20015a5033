import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.picture.text import fit, width, wrapped

ANY = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60)


@given(ANY, st.integers(20, 300))
def test_what_is_made_to_fit_fits(text: str, room: int) -> None:
    assert width(fit(text, 12, room), 12) <= room


@given(ANY)
def test_what_fits_is_left_alone(text: str) -> None:
    assert fit(text, 12, width(text, 12)) == text


def test_what_does_not_fit_keeps_both_its_ends() -> None:
    shorter = fit("/projects/{projectId}/documents/{documentId}", 12, 200)
    assert shorter == "/projects/{proj\u2026s/{documentId}"


@pytest.mark.parametrize("text", ["GET /users", "W", "{}"])
def test_bold_text_takes_more_room(text: str) -> None:
    assert width(text, 12, bold=True) > width(text, 12) > 0


def test_words_go_on_in_the_next_line_where_they_fit_no_more() -> None:
    words = ["DeleteItem", "GetItem", "PutItem", "UpdateItem"]
    assert wrapped(words, 11, 200) == ["DeleteItem, GetItem, PutItem,", "UpdateItem"]
    assert wrapped(words, 11, 1000) == ["DeleteItem, GetItem, PutItem, UpdateItem"]
    assert wrapped(["DeleteItem"], 11, 1) == ["DeleteItem"]
    assert wrapped([], 11, 100) == []
