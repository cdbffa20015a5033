import json
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lambda_backend import Backend
from lambda_events import claims, http_event
from lambda_fakes import Failing, aws_error

SEND = "POST /messages"


def canceled(*reasons: str) -> Exception:
    found: Exception = aws_error(
        "TransactionCanceledException", CancellationReasons=[{"Code": code} for code in reasons]
    )
    return found


def owned(backend: Backend, table: str, user: str) -> list[dict[str, Any]]:
    return [item for item in backend.items(table) if item["userId"]["S"] == user]


def test_a_message_and_its_notification_are_stored_and_published(backend: Backend) -> None:
    sender, recipient = backend.user(), backend.user()
    backend.published()
    sent = backend.call(SEND, sender, {"recipientId": recipient, "content": "Hello,\n\tworld"})
    assert sent.status == 201
    message = sent.body
    assert set(message) == {"messageId", "senderId", "userId", "content", "read", "createdAt", "updatedAt"}
    assert (message["senderId"], message["userId"]) == (sender, recipient)
    assert (message["content"], message["read"]) == ("Hello,\n\tworld", False)

    [stored] = owned(backend, "messages", recipient)
    assert {name: next(iter(value.values())) for name, value in stored.items()} == message
    [notification] = owned(backend, "notifications", recipient)
    assert set(notification) == {"notificationId", "userId", "type", "title", "content", "read", "createdAt"}
    assert notification["type"] == {"S": "message"}
    assert notification["content"] == {"S": "Hello, world"}
    assert notification["createdAt"] == {"S": message["createdAt"]}
    told = {name: message[name] for name in ("messageId", "userId", "createdAt")}
    assert backend.published() == [{"type": "message", **told}], "ids only, no content"


def test_a_long_message_has_a_short_notification(backend: Backend) -> None:
    recipient = backend.user()
    backend.message(backend.user(), recipient, "ä" * 32_000)
    [notification] = owned(backend, "notifications", recipient)
    assert notification["content"]["S"] == "ä" * 139 + "…"


def test_a_recipient_without_a_profile_is_not_found_and_nothing_is_written(backend: Backend) -> None:
    sender = backend.user()
    backend.published()
    before = backend.everything()
    answer = backend.call(
        SEND,
        sender,
        {"recipientId": str(uuid.uuid4()), "content": "hello"},
        headers={"idempotency-key": str(uuid.uuid4())},
    )
    assert (answer.status, answer.names()) == (404, ["recipientId"])
    assert backend.everything() == before
    assert backend.published() == []


BAD_DRAFTS = {
    "empty": ("", ["body"], 400),
    "not JSON": ("{]", ["body"], 400),
    "an array": ("[1]", ["body"], 400),
    "deep": ('{"recipientId":' + "[" * 10_000, ["recipientId"], 400),
    "deep and unknown": ('{"x":' + "[" * 10_000, ["x"], 400),
    "extra field": (json.dumps({"recipientId": "a", "content": "b", "read": True}), ["read"], 400),
    "no content": (json.dumps({"recipientId": "a"}), ["content"], 400),
    "a number": (json.dumps({"recipientId": "a", "content": 5}), ["content"], 400),
    "empty content": (json.dumps({"recipientId": "a", "content": ""}), ["content"], 400),
    "NUL": (json.dumps({"recipientId": "a", "content": "a\x00"}), ["content"], 400),
    "escape": (json.dumps({"recipientId": "a", "content": "\x1b[31m"}), ["content"], 400),
    "C1 control": (json.dumps({"recipientId": "a", "content": "a\x85"}), ["content"], 400),
    "half a surrogate pair": ('{"recipientId":"a","content":"\\udc00"}', ["body"], 400),
    "long": (json.dumps({"recipientId": "a", "content": "x" * 32_001}), ["content"], 400),
    "above 400 KB": (json.dumps({"recipientId": "a", "content": "x" * 409_600}), ["body"], 413),
    "4 MB": (json.dumps({"recipientId": "a", "content": "x" * 4_000_000}), ["body"], 413),
    "recipient with a slash": (json.dumps({"recipientId": "a/b", "content": "x"}), ["recipientId"], 400),
    "recipient with a space": (json.dumps({"recipientId": "a b", "content": "x"}), ["recipientId"], 400),
    "recipient with NUL": (json.dumps({"recipientId": "a\x00", "content": "x"}), ["recipientId"], 400),
    "empty recipient": (json.dumps({"recipientId": "", "content": "x"}), ["recipientId"], 400),
}


