from typing import Any

import pytest
from lambda_events import Context
from lambda_fakes import Failing, aws_error
from pilot_backend import Backend, someone

from handlers.pilotforce import profile_body, roles
from stacks import pilotforce_routes

ADMIN = {"groups": "admin"}
PROFILE = "/profiles/{userId}"


def test_makes_ones_own_profile_and_then_changes_it(crew: Backend) -> None:
    pat = someone()
    body = {"name": "Pat Lee", "callSign": "Viper", "bio": "Flies.\nMuch."}
    made = crew.call(f"PUT {PROFILE}", pat, body, email="Pat@Example.com", userId=pat)
    assert made.status == 201
    assert list(made.body) == ["userId", "email", "role", "name", "callSign", "bio", "createdAt", "updatedAt"]
    assert made.body.items() >= {"userId": pat, "email": "pat@example.com", "role": "pilot", **body}.items()

    changed = crew.call(f"PUT {PROFILE}", pat, {"name": "Pat"}, userId=pat)
    assert changed.status == 200
    assert set(changed.body) == {"userId", "role", "name", "createdAt", "updatedAt"}
    assert changed.body["createdAt"] == made.body["createdAt"]
    assert crew.call(f"GET {PROFILE}", pat, userId=pat).body == changed.body


def test_somebody_elses_profile_is_an_admins_business_alone(crew: Backend) -> None:
    pat, ann = someone(), someone()
    before = crew.profile(pat, email="pat@example.com")
    for method, body in (("GET", None), ("PUT", {"name": "Eve"}), ("DELETE", None)):
        assert crew.call(f"{method} {PROFILE}", someone(), body, userId=pat).status == 403
    assert crew.call(f"GET {PROFILE}", ann, userId=pat, **ADMIN).body == before
    changed = crew.call(f"PUT {PROFILE}", ann, {"name": "Pat L."}, email="ann@x.org", userId=pat, **ADMIN)
    assert (changed.status, changed.body["name"]) == (200, "Pat L.")
    assert (changed.body["email"], changed.body["role"]) == ("pat@example.com", "pilot")
    assert crew.call(f"DELETE {PROFILE}", ann, userId=pat, **ADMIN).status == 204
    assert crew.call(f"DELETE {PROFILE}", ann, userId=pat, **ADMIN).status == 404


def test_an_admin_makes_no_profile_for_others(crew: Backend) -> None:
    nobody = someone()
    assert crew.call(f"PUT {PROFILE}", someone(), {"name": "New"}, userId=nobody, **ADMIN).status == 404
    assert crew.item("profiles", nobody) is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (None, "body"),
        ("{", "body"),
        ("[]", "body"),
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"name": 5}, "name"),
        ({"name": "a", "callSign": ""}, "callSign"),
        ({"name": "a", "callSign": "a" * 21}, "callSign"),
        ({"name": "a", "bio": "\x00"}, "bio"),
        ({"name": "a", "bio": "a" * 1001}, "bio"),
        ({"name": "a", "email": "eve@example.com"}, "email"),
        ({"name": "a", "role": "admin"}, "role"),
    ],
)
def test_a_bad_profile_is_refused_and_nothing_is_written(crew: Backend, body: Any, field: str) -> None:
    pat, before = someone(), crew.everything()
    answer = crew.call(f"PUT {PROFILE}", pat, body, userId=pat)
    assert (answer.status, answer.names()) == (400, [field])
    assert crew.everything() == before


