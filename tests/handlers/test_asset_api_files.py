import json
import time
import urllib.error
import urllib.request
import uuid
from typing import Any
from urllib.parse import quote_plus, unquote

import pytest
from asset_backend import BUCKET, Backend, created, put
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lambda_fakes import Failing, aws_error

from handlers.shared.uploads import NotRecordedError
from support.asset_api_cases import BAD_ASSETS, CONTENT, FILE, FILE_NAMES

ADMIN = ["admin"]
DAYS_30 = 30 * 24 * 60 * 60


def get(url: str) -> tuple[bytes, dict[str, str]]:
    with urllib.request.urlopen(url) as answer:  # noqa: S310 -- our own emulator
        return answer.read(), {name.lower(): value for name, value in answer.headers.items()}


def test_creates_an_asset_and_says_where_to_upload_it(assets: Backend) -> None:
    before = time.time()
    made = assets.call("POST /assets", "ada", {**FILE, "metadata": {"b": "2", "a": "1"}})
    asset = made.body
    assert made.status == 201
    assert made.headers["location"] == f"/assets/{asset['assetId']}"
    first = ["assetId", "fileName", "contentType", "size", "status", "metadata", "s3Bucket", "s3Key"]
    assert list(asset) == [*first, "ownerId", "createdAt", "updatedAt", "ttl", "upload"]
    assert {name: asset[name] for name in FILE} == FILE
    assert list(asset["metadata"].items()) == [("a", "1"), ("b", "2")]
    assert (asset["status"], asset["s3Bucket"], asset["ownerId"]) == ("pending", BUCKET, "ada")
    assert asset["s3Key"] == f"assets/{asset['assetId']}/notes.txt"
    assert asset["ttl"] == asset["createdAt"] // 1000 + DAYS_30
    upload = asset.pop("upload")
    assert list(upload) == ["url", "method", "headers", "expiresAt"]
    assert upload["method"] == "PUT"
    assert upload["headers"] == {"content-type": "text/plain", "content-length": "5"}
    assert before + 3599 < upload["expiresAt"] / 1000 < time.time() + 3601
    assert "X-Amz-Expires=3600&" in upload["url"]
    assert assets.call("GET /assets/{assetId}", assetId=asset["assetId"]).body == asset


@pytest.mark.parametrize("name", FILE_NAMES)
def test_a_file_name_makes_the_round_trip(assets: Backend, name: str) -> None:
    asset = assets.asset(fileName=name)
    assert asset["fileName"] == name
    assert put(asset["upload"], CONTENT) == 200
    stored = assets.s3.get_object(Bucket=BUCKET, Key=f"assets/{asset['assetId']}/{name}")
    assert stored["Body"].read() == CONTENT
    assets.tell(created(asset))
    path = {"assetId": asset["assetId"]}
    found = assets.call("GET /assets/{assetId}", **path).body
    assert (found["status"], found["fileName"]) == ("available", name)
    link = assets.call("GET /assets/{assetId}/download", **path)
    assert list(link.body) == ["url", "expiresAt"]
    content, headers = get(link.body["url"])
    assert (content, headers["content-type"]) == (CONTENT, "text/plain")
    assert headers["content-disposition"].startswith('attachment; filename="')
    assert headers["content-disposition"].count('"') == 2
    extended = headers["content-disposition"].rpartition("filename*=UTF-8''")[2]
    assert unquote(extended) == name
    assert assets.call("DELETE /assets/{assetId}", **path).status == 204
    assert not assets.has_object(asset["s3Key"])


@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=90))
@example(name="+ %20+")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_name_is_refused_or_uploads_to_its_own_key(assets: Backend, name: str) -> None:
    answer = assets.call("POST /assets", "ada", {**FILE, "fileName": name})
    if answer.status == 400:
        assert answer.names() == ["fileName"]
        return
    asset = answer.body
    assert put(asset["upload"], CONTENT) == 200
    [stored] = assets.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"assets/{asset['assetId']}/")["Contents"]
    assert stored["Key"] == f"assets/{asset['assetId']}/{name}"
    assets.tell(created(asset))
    status = assets.call("GET /assets/{assetId}", assetId=asset["assetId"]).body["status"]
    assert status == "available"


