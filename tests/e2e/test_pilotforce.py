"""pilotforce over HTTP: who may do what, what the gateway refuses, and files from any client."""

import itertools
import json
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from e2e.people import Person
from e2e.pilotforce import DRAFT, PICTURE, PROFILE, upload, uploaded
from e2e.running import COMMAND, ROOT, Backend
from e2e.samples import assert_problem
from e2e.web import call

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def crew(backends: Callable[[str], Backend]) -> Backend:
    return backends("pilotforce")


@pytest.fixture
def pilot(crew: Backend) -> Person:
    return crew.person("pilot")


@pytest.fixture
def viewer(crew: Backend) -> Person:
    return crew.person("viewer")


@pytest.fixture
def admin(crew: Backend) -> Person:
    return crew.person("admin")


def test_a_profile_has_the_address_and_the_role_of_the_user_pool(
    crew: Backend, pilot: Person, admin: Person
) -> None:
    path = f"/profiles/{pilot.user_id}"
    made = pilot.put(path, PROFILE)
    assert made.status == 201
    assert made.body.items() >= {**PROFILE, "email": pilot.name, "role": "pilot"}.items()
    assert admin.get(f"/profiles?email={pilot.name}").body["items"] == [made.body]
    crew.cognito.admin_add_user_to_group(UserPoolId=crew.pool, Username=pilot.name, GroupName="admin")
    crew.sign_in(pilot.name, crew.outputs["userPoolClientId"])
    assert admin.get(path).body["role"] == "admin"
    assert pilot.user_id in [item["userId"] for item in admin.get("/profiles?role=admin").body["items"]]


def test_the_gateway_lets_nobody_through_beyond_the_rules(
    crew: Backend, pilot: Person, viewer: Person
) -> None:
    own = uploaded(pilot, sharedWith="viewer")
    nobody, before = crew.person(), crew.everything()
    refused = [
        (nobody, "GET", "/media", None),
        (nobody, "GET", f"/profiles/{pilot.user_id}", None),
        (viewer, "POST", "/media", DRAFT),
        (viewer, "PUT", f"/media/{own['mediaId']}", {"sharedWith": None}),
        (viewer, "DELETE", f"/media/{own['mediaId']}", None),
        (pilot, "GET", "/profiles", None),
        (pilot, "GET", f"/profiles/{viewer.user_id}", None),
        (pilot, "PUT", f"/profiles/{viewer.user_id}", PROFILE),
        (pilot, "DELETE", f"/profiles/{viewer.user_id}", None),
    ]
    for person, method, path, body in refused:
        assert_problem(person.request(method, path, body), 403)
    assert crew.everything() == before
    assert nobody.get(f"/profiles/{nobody.user_id}").status == 404


def test_a_call_wants_a_good_access_token(crew: Backend, pilot: Person) -> None:
    url = f"{crew.outputs['apiUrl']}/media"
    assert_problem(call(url), 401)
    for bad in (
        "Bearer x.y.z",
        pilot.token,
        f"Bearer {pilot.id_token}",
        f"Bearer {pilot.token[:-8]}AAAAAAAA",
    ):
        assert_problem(call(url, headers={"authorization": bad}), 403)
    assert call(url, headers={"authorization": f"Bearer {pilot.token}"}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/media", "{"),
        ("POST", "/media", {}),
        ("POST", "/media", DRAFT | {"contentType": "image/svg+xml"}),
        ("POST", "/media", DRAFT | {"size": 10 * 1024**2 + 1}),
        ("POST", "/media", DRAFT | {"sharedWith": "admin"}),
        ("POST", "/media", DRAFT | {"ownerId": "eve"}),
        ("PUT", "/profiles/{me}", {"name": ""}),
        ("PUT", "/profiles/{me}", {"name": "Eve", "role": "admin"}),
        ("PUT", "/media/none", {"sharedWith": "all"}),
    ],
)
def test_the_gateway_refuses_a_body_before_a_function_sees_it(
    pilot: Person, method: str, path: str, body: Any
) -> None:
    answer = pilot.request(method, path.format(me=pilot.user_id), body)
    assert_problem(answer, 400, "body")
    assert answer.body["detail"] == "The body doesn't match the schema of this route."


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/media", DRAFT | {"fileName": "../wing.gif"}, "fileName"),
        ("PUT", "/profiles/{me}", {"name": "  "}, "name"),
        ("PUT", "/profiles/{me}", {"name": "a\x00b"}, "name"),
    ],
)
def test_the_function_refuses_what_a_schema_can_not(
    pilot: Person, method: str, path: str, body: Any, field: str
) -> None:
    assert_problem(pilot.request(method, path.format(me=pilot.user_id), body), 400, field)


