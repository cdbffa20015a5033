import http.client
import urllib.request
from collections.abc import Callable
from decimal import Decimal

import pytest

from e2e.people import Person
from e2e.running import Backend
from e2e.samples import PROFILE, USER_FIELDS, assert_problem, assert_times
from e2e.web import call

pytestmark = pytest.mark.e2e

OTHER_PROFILE = {
    "email": "augusta@example.org",
    "firstName": "Augusta",
    "lastName": "King",
    "settings": {
        "theme": "dark",
        "volume": 0.5,
        "tags": ["a", None, True],
        "deep": {"größe": 12345678901234567890},
    },
}


def test_a_new_profile_is_the_callers_own(backend: Backend) -> None:
    person = backend.person()
    answer = person.post("/users", PROFILE)
    assert answer.status == 201
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["location"] == f"/users/{person.user_id}"
    user = answer.body
    assert set(user) == USER_FIELDS
    assert user["userId"] == person.user_id
    assert {name: user[name] for name in PROFILE} == PROFILE
    assert user["settings"] == {}
    assert_times(user, "createdAt", "updatedAt")
    assert user["createdAt"] == user["updatedAt"]
    assert call(person.api_url + answer.headers["location"], headers=bearer(person)).body == user


def test_settings_come_back_as_they_were_sent(backend: Backend) -> None:
    person = backend.person()
    created = person.post("/users", OTHER_PROFILE).body
    assert created["settings"] == OTHER_PROFILE["settings"]
    assert person.get(f"/users/{person.user_id}").body == created


def test_a_second_profile_is_a_conflict(ada: Person) -> None:
    before = ada.get(f"/users/{ada.user_id}").body
    assert_problem(ada.post("/users", OTHER_PROFILE), 409)
    assert ada.get(f"/users/{ada.user_id}").body == before


def test_put_replaces_the_profile(backend: Backend) -> None:
    person = backend.person()
    before = person.post("/users", OTHER_PROFILE).body
    answer = person.put(f"/users/{person.user_id}", PROFILE)
    assert answer.status == 200
    after = answer.body
    assert set(after) == USER_FIELDS
    assert {name: after[name] for name in PROFILE} == PROFILE
    assert after["settings"] == {}, "what the new profile leaves out is gone"
    assert after["createdAt"] == before["createdAt"]
    assert after["updatedAt"] > before["updatedAt"]
    assert person.get(f"/users/{person.user_id}").body == after


def test_put_creates_nothing(backend: Backend) -> None:
    person = backend.person()
    assert_problem(person.put(f"/users/{person.user_id}", PROFILE), 404)
    assert_problem(person.get(f"/users/{person.user_id}"), 404)


def test_a_deleted_profile_is_gone(ada: Person) -> None:
    answer = ada.delete(f"/users/{ada.user_id}")
    assert (answer.status, answer.text) == (204, "")
    assert_problem(ada.get(f"/users/{ada.user_id}"), 404)
    assert_problem(ada.put(f"/users/{ada.user_id}", PROFILE), 404)
    assert_problem(ada.delete(f"/users/{ada.user_id}"), 404)
    assert ada.post("/users", PROFILE).status == 201


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_somebody_elses_profile_is_forbidden(backend: Backend, ada: Person, bob: Person, method: str) -> None:
    before = backend.everything()
    body = PROFILE if method == "PUT" else None
    assert_problem(bob.request(method, f"/users/{ada.user_id}", body), 403)
    # Whether there is such a user is nobody else's business either.
    assert_problem(bob.request(method, "/users/nobody", body), 403)
    assert backend.everything() == before


def test_an_admin_acts_for_anyone(ada: Person, admin: Person) -> None:
    assert admin.get(f"/users/{ada.user_id}").body["userId"] == ada.user_id
    changed = admin.put(f"/users/{ada.user_id}", PROFILE | {"firstName": "Countess"})
    assert changed.status == 200
    assert ada.get(f"/users/{ada.user_id}").body["firstName"] == "Countess"
    assert admin.delete(f"/users/{ada.user_id}").status == 204
    assert_problem(admin.get(f"/users/{ada.user_id}"), 404)


def test_a_row_holds_the_documents_attributes(backend: Backend, ada: Person) -> None:
    key = {"userId": {"S": ada.user_id}}
    item = backend.dynamodb.get_item(TableName=backend.tables["users"], Key=key)["Item"]
    assert {name: next(iter(value)) for name, value in item.items()} == {
        "userId": "S",
        "email": "S",
        "firstName": "S",
        "lastName": "S",
        "settings": "M",
        "createdAt": "S",
        "updatedAt": "S",
    }


def test_curl_without_a_content_type_works(backend: Backend) -> None:
    person = backend.person()
    body = b'{"email": "ada@example.com", "firstName": "Ada", "lastName": "Lovelace"}'
    form = bearer(person) | {"content-type": "application/x-www-form-urlencoded"}
    assert call(f"{person.api_url}/users", "POST", body, form).status == 201


def test_any_http_client_reaches_the_printed_address(backend: Backend, ada: Person) -> None:
    api_url = backend.outputs["apiUrl"]
    assert not api_url.endswith("/")
    request = urllib.request.Request(f"{api_url}/users/{ada.user_id}", headers=bearer(ada))  # noqa: S310 -- http
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        assert answer.status == http.client.OK


def test_a_site_of_the_configuration_may_call(backend: Backend, ada: Person) -> None:
    origin = "http://localhost:5173"
    preflight = {"origin": origin, "access-control-request-method": "POST"}
    asked = call(f"{backend.outputs['apiUrl']}/users", "OPTIONS", headers=preflight)
    assert asked.status == 204
    assert asked.headers["access-control-allow-origin"] == origin
    answer = ada.request("GET", f"/users/{ada.user_id}", headers={"origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin
    stranger = ada.request("GET", f"/users/{ada.user_id}", headers={"origin": "http://elsewhere.example"})
    assert "access-control-allow-origin" not in stranger.headers


def test_numbers_keep_their_digits(user: Callable[..., Person]) -> None:
    ada = user()
    digits = "0.12345678901234567890123456789012345678"
    body = f'{{"email": "a@b.example", "firstName": "A", "lastName": "B", "settings": {{"pi": {digits}}}}}'
    answer = ada.put(f"/users/{ada.user_id}", body)
    assert answer.status == 200
    assert Decimal(answer.text.partition('"pi":')[2].partition("}")[0].strip()) == Decimal(digits)


def bearer(person: Person) -> dict[str, str]:
    return {"authorization": f"Bearer {person.token}"}
