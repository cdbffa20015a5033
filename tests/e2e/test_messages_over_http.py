from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from e2e.people import Person
from e2e.publications import Publications, publications
from e2e.running import Backend
from e2e.samples import MESSAGE_FIELDS, NOTIFICATION_FIELDS, assert_problem, assert_times
from e2e.web import Answer

pytestmark = pytest.mark.e2e

LISTS = ["/messages", "/notifications"]


def draft(recipient: Person, content: str = "Guten Tag — ¿qué tal? 👋\nA second line") -> dict[str, str]:
    return {"recipientId": recipient.user_id, "content": content}


def sent(sender: Person, recipient: Person, content: str = "hello", **headers: str) -> dict[str, object]:
    answer = sender.post("/messages", draft(recipient, content), **headers)
    assert answer.status == 201, answer.text
    body: dict[str, object] = answer.body
    return body


@pytest.fixture
def published(backend: Backend) -> Iterator[Publications]:
    with publications(backend, backend.outputs["notificationsTopicArn"]) as found:
        yield found


def test_a_message_and_its_notification_arrive(ada: Person, bob: Person) -> None:
    answer = ada.post("/messages", draft(bob))
    assert answer.status == 201
    assert answer.headers["content-type"] == "application/json"
    message = answer.body
    assert set(message) == MESSAGE_FIELDS
    assert (message["senderId"], message["userId"]) == (ada.user_id, bob.user_id)
    assert message["content"] == draft(bob)["content"]
    assert message["read"] is False
    assert_times(message, "createdAt", "updatedAt")
    assert message["createdAt"] == message["updatedAt"]
    assert bob.get("/messages").body == {"items": [message]}
    [notification] = bob.get("/notifications").body["items"]
    assert set(notification) == NOTIFICATION_FIELDS
    assert notification["userId"] == bob.user_id
    assert notification["type"] == "message"
    assert notification["read"] is False
    assert notification["createdAt"] == message["createdAt"]
    assert ada.get("/messages").body == {"items": []}, "an inbox holds what was received"


def test_a_message_is_published_to_the_topic(published: Publications, ada: Person, bob: Person) -> None:
    message = sent(ada, bob, "not for everybody's eyes")
    [event] = published.until(str(message["messageId"]))
    assert event == {"type": "message"} | {
        name: message[name] for name in ("messageId", "userId", "createdAt")
    }


def test_a_recipient_without_a_profile_is_not_found(backend: Backend, ada: Person) -> None:
    before = backend.everything()
    stranger = backend.person()
    assert_problem(ada.post("/messages", draft(stranger)), 404, "recipientId")
    assert_problem(ada.post("/messages", draft(stranger), idempotency_key="a-key"), 404, "recipientId")
    assert backend.everything() == before


def test_a_sender_needs_no_profile(backend: Backend, bob: Person) -> None:
    stranger = backend.person()
    assert sent(stranger, bob)["senderId"] == stranger.user_id


@pytest.mark.parametrize("table", ["messages", "notifications", "idempotency"])
def test_a_message_is_written_whole_or_not_at_all(
    backend: Backend, ada: Person, bob: Person, table: str
) -> None:
    before = backend.everything()
    arn = backend.dynamodb.describe_table(TableName=backend.tables[table])["Table"]["TableArn"]
    with backend.denying("send-message", "dynamodb:PutItem", resource=arn):
        assert_problem(ada.post("/messages", draft(bob), idempotency_key="whole"), 500)
    assert backend.everything() == before
    sent(ada, bob, idempotency_key="whole")
    assert len(bob.get("/messages").body["items"]) == 1


def test_a_failing_publish_does_not_fail_the_request(
    backend: Backend, published: Publications, ada: Person, bob: Person
) -> None:
    with backend.denying("send-message", "sns:Publish"):
        unpublished = sent(ada, bob, "quiet")
    marker = sent(ada, bob, "loud")
    assert [event["messageId"] for event in published.until(str(marker["messageId"]))] == [
        marker["messageId"]
    ]
    assert bob.get("/messages").body["items"] == [marker, unpublished]


def test_no_reachable_channel_fails_the_request(backend: Backend, ada: Person, bob: Person) -> None:
    with backend.denying("send-message", "dynamodb:Query", "execute-api:ManageConnections"):
        message = sent(ada, bob)
    assert bob.get("/messages").body["items"] == [message]


def test_a_repeat_returns_the_first_answer_and_sends_nothing(
    backend: Backend, published: Publications, ada: Person, bob: Person
) -> None:
    first = ada.post("/messages", draft(bob), idempotency_key="once")
    before = backend.everything()
    repeat = ada.post("/messages", draft(bob), idempotency_key="once")
    assert (first.status, repeat.status) == (201, 201)
    assert repeat.body == first.body
    assert backend.everything() == before
    marker = sent(ada, bob, "another")
    events = published.until(str(marker["messageId"]))
    assert [event["messageId"] for event in events] == [first.body["messageId"], marker["messageId"]]


def test_a_key_for_another_message_is_a_conflict(backend: Backend, ada: Person, bob: Person) -> None:
    sent(ada, bob, "first", idempotency_key="taken")
    before = backend.everything()
    second = ada.post("/messages", draft(bob, "second"), idempotency_key="taken")
    assert_problem(second, 409, "Idempotency-Key")
    assert backend.everything() == before