def test_admins_list_profiles_by_role_by_time_and_by_address(crew: Backend) -> None:
    first, second, third = someone(), someone(), someone()
    crew.profile(first, "viewer", email=f"{first}@x.org")
    crew.profile(second, "viewer", email=f"{second}@x.org")
    crew.profile(third, "pilot admin", email=f"{third}@x.org")

    def listed(**query: str) -> list[str]:
        answer = crew.call("GET /profiles", someone(), query=query, **ADMIN)
        assert answer.status == 200, answer.body
        return [item["userId"] for item in answer.body["items"]]

    assert listed()[:3] == [third, second, first]
    assert listed(role="viewer")[:2] == [second, first]
    assert listed(role="admin")[0] == third
    assert listed(email=f"{second}@X.org") == [second]
    assert listed(email="nobody@x.org") == []
    page = crew.call("GET /profiles", someone(), query={"role": "viewer", "limit": "1"}, **ADMIN).body
    rest = {"role": "viewer", "limit": "1", "cursor": page["nextCursor"]}
    following = crew.call("GET /profiles", someone(), query=rest, **ADMIN).body
    assert [page["items"][0]["userId"], following["items"][0]["userId"]] == [second, first]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"role": "king"}, "role"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@example.com", "role": "pilot"}, "email"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"name": "Pat"}, "name"),
    ],
)
def test_a_bad_query_is_refused(crew: Backend, query: dict[str, str], field: str) -> None:
    answer = crew.call("GET /profiles", someone(), query=query, **ADMIN)
    assert (answer.status, answer.names()) == (400, [field])


@pytest.mark.parametrize("groups", ["", "viewer", "pilot", "administrator", "pilot viewer"])
def test_nobody_else_lists_profiles(crew: Backend, groups: str) -> None:
    assert crew.call("GET /profiles", someone(), groups=groups).status == 403


def sign_in(crew: Backend, user: str, groups: list[str], **attributes: str) -> Any:
    """What Cognito gets before it issues a token."""
    event = {
        "version": "2",
        "triggerSource": "TokenGeneration_Authentication",
        "request": {
            "userAttributes": {"sub": user, **attributes},
            "groupConfiguration": {"groupsToOverride": groups},
        },
        "response": {"claimsAndScopeOverrideDetails": None},
    }
    answer = crew.modules["claims"].handler(event, Context())
    assert answer["request"] == event["request"]
    return answer["response"]["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]


def test_a_token_carries_the_address_that_the_pool_has_verified(crew: Backend) -> None:
    claims = sign_in(crew, someone(), [], email="pat@example.com", email_verified="true")
    assert claims == {"claimsToAddOrOverride": {"email": "pat@example.com"}}
    assert sign_in(crew, someone(), [], email="pat@example.com", email_verified="false") == {}
    assert sign_in(crew, someone(), []) == {}


def test_a_sign_in_brings_address_and_role_of_the_profile_up_to_date(crew: Backend) -> None:
    pat = someone()
    crew.profile(pat, "viewer", email="old@example.com")
    sign_in(crew, pat, ["pilot", "viewer"], email="New@Example.com", email_verified="true")
    item = crew.item("profiles", pat)
    assert item is not None
    assert (item["email"]["S"], item["role"]["S"]) == ("new@example.com", "pilot")
    sign_in(crew, pat, [], email="new@example.com", email_verified="false")
    assert not {"email", "role"} & (crew.item("profiles", pat) or {}).keys()
    nobody = someone()
    sign_in(crew, nobody, ["pilot"])
    assert crew.item("profiles", nobody) is None


def test_people_sign_in_while_the_table_does_not_answer(
    crew: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(crew.modules["claims"], "DYNAMODB", Failing(aws_error("InternalServerError")))
    claims = sign_in(crew, someone(), [], email="pat@example.com", email_verified="true")
    assert claims == {"claimsToAddOrOverride": {"email": "pat@example.com"}}
    line = capsys.readouterr().out
    assert '"level":"warning"' in line
    assert "pat@example.com" not in line


def test_gateway_and_function_have_the_same_limits() -> None:
    limits = pilotforce_routes.PROFILE["properties"]
    assert limits["name"]["maxLength"] == profile_body.MAX_NAME
    assert limits["callSign"]["maxLength"] == profile_body.MAX_CALL_SIGN
    assert limits["bio"]["maxLength"] == profile_body.MAX_BIO


def test_roles_hold_those_below_them() -> None:
    assert roles.highest(["viewer", "admin", "guests"]) == "admin"
    assert roles.highest(["guests"]) == ""
    assert roles.up_to("pilot") == ("viewer", "pilot")
    assert roles.up_to("") == ()