def test_an_upload_is_of_that_type_and_size_to_that_place_and_nothing_else(pilot: Person) -> None:
    made = pilot.post("/media", DRAFT).body
    assert upload(made, PICTURE + b"!").status == 403
    assert upload(made, content_type="text/html").status == 403
    target = made["upload"]["url"]
    elsewhere = target.replace(made["mediaId"], "00000000-0000-4000-8000-000000000000")
    assert call(elsewhere, "PUT", PICTURE, {"content-type": "image/gif"}).status == 403
    assert call(target.partition("?")[0]).status == 403
    assert upload(made).status == 200


def test_a_picture_is_shared_seen_and_taken_back(pilot: Person, viewer: Person, admin: Person) -> None:
    made = uploaded(pilot, sharedWith="viewer")
    path = f"/media/{made['mediaId']}"
    shown = viewer.get("/media?sharedWith=viewer").body["items"][0]
    assert shown["mediaId"] == made["mediaId"]
    fetched = call(shown["url"])
    assert (fetched.status, fetched.text) == (200, PICTURE.decode())
    assert pilot.put(path, {"sharedWith": "pilot"}).body["sharedWith"] == "pilot"
    assert_problem(viewer.get(path), 404)
    assert admin.get(f"/media?userId={pilot.user_id}").body["items"][0]["mediaId"] == made["mediaId"]
    assert admin.delete(path).status == 204
    assert_problem(pilot.get(path), 404)
    assert call(shown["url"]).status in (403, 404)  # AWS says 403: the function may not list


def test_site_and_api_answer_at_one_address(crew: Backend, pilot: Person) -> None:
    site = crew.outputs["siteUrl"]
    front = call(f"{site}/any/page")
    assert front.status == 200
    assert front.headers["content-type"].startswith("text/html")
    policy = front.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    token = {"authorization": f"Bearer {pilot.token}"}
    answer = call(f"{site}/api/media", headers=token)
    assert (answer.status, answer.body) == (200, {"items": []})
    assert_problem(call(f"{site}/api/profiles", headers=token), 403)
    configuration = json.loads(call(f"{site}/config.json").text)
    assert configuration["userPoolId"] == crew.outputs["userPoolId"]
    assert configuration["userPoolClientId"] == crew.outputs["userPoolClientId"]
    assert configuration["cognitoUrl"] == f"{crew.summary['endpoint']}/"


def test_what_is_printed_to_try_works(crew: Backend) -> None:
    with subprocess.Popen(
        [*COMMAND, "up", crew.name, "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            lines = list(itertools.takewhile(lambda line: "stays behind" not in line, process.stdout))
            request, sign_in = (
                next(line for line in lines if part in line) for part in ("curl -i", "--password")
            )
            assert subprocess.check_output(["sh", "-c", request], cwd=ROOT).startswith(b"HTTP/1.1 200")
            subprocess.run(["sh", "-c", sign_in], cwd=ROOT, check=True)
            found = {name: value for name, _, value in (line.strip().partition("  ") for line in lines)}
            assert call(found["siteUrl"].strip()).status == 200
        finally:
            process.send_signal(signal.SIGINT)
