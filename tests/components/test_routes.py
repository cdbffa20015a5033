"""Route keys of an HTTP API."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._base import ArgumentError
from components._routes import MAX_SLUG_LENGTH, METHODS, check_collisions, parse_route_key, path_slug

words = st.from_regex(r"[a-zA-Z0-9._:-]{1,12}", fullmatch=True).filter(lambda word: word.strip("."))
names = st.from_regex(r"[a-zA-Z0-9._-]{1,12}", fullmatch=True)


@st.composite
def paths(draw: st.DrawFn) -> str:
    variables = draw(st.lists(names, max_size=3, unique=True))
    segments = [f"{{{name}}}" for name in variables] + draw(st.lists(words, max_size=4))
    segments = draw(st.permutations(segments))
    if draw(st.booleans()):
        segments.append("{rest+}") if "rest" not in variables else None
    return "/" + "/".join(segments)


keys = st.builds(lambda method, path: f"{method} {path}", st.sampled_from(METHODS), paths())


@given(keys)
def test_every_valid_key_is_read_and_written_alike(key: str) -> None:
    assert parse_route_key(key).key == key


@given(st.text())
def test_any_text_is_either_a_route_key_or_refused_by_name(text: str) -> None:
    try:
        parsed = parse_route_key(text)
    except ArgumentError as error:
        assert repr(text) in str(error)  # noqa: PT017 - both outcomes are right
    else:
        assert parsed.key == text


@given(keys)
def test_slugs_are_bounded_and_fit_a_lambda_statement_id(key: str) -> None:
    slug = parse_route_key(key).slug
    assert len(slug) <= MAX_SLUG_LENGTH
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug), slug


@given(keys, keys)
def test_different_shapes_have_different_slugs(one: str, other: str) -> None:
    first, second = parse_route_key(one), parse_route_key(other)
    if first.shape != second.shape:
        assert first.slug != second.slug


@given(paths(), paths())
def test_different_paths_have_different_slugs(one: str, other: str) -> None:
    first, second = (parse_route_key(f"GET {path}") for path in (one, other))
    if first.shape != second.shape:
        assert path_slug(first.segments) != path_slug(second.segments)


@given(keys)
def test_a_rest_apis_permission_holds_no_variable(key: str) -> None:
    parsed = parse_route_key(key)
    assert "{" not in parsed.rest_permission_path
    assert parsed.rest_permission_path.count("/") == max(1, len(parsed.segments))


@given(keys)
def test_renaming_a_variable_is_an_update_of_the_same_route(key: str) -> None:
    renamed = re.sub(r"\{([^}+]+)(\+?)\}", r"{x\1\2}", key)
    assert parse_route_key(renamed).slug == parse_route_key(key).slug
    if renamed != key:
        with pytest.raises(ArgumentError, match=re.escape(repr(renamed))):
            check_collisions([parse_route_key(key), parse_route_key(renamed)])


@pytest.mark.parametrize(
    ("key", "slug"),
    [
        ("$default", "default"),
        ("GET /", "get"),
        ("POST /users", "post-users"),
        ("GET /users/{userId}", "get-users-one"),
        ("ANY /{proxy+}", "any-all"),
        ("GET /user-groups", "get-user-groups-83e8e1"),
        ("GET /user/groups", "get-user-groups"),
    ],
)
def test_slugs_read_like_their_route(key: str, slug: str) -> None:
    assert parse_route_key(key).slug == slug


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("$default", "$default"),
        ("GET /", "GET/"),
        ("GET /users/{userId}", "GET/users/{userId}"),
        ("ANY /{proxy+}", "*/{proxy+}"),
    ],
)
def test_permission_covers_the_route_alone(key: str, path: str) -> None:
    assert parse_route_key(key).permission_path == path


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "one space and a path"),
        ("/users", "one space and a path"),
        ("$connect", "one space and a path"),
        ("get /users", "write GET"),
        ("FETCH /users", "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS, ANY"),
        ("GET users", "starts with '/'"),
        ("GET  /users", "starts with '/'"),
        ("GET /users/", "write '/users'"),
        ("GET //", "write '/'"),
        ("GET /users//x", "empty segment"),
        ("GET /users/{id", "whole"),
        ("GET /users/x{id}", "whole"),
        ("GET /users/{}", "whole"),
        ("GET /users/a b", "letters, digits"),
        ("GET /users?x=1", "letters, digits"),
        ("GET /users/../x", "clients take out"),
        ("GET /us%20ers", "letters, digits"),
        ("GET /users\n", "letters, digits"),
        ("GET /{rest+}/x", "only as its last segment"),
        ("GET /a/{id}/b/{id}", "two variables called 'id'"),
        ("GET /a/{id}/{id+}", "two variables called 'id'"),
    ],
)
def test_refuses_a_key_that_api_gateway_would_refuse(key: str, message: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(message)):
        parse_route_key(key)


def test_names_both_routes_of_a_collision() -> None:
    with pytest.raises(ArgumentError, match=r"'GET /users/\{id\}' and 'GET /users/\{userId\}'"):
        check_collisions(map(parse_route_key, ["GET /users/{id}", "GET /users/{userId}"]))


def test_takes_routes_that_api_gateway_tells_apart() -> None:
    check_collisions(
        map(
            parse_route_key,
            [
                "$default",
                "ANY /users/{id}",
                "GET /users/{userId}",
                "GET /users/{rest+}",
                "GET /users/me",
                "GET /",
            ],
        )
    )
