import fnmatch
import json
from typing import Any

import pytest
from lambda_events import Context
from test_realtime_authorizer import CLIENTS, ISSUER, KEY, OTHER_KEY, jwks, token

from handlers.pilotforce import rules
from handlers.shared.keys import PoolKeys
from handlers.shared.tokens import User

STAGE = "arn:aws:execute-api:eu-west-1:000000000000:api/live"
ME = "5d0f3c2e-0000-4000-8000-000000000001"
OTHER = "5d0f3c2e-0000-4000-8000-000000000002"
REQUESTS = {
    "list profiles": "GET/profiles",
    "see mine": f"GET/profiles/{ME}",
    "change mine": f"PUT/profiles/{ME}",
    "delete mine": f"DELETE/profiles/{ME}",
    "see another's": f"GET/profiles/{OTHER}",
    "change another's": f"PUT/profiles/{OTHER}",
    "delete another's": f"DELETE/profiles/{OTHER}",
    "list media": "GET/media",
    "see media": f"GET/media/{OTHER}",
    "upload": "POST/media",
    "share": f"PUT/media/{OTHER}",
    "delete media": f"DELETE/media/{OTHER}",
}
MINE = {"see mine", "change mine", "delete mine"}
READING = MINE | {"list media", "see media"}
FLYING = READING | {"upload", "share", "delete media"}


def allowed(answer: dict[str, Any]) -> set[str]:
    """The requests that a policy allows."""
    (statement,) = answer["policyDocument"]["Statement"]
    if statement["Effect"] != "Allow":
        return set()
    return {
        name
        for name, request in REQUESTS.items()
        if any(fnmatch.fnmatchcase(f"{STAGE}/{request}", pattern) for pattern in statement["Resource"])
    }


@pytest.mark.parametrize(
    ("groups", "requests"),
    [
        ((), MINE),
        (("guests",), MINE),
        (("viewer",), READING),
        (("pilot",), FLYING),
        (("viewer", "pilot"), FLYING),
        (("admin",), set(REQUESTS)),
    ],
)
def test_a_policy_says_all_that_a_role_may_call(groups: tuple[str, ...], requests: set[str]) -> None:
    assert allowed(rules.policy(User(ME, groups), f"{STAGE}/GET/anything")) == requests


@pytest.mark.parametrize("user_id", ["*", "a/../b", "", "?" * 36])
def test_an_id_that_would_mean_more_than_one_user_may_call_nothing(user_id: str) -> None:
    answer = rules.policy(User(user_id, ("admin",)), f"{STAGE}/GET/media")
    (statement,) = answer["policyDocument"]["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Deny", [f"{STAGE}/*"])


@pytest.fixture
def authorize(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("USER_POOL_ISSUER", ISSUER)
    monkeypatch.setenv("USER_POOL_CLIENT_IDS", ",".join(CLIENTS))
    from handlers.pilotforce import authorize

    monkeypatch.setattr(authorize, "ISSUER", ISSUER)
    monkeypatch.setattr(authorize, "CLIENT_IDS", CLIENTS)
    monkeypatch.setattr(authorize, "KEYS", PoolKeys(lambda: jwks(KEY)))
    return authorize


def asked(header: str, value: str | None) -> dict[str, Any]:
    return {
        "type": "REQUEST",
        "methodArn": f"{STAGE}/GET/media",
        "headers": {} if value is None else {header: value},
        "requestContext": {"requestId": "request-1", "httpMethod": "GET", "resourcePath": "/media"},
    }


@pytest.mark.parametrize("header", ["Authorization", "authorization"])
@pytest.mark.parametrize("scheme", ["Bearer ", "bearer "])
def test_a_good_token_brings_its_rights_and_says_whose_it_is(
    authorize: Any, header: str, scheme: str, capsys: pytest.CaptureFixture[str]
) -> None:
    good = token(sub=ME, email="pat@example.com", **{"cognito:groups": ["pilot", "crew"]})
    answer = authorize.handler(asked(header, scheme + good), Context())
    assert answer["principalId"] == ME
    assert answer["context"] == {"userId": ME, "groups": "pilot crew", "email": "pat@example.com"}
    assert allowed(answer) == FLYING
    line = capsys.readouterr().out
    assert json.loads(line)["status"] == 200
    assert not any(secret in line for secret in (*good.split("."), ME, "pat@"))


@pytest.mark.parametrize(
    "bad", ["nonsense", "no scheme", "other key", "id token", "expired", "other client", None]
)
def test_a_bad_token_may_call_nothing_and_is_no_error(authorize: Any, bad: str | None) -> None:
    tokens: dict[str | None, str | None] = {
        "nonsense": "Bearer x.y.z",
        "no scheme": token(),
        "other key": f"Bearer {token(OTHER_KEY)}",
        "id token": f"Bearer {token(token_use='id')}",
        "expired": f"Bearer {token(exp=1)}",
        "other client": f"Bearer {token(client_id='other')}",
        None: None,
    }
    answer = authorize.handler(asked("Authorization", tokens[bad]), Context())
    assert answer["principalId"] == "nobody"
    (statement,) = answer["policyDocument"]["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Deny", [f"{STAGE}/*"])
    assert answer["context"] == {}
