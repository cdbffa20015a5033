"""asset-api answers any event alike in Python and in TypeScript, byte for byte."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, quote_plus, urlsplit

import node_functions
import pytest
from asset_backend import BUCKET, ROUTES, UPLOAD, node_variables
from asset_twins import PACKAGE, Twins, good_asset, good_user, log
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lambda_events import Context, claims, http_event
from node_functions import NodeFunctions

from handlers.shared import aws, presigned
from handlers.shared.attributes import to_item
from support.asset_api_cases import ADA, BAD_ASSETS, BAD_USERS, FILE, FILE_NAMES

pytestmark = node_functions.needed
every_route = pytest.mark.parametrize("route", ROUTES)
slow = settings(deadline=None, suppress_health_check=list(HealthCheck))


# Any event

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
GROUPS: list[Any] = [
    "[admin]",
    "[x admin]",
    "admin",
    "[[admin]]",
    "[[admin]",
    "[admin]]",
    "[a\x1cadmin]",
    "[admins]",
]
GROUPS += ["", ["admin"], ["x", 1], 1, None]
CALLERS = st.sampled_from(
    [{**claims("c"), "cognito:groups": group} for group in GROUPS]
    + [claims("-"), claims(""), claims("a b"), {}, claims("c", token_use="id"), {"token_use": "access"}]
)
QUERIES = st.dictionaries(
    st.sampled_from(["limit", "cursor", "email", "status"]) | ANY_TEXT,
    st.sampled_from(["1", "100", "01", "0100", "101", "\u0661", "pending", "ada@example.org", "a@b", "@b.c"])
    | ANY_TEXT,
    max_size=3,
)
PATHS = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from(["x", "a..b", "a/b", "é", "x\n"]) | ANY_TEXT | JSON
        for name in ("userId", "assetId")
    },
)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "body": ANY_TEXT | JSON.map(json.dumps) | JSON,
        "isBase64Encoded": st.booleans(),
        "pathParameters": PATHS | JSON,
        "queryStringParameters": QUERIES | st.none(),
    },
)


def event_of(caller: Any, event: Any) -> Any:
    """The event of a caller whom no other example knows, unless its name is what is tried."""
    if caller.get("sub") == "c":
        caller = {**caller, "sub": str(uuid.uuid4())}
    context = {"requestId": "r", "routeKey": "R", "authorizer": {"jwt": {"claims": caller}}}
    return {"requestContext": context, **event}


@every_route
@given(event=EVENTS)
@settings(slow, max_examples=60)
def test_any_event_of_a_user_is_answered_alike(twins: Twins, route: str, event: Any) -> None:
    twins.same(route, event_of(claims(str(uuid.uuid4())), event))


@every_route
@given(caller=CALLERS, query=QUERIES, path=PATHS)
@settings(slow, max_examples=40)
def test_callers_queries_and_paths_are_read_alike(
    twins: Twins, route: str, caller: Any, query: Any, path: Any
) -> None:
    """Without lists of admins, which hold what other examples made."""
    if route.startswith("GET") and "{" not in route:
        caller = {**caller, "cognito:groups": ""}
    twins.same(route, event_of(caller, {"queryStringParameters": query, "pathParameters": path}))


@pytest.mark.parametrize("group", GROUPS, ids=repr)
def test_an_admin_is_known_alike(twins: Twins, group: Any) -> None:
    event = http_event(claims("ada"), json.dumps(good_user()))
    statuses = []
    for call in (twins.in_python, twins.in_node):
        path = {"userId": json.loads(call("POST /users", event)["body"])["userId"]}
        caller = {**claims("boss"), "cognito:groups": group}
        asked = http_event(caller, path=path)
        rest = {"requestContext": {"authorizer": {"claims": caller}}, "pathParameters": path}
        statuses.append([call("GET /users/{userId}", event)["statusCode"] for event in (asked, rest)])
    assert statuses[0] == statuses[1]


REST_EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "queryStringParameters": QUERIES | st.none(),
        "multiValueQueryStringParameters": st.dictionaries(
            st.sampled_from(["limit", "cursor", "email", "status", "__proto__"]) | ANY_TEXT,
            st.lists(st.sampled_from(["1", "pending", "a@b.co"]) | ANY_TEXT, max_size=2) | st.none(),
            max_size=2,
        )
        | st.none(),
        "stageVariables": st.dictionaries(
            st.sampled_from(["corsAllowOrigin", "corsAllowCredentials", "corsExposeHeaders", "other"]),
            st.sampled_from(["any", "https://example.org", "true", ""]) | st.none(),
        )
        | st.none(),
    },
)


@pytest.mark.parametrize("route", ["GET /users", "GET /assets", "POST /users", "GET /users/{userId}"])
@given(event=REST_EVENTS, context=st.dictionaries(st.sampled_from(["httpMethod", "resourcePath"]), ANY_TEXT))
@settings(slow, max_examples=60)
def test_events_of_a_rest_api_are_read_alike(twins: Twins, route: str, event: Any, context: Any) -> None:
    authorizer = {"claims": claims(str(uuid.uuid4()))}
    event = {"requestContext": {"requestId": "r", "authorizer": authorizer, **context}, **event}
    twins.same(route, event)


@every_route
@given(context=JSON)
@settings(slow, max_examples=20)
def test_events_that_name_nobody_are_refused_alike(twins: Twins, route: str, context: Any) -> None:
    for found in (context, {"authorizer": context}, {"authorizer": {"jwt": context}}):
        twins.same(route, {"requestContext": found})


# Any body

MARKS = [
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "0",
    "-",
    ".",
    "e",
    "\\u",
    "d83d",
    "\\ud83d",
    "\\ude00",
    "null",
]
MARKS += [
    "true",
    "NaN",
    "\t",
    "\n",
    "\v",
    "\x00",
    "\x1f",
    "\x7f",
    "\x85",
    "\u00a0",
    "\u2028",
    "\ufeff",
    "\U0001f600",
]


@st.composite
def near(draw: st.DrawFn, good: Callable[[], Any]) -> str:
    """A body that is right, but for what was put into it or cut from it."""
    text = json.dumps(good())
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 6))
        text = text[:place] + draw(st.sampled_from(MARKS) | ANY_TEXT) + text[place + cut :]
    return text


@given(body=near(good_user))
@settings(slow, max_examples=300)
def test_a_body_that_is_nearly_a_user_is_read_alike(twins: Twins, body: str) -> None:
    twins.same("POST /users", http_event(claims("ada"), body))


@given(body=near(good_asset))
@settings(slow, max_examples=300)
def test_a_body_that_is_nearly_an_asset_is_read_alike(twins: Twins, body: str) -> None:
    twins.same("POST /assets", http_event(claims("ada"), body))


def test_brackets_in_a_text_do_not_count_whatever_is_escaped(twins: Twins) -> None:
    for text in ('"\\\n' + "[" * 40 + '"', '"\\\\"' + "[" * 40, '"' + "[" * 40, '"]\\"' + "[" * 40 + '"'):
        twins.same("POST /users", http_event(claims("ada"), text))


@given(content=st.binary(max_size=40), place=st.integers(0, 40))
@settings(slow, max_examples=200)
def test_bytes_that_may_not_be_utf_8_are_read_alike(twins: Twins, content: bytes, place: int) -> None:
    body = json.dumps(good_user()).encode()
    twins.same("POST /users", http_event(claims("ada"), body[:place] + content + body[place:]))


@given(body=ANY_TEXT | st.text("ABab01+/=-_ \n", max_size=12))
@settings(slow, max_examples=200)
def test_what_may_not_be_base64_is_read_alike(twins: Twins, body: str) -> None:
    twins.same("POST /users", http_event(claims("ada")) | {"body": body, "isBase64Encoded": True})


FIELDS = ["email", "name", "department", "ttl", "fileName", "contentType", "size", "metadata"]
SPACES = st.text("\t\n\x1c\x1f \x85\xa0\u1680\u200b\u2028\u3000\ufeffa@.", max_size=6)


@pytest.mark.parametrize("route", ["POST /users", "POST /assets"])
@given(
    values=st.dictionaries(
        st.sampled_from(FIELDS) | ANY_TEXT,
        SPACES | JSON | st.sampled_from(["é" * 128, "x" * 1234, "\U0001f600" * 101, 5.0, 1e300, -0.0]),
        max_size=5,
    )
)
@example(values={"name": "\U0001f600" * 100, "department": "\U0001f600" * 101})
@example(values={"\U0001f600": 1, "\uffee": 2, "10": 3, "9": 4, "__proto__": 5, "k" * 150: 6})
@settings(slow, max_examples=200)
def test_any_values_are_checked_alike(twins: Twins, route: str, values: Any) -> None:
    twins.same(route, http_event(claims("ada"), json.dumps(values)))


@pytest.mark.parametrize("case", BAD_USERS)
def test_a_bad_user_is_refused_alike(twins: Twins, case: str) -> None:
    body, fields = BAD_USERS[case]
    answer = twins.same("POST /users", http_event(claims("ada"), body))
    assert [error["field"] for error in json.loads(answer["body"])["errors"]] == fields


@pytest.mark.parametrize("case", BAD_ASSETS)
def test_a_bad_asset_is_refused_alike(twins: Twins, case: str) -> None:
    body, fields = BAD_ASSETS[case]
    answer = twins.same("POST /assets", http_event(claims("ada"), json.dumps({**FILE, **body})))
    assert [error["field"] for error in json.loads(answer["body"])["errors"]] == fields


@pytest.mark.parametrize("length", [16_384, 16_385])
def test_the_longest_body_is_the_same(twins: Twins, length: int) -> None:
    body = json.dumps({**ADA, "x": ""})
    padded = body.replace('"x": ""', f'"x": "{"y" * (length - len(body))}"')
    assert twins.same("POST /users", http_event(claims("ada"), padded))["statusCode"] == (
        400 if length == 16_384 else 413
    )


# Addresses and cursors


@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=90))
@example(name="+ %20+")
@example(name="%2e%2e%2f")
@example(name="!'()*-._~ &=;,:@$")
@settings(slow, max_examples=200)
def test_any_file_name_gives_the_same_address_or_refusal(twins: Twins, name: str) -> None:
    body = {**FILE, "fileName": name, "metadata": {"note": name}}
    twins.same("POST /assets", http_event(claims("ada"), json.dumps(body)))


TOKEN = "FwoGZXIvYXdzE/+=="
REGIONS = {
    "eu-west-1": "https://files.s3.eu-west-1.amazonaws.com/assets/",
    "cn-north-1": "https://files.s3.cn-north-1.amazonaws.com.cn/assets/",
}


@pytest.fixture(scope="module", params=REGIONS)
def region(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def on_aws(running_twins: Twins, region: str) -> Iterator[NodeFunctions]:
    """The functions as in Lambda: temporary credentials, and S3 where it is on AWS."""
    environment = node_variables("") | {
        "AWS_REGION": region,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_ENDPOINT_URL_DYNAMODB": running_twins.proxy.endpoint,
    }
    del environment["AWS_ENDPOINT_URL"]
    with node_functions.running(PACKAGE, ["create_asset", "download_asset"], environment) as node:
        yield node


@pytest.mark.parametrize("name", FILE_NAMES)
def test_addresses_are_signed_as_botocore_signs_them(
    twins: Twins, on_aws: NodeFunctions, region: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    monkeypatch.setattr(aws, "_session", aws._session.__wrapped__)
    twins.proxy.then("PutItem", lambda: (200, {}))
    event = http_event(claims("ada"), json.dumps({**FILE, "fileName": name}))
    asset = json.loads(on_aws.call("create_asset", event).result["body"])
    key, upload = asset["s3Key"], asset["upload"]
    assert upload["url"] == signed_at(
        upload["url"], lambda: presigned.upload(BUCKET, key, upload["headers"], 3600)
    )
    item = to_item({**asset, "status": "available", "upload": None})
    twins.proxy.then("GetItem", lambda: (200, {"Item": item}))
    event = http_event(claims("ada"), path={"assetId": asset["assetId"]})
    url = json.loads(on_aws.call("download_asset", event).result["body"])["url"]
    assert url == signed_at(url, lambda: presigned.download(BUCKET, key, name, 3600))
    for found in (url, upload["url"]):
        assert found.startswith(REGIONS[region])
        assert parse_qs(urlsplit(found).query)["X-Amz-Security-Token"] == [TOKEN]


def signed_at(url: str, sign: Callable[[], str]) -> str:
    """What Python signs at the time at which an address was signed."""
    [date] = parse_qs(urlsplit(url).query)["X-Amz-Date"]
    with mock.patch("botocore.auth.get_current_datetime") as now:
        now.return_value = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return sign()


@pytest.mark.parametrize(("route", "made"), [("GET /users", good_user), ("GET /assets", lambda: FILE)])
def test_a_cursor_of_one_language_is_good_in_the_other(
    twins: Twins, route: str, made: Callable[[], Any]
) -> None:
    owner = claims(str(uuid.uuid4()))
    languages = (twins.in_python, twins.in_node)
    cursors = []
    for call in languages:
        for _ in range(2):
            assert (
                call(route.replace("GET", "POST"), http_event(owner, json.dumps(made())))["statusCode"] == 201
            )
        page = call(route, http_event(owner, query={"limit": "1"}))
        cursors.append(json.loads(page["body"])["nextCursor"])
    for cursor in cursors:
        event = http_event(owner, query={"cursor": cursor})
        assert [call(route, event)["statusCode"] for call in languages] == [200, 200]
        assert twins.same(route, http_event(claims("eve"), query={"cursor": cursor}))["statusCode"] == 400


@given(
    cursor=ANY_TEXT
    | st.text("MQoxCmEKMDAwabc-_=", max_size=60)
    | st.from_regex(r"1\n\d{1,16}\n[a-z:]{1,4}\n[0-9a-f]{24}", fullmatch=True)
)
@settings(slow, max_examples=200)
def test_a_cursor_that_is_none_is_refused_alike(twins: Twins, cursor: str) -> None:
    answer = twins.same("GET /users", http_event(claims("ada"), query={"cursor": cursor}))
    assert answer["statusCode"] == 400


# Uploads

OBJECTS = st.fixed_dictionaries(
    {
        "key": ANY_TEXT.map(lambda name: f"assets/{uuid.uuid4()}/{quote_plus(name, errors='replace')}")
        | st.text("assets/%2Fé+ \ud800", max_size=20)
        | JSON
    },
    optional={"size": st.integers(0, 10**9) | ANY_TEXT, "sequencer": ANY_TEXT | JSON},
)
RECORDS = st.builds(
    lambda name, found: {"eventName": name, "s3": found},
    st.just("ObjectCreated:Put") | JSON,
    OBJECTS.map(lambda found: {"object": found}) | JSON,
)


@given(records=st.lists(RECORDS, max_size=4) | JSON)
@settings(slow, max_examples=150)
def test_any_event_of_a_bucket_is_logged_alike(twins: Twins, records: Any) -> None:
    event = {"Records": records}
    with mock.patch("builtins.print") as printed:
        twins.python.modules["upload"].handler(event, Context())
    found = twins.node.call(UPLOAD, event)
    assert found.error == ""
    assert log(found.line) == log(json.loads(printed.call_args.args[0]))


# Logs


@every_route
def test_a_request_logs_the_same_line(twins: Twins, route: str, capsys: pytest.CaptureFixture[str]) -> None:
    for event in (
        {"warm": True},
        http_event(None),
        http_event(claims("ada-private"), "secret", {"userId": "x", "assetId": "x"}),
        http_event(claims("ada-private"), "secret", query={"secret": "secret"}),
    ):
        twins.python.modules[route].handler(event, Context())
        [line] = capsys.readouterr().out.splitlines()
        [text] = twins.node.call(ROUTES[route], event).logs
        assert log(json.loads(text)) == log(json.loads(line))
        assert "secret" not in text
        assert "private" not in text
