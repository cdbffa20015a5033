"""The functions of asset-api over a real emulator: two tables, a bucket, and events as AWS makes them.

Those in TypeScript run in a process of Node.js, and look from here as if they were modules of Python.
"""

import importlib
import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import node_functions
import pytest
from lambda_backend import KEYS, key_schema
from lambda_events import Context, Json, Reply, claims, http_event, reply

from backplane.local.emulator import REGION, Emulator
from handlers.shared import aws
from support.asset_api_cases import CONTENT, FILE

BUCKET = "files"
ROUTES = {
    "POST /users": "create_user",
    "GET /users": "list_users",
    "GET /users/{userId}": "get_user",
    "PUT /users/{userId}": "update_user",
    "DELETE /users/{userId}": "delete_user",
    "POST /assets": "create_asset",
    "GET /assets": "list_assets",
    "GET /assets/{assetId}": "get_asset",
    "GET /assets/{assetId}/download": "download_asset",
    "DELETE /assets/{assetId}": "delete_asset",
}

UPLOAD = "record_upload"

_PARTITIONS = {
    "users": {
        "email-index": "email",
        "createdAt-index": "entity",
        "ownerId-createdAt-index": "ownerId",
    },
    "assets": {
        "status-index": "status",
        "createdAt-index": "entity",
        "ownerId-createdAt-index": "ownerId",
    },
}


class Backend:
    """The functions, loaded once, and what they write to."""

    def __init__(self, endpoint: str, modules: dict[str, Any]) -> None:
        self.modules = modules
        self.environment = variables(endpoint)
        """What the functions read; addresses are signed with it at each call."""
        self.dynamodb = boto3.client("dynamodb", endpoint_url=endpoint, **KEYS)
        self.s3 = boto3.client("s3", endpoint_url=endpoint, **KEYS)

    def call(
        self,
        route: str,
        user: str = "ada",
        body: Json = None,
        *,
        groups: list[str] | None = None,
        query: dict[str, Any] | None = None,
        **path: str,
    ) -> Reply:
        """One request of a user. Text and bytes are sent as they are, anything else as JSON."""
        raw = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
        event = http_event(claims(user, groups), raw, path, query)
        return reply(self.modules[route].handler(event, Context()))

    def user(self, owner: str = "ada", **values: Any) -> Json:
        made = self.call("POST /users", owner, {"email": new_email(), "name": "Ada"} | values)
        assert made.status == 201, made.body
        return made.body

    def asset(self, owner: str = "ada", **values: Any) -> Json:
        made = self.call("POST /assets", owner, FILE | values)
        assert made.status == 201, made.body
        return made.body

    def uploaded(self, owner: str = "ada", **values: Any) -> Json:
        """An asset whose file is there and known to be."""
        asset = self.asset(owner, **values)
        assert put(asset["upload"], CONTENT) == 200
        self.tell(created(asset))
        return asset

    def tell(self, *records: Json) -> None:
        self.modules["upload"].handler({"Records": list(records)}, Context())

    def item(self, table: str, value: str) -> dict[str, Any] | None:
        key = {"users": "userId", "assets": "assetId"}[table]
        found = self.dynamodb.get_item(TableName=table, Key={key: {"S": value}}, ConsistentRead=True)
        item: dict[str, Any] | None = found.get("Item")
        return item

    def change(self, table: str, value: str, **attributes: dict[str, str]) -> None:
        """Sets attributes behind the functions' back."""
        key = {"users": "userId", "assets": "assetId"}[table]
        self.dynamodb.update_item(
            TableName=table,
            Key={key: {"S": value}},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
            ExpressionAttributeNames={f"#{name}": name for name in attributes},
            ExpressionAttributeValues={f":{name}": found for name, found in attributes.items()},
        )

    def everything(self) -> list[dict[str, Any]]:
        """All that both tables hold, to show that a request wrote nothing."""
        pages = [self.dynamodb.get_paginator("scan").paginate(TableName=table) for table in _PARTITIONS]
        return sorted((item for page in pages for found in page for item in found["Items"]), key=str)

    def has_object(self, key: str) -> bool:
        return bool(self.s3.list_objects_v2(Bucket=BUCKET, Prefix=key).get("Contents"))


