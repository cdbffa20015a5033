"""What makes each function of asset-api use all that it may touch, and how its tests use it."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from e2e.people import Person
from e2e.running import Backend
from e2e.web import TIMEOUT_SECONDS, Answer, call
from support.asset_api_cases import CONTENT, FILE
from support.waiting import until

LANGUAGES = ("python", "typescript")
"""What its functions are written in; the first is the default, which the others are compared with."""

VARIANTS = tuple(f"language={language}" for language in LANGUAGES[1:])
"""Configurations whose functions are others, and have to prove their rights too."""


def new_email() -> str:
    return f"{uuid.uuid4()}@example.com"


def upload(asset: Any, content: bytes = CONTENT, **headers: str) -> Answer:
    """Uploads as the answer to `POST /assets` says; `headers` come instead of the type that it names."""
    target = asset["upload"]
    sent = {"content-type": target["headers"]["content-type"]}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return call(target["url"], target["method"], content, sent)


def available(person: Person, asset: Any) -> Any:
    """The asset, once its upload is known."""
    path = f"/assets/{asset['assetId']}"
    until(lambda: person.get(path).body["status"] == "available", seconds=TIMEOUT_SECONDS)
    return person.get(path).body


def uploaded(person: Person, **values: Any) -> Any:
    """An asset whose file is there."""
    asset = person.post("/assets", FILE | values).body
    assert upload(asset).status == 200
    return available(person, asset)


def user(person: Person) -> Any:
    """A user that this person made."""
    return person.post("/users", {"email": new_email(), "name": "Ada"}).body


def _plant_user(backend: Backend, person: Person) -> dict[str, Any]:
    """A row, so that only the function at hand is needed."""
    found = {"userId": str(uuid.uuid4()), "email": new_email()}
    item = {name: {"S": value} for name, value in {**found, "name": "Ada", "ownerId": person.user_id}.items()}
    item |= {"createdAt": {"N": "1"}, "updatedAt": {"N": "1"}}
    backend.dynamodb.put_item(TableName=backend.tables["users"], Item=item)
    return found


def _plant_asset(backend: Backend, person: Person) -> str:
    """A row and its object: the asset's id."""
    asset_id = str(uuid.uuid4())
    bucket = backend.outputs["assetBucketName"]
    key = f"assets/{asset_id}/notes.txt"
    texts = {
        "assetId": asset_id,
        "fileName": "notes.txt",
        "contentType": "text/plain",
        "status": "available",
        "s3Bucket": bucket,
        "s3Key": key,
        "ownerId": person.user_id,
    }
    numbers = {"size": 5, "createdAt": 1, "updatedAt": 1, "ttl": 9_999_999_999}
    item: dict[str, Any] = {name: {"S": value} for name, value in texts.items()}
    item |= {name: {"N": str(value)} for name, value in numbers.items()}
    backend.dynamodb.put_item(TableName=backend.tables["assets"], Item=item)
    backend.client("s3").put_object(Bucket=bucket, Key=key, Body=CONTENT)
    return asset_id


def _create_user(backend: Backend, person: Person) -> None:
    del backend
    user(person)


def _update_user(backend: Backend, person: Person) -> None:
    found = _plant_user(backend, person)
    person.put(f"/users/{found['userId']}", {"email": new_email(), "name": "Ada"})


def _of_user(method: str) -> Callable[[Backend, Person], None]:
    def made(backend: Backend, person: Person) -> None:
        person.request(method, f"/users/{_plant_user(backend, person)['userId']}")

    return made


def _list_users(backend: Backend, person: Person) -> None:
    backend.person("admin").get("/users")
    person.get("/users")
    person.get("/users?email=ada@example.com")


def _list_assets(backend: Backend, person: Person) -> None:
    admin = backend.person("admin")
    admin.get("/assets")
    admin.get("/assets?status=available")
    person.get("/assets")


def _create_asset(backend: Backend, person: Person) -> None:
    del backend
    made = person.post("/assets", FILE)
    if made.status == 201:
        upload(made.body)


def _record_upload(backend: Backend, person: Person) -> None:
    _plant_asset(backend, person)  # S3 tells the function of the object


def _download_asset(backend: Backend, person: Person) -> None:
    answer = person.get(f"/assets/{_plant_asset(backend, person)}/download")
    if answer.status == 200:
        call(answer.body["url"])


def _of_asset(method: str) -> Callable[[Backend, Person], None]:
    def made(backend: Backend, person: Person) -> None:
        person.request(method, f"/assets/{_plant_asset(backend, person)}")

    return made


EXERCISES: Mapping[str, Callable[[Backend, Person], None]] = {
    "create-user": _create_user,
    "get-user": _of_user("GET"),
    "update-user": _update_user,
    "delete-user": _of_user("DELETE"),
    "list-users": _list_users,
    "create-asset": _create_asset,
    "get-asset": _of_asset("GET"),
    "list-assets": _list_assets,
    "download-asset": _download_asset,
    "delete-asset": _of_asset("DELETE"),
    "record-upload": _record_upload,
}
"""By the component's name; each gets a person without users or assets."""
