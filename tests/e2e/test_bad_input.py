import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from e2e.people import Person
from e2e.running import Backend
from e2e.samples import PROFILE, assert_problem
from e2e.web import Answer

pytestmark = pytest.mark.e2e

KB = 1024
DEEP = 10_000

# name: (body, status, the field that the answer names)
FORMS: dict[str, tuple[Any, int, str]] = {
    "nothing": (None, 400, "body"),
    "empty": ("", 400, "body"),
    "blank": ("  ", 400, "body"),
    "not JSON": ("{'a': 1}", 400, "body"),
    "cut off": ('{"', 400, "body"),
    "two documents": ("{}{}", 400, ""),
    "not UTF-8": (b'{"\xff\xfe": 1}', 400, ""),
    "half a surrogate": (r'{"\ud800": 1}', 400, "body"),
    "an array": ("[]", 400, "body"),
    "a text": ('"hello"', 400, "body"),
    "null": ("null", 400, "body"),
    "NaN": ("NaN", 400, "body"),
    "too large": ('{"email": "' + "x" * (400 * KB) + '"}', 413, "body"),
    "far too large": ('{"email": "' + "x" * (5 * KB * KB) + '"}', 413, "body"),
    "deep arrays": ("[" * DEEP + "]" * DEEP, 400, "body"),
    "deep objects": ('{"a":' * DEEP + "1" + "}" * DEEP, 400, ""),
    "open arrays": ("[" * DEEP, 400, "body"),
}

PROFILES: dict[str, tuple[Any, int, str]] = {
    "no e-mail": ({"firstName": "A", "lastName": "B"}, 400, "email"),
    "a number for an e-mail": (PROFILE | {"email": 1}, 400, "email"),
    "null for a name": (PROFILE | {"firstName": None}, 400, "firstName"),
    "a list for a name": (PROFILE | {"lastName": ["B"]}, 400, "lastName"),
    "a text for settings": (PROFILE | {"settings": "dark"}, 400, "settings"),
    "a list for settings": (PROFILE | {"settings": []}, 400, "settings"),
    "an unknown field": (PROFILE | {"role": "admin"}, 400, "role"),
    "somebody's id": (PROFILE | {"userId": "someone"}, 400, "userId"),
    "an unknown field's odd name": (PROFILE | {"a`b\n\x00": 1}, 400, ""),
    "no address": (PROFILE | {"email": "ada"}, 400, "email"),
    "two addresses": (PROFILE | {"email": "a@b.example c@d.example"}, 400, "email"),
    "a header in the e-mail": (PROFILE | {"email": "a@b.example\r\nBcc: c@d.example"}, 400, "email"),
    "an empty name": (PROFILE | {"firstName": ""}, 400, "firstName"),
    "a blank name": (PROFILE | {"firstName": "  "}, 400, "firstName"),
    "a long name": (PROFILE | {"lastName": "x" * 5_000}, 400, "lastName"),
    "NUL in a name": (PROFILE | {"firstName": "A\x00"}, 400, "firstName"),
    "a new line in a name": (PROFILE | {"firstName": "A\nB"}, 400, "firstName"),
    "a control character in a name": (PROFILE | {"lastName": "\x1b[31m"}, 400, "lastName"),
    "NUL in settings": (PROFILE | {"settings": {"theme": "\x00"}}, 400, "settings.theme"),
    "NUL in a key": (PROFILE | {"settings": {"a\x00": 1}}, 400, "settings"),
    "an empty key": (PROFILE | {"settings": {"": 1}}, 400, "settings"),
    "a number that DynamoDB can't hold": (
        '{"email":"a@b.example","firstName":"A","lastName":"B","settings":{"n":1e999}}',
        400,
        "settings.n",
    ),
    "deep settings": (
        '{"email":"a@b.example","firstName":"A","lastName":"B","settings":'
        + '{"a":' * DEEP
        + "1"
        + "}" * DEEP
        + "}",
        400,
        "",
    ),
    "rather deep settings": (
        '{"email":"a@b.example","firstName":"A","lastName":"B","settings":' + '{"a":' * 40 + "1" + "}" * 41,
        400,
        "",
    ),
    "an item over 400 KB": (
        PROFILE | {"settings": {"a": "x" * (400 * KB - 120)}},
        413,
        "settings",
    ),
}