@pytest.mark.parametrize("case", BAD_DRAFTS)
def test_a_bad_body_is_refused_by_field_and_nothing_is_written(backend: Backend, case: str) -> None:
    body, fields, status = BAD_DRAFTS[case]
    before = backend.everything()
    answer = backend.call(SEND, backend.user() if status == 413 else str(uuid.uuid4()), body)
    assert (answer.status, answer.names()) == (status, fields)
    after = backend.everything()
    assert after["messages"] == before["messages"]
    assert after["notifications"] == before["notifications"]


def test_a_body_in_base64_is_read(backend: Backend) -> None:
    recipient = backend.user()
    body = json.dumps({"recipientId": recipient, "content": "grüß dich"}, ensure_ascii=False).encode()
    assert backend.call(SEND, str(uuid.uuid4()), body).body["content"] == "grüß dich"


def test_a_repeat_with_the_same_key_gets_the_first_answer_and_sends_nothing(backend: Backend) -> None:
    sender, recipient = backend.user(), backend.user()
    draft = {"recipientId": recipient, "content": "once"}
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = backend.call(SEND, sender, draft, headers=headers)
    backend.published()
    before = backend.everything()
    again = backend.call(SEND, sender, draft, headers={"idempotency-key": headers["Idempotency-Key"]})
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert backend.everything() == before
    assert backend.published() == []


def test_a_repeat_gets_its_answer_even_when_the_recipient_is_gone(backend: Backend) -> None:
    sender, recipient = backend.user(), backend.user()
    draft = {"recipientId": recipient, "content": "once"}
    headers = {"idempotency-key": str(uuid.uuid4())}
    first = backend.call(SEND, sender, draft, headers=headers)
    backend.call("DELETE /users/{userId}", recipient, path={"userId": recipient})
    assert backend.call(SEND, sender, draft, headers=headers).body == first.body


def test_the_same_key_with_another_body_is_a_conflict(backend: Backend) -> None:
    sender, recipient = backend.user(), backend.user()
    headers = {"idempotency-key": str(uuid.uuid4())}
    backend.call(SEND, sender, {"recipientId": recipient, "content": "one"}, headers=headers)
    other = backend.call(SEND, sender, {"recipientId": recipient, "content": "two"}, headers=headers)
    assert (other.status, other.names()) == (409, ["Idempotency-Key"])
    assert len(owned(backend, "messages", recipient)) == 1


def test_the_same_key_of_another_sender_is_another_request(backend: Backend) -> None:
    recipient = backend.user()
    draft = {"recipientId": recipient, "content": "one"}
    headers = {"idempotency-key": str(uuid.uuid4())}
    ids = {backend.call(SEND, str(uuid.uuid4()), draft, headers=headers).body["messageId"] for _ in range(2)}
    assert len(ids) == 2


def test_an_expired_key_is_free_again(backend: Backend) -> None:
    sender, recipient = backend.user(), backend.user()
    draft = {"recipientId": recipient, "content": "one"}
    headers = {"idempotency-key": str(uuid.uuid4())}
    first = backend.call(SEND, sender, draft, headers=headers)
    [record] = [
        item for item in backend.items("idempotency") if first.body["messageId"] in item["response"]["S"]
    ]
    backend.dynamodb.put_item(TableName="idempotency", Item=record | {"expiresAt": {"N": "1"}})
    assert backend.call(SEND, sender, draft, headers=headers).body["messageId"] != first.body["messageId"]


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 256, "a\x00", "\x7f"])
def test_a_bad_key_is_refused(backend: Backend, key: str) -> None:
    recipient = backend.user()
    draft = {"recipientId": recipient, "content": "one"}
    answer = backend.call(SEND, str(uuid.uuid4()), draft, headers={"idempotency-key": key})
    assert (answer.status, answer.names()) == (400, ["Idempotency-Key"])
    assert owned(backend, "messages", recipient) == []


