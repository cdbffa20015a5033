"""What makes each function of pilotforce use all that it may touch, and how its tests use it."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from e2e.people import Person
from e2e.running import Backend
from e2e.web import TIMEOUT_SECONDS, Answer, call
from support.waiting import until

PROFILE = {"name": "Pat Lee", "callSign": "Viper", "bio": "Flies."}
PICTURE = b"GIF89a"
"""What a GIF begins with: nobody here looks further."""
DRAFT = {"fileName": "wing.gif", "contentType": "image/gif", "size": len(PICTURE)}


def upload(made: Any, content: bytes = PICTURE, content_type: str = "image/gif") -> Answer:
    """Uploads as the answer to `POST /media` says."""
    target = made["upload"]
    return call(target["url"], target["method"], content, {"content-type": content_type})


def available(person: Person, made: Any) -> Any:
    """The media, once its upload is known."""
    path = f"/media/{made['mediaId']}"
    until(lambda: person.get(path).body["status"] == "available", seconds=TIMEOUT_SECONDS)
    return person.get(path).body


def uploaded(person: Person, **values: Any) -> Any:
    """Media whose file is there."""
    made = person.post("/media", DRAFT | values)
    assert made.status == 201, made.text
    assert upload(made.body).status == 200
    return available(person, made.body)


def _plant(backend: Backend, owner: Person) -> str:
    """A row and its object, so that only the function at hand is needed: its id."""
    media_id, key = str(uuid.uuid4()), f"media/{owner.user_id}/"
    texts = {
        "mediaId": media_id,
        "ownerId": owner.user_id,
        "fileName": "wing.gif",
        "contentType": "image/gif",
        "status": "available",
        "sharedWith": "pilot",
        "s3Key": key + media_id,
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:00.000Z",
    }
    item: dict[str, Any] = {name: {"S": value} for name, value in texts.items()}
    item["size"] = {"N": str(len(PICTURE))}
    backend.dynamodb.put_item(TableName=backend.tables["media"], Item=item)
    bucket = backend.outputs["mediaBucketName"]
    backend.client("s3").put_object(Bucket=bucket, Key=key + media_id, Body=PICTURE)
    return media_id


def _claims(backend: Backend, person: Person) -> None:
    backend.sign_in(person.name, backend.outputs["userPoolClientId"])


def _own_profile(method: str, body: Any = None) -> Callable[[Backend, Person], None]:
    def made(backend: Backend, person: Person) -> None:
        del backend
        person.request(method, f"/profiles/{person.user_id}", body)

    return made


def _list_profiles(backend: Backend, person: Person) -> None:
    del person
    admin = backend.person("admin")
    for query in ("", "?role=pilot", "?email=pat@example.com"):
        admin.get(f"/profiles{query}")


def _create_media(backend: Backend, person: Person) -> None:
    del person
    made = backend.person("pilot").post("/media", DRAFT)
    if made.status == 201:
        upload(made.body)


def _list_media(backend: Backend, person: Person) -> None:
    del person
    pilot = backend.person("pilot")
    _plant(backend, pilot)
    for query in ("", "?sharedWith=pilot"):
        answer = pilot.get(f"/media{query}")
        if answer.status == 200:
            call(answer.body["items"][0]["url"])


def _get_media(backend: Backend, person: Person) -> None:
    del person
    pilot = backend.person("pilot")
    answer = pilot.get(f"/media/{_plant(backend, pilot)}")
    if answer.status == 200:
        call(answer.body["url"])


def _of_media(method: str, body: Any = None) -> Callable[[Backend, Person], None]:
    def made(backend: Backend, person: Person) -> None:
        del person
        pilot = backend.person("pilot")
        pilot.request(method, f"/media/{_plant(backend, pilot)}", body)

    return made


def _record_media(backend: Backend, person: Person) -> None:
    _plant(backend, person)  # S3 tells the function of the object


EXERCISES: Mapping[str, Callable[[Backend, Person], None]] = {
    "claims": _claims,
    "rules-function": _own_profile("GET"),
    "get-profile": _own_profile("GET"),
    "put-profile": _own_profile("PUT", PROFILE),
    "delete-profile": _own_profile("DELETE"),
    "list-profiles": _list_profiles,
    "create-media": _create_media,
    "get-media": _get_media,
    "list-media": _list_media,
    "share-media": _of_media("PUT", {"sharedWith": "viewer"}),
    "delete-media": _of_media("DELETE"),
    "record-media": _record_media,
}
"""By the component's name; each gets a person in no group, without a profile."""
