"""asset-api over HTTP, in each of its languages: users, uploads from any client, downloads, deletes."""

import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import pytest

from e2e.asset_api import LANGUAGES, available, new_email, upload, uploaded, user
from e2e.people import Person
from e2e.running import SUFFIX, Backend
from e2e.samples import assert_problem
from e2e.web import call
from support.asset_api_cases import CONTENT, FILE, FILE_NAMES
from support.waiting import until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module", params=LANGUAGES)
def api(request: pytest.FixtureRequest, backends: Callable[..., Backend]) -> Backend:
    return (
        backends("asset-api")
        if request.param == "python"
        else backends("asset-api", f"language={request.param}")
    )


@pytest.fixture(scope="module")
def ada(api: Backend) -> Person:
    return api.person()


def test_the_outputs_name_what_the_backend_consists_of(api: Backend) -> None:
    names = {
        "apiUrl",
        "assetBucketName",
        "usersTableName",
        "assetsTableName",
        "userPoolId",
        "userPoolClientId",
    }
    assert names <= set(api.outputs)
    assert api.outputs["usersTableName"] in api.tables.values()
    assert api.outputs["assetsTableName"] in api.tables.values()
    api.client("s3").head_bucket(Bucket=api.outputs["assetBucketName"])


@pytest.mark.parametrize("path", ["/users", "/assets", "/users/x", "/assets/x", "/assets/x/download"])
def test_nobody_gets_in_without_a_token_of_the_pool(api: Backend, ada: Person, path: str) -> None:
    url = api.outputs["apiUrl"] + path
    assert call(url).status == 401
    assert call(url, headers={"authorization": "Bearer x.y.z"}).status == 401
    assert_problem(call(url, headers={"authorization": f"Bearer {ada.id_token}"}), 401)


def test_a_user_from_creation_to_deletion(api: Backend, ada: Person) -> None:
    email = new_email()
    made = ada.post("/users", {"email": email.upper(), "name": "Ada", "department": "Engines"})
    assert (made.status, made.body["email"]) == (201, email)
    assert made.headers["location"] == f"/users/{made.body['userId']}"
    assert_problem(ada.post("/users", {"email": email, "name": "Eve"}), 409, "email")
    path = made.headers["location"]
    until(lambda: ada.get(f"/users?email={quote(email)}").body["items"] == [made.body])
    changed = ada.put(path, {"email": new_email(), "name": "Ada King"})
    assert changed.status == 200
    assert ada.get(path).body == changed.body
    assert ada.delete(path).status == 204
    assert_problem(ada.get(path), 404)
    assert_problem(api.person().get(path), 404)


def test_users_are_listed_newest_first_page_by_page(api: Backend) -> None:
    person = api.person()
    made = [user(person)["userId"] for _ in range(5)]
    until(lambda: len(person.get("/users?limit=100").body["items"]) == 5)
    found, cursor = [], ""
    for size in (2, 2, 1):
        page = person.get(f"/users?limit=2{cursor}").body
        assert len(page["items"]) == size
        found += [item["userId"] for item in page["items"]]
        cursor = f"&cursor={page.get('nextCursor')}"
    assert found == made[::-1]
    assert cursor == "&cursor=None"


def test_a_file_from_upload_to_download_to_deletion(api: Backend, ada: Person) -> None:
    asset = ada.post("/assets", {**FILE, "metadata": {"project": "Engine No. 2"}}).body
    path = f"/assets/{asset['assetId']}"
    assert (asset["status"], asset["s3Key"]) == ("pending", f"assets/{asset['assetId']}/notes.txt")
    assert asset["s3Bucket"] == api.outputs["assetBucketName"]
    assert_problem(ada.get(f"{path}/download"), 409)
    assert upload(asset).status == 200
    found = available(ada, asset)
    assert found | {"status": "pending", "updatedAt": 0} == {
        name: value for name, value in asset.items() if name != "upload"
    } | {"updatedAt": 0}
    link = ada.get(f"{path}/download").body
    assert abs(link["expiresAt"] / 1000 - time.time() - 3600) < 60
    fetched = call(link["url"])
    assert (fetched.status, fetched.text) == (200, CONTENT.decode())
    assert fetched.headers["content-type"] == FILE["contentType"]
    assert fetched.headers["content-disposition"].startswith("attachment;")
    assert ada.delete(path).status == 204
    assert call(link["url"]).status == 404
    for answer in (ada.get(path), ada.get(f"{path}/download"), ada.delete(path)):
        assert_problem(answer, 404)