def new_email() -> str:
    return f"{uuid.uuid4()}@example.com"


def created(asset: Json, sequencer: str = "0A", **others: Any) -> Json:
    """S3's record of an upload."""
    key = urllib.parse.quote_plus(asset["s3Key"], safe="/")
    found = {"key": key, "size": 5, "sequencer": sequencer, **others}
    return {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": BUCKET}, "object": found}}


def put(upload: Json, content: bytes, headers: dict[str, str] | None = None) -> int:
    """Uploads as any HTTP client does."""
    sent = {"content-type": upload["headers"]["content-type"], **(headers or {})}
    request = urllib.request.Request(upload["url"], content, sent, method=upload["method"])  # noqa: S310 -- ours
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 -- likewise
            status: int = answer.status
            return status
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def make_tables(endpoint: str) -> None:
    dynamodb = boto3.client("dynamodb", endpoint_url=endpoint, **KEYS)
    for (name, indexes), key in zip(_PARTITIONS.items(), ("userId", "assetId"), strict=True):
        attributes = {key: "S", "createdAt": "N"} | dict.fromkeys(indexes.values(), "S")
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=key_schema(key, None),
            AttributeDefinitions=[
                {"AttributeName": attribute, "AttributeType": kind} for attribute, kind in attributes.items()
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": key_schema(partition, None if index == "email-index" else "createdAt"),
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index, partition in indexes.items()
            ],
        )


def variables(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "USERS_TABLE": "users",
        "ASSETS_TABLE": "assets",
        "ASSETS_BUCKET": BUCKET,
        "ASSETS_UPLOAD_MAX_BYTES": str(100 * 1024**2),
        "ASSETS_URL_SECONDS": "3600",
    }


def node_variables(endpoint: str) -> dict[str, str]:
    """The same for Node.js, whose SDK knows the region by the other name that Lambda gives it."""
    return variables(endpoint) | {"AWS_REGION": REGION}


@contextmanager
def running() -> Iterator[Backend]:
    """The backend in Python, over an emulator of its own."""
    with Emulator() as emulator:
        make_tables(emulator.endpoint)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables(emulator.endpoint).items():
                patch.setenv(name, value)
            modules = {
                route: importlib.import_module(f"handlers.asset_api.{name}") for route, name in ROUTES.items()
            }
            modules["upload"] = importlib.import_module(f"handlers.asset_api.{UPLOAD}")
            aws.objects.cache_clear()
            aws.objects()
        yield _with_bucket(Backend(emulator.endpoint, modules))


@contextmanager
def running_typescript() -> Iterator[Backend]:
    """The backend in TypeScript, likewise."""
    with Emulator() as emulator:
        make_tables(emulator.endpoint)
        environment = node_variables(emulator.endpoint)
        with node_functions.running("handlers.asset_api", [*ROUTES.values(), UPLOAD], environment) as node:
            modules = {route: InNode(node, name) for route, name in ROUTES.items()}
            yield _with_bucket(Backend(emulator.endpoint, {**modules, "upload": InNode(node, UPLOAD)}))


class InNode:
    """A function in TypeScript, called like one in Python."""

    def __init__(self, node: node_functions.NodeFunctions, name: str) -> None:
        self._node = node
        self._name = name

    def handler(self, event: Any, context: object) -> Any:
        del context
        found = self._node.call(self._name, json.loads(json.dumps(event), parse_constant=_not_json))
        assert found.error == ""
        return found.result


def _not_json(constant: str) -> None:
    """NaN and its like, of which Python makes JSON that is none: Lambda hands no such event over."""


def _with_bucket(found: Backend) -> Backend:
    found.s3.create_bucket(Bucket=BUCKET)
    return found