def test_of_simultaneous_duplicates_one_is_stored_and_all_get_its_answer(backend: Backend) -> None:
    sender, recipient = backend.user(), backend.user()
    draft = {"recipientId": recipient, "content": "once"}
    headers = {"idempotency-key": str(uuid.uuid4())}
    backend.published()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: backend.call(SEND, sender, draft, headers=headers), range(8)))
    assert {answer.status for answer in answers} == {201}
    [message] = owned(backend, "messages", recipient)
    assert {answer.body["messageId"] for answer in answers} == {message["messageId"]["S"]}
    assert Counter("idempotent-replayed" in answer.headers for answer in answers) == {True: 7, False: 1}
    assert len(owned(backend, "notifications", recipient)) == 1
    assert len(backend.published()) == 1


@pytest.mark.parametrize(
    "error",
    [
        canceled("TransactionConflict", "None", "None"),
        canceled("None", "None", "None", "TransactionConflict"),
        aws_error("TransactionInProgressException"),
    ],
)
def test_a_transaction_that_meets_another_is_tried_again(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    send = backend.modules[SEND]
    recipient = backend.user()
    busy = Failing(error, send.DYNAMODB, times=3)
    monkeypatch.setattr(send, "DYNAMODB", busy)
    assert backend.message(str(uuid.uuid4()), recipient)
    assert busy.calls == ["transact_write_items"] * 4


def test_a_transaction_that_meets_others_for_too_long_is_a_conflict(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = backend.modules[SEND]
    recipient = backend.user()
    monkeypatch.setattr(send, "DYNAMODB", Failing(canceled("TransactionConflict", "None", "None")))
    answer = backend.call(SEND, str(uuid.uuid4()), {"recipientId": recipient, "content": "x"})
    assert (answer.status, answer.headers["retry-after"]) == (409, "1")


def test_a_write_that_meets_a_transaction_is_tried_again(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = backend.modules["PUT /users/{userId}"]
    user_id = backend.user()
    profile = {"email": "a@b.co", "firstName": "A", "lastName": "B"}
    busy = Failing(aws_error("TransactionConflictException"), update.DYNAMODB, times=2)
    monkeypatch.setattr(update, "DYNAMODB", busy)
    assert backend.call("PUT /users/{userId}", user_id, profile, path={"userId": user_id}).status == 200
    monkeypatch.setattr(update, "DYNAMODB", Failing(aws_error("TransactionConflictException")))
    assert backend.call("PUT /users/{userId}", user_id, profile, path={"userId": user_id}).status == 409


def test_an_item_that_dynamodb_finds_too_large_is_too_large(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = backend.modules["POST /users"]
    error = aws_error("ValidationException", message="Item size has exceeded the maximum allowed size")
    monkeypatch.setattr(create, "DYNAMODB", Failing(error))
    profile = {"email": "a@b.co", "firstName": "A", "lastName": "B"}
    assert backend.call("POST /users", str(uuid.uuid4()), profile).status == 413


@given(
    content=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=300).filter(
        lambda text: not text.isspace()
    )
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_printable_content_is_stored_as_sent(backend: Backend, content: str) -> None:
    sender = str(uuid.uuid4())
    recipient = backend.user()
    headers = {"idempotency-key": str(uuid.uuid4())}
    draft = {"recipientId": recipient, "content": content}
    sent = backend.call(SEND, sender, draft, headers=headers)
    assert sent.body["content"] == content
    assert backend.call(SEND, sender, draft, headers=headers).body == sent.body
    assert backend.call("GET /messages", recipient).body["items"] == [sent.body]


def test_an_id_token_is_unauthorized_and_nothing_is_written(backend: Backend) -> None:
    recipient = backend.user()
    before = backend.everything()
    event = http_event(
        claims(recipient, token_use="id"), json.dumps({"recipientId": recipient, "content": "x"})
    )
    answer = backend.send(SEND, event)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert backend.everything() == before
