"""asset-api's functions in TypeScript when AWS fails, or others write what they write."""

import json

import asset_backend
import boto3
import dynamodb_proxy
import node_functions
import pytest
from asset_backend import KEYS, ROUTES, UPLOAD, new_email, node_variables
from asset_twins import PACKAGE, Twins, good_user, log
from dynamodb_proxy import refused
from lambda_events import Context, claims, http_event
from lambda_fakes import Failing, aws_error

from backplane.local.emulator import REGION
from support.asset_api_cases import ADA, FILE

pytestmark = node_functions.needed


def test_only_the_first_call_is_a_cold_one() -> None:
    with node_functions.running(PACKAGE, ["get_user"], node_variables("")) as node:
        assert [node.call("get_user", http_event(None)).line["cold"] for _ in range(3)] == [
            True,
            False,
            False,
        ]


@pytest.mark.parametrize(
    ("route", "operation"), [("GET /users/{userId}", "GetItem"), ("POST /users", "TransactWriteItems")]
)
def test_a_failure_of_aws_is_told_alike_in_the_log_and_not_to_the_client(
    twins: Twins,
    route: str,
    operation: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    event = http_event(claims("ada"), json.dumps(good_user()), {"userId": "x"})
    failure = aws_error("AccessDeniedException", operation, "secret")
    monkeypatch.setattr(twins.python.modules[route], "DYNAMODB", Failing(failure))
    expected = twins.python.modules[route].handler(event, Context())
    twins.proxy.then(operation, refused("AccessDeniedException", "secret\n    at secret (secret:1:2)"))
    found = twins.node.call(ROUTES[route], event)
    assert found.result == expected
    assert found.result["statusCode"] == 500
    assert log(found.line) == log(json.loads(capsys.readouterr().out))
    assert found.line["error"] == f"ClientError: AccessDeniedException {operation}"
    assert any(f"/{ROUTES[route]}.ts:" in frame for frame in found.line["traceback"])
    assert "secret" not in found.logs[0]


def test_a_failure_that_passes_is_tried_again(twins: Twins) -> None:
    twins.proxy.then("GetItem", refused("InternalServerError"))
    assert twins.ask("GET /users/{userId}", userId="x").result["statusCode"] == 404
    assert twins.proxy.calls == ["GetItem", "GetItem"]


def test_without_aws_a_request_fails_without_a_word_of_it() -> None:
    nowhere = node_variables("http://127.0.0.1:9")
    with node_functions.running(PACKAGE, ["get_user"], nowhere) as node:
        found = node.call("get_user", http_event(claims("ada"), path={"userId": "secret"}))
    assert found.result["statusCode"] == 500
    assert "127.0.0.1" not in found.logs[0]
    assert "secret" not in found.logs[0]


def test_a_function_without_its_links_does_not_start() -> None:
    with node_functions.running(PACKAGE, ["get_user"], {"AWS_REGION": REGION}) as node:
        error = node.call("get_user", {}).error
    assert error == (
        "Error: environment variable USERS_TABLE is not set: link the function to what provides it"
    )


def test_an_upload_that_can_not_be_recorded_is_left_to_lambda_without_a_word_of_it(twins: Twins) -> None:
    asset = json.loads(twins.ask("POST /assets", {**FILE, "fileName": "secret.txt"}).result["body"])
    event = {"Records": [asset_backend.created(asset)]}
    twins.proxy.then("UpdateItem", refused("AccessDeniedException", "secret.txt"))
    found = twins.node.call(UPLOAD, event)
    assert found.error == "NotRecordedError: an upload could not be recorded"
    assert found.line["error"] == "ClientError: AccessDeniedException UpdateItem"
    assert "secret" not in found.logs[0]
    assert twins.node.call(UPLOAD, event).line["recorded"] == 1


# Writers in each other's way

CONFLICT = refused(
    "TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}, {"Code": "None"}]
)


@pytest.mark.parametrize("step", [CONFLICT, refused("TransactionInProgressException")])
def test_a_transaction_in_the_way_is_waited_for(twins: Twins, step: dynamodb_proxy.Step) -> None:
    twins.proxy.then("TransactWriteItems", step, times=2)
    assert twins.ask("POST /users", good_user()).result["statusCode"] == 201
    assert len(twins.proxy.calls) == 3


def test_transactions_that_stay_in_the_way_are_a_conflict_to_try_again(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    twins.proxy.then("TransactWriteItems", CONFLICT, times=8)
    found = twins.ask("POST /users", ADA).result
    error = aws_error("TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}])
    monkeypatch.setattr(twins.python.modules["POST /users"], "DYNAMODB", Failing(error))
    event = http_event(claims("ada"), json.dumps(ADA))
    assert found == twins.python.modules["POST /users"].handler(event, Context())
    assert (found["statusCode"], found["headers"]["retry-after"]) == (409, "1")


def test_an_item_that_a_transaction_holds_is_waited_for(twins: Twins) -> None:
    asset = json.loads(twins.ask("POST /assets", FILE).result["body"])
    twins.proxy.then("UpdateItem", refused("TransactionConflictException"), times=2)
    found = twins.node.call(UPLOAD, {"Records": [asset_backend.created(asset)]})
    assert found.line["recorded"] == 1


@pytest.mark.parametrize("route", ["PUT /users/{userId}", "DELETE /users/{userId}"])
def test_a_user_changed_between_read_and_write_is_read_again(twins: Twins, route: str) -> None:
    made, between, wanted = good_user(), new_email(), new_email()
    user_id = json.loads(twins.ask("POST /users", made).result["body"])["userId"]
    key = {"userId": {"S": user_id}}

    def change() -> None:
        client = boto3.client("dynamodb", endpoint_url=twins.proxy.endpoint, **KEYS)
        client.update_item(
            TableName="users",
            Key=key,
            UpdateExpression="SET email = :email",
            ExpressionAttributeValues={":email": {"S": between}},
        )

    twins.proxy.calls.clear()
    twins.proxy.then("TransactWriteItems", change)
    answer = twins.ask(route, {"email": wanted, "name": "Last"}, userId=user_id).result
    assert answer["statusCode"] in {200, 204}
    assert [name for name in twins.proxy.calls if name != "UpdateItem"] == [
        "GetItem",
        "TransactWriteItems",
    ] * 2