@pytest.mark.parametrize("case", BAD_ASSETS)
def test_a_bad_body_is_refused_by_field_and_nothing_is_written(assets: Backend, case: str) -> None:
    change, fields = BAD_ASSETS[case]
    before = assets.everything()
    answer = assets.call("POST /assets", "ada", {**FILE, **change})
    assert (answer.status, answer.names()) == (400, fields)
    assert assets.everything() == before


@pytest.mark.parametrize("size", [5.0, 5])
def test_a_size_is_a_number_however_it_is_written(assets: Backend, size: float) -> None:
    assert json.dumps(assets.asset(size=size)["size"]) == "5"


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"hell", {}),
        (b"hello!", {}),
        (CONTENT, {"content-type": "text/html"}),
        (CONTENT, {"content-type": "text/plain; charset=utf-8"}),
    ],
    ids=["shorter", "longer", "another type", "a parameter more"],
)
def test_an_upload_of_another_size_or_type_is_refused(
    assets: Backend, content: bytes, headers: dict[str, str]
) -> None:
    asset = assets.asset()
    assert put(asset["upload"], content, headers) == 403
    assert not assets.has_object(asset["s3Key"])


def test_an_upload_address_is_good_for_nothing_else(assets: Backend) -> None:
    asset, other = assets.asset(), assets.asset()
    moved = asset["upload"]["url"].replace(asset["assetId"], other["assetId"])
    assert put({**asset["upload"], "url": moved}, CONTENT) == 403
    assert put(asset["upload"], CONTENT) == 200
    with pytest.raises(urllib.error.HTTPError, match="403"):
        get(asset["upload"]["url"])


def test_an_asset_is_pending_until_its_upload_is_known(assets: Backend) -> None:
    asset = assets.asset()
    path = {"assetId": asset["assetId"]}
    early = assets.call("GET /assets/{assetId}/download", **path)
    assert (early.status, early.body["type"]) == (409, "urn:problem:conflict")
    assert put(asset["upload"], CONTENT) == 200
    assets.tell(created(asset))
    found = assets.call("GET /assets/{assetId}", **path).body
    assert found["status"] == "available"
    assert found["updatedAt"] >= found["createdAt"] == asset["createdAt"]
    assert get(assets.call("GET /assets/{assetId}/download", **path).body["url"])[0] == CONTENT


def test_an_upload_told_twice_changes_nothing_more(assets: Backend) -> None:
    asset = assets.uploaded()
    before = assets.item("assets", asset["assetId"])
    time.sleep(0.002)
    assets.tell(created(asset), created(asset))
    assert assets.item("assets", asset["assetId"]) == before


def test_an_older_upload_told_late_changes_nothing(assets: Backend) -> None:
    asset = assets.asset()
    # S3 pads the shorter one with zeros on the right: 0B is later than 0A55.
    assets.tell(created(asset, "0B", size=7), created(asset, "0A55", size=3))
    assert (assets.item("assets", asset["assetId"]) or {})["size"] == {"N": "7"}
    assets.tell(created(asset, "0B01", size=9))
    assets.tell(created(asset, "0B0100", size=11))
    assert (assets.item("assets", asset["assetId"]) or {})["size"] == {"N": "9"}, "the same, padded"


def test_uploads_that_belong_to_no_live_asset_are_ignored(
    assets: Backend, capsys: pytest.CaptureFixture[str]
) -> None:
    deleted, expired, hidden = assets.uploaded(), assets.asset(), assets.asset()
    assert assets.call("DELETE /assets/{assetId}", assetId=deleted["assetId"]).status == 204
    assets.change("assets", expired["assetId"], ttl={"N": "1"})
    assets.change("assets", hidden["assetId"], status={"S": "deleting"})
    renamed = {**assets.asset(), "s3Key": f"assets/{assets.asset()['assetId']}/other.txt"}
    unknown = {"s3Key": f"assets/{uuid.uuid4()}/notes.txt"}
    before = assets.everything()
    capsys.readouterr()
    assets.tell(*map(created, (deleted, expired, hidden, renamed, unknown)))
    line = json.loads(capsys.readouterr().out)
    assert (line["route"], line["ignored"], line["status"]) == ("s3:ObjectCreated", 5, 200)
    for key in ("other/file.txt", "assets/", "assets/x/y", f"assets/{uuid.uuid4()}", "assets/a/b/c"):
        assets.tell(created({"s3Key": key}))
    assert assets.everything() == before


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": None},
        {"Records": [None, {}, {"s3": None}, {"eventName": "ObjectCreated:Put", "s3": {"object": {"x": 1}}}]},
        {"Service": "Amazon S3", "Event": "s3:TestEvent"},
        {"Records": [{"eventName": "ObjectRemoved:Delete", "s3": {"object": {"key": "assets/x/y"}}}]},
    ],
)
def test_an_event_that_tells_of_no_upload_is_ignored(assets: Backend, event: Any) -> None:
    before = assets.everything()
    assets.modules["upload"].handler(event, None)
    assert assets.everything() == before