@pytest.mark.parametrize("name", FILE_NAMES)
def test_a_file_name_makes_the_round_trip(ada: Person, name: str) -> None:
    asset = uploaded(ada, fileName=name)
    assert asset["fileName"] == name
    link = ada.get(f"/assets/{asset['assetId']}/download").body
    assert call(link["url"]).text == CONTENT.decode()


def test_an_upload_of_another_type_or_size_or_key_is_refused(ada: Person) -> None:
    asset, other = (ada.post("/assets", FILE).body for _ in range(2))
    assert upload(asset, b"hello!").status == 403
    assert upload(asset, b"hell").status == 403
    assert upload(asset, content_type="text/html").status == 403
    moved = asset["upload"]["url"].replace(asset["assetId"], other["assetId"])
    assert upload({"upload": {**asset["upload"], "url": moved}}).status == 403
    assert call(asset["upload"]["url"]).status == 403
    assert ada.get(f"/assets/{asset['assetId']}").body["status"] == "pending"


def test_a_link_says_that_it_is_good_for_an_hour(ada: Person) -> None:
    url = ada.post("/assets", FILE).body["upload"]["url"]
    assert re.search("[?&]X-Amz-Expires=3600(&|$)", url)
    assert re.search("[?&]X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost(&|$)", url)


def test_assets_are_filtered_by_status(api: Backend) -> None:
    person = api.person()
    pending, there = person.post("/assets", FILE).body, uploaded(person)
    for status, asset in (("pending", pending), ("available", there)):

        def ids(query: str) -> list[str]:
            return [item["assetId"] for item in person.get(f"/assets{query}").body["items"]]

        until(lambda query=f"?status={status}", asset=asset: ids(query) == [asset["assetId"]])  # type: ignore[misc]
    assert {item["assetId"] for item in person.get("/assets").body["items"]} == {
        pending["assetId"],
        there["assetId"],
    }


def test_an_asset_is_there_only_for_its_owner_and_admins(api: Backend, ada: Person) -> None:
    asset = uploaded(ada)
    path, eve, boss = f"/assets/{asset['assetId']}", api.person(), api.person("admin")
    for answer in (eve.get(path), eve.get(f"{path}/download"), eve.delete(path)):
        assert_problem(answer, 404)
    assert eve.get("/assets").body == {"items": []}
    assert boss.get(path).body == ada.get(path).body
    assert boss.delete(path).status == 204


def test_an_upload_after_the_delete_brings_nothing_back(ada: Person) -> None:
    asset = ada.post("/assets", FILE).body
    assert ada.delete(f"/assets/{asset['assetId']}").status == 204
    assert upload(asset).status == 200, "the link is still good"
    later = uploaded(ada)
    assert_problem(ada.get(f"/assets/{asset['assetId']}"), 404)
    assert asset["assetId"] not in {item["assetId"] for item in ada.get("/assets").body["items"]}
    assert later["status"] == "available"


def test_a_delete_that_s3_denies_is_hidden_and_finished_later(api: Backend, ada: Person) -> None:
    asset = uploaded(ada)
    path = f"/assets/{asset['assetId']}"
    with api.denying("delete-asset", "s3:DeleteObject"):
        assert_problem(ada.delete(path), 500)
        assert_problem(ada.get(path), 404)
    assert ada.delete(path).status == 204
    found = api.client("s3").list_objects_v2(Bucket=asset["s3Bucket"], Prefix=asset["s3Key"])
    assert found["KeyCount"] == 0


