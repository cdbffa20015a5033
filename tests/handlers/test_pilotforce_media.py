import time
import urllib.request
from typing import Any

import pytest
from lambda_fakes import Failing, aws_error
from pilot_backend import BUCKET, DRAFT, MAX_BYTES, Backend, created, key_of, someone

from handlers.pilotforce import media
from handlers.shared.uploads import NotRecordedError
from stacks import pilotforce, pilotforce_routes

MEDIA = "/media/{mediaId}"


def seen(crew: Backend, found: Any, user: str, groups: str) -> int:
    return crew.call(f"GET {MEDIA}", user, groups=groups, mediaId=found["mediaId"]).status


def listed(crew: Backend, user: str, groups: str = "pilot", **query: str) -> list[str]:
    answer = crew.call("GET /media", user, groups=groups, query=query or None)
    assert answer.status == 200, answer.body
    return [item["mediaId"] for item in answer.body["items"]]


def test_describes_a_file_and_says_where_to_upload_it(crew: Backend) -> None:
    pat = someone()
    made = crew.call("POST /media", pat, DRAFT | {"sharedWith": "pilot"})
    found = made.body
    assert made.status == 201
    assert made.headers["location"] == f"/media/{found['mediaId']}"
    assert found.items() >= {**DRAFT, "ownerId": pat, "status": "pending", "sharedWith": "pilot"}.items()
    upload = found["upload"]
    assert upload["headers"] == {"content-type": "image/png", "content-length": "5"}
    assert f"/{BUCKET}/media/{pat}/{found['mediaId']}?" in upload["url"]
    assert "X-Amz-Expires=900&" in upload["url"]
    item = crew.item("media", found["mediaId"])
    assert item is not None
    assert 0 < int(item["expiresAt"]["N"]) - time.time() <= 24 * 60 * 60


def test_an_upload_makes_it_available_to_its_owner_with_an_address(crew: Backend) -> None:
    pat = someone()
    made = crew.uploaded(pat, fileName="Über wing.png")
    found = crew.call(f"GET {MEDIA}", pat, mediaId=made["mediaId"]).body
    assert found["status"] == "available"
    assert "expiresAt" not in (crew.item("media", made["mediaId"]) or {})
    with urllib.request.urlopen(found["url"]) as answer:  # noqa: S310 -- our own emulator
        assert answer.read() == b"hello"
        assert answer.headers["content-disposition"].startswith("attachment; ")
    (item,) = crew.call("GET /media", pat).body["items"]
    assert item["mediaId"] == made["mediaId"]
    assert item["url"]


@pytest.mark.parametrize(
    ("shared", "viewer", "pilot"), [(None, 404, 404), ("pilot", 404, 200), ("viewer", 200, 200)]
)
def test_what_is_shared_is_seen_by_that_group_and_those_above(
    crew: Backend, shared: str | None, viewer: int, pilot: int
) -> None:
    owner = someone()
    made = crew.uploaded(owner, **({"sharedWith": shared} if shared else {}))
    assert seen(crew, made, owner, "pilot") == 200
    assert seen(crew, made, someone(), "admin") == 200
    assert seen(crew, made, someone(), "viewer") == viewer
    assert seen(crew, made, someone(), "pilot") == pilot
    assert seen(crew, made, someone(), "") == 404
    for audience in media.AUDIENCES:
        assert (made["mediaId"] in listed(crew, someone(), "admin", sharedWith=audience)) == (
            audience == shared
        )


def test_others_see_a_file_only_once_it_is_there(crew: Backend) -> None:
    owner = someone()
    made = crew.media(owner, sharedWith="viewer")
    assert seen(crew, made, someone(), "viewer") == 404
    assert made["mediaId"] not in listed(crew, someone(), "viewer", sharedWith="viewer")
    assert "url" not in crew.call(f"GET {MEDIA}", owner, mediaId=made["mediaId"]).body
    assert listed(crew, owner) == [made["mediaId"]]


def test_lists_are_ones_own_and_an_admins_choice(crew: Backend) -> None:
    pat = someone()
    mine = [crew.uploaded(pat)["mediaId"], crew.uploaded(pat)["mediaId"]]
    assert listed(crew, pat) == mine[::-1]
    assert listed(crew, someone(), "admin", userId=pat) == mine[::-1]
    assert crew.call("GET /media", someone(), query={"userId": pat}).status == 403
    assert crew.call("GET /media", someone(), groups="viewer", query={"sharedWith": "pilot"}).status == 403