DRAFTS: dict[str, tuple[Any, int, str]] = {
    "no recipient": ({"content": "hello"}, 400, "recipientId"),
    "no content": ({"recipientId": "someone"}, 400, "content"),
    "a number for content": ({"recipientId": "someone", "content": 1}, 400, "content"),
    "an object for a recipient": ({"recipientId": {"S": "x"}, "content": "hello"}, 400, "recipientId"),
    "an unknown field": ({"recipientId": "someone", "content": "x", "senderId": "me"}, 400, "senderId"),
    "empty content": ({"recipientId": "someone", "content": ""}, 400, "content"),
    "blank content": ({"recipientId": "someone", "content": " \n\t"}, 400, "content"),
    "NUL in content": ({"recipientId": "someone", "content": "a\x00b"}, 400, "content"),
    "a control character in content": ({"recipientId": "someone", "content": "\x07"}, 400, "content"),
    "content that no socket carries": ({"recipientId": "someone", "content": "x" * 130_000}, 400, "content"),
    "an empty recipient": ({"recipientId": "", "content": "hello"}, 400, "recipientId"),
    "a recipient with a slash": ({"recipientId": "a/b", "content": "hello"}, 400, "recipientId"),
    "a recipient with a space": ({"recipientId": "a b", "content": "hello"}, 400, "recipientId"),
    "a recipient with NUL": ({"recipientId": "a\x00", "content": "hello"}, 400, "recipientId"),
    "a long recipient": ({"recipientId": "x" * 3_000, "content": "hello"}, 400, "recipientId"),
}


@pytest.fixture(scope="module")
def person(backend: Backend) -> Person:
    """A user with a profile and one message."""
    found = backend.person()
    assert found.post("/users", PROFILE).status == 201
    draft = {"recipientId": found.user_id, "content": "hello"}
    assert found.post("/messages", draft).status == 201
    return found


@pytest.fixture
def unchanged(backend: Backend) -> Iterator[None]:
    before = backend.everything()
    yield
    assert backend.everything() == before


def assert_refused(answer: Answer, status: int, field: str) -> None:
    assert_problem(answer, status, *([field] if field else []))
    assert answer.fields


def assert_no_route(answer: Answer) -> None:
    assert (answer.status, answer.body) == (404, {"message": "Not Found"})


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("form", FORMS)
def test_a_body_of_a_wrong_form_is_refused(person: Person, form: str) -> None:
    body, status, field = FORMS[form]
    for method, path in (("POST", "/users"), ("PUT", f"/users/{person.user_id}"), ("POST", "/messages")):
        assert_refused(person.request(method, path, body), status, field)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("mistake", PROFILES)
def test_a_wrong_profile_is_refused(person: Person, mistake: str) -> None:
    body, status, field = PROFILES[mistake]
    assert_refused(person.post("/users", body), status, field)
    assert_refused(person.put(f"/users/{person.user_id}", body), status, field)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("mistake", DRAFTS)
def test_a_wrong_message_is_refused(person: Person, mistake: str) -> None:
    body, status, field = DRAFTS[mistake]
    assert_refused(person.post("/messages", body), status, field)
    assert_refused(person.post("/messages", body, idempotency_key="bad"), status, field)


@pytest.mark.usefixtures("unchanged")
def test_all_mistakes_of_a_profile_are_named_at_once(person: Person) -> None:
    answer = person.post("/users", {"email": "x", "firstName": "", "lastName": "\x00"})
    assert_problem(answer, 400, "email", "firstName", "lastName")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "tab\there", "schlüssel"])
def test_a_wrong_idempotency_key_is_refused(person: Person, key: str) -> None:
    draft = {"recipientId": person.user_id, "content": "hello"}
    assert_refused(person.post("/messages", draft, idempotency_key=key), 400, "Idempotency-Key")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/messages", "/notifications"])
@pytest.mark.parametrize(
    "limit", ["0", "-1", "1000000000", "x", "", "1.5", "%2B5", "0x10", "%D9%A3", "1%00", "9" * 400]
)
def test_a_wrong_limit_is_refused(person: Person, path: str, limit: str) -> None:
    assert_refused(person.get(f"{path}?limit={limit}"), 400, "limit")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/messages", "/notifications"])
@pytest.mark.parametrize(
    "cursor", ["x", "", "%00", "bnVsbA", "e30%3D", "x" * 1_000, "%F0%9F%91%8B", "..%2F.."]
)
def test_a_wrong_cursor_is_refused(person: Person, path: str, cursor: str) -> None:
    assert_refused(person.get(f"{path}?cursor={cursor}"), 400, "cursor")


def test_a_cursor_leads_on_in_its_own_list_only(ada: Person, bob: Person) -> None:
    for _ in range(2):
        assert ada.post("/messages", {"recipientId": ada.user_id, "content": "hello"}).status == 201
    cursor = ada.get("/messages?limit=1").body["nextCursor"]
    assert len(ada.get(f"/messages?cursor={cursor}").body["items"]) == 1
    assert_refused(bob.get(f"/messages?cursor={cursor}"), 400, "cursor")
    assert_refused(ada.get(f"/notifications?cursor={cursor}"), 400, "cursor")
    assert_refused(ada.get(f"/messages?cursor={cursor[:-1]}"), 400, "cursor")
    assert_refused(ada.get(f"/messages?cursor={cursor.swapcase()}"), 400, "cursor")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/messages", "/notifications"])
