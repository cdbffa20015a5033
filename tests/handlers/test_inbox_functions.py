import base64
import json
import re
import uuid
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lambda_backend import Backend

SEND = "POST /messages"


@dataclass(frozen=True)
class Kind:
    list_route: str
    read_route: str
    key: str
    table: str


KINDS = [
    Kind("GET /messages", "PUT /messages/{messageId}/read", "messageId", "messages"),
    Kind("GET /notifications", "PUT /notifications/{notificationId}/read", "notificationId", "notifications"),
]
both = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.table)


@both
def test_a_box_is_listed_newest_first_page_by_page(backend: Backend, kind: Kind) -> None:
    recipient = backend.user()
    sent = [backend.message(str(uuid.uuid4()), recipient, f"m{n}")["createdAt"] for n in range(7)]
    found, cursor, sizes = [], None, []
    while True:
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = backend.call(kind.list_route, recipient, query=query)
        assert page.status == 200
        found += page.body["items"]
        sizes.append(len(page.body["items"]))
        cursor = page.body.get("nextCursor")
        if cursor is None:
            break
        assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor), "fit for a URL as it is"
    assert sizes == [3, 3, 1]
    assert [item["createdAt"] for item in found] == sorted(sent, reverse=True)
    assert len({item[kind.key] for item in found}) == 7
    assert {item["userId"] for item in found} == {recipient}


@both
@pytest.mark.parametrize("limit", ["1", "5"])
def test_a_last_page_that_is_full_has_no_cursor(backend: Backend, kind: Kind, limit: str) -> None:
    recipient = backend.user()
    for _ in range(int(limit)):
        backend.message(str(uuid.uuid4()), recipient)
    page = backend.call(kind.list_route, recipient, query={"limit": limit})
    assert (len(page.body["items"]), "nextCursor" in page.body) == (int(limit), False)


@both
def test_without_a_limit_a_page_holds_20(backend: Backend, kind: Kind) -> None:
    recipient = backend.user()
    for _ in range(21):
        backend.message(str(uuid.uuid4()), recipient)
    page = backend.call(kind.list_route, recipient)
    assert (len(page.body["items"]), "nextCursor" in page.body) == (20, True)


@both
def test_messages_of_the_same_millisecond_are_all_listed(backend: Backend, kind: Kind) -> None:
    user = str(uuid.uuid4())
    for _ in range(5):
        item = {kind.key: str(uuid.uuid4()), "userId": user, "createdAt": "2026-11-20T13:00:00.123Z"}
        backend.dynamodb.put_item(TableName=kind.table, Item={k: {"S": v} for k, v in item.items()})
    first = backend.call(kind.list_route, user, query={"limit": "2"}).body
    second = backend.call(kind.list_route, user, query={"limit": "100", "cursor": first["nextCursor"]}).body
    assert len({item[kind.key] for item in first["items"] + second["items"]}) == 5


@both
def test_a_stranger_has_an_empty_box(backend: Backend, kind: Kind) -> None:
    assert backend.call(kind.list_route, str(uuid.uuid4())).body == {"items": []}


@both
@pytest.mark.parametrize(
    "limit", ["x", "0", "-1", "1000000000", "101", "", " 5", "1.0", "+5", "1,2", "٣", "\x00", "1e1"]
)
def test_a_bad_limit_is_refused(backend: Backend, kind: Kind, limit: str) -> None:
    answer = backend.call(kind.list_route, str(uuid.uuid4()), query={"limit": limit})
    assert (answer.status, answer.names()) == (400, ["limit"])


@both
def test_an_unknown_parameter_is_refused(backend: Backend, kind: Kind) -> None:
    answer = backend.call(kind.list_route, str(uuid.uuid4()), query={"Limit": "5"})
    assert (answer.status, answer.names()) == (400, ["Limit"])


def bad_cursors() -> list[str]:
    forged = base64.urlsafe_b64encode(b"1\n2026-11-20T13:00:00.123Z\nid\n" + b"0" * 24).decode()
    key = base64.urlsafe_b64encode(json.dumps({"messageId": {"S": "x"}}).encode()).decode()
    return ["", "x", "%", "a" * 500, "====", "\x00", "ä", "bnVsbA", key, forged, forged + "=", "null", "[]"]