def test_a_request_id_reaches_the_client(ada: Person) -> None:
    good, bad = ada.get("/assets"), ada.get("/assets?limit=0")
    assert good.headers["x-request-id"]
    assert bad.headers["x-request-id"] == bad.body["requestId"] != good.headers["x-request-id"]


def test_the_files_are_private_and_end_after_30_days(api: Backend) -> None:
    s3, bucket = api.client("s3"), api.outputs["assetBucketName"]
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert [rule["Expiration"]["Days"] for rule in rules if "Days" in rule.get("Expiration", {})] == [30]
    assert s3.get_bucket_versioning(Bucket=bucket).get("Status") in {None, "Suspended"}


def test_the_tables_can_be_restored_for_35_days_and_expire_by_ttl(api: Backend) -> None:
    for table in api.tables.values():
        backups = api.dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        recovery = backups["PointInTimeRecoveryDescription"]
        assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
        assert recovery.get("RecoveryPeriodInDays", 35) == 35
        expiry = api.dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        assert (expiry["TimeToLiveStatus"], expiry["AttributeName"]) == ("ENABLED", "ttl")


def test_tables_come_back_as_the_runbook_says(api: Backend, ada: Person) -> None:
    made, asset = user(ada), uploaded(ada)
    for table, key, value in (("users", "userId", made["userId"]), ("assets", "assetId", asset["assetId"])):
        name = api.tables[table]
        restored = f"{name}-restored-{uuid.uuid4().hex[:8]}"
        api.dynamodb.restore_table_to_point_in_time(
            SourceTableName=name, TargetTableName=restored, UseLatestRestorableTime=True
        )
        api.dynamodb.get_waiter("table_exists").wait(TableName=restored)
        try:
            before, after = (
                api.dynamodb.describe_table(TableName=each)["Table"] for each in (name, restored)
            )
            assert after["KeySchema"] == before["KeySchema"]
            assert indexes(after) == indexes(before)
            assert len(indexes(after)) == 3
            items = [
                api.dynamodb.scan(TableName=each, ConsistentRead=True)["Items"] for each in (name, restored)
            ]
            assert sorted(items[1], key=str) == sorted(items[0], key=str)
            assert value in {item[key]["S"] for item in items[1]}
        finally:
            api.dynamodb.delete_table(TableName=restored)


def indexes(table: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted((index["IndexName"], str(index["KeySchema"])) for index in table["GlobalSecondaryIndexes"])


def test_every_function_that_somebody_waits_for_is_kept_warm(api: Backend) -> None:
    scheduler, calls = api.client("scheduler"), api.client("lambda")
    schedules = [
        scheduler.get_schedule(Name=each["Name"], GroupName=each["GroupName"])
        for each in scheduler.list_schedules(MaxResults=100)["Schedules"]
    ]
    assert {each["ScheduleExpression"] for each in schedules} == {"rate(5 minutes)"}
    warmed = {SUFFIX.sub("", each["Target"]["Arn"].split(":")[6]) for each in schedules}
    assert warmed == set(api.functions) - {"record-upload"}
    for each in schedules:
        target = each["Target"]
        called = calls.invoke(FunctionName=target["Arn"], Payload=target["Input"])
        assert "FunctionError" not in called
        assert called["Payload"].read() == b"{}"


def test_functions_have_the_documents_memory_and_timeout(api: Backend) -> None:
    for function in api.functions.values():
        assert (function["MemorySize"], function["Timeout"]) == (512, 30)


def test_a_public_backend_wants_no_token(backends: Callable[..., Backend]) -> None:
    url = backends("asset-api", "public=true").outputs["apiUrl"]
    made = call(f"{url}/users", "POST", f'{{"email":"{uuid.uuid4()}@example.com","name":"Ada"}}')
    assert (made.status, made.body["ownerId"]) == (201, "public")
    assert made.body in call(f"{url}/users").body["items"]
    assert call(url + made.headers["location"], "DELETE").status == 204
