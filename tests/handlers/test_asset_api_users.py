import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asset_backend import Backend, new_email
from lambda_fakes import Failing, aws_error

from handlers.asset_api import user as users
from support.asset_api_cases import ADA, BAD_USER_QUERIES, BAD_USERS, SOON

ADMIN = ["admin"]


def test_creates_a_user_with_what_was_sent(assets: Backend) -> None:
    sent = {"email": new_email(), "name": "Ada Lovelace", "department": "Engines"}
    before = time.time() * 1000 - 1
    made = assets.call("POST /users", "ada", sent)
    assert made.status == 201
    assert made.headers["location"] == f"/users/{made.body['userId']}"
    assert made.headers["x-request-id"] == "request-1"
    assert list(made.body) == ["userId", "email", "name", "department", "ownerId", "createdAt", "updatedAt"]
    assert {name: made.body[name] for name in sent} == sent
    assert made.body["ownerId"] == "ada"
    assert before <= made.body["createdAt"] == made.body["updatedAt"] <= time.time() * 1000
    assert assets.call("GET /users/{userId}", userId=made.body["userId"]).body == made.body


def test_a_department_may_be_left_out_and_put_takes_it_away(assets: Backend) -> None:
    made = assets.user(department="Engines")
    sent = {"email": made["email"], "name": "Ada King"}
    replaced = assets.call("PUT /users/{userId}", "ada", sent, userId=made["userId"])
    assert replaced.status == 200
    assert "department" not in replaced.body
    assert (replaced.body["name"], replaced.body["createdAt"]) == ("Ada King", made["createdAt"])
    assert replaced.body["updatedAt"] >= made["updatedAt"]
    assert assets.call("GET /users/{userId}", userId=made["userId"]).body == replaced.body


def test_deletes_a_user_and_frees_the_address(assets: Backend) -> None:
    made = assets.user()
    gone = assets.call("DELETE /users/{userId}", userId=made["userId"])
    assert (gone.status, gone.body) == (204, None)
    for route, body in (("GET", None), ("PUT", {"email": new_email(), "name": "A"}), ("DELETE", None)):
        assert assets.call(f"{route} /users/{{userId}}", "ada", body, userId=made["userId"]).status == 404
    assert assets.item("users", users.guard_id(made["email"])) is None
    assets.user(email=made["email"])


@pytest.mark.parametrize("spelling", [str.upper, str.title, str.lower])
def test_an_address_in_use_is_a_conflict_in_any_case_and_nothing_is_written(
    assets: Backend, spelling: Any
) -> None:
    made, other = assets.user(), assets.user()
    before = assets.everything()
    sent = {"email": spelling(made["email"]), "name": "Eve"}
    for answer in (
        assets.call("POST /users", "eve", sent),
        assets.call("PUT /users/{userId}", "ada", sent, userId=other["userId"]),
    ):
        assert (answer.status, answer.names()) == (409, ["email"])
    assert assets.everything() == before


def test_addresses_are_kept_in_lower_case(assets: Backend) -> None:
    email = new_email()
    assert assets.user(email=email.upper())["email"] == email
    found = assets.call("GET /users", query={"email": email.title()})
    assert [user["email"] for user in found.body["items"]] == [email]


def test_a_changed_address_frees_the_old_one_and_takes_the_new(assets: Backend) -> None:
    made, later = assets.user(), new_email()
    changed = assets.call(
        "PUT /users/{userId}", "ada", {"email": later, "name": "Ada"}, userId=made["userId"]
    )
    assert changed.status == 200
    assert assets.call("POST /users", "eve", {"email": later, "name": "Eve"}).status == 409
    assert assets.user("eve", email=made["email"])["userId"] != made["userId"]
    assert assets.call("GET /users", query={"email": later}).body["items"] == [changed.body]


def test_of_many_who_want_one_address_one_gets_it(assets: Backend) -> None:
    email = new_email()
    before = len(assets.everything())
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda n: assets.call("POST /users", f"u{n}", {"email": email, "name": "A"}), range(8))
        )
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    assert len(assets.everything()) == before + 2, "a user and its guard"


