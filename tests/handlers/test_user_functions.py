import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lambda_backend import Backend
from lambda_events import claims, http_event

ADA = {"email": "ada@example.com", "firstName": "Ada", "lastName": "Lovelace"}
MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_creates_the_callers_profile(backend: Backend) -> None:
    user_id = str(uuid.uuid4())
    made = backend.call("POST /users", user_id, {**ADA, "settings": {"theme": "dark"}})
    assert made.status == 201
    assert made.headers["location"] == f"/users/{user_id}"
    assert made.headers["content-type"] == "application/json"
    assert made.headers["cache-control"] == "no-store"
    times = {name: made.body.pop(name) for name in ("createdAt", "updatedAt")}
    assert made.body == {"userId": user_id, **ADA, "settings": {"theme": "dark"}}
    assert times["createdAt"] == times["updatedAt"]
    assert MILLISECONDS.fullmatch(times["createdAt"])


def test_a_second_profile_of_the_same_user_is_a_conflict(backend: Backend) -> None:
    user_id = backend.user()
    again = backend.call("POST /users", user_id, {**ADA, "firstName": "Other"})
    assert again.status == 409
    assert backend.call("GET /users/{userId}", user_id, path={"userId": user_id}).body["firstName"] == "Ada"


def test_a_create_whose_answer_got_lost_is_answered_as_made(backend: Backend) -> None:
    create = backend.modules["POST /users"]
    user = {"userId": str(uuid.uuid4()), **ADA, "settings": {}, "createdAt": "now", "updatedAt": "now"}
    create.create(create.DYNAMODB, create.TABLE, user)
    create.create(create.DYNAMODB, create.TABLE, user)


def test_reads_replaces_and_deletes_a_profile(backend: Backend) -> None:
    user_id = backend.user(settings={"theme": "dark"})
    path = {"userId": user_id}
    first = backend.call("GET /users/{userId}", user_id, path=path)
    assert (first.status, first.body["settings"]) == (200, {"theme": "dark"})

    replaced = backend.call("PUT /users/{userId}", user_id, {**ADA, "firstName": "Augusta"}, path=path)
    assert replaced.status == 200
    assert replaced.body["firstName"] == "Augusta"
    assert replaced.body["settings"] == {}, "what isn't sent is removed"
    assert replaced.body["createdAt"] == first.body["createdAt"]
    assert replaced.body["updatedAt"] >= first.body["updatedAt"]
    assert backend.call("GET /users/{userId}", user_id, path=path).body == replaced.body

    deleted = backend.call("DELETE /users/{userId}", user_id, path=path)
    assert (deleted.status, deleted.body) == (204, None)
    for route, body in (("GET", None), ("PUT", ADA), ("DELETE", None)):
        assert backend.call(f"{route} /users/{{userId}}", user_id, body, path=path).status == 404
    assert [item for item in backend.items("users") if item["userId"]["S"] == user_id] == []


def test_someone_elses_profile_is_forbidden_and_stays(backend: Backend) -> None:
    owner, other = backend.user(), backend.user()
    for route, body in (("GET", None), ("PUT", {**ADA, "firstName": "Eve"}), ("DELETE", None)):
        for path in ({"userId": owner}, {"userId": str(uuid.uuid4())}):
            assert backend.call(f"{route} /users/{{userId}}", other, body, path=path).status == 403
    assert backend.call("GET /users/{userId}", owner, path={"userId": owner}).body["firstName"] == "Ada"


def test_an_admin_may_act_for_anyone(backend: Backend) -> None:
    owner, admin = backend.user(), str(uuid.uuid4())
    path = {"userId": owner}
    groups = ["staff", "admin"]
    assert backend.call("GET /users/{userId}", admin, path=path, groups=groups).status == 200
    changed = backend.call(
        "PUT /users/{userId}", admin, {**ADA, "lastName": "King"}, path=path, groups=groups
    )
    assert (changed.status, changed.body["userId"], changed.body["lastName"]) == (200, owner, "King")
    assert backend.call("DELETE /users/{userId}", admin, path=path, groups=groups).status == 204


@pytest.mark.parametrize("groups", [["admins"], ["administrator", "not-admin"], ["[admin]"], ["Admin"]])
def test_groups_that_resemble_admin_are_not(backend: Backend, groups: list[str]) -> None:
    owner, other = backend.user(), str(uuid.uuid4())
    answer = backend.call("GET /users/{userId}", other, path={"userId": owner}, groups=groups)
    assert answer.status == 403