def test_pages_go_on_behind_what_is_not_shown(crew: Backend) -> None:
    pat = someone()
    wanted = crew.uploaded(pat)["mediaId"]
    for _ in range(3):
        hidden = crew.uploaded(pat)
        crew.dynamodb.update_item(
            TableName="media",
            Key={"mediaId": {"S": hidden["mediaId"]}},
            UpdateExpression="SET #s = :s",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": {"S": "deleting"}},
        )
    found, query = [], {"limit": "1"}
    for _ in range(4):
        page = crew.call("GET /media", pat, query=query).body
        found += [item["mediaId"] for item in page["items"]]
        if "nextCursor" not in page:
            break
        query = {"limit": "1", "cursor": page["nextCursor"]}
    assert found == [wanted]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"fileName": ""}, "fileName"),
        ({"fileName": "../wing.png"}, "fileName"),
        ({"fileName": "a\\b.png"}, "fileName"),
        ({"fileName": "a\u202egnp.exe"}, "fileName"),
        ({"fileName": "a" * 201}, "fileName"),
        ({"contentType": "image/svg+xml"}, "contentType"),
        ({"contentType": "text/html"}, "contentType"),
        ({"size": 0}, "size"),
        ({"size": MAX_BYTES + 1}, "size"),
        ({"size": 1.5}, "size"),
        ({"sharedWith": "admin"}, "sharedWith"),
        ({"sharedWith": ""}, "sharedWith"),
        ({"ownerId": "eve"}, "ownerId"),
    ],
)
def test_a_bad_description_is_refused_and_nothing_is_written(
    crew: Backend, values: dict[str, Any], field: str
) -> None:
    before = crew.everything()
    answer = crew.call("POST /media", someone(), DRAFT | values)
    assert (answer.status, answer.names()) == (400, [field])
    assert crew.everything() == before


def test_owners_and_admins_share_and_nobody_else(crew: Backend) -> None:
    pat = someone()
    made = crew.uploaded(pat, sharedWith="viewer")
    path = {"mediaId": made["mediaId"]}
    assert crew.call(f"PUT {MEDIA}", someone(), {"sharedWith": None}, **path).status == 404
    assert crew.call(f"PUT {MEDIA}", pat, {"sharedWith": "pilot"}, **path).body["sharedWith"] == "pilot"
    assert seen(crew, made, someone(), "viewer") == 404
    private = crew.call(f"PUT {MEDIA}", someone(), {"sharedWith": None}, groups="admin", **path)
    assert private.status == 200
    assert "sharedWith" not in private.body
    for body in ({}, {"sharedWith": "all"}):
        assert crew.call(f"PUT {MEDIA}", pat, body, **path).names() == ["sharedWith"]


def test_deletes_the_file_and_its_row(crew: Backend) -> None:
    pat = someone()
    made = crew.uploaded(pat, sharedWith="pilot")
    path = {"mediaId": made["mediaId"]}
    assert crew.call(f"DELETE {MEDIA}", someone(), **path).status == 404
    assert crew.has_object(key_of(made))
    assert crew.call(f"DELETE {MEDIA}", pat, **path).status == 204
    assert not crew.has_object(key_of(made))
    assert crew.item("media", made["mediaId"]) is None
    assert crew.call(f"DELETE {MEDIA}", pat, **path).status == 404


def test_a_deletion_that_stopped_half_way_is_seen_by_nobody_and_goes_on(
    crew: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    pat = someone()
    made = crew.uploaded(pat, sharedWith="viewer")
    path = {"mediaId": made["mediaId"]}
    with monkeypatch.context() as patch:
        failing = Failing(aws_error("InternalError"))
        patch.setattr(crew.modules[f"DELETE {MEDIA}"].aws, "objects", lambda: failing)
        assert crew.call(f"DELETE {MEDIA}", pat, **path).status == 500
    assert seen(crew, made, pat, "pilot") == seen(crew, made, someone(), "admin") == 404
    assert listed(crew, pat) == []
    assert crew.call(f"PUT {MEDIA}", pat, {"sharedWith": None}, **path).status == 404
    crew.tell(created(made, "0B"))
    assert listed(crew, pat) == []
    assert crew.call(f"DELETE {MEDIA}", pat, **path).status == 204
    assert crew.item("media", made["mediaId"]) is None


def test_uploads_are_recorded_once_in_order_and_for_their_owner_alone(crew: Backend) -> None:
    pat = someone()
    made = crew.media(pat)
    stranger = {**made, "ownerId": someone()}
    crew.tell(created(stranger, "0F"), {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "other"}}})
    assert crew.call(f"GET {MEDIA}", pat, mediaId=made["mediaId"]).body["status"] == "pending"
    crew.tell(created(made, "0B", size=7), created(made, "0A", size=3), created(made, "0B", size=9))
    found = crew.call(f"GET {MEDIA}", pat, mediaId=made["mediaId"]).body
    assert (found["status"], found["size"]) == ("available", 7)
    crew.tell(created({**made, "mediaId": someone()}))  # its row is gone


def test_an_upload_that_can_not_be_recorded_is_left_to_lambda(
    crew: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = crew.media(someone())
    monkeypatch.setattr(crew.modules["upload"], "DYNAMODB", Failing(aws_error("InternalServerError")))
    with pytest.raises(NotRecordedError):
        crew.tell(created(made))


def test_gateway_and_function_have_the_same_limits() -> None:
    schema = pilotforce_routes.media(pilotforce.PICTURE_TYPES, pilotforce.MAX_PICTURE_BYTES)["properties"]
    assert schema["fileName"]["maxLength"] == media.MAX_FILE_NAME
    assert set(schema["sharedWith"]["enum"]) == {*media.AUDIENCES, None}
    assert pilotforce.PICTURES == media.PREFIX