def test_an_upload_that_can_not_be_recorded_is_left_to_lambda_without_a_word_of_it(
    assets: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asset = assets.asset(fileName="secret.txt")
    module = assets.modules["upload"]
    failing = Failing(aws_error("InternalServerError", "UpdateItem", "secret.txt"))
    with monkeypatch.context() as patch:
        patch.setattr(module, "DYNAMODB", failing)
        with pytest.raises(NotRecordedError) as raised:
            assets.tell(created(asset))
    line = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(line)["error"] == "ClientError: InternalServerError UpdateItem"
    assert "secret" not in line + str(raised.value)
    assert raised.value.__suppress_context__
    assets.tell(created(asset))
    assert assets.call("GET /assets/{assetId}", assetId=asset["assetId"]).body["status"] == "available"


def test_delete_removes_object_and_row(assets: Backend) -> None:
    asset = assets.uploaded()
    path = {"assetId": asset["assetId"]}
    assert assets.call("DELETE /assets/{assetId}", **path).status == 204
    assert assets.item("assets", asset["assetId"]) is None
    assert not assets.has_object(asset["s3Key"])
    for route in ("GET /assets/{assetId}", "GET /assets/{assetId}/download", "DELETE /assets/{assetId}"):
        assert assets.call(route, **path).status == 404


def test_a_delete_that_fails_halfway_is_seen_by_nobody_and_goes_on_when_asked_again(
    assets: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = str(uuid.uuid4())
    asset = assets.uploaded(owner)
    path = {"assetId": asset["assetId"]}
    objects = assets.modules["DELETE /assets/{assetId}"].aws
    with monkeypatch.context() as patch:
        patch.setattr(objects, "objects", lambda: Failing(aws_error("SlowDown", "DeleteObject")))
        assert assets.call("DELETE /assets/{assetId}", owner, **path).status == 500
    assert assets.has_object(asset["s3Key"])
    for route in ("GET /assets/{assetId}", "GET /assets/{assetId}/download"):
        assert assets.call(route, owner, **path).status == 404
    for groups in (None, ADMIN):
        for query in ({}, {"status": "available"}):
            listed = assets.call("GET /assets", owner, query=query, groups=groups).body["items"]
            assert asset["assetId"] not in {item["assetId"] for item in listed}
    assert assets.call("DELETE /assets/{assetId}", owner, **path).status == 204
    assert not assets.has_object(asset["s3Key"])
    assert assets.item("assets", asset["assetId"]) is None


def test_an_asset_half_deleted_is_seen_by_nobody_and_can_be_deleted(assets: Backend) -> None:
    owner = str(uuid.uuid4())
    asset = assets.uploaded(owner)
    assets.change("assets", asset["assetId"], status={"S": "deleting"})
    path = {"assetId": asset["assetId"]}
    for groups in (None, ADMIN):
        for route in ("GET /assets/{assetId}", "GET /assets/{assetId}/download"):
            assert assets.call(route, owner, groups=groups, **path).status == 404
    assert assets.call("GET /assets", owner).body == {"items": []}
    assert assets.call("DELETE /assets/{assetId}", owner, **path).status == 204
    assert not assets.has_object(asset["s3Key"])


def test_a_page_is_filled_although_the_filter_holds_much_back(assets: Backend) -> None:
    owner = str(uuid.uuid4())
    first = assets.uploaded(owner)
    for _ in range(3):
        time.sleep(0.002)
        assets.asset(owner)
    found = assets.call("GET /assets", owner, query={"limit": "1", "status": "available"}).body
    assert [asset["assetId"] for asset in found["items"]] == [first["assetId"]]
    assert "nextCursor" not in found


def test_an_asset_is_there_only_for_its_owner_and_admins(assets: Backend) -> None:
    asset = assets.uploaded("ada")
    path = {"assetId": asset["assetId"]}
    routes = ("GET /assets/{assetId}", "GET /assets/{assetId}/download", "DELETE /assets/{assetId}")
    for route in routes:
        assert assets.call(route, "eve", **path).status == 404
    assert assets.has_object(asset["s3Key"])
    assert [assets.call(route, "boss", groups=ADMIN, **path).status for route in routes] == [200, 200, 204]


def test_an_expired_asset_is_gone_before_dynamodb_removes_it(assets: Backend) -> None:
    owner = str(uuid.uuid4())
    asset = assets.uploaded(owner)
    long_ago = int(time.time()) - DAYS_30 - 1
    assets.change(
        "assets", asset["assetId"], ttl={"N": str(long_ago + DAYS_30)}, createdAt={"N": str(long_ago * 1000)}
    )
    for route in ("GET /assets/{assetId}", "GET /assets/{assetId}/download", "DELETE /assets/{assetId}"):
        assert assets.call(route, owner, assetId=asset["assetId"]).status == 404
    for query in ({}, {"status": "available"}):
        assert assets.call("GET /assets", owner, query=query).body == {"items": []}


def test_lists_by_status_newest_first_page_by_page(assets: Backend) -> None:
    owner = str(uuid.uuid4())
    made = [assets.asset(owner) for _ in range(6)]
    for asset in made[::2]:
        assets.tell(created(asset))
    assets.asset("somebody-else")
    expected = {
        "available": {asset["assetId"] for asset in made[::2]},
        "pending": {asset["assetId"] for asset in made[1::2]},
        "": {asset["assetId"] for asset in made},
    }
    for status, ids in expected.items():
        found: list[Any] = []
        query = {"limit": "2"} | ({"status": status} if status else {})
        for _ in range(4):
            page = assets.call("GET /assets", owner, query=query)
            assert len(page.body["items"]) <= 2
            found += page.body["items"]
            if "nextCursor" not in page.body:
                break
            query["cursor"] = page.body["nextCursor"]
        assert len(found) == len(ids)
        assert {asset["assetId"] for asset in found} == ids
        assert found == sorted(found, key=lambda asset: -asset["createdAt"])
        assert {asset["status"] for asset in found} == ({status} if status else {"available", "pending"})


def test_a_page_that_the_filter_empties_still_leads_on(
    assets: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = str(uuid.uuid4())
    first = assets.asset(owner)
    assets.tell(created(first))
    for _ in range(5):
        time.sleep(0.002)
        assets.asset(owner)
    pages = assets.modules["GET /assets"].pages
    monkeypatch.setattr(pages, "_MAX_QUERIES", 1)
    query, found = {"limit": "1", "status": "available"}, []
    for _ in range(6):
        page = assets.call("GET /assets", owner, query=query).body
        found += page["items"]
        if "nextCursor" not in page:
            break
        query["cursor"] = page["nextCursor"]
    assert [asset["assetId"] for asset in found] == [first["assetId"]]


def test_an_admin_lists_everybodys_assets_by_status(assets: Backend) -> None:
    mine, theirs = assets.uploaded("ada"), assets.uploaded("eve")
    pending = assets.asset("eve")
    query = {"limit": "2", "status": "available"}
    page = assets.call("GET /assets", "boss", groups=ADMIN, query=query).body
    assert {asset["assetId"] for asset in page["items"]} == {mine["assetId"], theirs["assetId"]}
    newest = assets.call("GET /assets", "boss", groups=ADMIN, query={"limit": "1"}).body
    assert [asset["assetId"] for asset in newest["items"]] == [pending["assetId"]]
    answer = assets.call("GET /assets", "boss", groups=ADMIN, query={"cursor": newest["nextCursor"], **query})
    assert (answer.status, answer.names()) == (400, ["cursor"])


@pytest.mark.parametrize("status", ["deleting", "", "Available", "available,pending"])
def test_a_status_that_is_none_is_refused(assets: Backend, status: str) -> None:
    answer = assets.call("GET /assets", query={"status": status})
    assert (answer.status, answer.names()) == (400, ["status"])


def test_the_key_in_an_event_is_read_as_s3_writes_it(assets: Backend) -> None:
    asset = assets.asset(fileName="a+b c%20d.txt")
    record = created(asset)
    assert record["s3"]["object"]["key"].endswith(quote_plus("a+b c%20d.txt"))
    assets.tell(record)
    assert assets.call("GET /assets/{assetId}", assetId=asset["assetId"]).body["status"] == "available"
