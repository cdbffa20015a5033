import time

import pytest
from websockets.exceptions import InvalidStatus

from e2e import tokens
from e2e.people import Person
from e2e.running import Backend, connected
from e2e.samples import PROFILE, assert_problem
from e2e.site_communications import connections
from e2e.web import Answer, call

pytestmark = pytest.mark.e2e

ROUTES = [
    "POST /users",
    "GET /users/someone",
    "PUT /users/someone",
    "DELETE /users/someone",
    "POST /messages",
    "GET /messages",
    "PUT /messages/some/read",
    "GET /notifications",
    "PUT /notifications/some/read",
]


def request(backend: Backend, route: str, **headers: str) -> Answer:
    method, path = route.split()
    return call(
        backend.outputs["apiUrl"] + path, method, "{}" if method in ("POST", "PUT") else None, headers
    )


def assert_unauthorized(answer: Answer) -> None:
    """By API Gateway, which has a form of its own, or by a function."""
    if answer.headers["content-type"].startswith("application/json"):
        assert answer.status == 401
        assert answer.body == {"message": "Unauthorized"}
    else:
        assert_problem(answer, 401)


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_wants_a_token(backend: Backend, route: str) -> None:
    assert_unauthorized(request(backend, route))
    assert_unauthorized(request(backend, route, authorization=""))
    assert_unauthorized(request(backend, route, authorization="Basic YTpi"))


def test_the_routes_are_all_there_are(backend: Backend, ada: Person) -> None:
    gateway = backend.client("apigatewayv2")
    [api] = [api for api in gateway.get_apis()["Items"] if api["ProtocolType"] == "HTTP"]
    found = {route["RouteKey"] for route in gateway.get_routes(ApiId=api["ApiId"])["Items"]}
    names = {"someone": "{userId}", "messages/some": "messages/{messageId}"}
    names |= {"notifications/some": "notifications/{notificationId}"}
    expected = set(ROUTES)
    for sample, name in names.items():
        expected = {route.replace(sample, name) for route in expected}
    assert found == expected
    assert ada.get("/").status == 404
    assert ada.get("/users").status == 404


@pytest.fixture(scope="module")
def person(backend: Backend) -> Person:
    return backend.person()


@pytest.mark.parametrize("kind", tokens.BAD)
def test_a_bad_token_opens_nothing(backend: Backend, person: Person, kind: str) -> None:
    token = tokens.BAD[kind](backend, person)
    before = backend.everything()
    for route in ROUTES:
        assert_unauthorized(request(backend, route, authorization=f"Bearer {token}"))
    profile = call(f"{person.api_url}/users", "POST", '{"email": 1}', {"authorization": f"Bearer {token}"})
    assert_unauthorized(profile)
    with pytest.raises(InvalidStatus) as refused, connected(person.websocket_url, token):
        pass
    assert refused.value.response.status_code == 403
    assert backend.everything() == before
    assert connections(backend, person.user_id) == []


def test_a_token_that_the_pool_signs_anew_is_good(backend: Backend) -> None:
    """The signing of the bad ones works: what refuses them is what they say."""
    person = backend.person()
    now = int(time.time())
    token = tokens.signed(backend, person, iat=now, exp=now + 60)
    answer = call(f"{person.api_url}/messages", headers={"authorization": f"Bearer {token}"})
    assert answer.status == 200
    with connected(person.websocket_url, token):
        assert len(connections(backend, person.user_id)) == 1


def test_a_group_that_only_looks_like_admin_is_none(backend: Backend, ada: Person) -> None:
    backend.cognito.create_group(UserPoolId=backend.pool, GroupName="not-admin")
    person = backend.person("not-admin")
    assert_problem(person.get(f"/users/{ada.user_id}"), 403)
    assert_problem(person.put(f"/users/{ada.user_id}", PROFILE), 403)
