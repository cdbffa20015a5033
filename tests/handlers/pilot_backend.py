"""The functions of pilotforce over a real emulator: two tables, a bucket, and events of a REST API."""

import importlib
import json
import urllib.parse
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import boto3
import pytest
from lambda_backend import KEYS, key_schema
from lambda_events import Context, Json, Reply, reply

from backplane.local.emulator import REGION, Emulator
from handlers.shared import aws

BUCKET = "pictures"
MAX_BYTES = 1000
ROUTES = {
    "GET /profiles": "list_profiles",
    "GET /profiles/{userId}": "get_profile",
    "PUT /profiles/{userId}": "put_profile",
    "DELETE /profiles/{userId}": "delete_profile",
    "POST /media": "create_media",
    "GET /media": "list_media",
    "GET /media/{mediaId}": "get_media",
    "PUT /media/{mediaId}": "share_media",
    "DELETE /media/{mediaId}": "delete_media",
}
DRAFT = {"fileName": "wing.png", "contentType": "image/png", "size": 5}

# table: (partition key, {index: (partition key, sort key)})
TABLES: dict[str, tuple[str, dict[str, tuple[str, str | None]]]] = {
    "profiles": (
        "userId",
        {
            "email-index": ("email", None),
            "role-createdAt-index": ("role", "createdAt"),
            "createdAt-index": ("entity", "createdAt"),
        },
    ),
    "media": (
        "mediaId",
        {
            "ownerId-createdAt-index": ("ownerId", "createdAt"),
            "sharedWith-createdAt-index": ("sharedWith", "createdAt"),
        },
    ),
}


class Backend:
    """The functions, loaded once, and what they write to."""

    def __init__(self, endpoint: str, modules: dict[str, ModuleType]) -> None:
        self.modules = modules
        self.environment = variables(endpoint)
        """What the functions read; addresses are signed with it at each call."""
        self.dynamodb = boto3.client("dynamodb", endpoint_url=endpoint, **KEYS)
        self.s3 = boto3.client("s3", endpoint_url=endpoint, **KEYS)

    def call(
        self,
        route: str,
        user: str,
        body: Json = None,
        *,
        groups: str = "pilot",
        email: str = "",
        query: dict[str, str] | None = None,
        **path: str,
    ) -> Reply:
        """One request of a user in these groups. Text is sent as it is, anything else as JSON."""
        method, _, template = route.partition(" ")
        event = {
            "resource": template,
            "httpMethod": method,
            "headers": {"Content-Type": "application/json"},
            "queryStringParameters": query,
            "pathParameters": path or None,
            "stageVariables": None,
            "requestContext": {
                "requestId": "request-1",
                "httpMethod": method,
                "resourcePath": template,
                "authorizer": {"userId": user, "groups": groups, "email": email, "principalId": user},
            },
            "body": body if body is None or isinstance(body, str) else json.dumps(body),
            "isBase64Encoded": False,
        }
        return reply(self.modules[route].handler(event, Context()))

    def profile(self, user: str, groups: str = "pilot", email: str = "", **values: Any) -> Json:
        body = {"name": "Pat Lee"} | values
        made = self.call("PUT /profiles/{userId}", user, body, groups=groups, email=email, userId=user)
        assert made.status in (200, 201), made.body
        return made.body

    def media(self, owner: str, **values: Any) -> Json:
        made = self.call("POST /media", owner, DRAFT | values)
        assert made.status == 201, made.body
        return made.body

    def uploaded(self, owner: str, **values: Any) -> Json:
        """Media whose file is there and known to be."""
        made = self.media(owner, **values)
        self.s3.put_object(Bucket=BUCKET, Key=key_of(made), Body=b"hello")
        self.tell(created(made))
        return made

    def tell(self, *records: Json) -> None:
        self.modules["upload"].handler({"Records": list(records)}, Context())

    def item(self, table: str, value: str) -> dict[str, Any] | None:
        key = {TABLES[table][0]: {"S": value}}
        item: dict[str, Any] | None = self.dynamodb.get_item(
            TableName=table, Key=key, ConsistentRead=True
        ).get("Item")
        return item

    def everything(self) -> list[dict[str, Any]]:
        """All that both tables hold, to show that a request wrote nothing."""
        pages = [self.dynamodb.get_paginator("scan").paginate(TableName=table) for table in TABLES]
        return sorted((item for page in pages for found in page for item in found["Items"]), key=str)

    def has_object(self, key: str) -> bool:
        return bool(self.s3.list_objects_v2(Bucket=BUCKET, Prefix=key).get("Contents"))


def someone() -> str:
    return str(uuid.uuid4())


def key_of(media: Json) -> str:
    return f"media/{media['ownerId']}/{media['mediaId']}"


def created(media: Json, sequencer: str = "0A", **others: Any) -> Json:
    """S3's record of an upload."""
    key = urllib.parse.quote_plus(key_of(media), safe="/")
    found = {"key": key, "size": 5, "sequencer": sequencer, **others}
    return {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": BUCKET}, "object": found}}


def make_tables(endpoint: str) -> None:
    dynamodb = boto3.client("dynamodb", endpoint_url=endpoint, **KEYS)
    for name, (key, indexes) in TABLES.items():
        attributes = {key, "createdAt", *(partition for partition, _ in indexes.values())}
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=key_schema(key, None),
            AttributeDefinitions=[
                {"AttributeName": attribute, "AttributeType": "S"} for attribute in sorted(attributes)
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": key_schema(partition, sort),
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index, (partition, sort) in indexes.items()
            ],
        )


def variables(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "PROFILES_TABLE": "profiles",
        "MEDIA_TABLE": "media",
        "MEDIA_BUCKET": BUCKET,
        "MEDIA_UPLOAD_MAX_BYTES": str(MAX_BYTES),
        "MEDIA_UPLOAD_CONTENT_TYPES": "image/jpeg,image/png",
        "MEDIA_URL_SECONDS": "900",
    }


@contextmanager
def running() -> Iterator[Backend]:
    """The backend over an emulator of its own."""
    with Emulator() as emulator:
        make_tables(emulator.endpoint)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables(emulator.endpoint).items():
                patch.setenv(name, value)
            aws.objects.cache_clear()
            aws.brisk_dynamodb.cache_clear()
            named = {**ROUTES, "upload": "record_media", "claims": "claims"}
            modules = {
                route: importlib.import_module(f"handlers.pilotforce.{name}") for route, name in named.items()
            }
            aws.objects()
        found = Backend(emulator.endpoint, modules)
        found.s3.create_bucket(Bucket=BUCKET)
        yield found
        aws.objects.cache_clear()
        aws.brisk_dynamodb.cache_clear()