def test_changes_at_once_leave_one_guard_for_the_address_that_won(assets: Backend) -> None:
    made = assets.user()
    emails = [new_email() for _ in range(6)]

    def change(email: str) -> int:
        sent = {"email": email, "name": "Ada"}
        return assets.call("PUT /users/{userId}", "ada", sent, userId=made["userId"]).status

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(change, emails)) <= {200, 409}
    kept = assets.call("GET /users/{userId}", userId=made["userId"]).body["email"]
    guards = [email for email in [made["email"], *emails] if assets.item("users", users.guard_id(email))]
    assert guards == [kept]


@pytest.mark.parametrize("route", ["PUT /users/{userId}", "DELETE /users/{userId}"])
def test_a_user_changed_between_read_and_write_is_read_again(
    assets: Backend, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, between, wanted = assets.user(), new_email(), new_email()
    module = assets.modules[route]
    commit = module.transactions.commit
    calls = []

    def slow(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 1:
            sent = {"email": between, "name": "Between"}
            assert assets.call("PUT /users/{userId}", "ada", sent, userId=made["userId"]).status == 200
        return commit(*arguments)

    monkeypatch.setattr(module.transactions, "commit", slow)
    answer = assets.call(route, "ada", {"email": wanted, "name": "Last"}, userId=made["userId"])
    assert answer.status in {200, 204}
    for email in (made["email"], between):
        assert assets.item("users", users.guard_id(email)) is None
    assert bool(assets.item("users", users.guard_id(wanted))) == route.startswith("PUT")


def test_a_user_is_there_only_for_its_owner_and_admins(assets: Backend) -> None:
    made = assets.user("ada")
    change = {"email": made["email"], "name": "Eve"}
    for route, body in (("GET", None), ("PUT", change), ("DELETE", None)):
        assert assets.call(f"{route} /users/{{userId}}", "eve", body, userId=made["userId"]).status == 404
    assert assets.call("GET /users", "eve", query={"email": made["email"]}).body == {"items": []}
    seen = assets.call("GET /users", "boss", query={"email": made["email"]}, groups=ADMIN)
    assert seen.body == {"items": [made]}
    for route, body, status in (("GET", None, 200), ("PUT", change, 200), ("DELETE", None, 204)):
        path = {"userId": made["userId"]}
        assert assets.call(f"{route} /users/{{userId}}", "boss", body, groups=ADMIN, **path).status == status


def test_lists_a_callers_users_newest_first_page_by_page(assets: Backend) -> None:
    owner = str(uuid.uuid4())
    made = [assets.user(owner) for _ in range(7)]
    assets.user("somebody-else")
    found: list[Any] = []
    query = {"limit": "3"}
    for size in (3, 3, 1):
        page = assets.call("GET /users", owner, query=query)
        assert (page.status, len(page.body["items"])) == (200, size)
        found += page.body["items"]
        query = {"limit": "3", "cursor": page.body.get("nextCursor", "")}
    assert "nextCursor" not in page.body
    assert sorted(found, key=lambda user: -user["createdAt"]) == found
    assert {user["userId"] for user in found} == {user["userId"] for user in made}


def test_an_admin_lists_everybodys_users_and_no_guards(assets: Backend) -> None:
    made = [assets.user(str(uuid.uuid4())) for _ in range(3)]
    page = assets.call("GET /users", "boss", groups=ADMIN, query={"limit": "3"})
    assert sorted(user["userId"] for user in page.body["items"]) == sorted(user["userId"] for user in made)


def test_a_cursor_is_good_for_its_list_only(assets: Backend) -> None:
    owner = str(uuid.uuid4())
    for _ in range(2):
        assets.user(owner)
    cursor = assets.call("GET /users", owner, query={"limit": "1"}).body["nextCursor"]
    assert assets.call("GET /users", owner, query={"cursor": cursor}).status == 200
    for route, user in (("GET /users", "eve"), ("GET /assets", owner)):
        answer = assets.call(route, user, query={"cursor": cursor})
        assert (answer.status, answer.names()) == (400, ["cursor"])


def test_a_user_with_a_ttl_is_gone_when_it_is_over(assets: Backend) -> None:
    owner = str(uuid.uuid4())
    made = assets.user(owner, ttl=SOON)
    assert made["ttl"] == SOON
    for item in (made["userId"], users.guard_id(made["email"])):
        assert (assets.item("users", item) or {})["ttl"] == {"N": str(SOON)}
        assets.change("users", item, ttl={"N": str(int(time.time()) - 1)})
    assert assets.call("GET /users/{userId}", owner, userId=made["userId"]).status == 404
    assert assets.call("GET /users", owner).body == {"items": []}
    assert assets.call("GET /users", owner, query={"email": made["email"]}).body == {"items": []}
    assert assets.user(owner, email=made["email"])["userId"] != made["userId"], "the address is free"


def test_put_changes_the_ttl_of_user_and_guard(assets: Backend) -> None:
    made = assets.user(ttl=SOON)
    sent = {"email": made["email"], "name": "Ada"}
    kept = assets.call("PUT /users/{userId}", "ada", {**sent, "ttl": SOON + 5}, userId=made["userId"])
    assert kept.body["ttl"] == SOON + 5
    assert (assets.item("users", users.guard_id(made["email"])) or {})["ttl"] == {"N": str(SOON + 5)}
    forever = assets.call("PUT /users/{userId}", "ada", sent, userId=made["userId"])
    assert "ttl" not in forever.body
    assert "ttl" not in (assets.item("users", users.guard_id(made["email"])) or {})


@pytest.mark.parametrize("case", BAD_USERS)
@pytest.mark.parametrize("route", ["POST /users", "PUT /users/{userId}"])
def test_a_bad_body_is_refused_by_field_and_nothing_is_written(
    assets: Backend, route: str, case: str
) -> None:
    body, fields = BAD_USERS[case]
    path: dict[str, Any] = {"userId": "nobody"} if route.startswith("PUT") else {}
    before = assets.everything()
    answer = assets.call(route, "ada", body, **path)
    assert (answer.status, answer.names()) == (400, fields)
    assert assets.everything() == before


def test_a_body_above_16_kb_is_refused(assets: Backend) -> None:
    answer = assets.call("POST /users", "ada", json.dumps({**ADA, "name": "x" * 16_384}))
    assert (answer.status, answer.names()) == (413, ["body"])


@pytest.mark.parametrize(("query", "field"), BAD_USER_QUERIES)
def test_a_bad_query_is_refused_by_parameter(assets: Backend, query: dict[str, str], field: str) -> None:
    answer = assets.call("GET /users", query=query)
    assert (answer.status, answer.names()) == (400, [field])


@pytest.mark.parametrize("user_id", ["email#abc", "a/b", "", " ", "é", "x" * 129])
def test_an_id_that_is_none_is_refused(assets: Backend, user_id: str) -> None:
    answer = assets.call("GET /users/{userId}", userId=user_id)
    assert (answer.status, answer.names()) == (400, ["userId"])


CONFLICT = aws_error(
    "TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}, {"Code": "None"}]
)


@pytest.mark.parametrize("error", [CONFLICT, aws_error("TransactionInProgressException")])
def test_a_transaction_in_the_way_is_waited_for(
    assets: Backend, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = assets.modules["POST /users"]
    failing = Failing(error, behind=module.DYNAMODB, times=2)
    monkeypatch.setattr(module, "DYNAMODB", failing)
    assets.user()
    assert len(failing.calls) == 3


def test_transactions_that_stay_in_the_way_are_a_conflict_to_try_again(
    assets: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets.modules["POST /users"], "DYNAMODB", Failing(CONFLICT))
    answer = assets.call("POST /users", "ada", ADA)
    assert (answer.status, answer.headers["retry-after"]) == (409, "1")