BAD_BODIES = {
    "empty": ("", ["body"]),
    "not JSON": ("{", ["body"]),
    "not JSON at all": ("hello", ["body"]),
    "two documents": (json.dumps(ADA) * 2, ["body"]),
    "null": ("null", ["body"]),
    "an array": ("[]", ["body"]),
    "a string": ('"x"', ["body"]),
    "extra field": (json.dumps({**ADA, "admin": True}), ["admin"]),
    "someone else's id": (json.dumps({**ADA, "userId": "x"}), ["userId"]),
    "snake case": (json.dumps({"email": "a@b.co", "first_name": "A", "last_name": "B"}), ["first_name"]),
    "missing field": (json.dumps({"email": "a@b.co", "firstName": "A"}), ["lastName"]),
    "a number for a name": (json.dumps({**ADA, "firstName": 1}), ["firstName"]),
    "null for a name": (json.dumps({**ADA, "lastName": None}), ["lastName"]),
    "an array of settings": (json.dumps({**ADA, "settings": []}), ["settings"]),
    "empty name": (json.dumps({**ADA, "firstName": ""}), ["firstName"]),
    "blank name": (json.dumps({**ADA, "firstName": " "}), ["firstName"]),
    "long name": (json.dumps({**ADA, "lastName": "x" * 101}), ["lastName"]),
    "control character": (json.dumps({**ADA, "firstName": "A\u0000da"}), ["firstName"]),
    "raw control character": ('{"email":"a@b.co","firstName":"A\x01","lastName":"B"}', ["body"]),
    "newline in a name": (json.dumps({**ADA, "firstName": "A\nda"}), ["firstName"]),
    "several mistakes": (
        json.dumps({"email": "x", "firstName": "", "lastName": "\x7f"}),
        ["email", "firstName", "lastName"],
    ),
    "no e-mail": (json.dumps({**ADA, "email": "ada"}), ["email"]),
    "e-mail without a domain": (json.dumps({**ADA, "email": "ada@"}), ["email"]),
    "long e-mail": (json.dumps({**ADA, "email": "a" * 250 + "@b.co"}), ["email"]),
    "half a surrogate pair": ('{"email":"a@b.co","firstName":"\\ud800","lastName":"B"}', ["body"]),
    "half a surrogate pair, raw": ('{"email":"a@b.co","firstName":"\ud800","lastName":"B"}', ["body"]),
    "not UTF-8": (b'{"email":"a@b.co","firstName":"\xff","lastName":"B"}', ["body"]),
    "NaN": ('{"email":"a@b.co","firstName":"A","lastName":"B","settings":{"a":NaN}}', ["body"]),
    "deep": ("[" * 10_000, ["body"]),
    "deep object": ('{"a":' * 10_000, ["a"]),
    "deep settings": (
        json.dumps(ADA)[:-1] + ',"settings":' + '{"a":' * 10_000 + "1" + "}" * 10_001,
        ["body"],
    ),
    "deep list": (json.dumps(ADA)[:-1] + ',"settings":{"a":' + "[" * 10_000 + "]" * 10_000 + "}}", ["body"]),
    "11 levels": (
        json.dumps(ADA)[:-1] + ',"settings":' + '{"a":' * 10 + "{}" + "}" * 11,
        [f"settings{'.a' * 10}"],
    ),
    "control character in settings": (json.dumps({**ADA, "settings": {"a": ["\x00"]}}), ["settings.a[0]"]),
    "empty key": (json.dumps({**ADA, "settings": {"": 1}}), ["settings"]),
    "long key": (json.dumps({**ADA, "settings": {"k" * 256: 1}}), ["settings"]),
    "39 digits": (json.dumps({**ADA, "settings": {"n": int("1" * 39)}}), ["settings.n"]),
    "5,000 digits": (json.dumps(ADA)[:-1] + ',"settings":{"n":' + "9" * 5_000 + "}}", ["settings[...]"]),
    "large number": (json.dumps(ADA)[:-1] + ',"settings":{"n":1e126}}', ["settings.n"]),
    "small number": (json.dumps(ADA)[:-1] + ',"settings":{"n":1e-131}}', ["settings.n"]),
    "huge exponent": (json.dumps(ADA)[:-1] + ',"settings":{"n":1e9999999999999999999}}', ["body"]),
}


@pytest.mark.parametrize("case", BAD_BODIES)
@pytest.mark.parametrize("route", ["POST /users", "PUT /users/{userId}"])
def test_a_bad_body_is_refused_by_field_and_nothing_is_written(
    backend: Backend, route: str, case: str
) -> None:
    body, fields = BAD_BODIES[case]
    user_id = backend.user() if route.startswith("PUT") else str(uuid.uuid4())
    before = backend.items("users")
    answer = backend.call(route, user_id, body, path={"userId": user_id})
    assert answer.status == 400
    assert answer.names() == fields
    assert backend.items("users") == before