def test_a_key_is_its_senders_own(ada: Person, bob: Person) -> None:
    hers, his = sent(ada, bob, idempotency_key="shared"), sent(bob, bob, idempotency_key="shared")
    assert hers["messageId"] != his["messageId"]
    assert his["senderId"] == bob.user_id


def test_two_duplicates_at_once_are_one_message(published: Publications, ada: Person, bob: Person) -> None:
    def post(_: int) -> Answer:
        return ada.post("/messages", draft(bob), idempotency_key="at-once")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, range(4)))
    assert {answer.status for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({answer.text for answer in answers}) == 1
    assert len(bob.get("/messages").body["items"]) == 1
    assert len(bob.get("/notifications").body["items"]) == 1
    marker = sent(ada, bob, "another")
    assert len(published.until(str(marker["messageId"]))) == 2


def test_a_post_without_a_key_sends_each_time(ada: Person, bob: Person) -> None:
    first, second = sent(ada, bob, "again"), sent(ada, bob, "again")
    assert first["messageId"] != second["messageId"]
    assert len(bob.get("/messages").body["items"]) == 2


@pytest.fixture(scope="module")
def reader(backend: Backend) -> Person:
    """A user who has received five messages."""
    sender, recipient = backend.person(), backend.person()
    profile = {"email": "grace@example.com", "firstName": "Grace", "lastName": "Hopper"}
    assert recipient.post("/users", profile).status == 201
    for number in range(5):
        sent(sender, recipient, f"number {number}")
    return recipient


@pytest.mark.parametrize("path", LISTS)
def test_a_list_shows_the_newest_first(reader: Person, path: str) -> None:
    page = reader.get(path).body
    assert set(page) == {"items"}, "there is nothing more"
    assert [item["content"] for item in page["items"]] == [f"number {number}" for number in (4, 3, 2, 1, 0)]
    times = [item["createdAt"] for item in page["items"]]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 4, 5, 100])
def test_cursors_lead_through_the_whole_list(reader: Person, path: str, limit: int) -> None:
    items, address, pages = [], f"{path}?limit={limit}", 0
    while address:
        page = reader.get(address).body
        assert 1 <= len(page["items"]) <= limit
        items += page["items"]
        pages += 1
        cursor = page.get("nextCursor")
        address = cursor and f"{path}?limit={limit}&cursor={cursor}"
    assert items == reader.get(path).body["items"]
    assert pages == -(-5 // limit), "the last page knows that it is the last"


def test_a_read_message_stays_read(ada: Person, bob: Person) -> None:
    message = sent(ada, bob)
    answer = bob.put(f"/messages/{message['messageId']}/read")
    assert answer.status == 200
    read = answer.body
    assert read == message | {"read": True, "updatedAt": read["updatedAt"]}
    assert_times(read, "updatedAt")
    assert read["updatedAt"] > str(message["updatedAt"])
    assert bob.put(f"/messages/{message['messageId']}/read").body == read, "done twice, it changes nothing"
    assert bob.get("/messages").body["items"] == [read]


def test_a_read_notification_stays_read(ada: Person, bob: Person) -> None:
    sent(ada, bob)
    [notification] = bob.get("/notifications").body["items"]
    answer = bob.put(f"/notifications/{notification['notificationId']}/read")
    assert answer.status == 200
    assert answer.body == notification | {"read": True}
    assert bob.get("/notifications").body["items"] == [answer.body]


@pytest.mark.parametrize("path", LISTS)
def test_only_the_recipient_marks_as_read(backend: Backend, ada: Person, bob: Person, path: str) -> None:
    sent(ada, bob)
    [item] = bob.get(path).body["items"]
    before = backend.everything()
    item_id = item.get("messageId") or item["notificationId"]
    assert_problem(ada.put(f"{path}/{item_id}/read"), 404)
    assert_problem(ada.put(f"{path}/{item_id}/read?userId={bob.user_id}"), 403)
    assert_problem(bob.put(f"{path}/none/read"), 404)
    assert backend.everything() == before


@pytest.mark.parametrize("path", LISTS)
def test_a_box_is_its_owners_and_the_admins(user: Callable[..., Person], admin: Person, path: str) -> None:
    ada, bob = user(), user()
    sent(ada, bob)
    assert_problem(ada.get(f"{path}?userId={bob.user_id}"), 403)
    page = admin.get(f"{path}?userId={bob.user_id}").body
    assert page == bob.get(path).body
    [item] = page["items"]
    item_id = item.get("messageId") or item["notificationId"]
    answer = admin.put(f"{path}/{item_id}/read?userId={bob.user_id}")
    assert (answer.status, answer.body["read"]) == (200, True)
    assert bob.get(path).body["items"] == [answer.body]


def test_rows_hold_the_documents_attributes(backend: Backend, ada: Person, bob: Person) -> None:
    message = sent(ada, bob)
    [row] = [item for item in backend.items("messages") if item["messageId"]["S"] == message["messageId"]]
    assert set(row) == MESSAGE_FIELDS
    [row] = [item for item in backend.items("notifications") if item["userId"]["S"] == bob.user_id]
    assert set(row) == NOTIFICATION_FIELDS