def test_an_unknown_parameter_is_refused(person: Person, path: str) -> None:
    assert_refused(person.get(f"{path}?limt=5"), 400, "limt")


ODD_IDS = ["a%20b", "%20", "a%00b", "%00", "x" * 500, "%F0%9F%91%8B", "a%0Ab", "%25", "a%5Cb", "..", "%3Cb"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("odd", ODD_IDS)
def test_an_odd_id_in_the_path_is_refused(person: Person, odd: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = person.request(method, f"/users/{odd}", PROFILE if method == "PUT" else None)
        assert_refused(answer, 400, "userId")
    assert_refused(person.put(f"/messages/{odd}/read"), 400, "messageId")
    assert_refused(person.put(f"/notifications/{odd}/read"), 400, "notificationId")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("slashed", ["a%2Fb", "%2F", "..%2F..", "%2E%2E%2F", "a%2f..%2fb"])
def test_an_id_with_a_slash_is_not_found(person: Person, slashed: str) -> None:
    """API Gateway decodes the path first, and then it is another one."""
    for method in ("GET", "PUT", "DELETE"):
        assert_no_route(person.request(method, f"/users/{slashed}", PROFILE if method == "PUT" else None))
    assert_no_route(person.put(f"/messages/{slashed}/read"))
    assert_no_route(person.put(f"/notifications/{slashed}/read"))


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/messages", "/notifications"])
@pytest.mark.parametrize("odd", [*ODD_IDS, "", "a%2Fb"])
def test_an_odd_user_in_the_query_is_refused(person: Person, path: str, odd: str) -> None:
    assert_refused(person.get(f"{path}?userId={odd}"), 400, "userId")
    assert_refused(person.put(f"{path}/some/read?userId={odd}"), 400, "userId")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/users/", "/users/a/b", "/messages/a", "/messages//read", "//users"])
def test_a_path_that_is_no_route_is_not_found(person: Person, path: str) -> None:
    assert_no_route(person.get(path))


def test_two_creations_at_once_make_one_profile(backend: Backend) -> None:
    person = backend.person()
    with ThreadPoolExecutor(4) as pool:
        profiles = [PROFILE | {"firstName": f"Writer {number}"} for number in range(4)]
        answers = list(pool.map(lambda profile: person.post("/users", profile), profiles))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
    [made] = [answer.body for answer in answers if answer.status == 201]
    assert person.get(f"/users/{person.user_id}").body == made


def test_of_two_writers_at_once_one_wins_whole(ada: Person) -> None:
    profiles = [
        {"email": f"w{n}@example.com", "firstName": f"F{n}", "lastName": f"L{n}", "settings": {"n": n}}
        for n in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda body: ada.put(f"/users/{ada.user_id}", body), profiles))
    assert {answer.status for answer in answers} <= {200, 409}
    after = ada.get(f"/users/{ada.user_id}").body
    assert after in [answer.body for answer in answers if answer.status == 200]


def test_writing_and_deleting_at_once_leaves_all_or_nothing(ada: Person) -> None:
    path = f"/users/{ada.user_id}"
    with ThreadPoolExecutor(4) as pool:
        calls = [
            pool.submit(ada.put, path, PROFILE),
            pool.submit(ada.delete, path),
            pool.submit(ada.put, path, PROFILE),
        ]
        statuses = [each.result().status for each in calls]
    assert statuses[1] == 204
    assert {statuses[0], statuses[2]} <= {200, 404, 409}
    assert_problem(ada.get(path), 404)


def test_messages_and_a_changing_recipient_get_along(ada: Person, bob: Person) -> None:
    draft = {"recipientId": bob.user_id, "content": "hello"}
    with ThreadPoolExecutor(4) as pool:
        sends = [pool.submit(ada.post, "/messages", draft) for _ in range(4)]
        puts = [pool.submit(bob.put, f"/users/{bob.user_id}", PROFILE) for _ in range(2)]
        assert {each.result().status for each in sends} <= {201, 409}
        assert {each.result().status for each in puts} <= {200, 409}
    stored = [each.result().body for each in sends if each.result().status == 201]
    inbox = bob.get("/messages").body["items"]
    assert {message["messageId"] for message in inbox} == {message["messageId"] for message in stored}


def test_a_duplicated_mark_is_one_change(person: Person) -> None:
    [message] = person.get("/messages").body["items"]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: person.put(f"/messages/{message['messageId']}/read"), range(2)))
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].body == answers[1].body
    assert json.loads(answers[0].text)["read"] is True