@pytest.mark.parametrize("route", ["POST /users", "PUT /users/{userId}"])
@pytest.mark.parametrize(
    "extra",
    [{"bio": "x" * 409_600}, {"bio": "x" * 409_480}, {"list": [0] * 140_000}],
    ids=["the body alone", "with the other attributes", "only once stored"],
)
def test_a_profile_above_400_kb_is_refused_before_it_is_written(
    backend: Backend, route: str, extra: dict[str, object]
) -> None:
    user_id = backend.user() if route.startswith("PUT") else str(uuid.uuid4())
    before = backend.items("users")
    body = json.dumps({**ADA, "settings": extra}, separators=(",", ":"))
    answer = backend.call(route, user_id, body, path={"userId": user_id})
    assert answer.status == 413
    assert answer.names() in (["body"], ["settings"])
    assert backend.items("users") == before


def test_a_large_profile_below_400_kb_is_kept(backend: Backend) -> None:
    user_id = backend.user(settings={"bio": "x" * 400_000})
    found = backend.call("GET /users/{userId}", user_id, path={"userId": user_id})
    assert len(found.body["settings"]["bio"]) == 400_000


NUMBERS = [
    "0",
    "-0.0",
    "0.1",
    "1.10",
    "1E2",
    "-12345678901234567890123456789012345678",
    "9.9e125",
    "1e-130",
    "3e10",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_in_settings_come_back_equal(backend: Backend, number: str) -> None:
    user_id = str(uuid.uuid4())
    event = http_event(claims(user_id), json.dumps(ADA)[:-1] + f',"settings":{{"n":{number}}}}}')
    assert backend.send("POST /users", event).status == 201
    path = http_event(claims(user_id), path={"userId": user_id})
    text = backend.modules["GET /users/{userId}"].handler(path, None)["body"]
    assert json.loads(text, parse_float=Decimal, parse_int=Decimal)["settings"]["n"] == Decimal(number)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**37), 10**37)
    | st.text(st.characters(exclude_categories=["C"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=9), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(value=JSON_VALUES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_settings_come_back_as_sent(backend: Backend, value: object) -> None:
    user_id = backend.user(settings={"value": value})
    found = backend.call("GET /users/{userId}", user_id, path={"userId": user_id})
    assert found.body["settings"] == {"value": value}


BAD_IDS = [
    "",
    "a/b",
    "a b",
    "\x00",
    "a\x00",
    "%2F",
    "..",
    "a%00",
    "x" * 129,
    "\ud800",
    "ü",
    "a\n",
    "1 OR 1=1",
    None,
    5,
]


@pytest.mark.parametrize("user_id", BAD_IDS)
@pytest.mark.parametrize("groups", [[], ["admin"]])
def test_a_bad_id_in_the_path_is_refused(backend: Backend, user_id: object, groups: list[str]) -> None:
    before = backend.items("users")
    for route, body in (("GET", None), ("PUT", ADA), ("DELETE", None)):
        answer = backend.call(
            f"{route} /users/{{userId}}", str(uuid.uuid4()), body, path={"userId": user_id}, groups=groups
        )
        assert answer.status == 400
        assert answer.names() == ["userId"]
    assert backend.items("users") == before


def test_of_many_writers_at_once_one_wins_whole(backend: Backend) -> None:
    user_id = backend.user()
    created = backend.call("GET /users/{userId}", user_id, path={"userId": user_id}).body["createdAt"]
    writers = [
        {"email": f"w{n}@example.com", "firstName": f"W{n}", "lastName": f"W{n}", "settings": {"n": n}}
        for n in range(12)
    ]

    def put(profile: dict[str, object]) -> int:
        return backend.call("PUT /users/{userId}", user_id, profile, path={"userId": user_id}).status

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(put, writers)) == {200}
    last = backend.call("GET /users/{userId}", user_id, path={"userId": user_id}).body
    assert last.pop("createdAt") == created
    assert {name: last[name] for name in writers[0]} in writers


def test_of_many_creates_at_once_one_wins(backend: Backend) -> None:
    user_id = str(uuid.uuid4())

    def post(number: int) -> int:
        return backend.call("POST /users", user_id, {**ADA, "firstName": f"W{number}"}).status

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(post, range(6))) == [201, 409, 409, 409, 409, 409]