@both
@pytest.mark.parametrize("cursor", bad_cursors())
def test_a_bad_cursor_is_refused(backend: Backend, kind: Kind, cursor: str) -> None:
    answer = backend.call(kind.list_route, str(uuid.uuid4()), query={"cursor": cursor})
    assert (answer.status, answer.names()) == (400, ["cursor"])


@both
def test_a_cursor_of_another_box_is_refused(backend: Backend, kind: Kind) -> None:
    owner, other = backend.user(), backend.user()
    for _ in range(2):
        backend.message(owner, owner)
    cursor = backend.call(kind.list_route, owner, query={"limit": "1"}).body["nextCursor"]
    assert backend.call(kind.list_route, owner, query={"cursor": cursor}).status == 200
    assert backend.call(kind.list_route, other, query={"cursor": cursor}).status == 400
    [other_kind] = [k for k in KINDS if k != kind]
    assert backend.call(other_kind.list_route, owner, query={"cursor": cursor}).status == 400


@both
def test_an_admin_reads_the_box_of_another_and_nobody_else_does(backend: Backend, kind: Kind) -> None:
    owner = backend.user()
    backend.message(owner, owner)
    query = {"userId": owner}
    admin = backend.call(kind.list_route, str(uuid.uuid4()), query=query, groups=["admin"])
    assert len(admin.body["items"]) == 1
    assert backend.call(kind.list_route, str(uuid.uuid4()), query=query).status == 403
    assert backend.call(kind.list_route, owner, query=query).body == admin.body
    bad = backend.call(kind.list_route, str(uuid.uuid4()), query={"userId": "a/b"}, groups=["admin"])
    assert (bad.status, bad.names()) == (400, ["userId"])


@both
def test_marking_as_read_returns_the_whole_item_and_twice_changes_nothing(
    backend: Backend, kind: Kind
) -> None:
    recipient = backend.user()
    backend.message(str(uuid.uuid4()), recipient)
    [item] = backend.call(kind.list_route, recipient).body["items"]
    first = backend.call(kind.read_route, recipient, path={kind.key: item[kind.key]})
    assert first.status == 200
    assert first.body["read"] is True
    changed = {"read", "updatedAt"}
    assert {k: v for k, v in first.body.items() if k not in changed} == {
        k: v for k, v in item.items() if k not in changed
    }
    second = backend.call(kind.read_route, recipient, path={kind.key: item[kind.key]})
    assert (second.status, second.body) == (200, first.body)
    assert backend.call(kind.list_route, recipient).body["items"] == [first.body]


@both
def test_nobody_else_marks_an_item_but_an_admin(backend: Backend, kind: Kind) -> None:
    recipient, other = backend.user(), backend.user()
    backend.message(other, recipient)
    [item] = backend.call(kind.list_route, recipient).body["items"]
    path = {kind.key: item[kind.key]}
    before = backend.items(kind.table)
    assert backend.call(kind.read_route, other, path=path).status == 404
    assert backend.call(kind.read_route, other, path=path, query={"userId": recipient}).status == 403
    assert backend.items(kind.table) == before
    admin = backend.call(kind.read_route, other, path=path, query={"userId": recipient}, groups=["admin"])
    assert (admin.status, admin.body["read"]) == (200, True)


@both
@pytest.mark.parametrize("item_id", ["", "a/b", "a b", "\x00", "%2F", "x" * 129, "ü", None, [], "\udc00"])
def test_a_bad_id_is_refused_and_nothing_is_written(backend: Backend, kind: Kind, item_id: object) -> None:
    before = backend.items(kind.table)
    answer = backend.call(kind.read_route, str(uuid.uuid4()), path={kind.key: item_id})
    assert (answer.status, answer.names()) == (400, [kind.key])
    assert backend.items(kind.table) == before


@both
def test_an_unknown_id_is_not_found_and_nothing_is_written(backend: Backend, kind: Kind) -> None:
    before = backend.items(kind.table)
    assert backend.call(kind.read_route, str(uuid.uuid4()), path={kind.key: str(uuid.uuid4())}).status == 404
    assert backend.items(kind.table) == before


@given(
    cursor=st.text(max_size=90)
    | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode())
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_is_a_cursor_by_chance(backend: Backend, cursor: str) -> None:
    assert backend.call("GET /messages", "somebody", query={"cursor": cursor, "limit": "1"}).status == 400
