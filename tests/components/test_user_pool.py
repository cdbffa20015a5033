from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._base import ArgumentError
from components.user_pool import PasswordPolicy, UserPool, UserPoolArgs, UserPoolClient
from support.linking import resolve
from support.recorder import UNKNOWN, Graph, record

POOL = "aws:cognito/userPool:UserPool"
CLIENT = "aws:cognito/userPoolClient:UserPoolClient"
GROUP = "aws:cognito/userGroup:UserGroup"
ARN = "arn:aws:cognito:eu-west-1:123456789012:people"

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def graph(*, preview: bool = False, **args: Any) -> Graph:
    return record(lambda: UserPool("people", UserPoolArgs(**args)), preview=preview)


def pool(*, preview: bool, **args: Any) -> dict[str, Any]:
    return dict(graph(preview=preview, **args).one(POOL).inputs)


@preview_and_up
def test_defaults_are_safe(*, preview: bool) -> None:
    resource = graph(preview=preview).one(POOL)
    assert resource.inputs == {
        "usernameAttributes": ["email"],
        "usernameConfiguration": {"caseSensitive": False},
        "autoVerifiedAttributes": ["email"],
        "userAttributeUpdateSettings": {"attributesRequireVerificationBeforeUpdates": ["email"]},
        "accountRecoverySetting": {"recoveryMechanisms": [{"name": "verified_email", "priority": 1}]},
        "adminCreateUserConfig": {"allowAdminCreateUserOnly": False},
        "passwordPolicy": {
            "minimumLength": 12,
            "requireLowercase": True,
            "requireUppercase": True,
            "requireNumbers": True,
            "requireSymbols": True,
            "temporaryPasswordValidityDays": 7,
        },
        "mfaConfiguration": "OPTIONAL",
        "softwareTokenMfaConfiguration": {"enabled": True},
        "deletionProtection": "ACTIVE",
    }
    assert resource.protect
    assert resource.retain_on_delete


@preview_and_up
def test_an_unprotected_pool_can_be_deleted(*, preview: bool) -> None:
    resource = graph(preview=preview, deletion_protection=False).one(POOL)
    assert resource.inputs["deletionProtection"] == "INACTIVE"
    assert not resource.protect
    assert not resource.retain_on_delete


@preview_and_up
def test_a_password_policy_reaches_the_pool_field_by_field(*, preview: bool) -> None:
    policy = PasswordPolicy(
        minimum_length=17,
        require_lowercase=True,
        require_uppercase=False,
        require_numbers=True,
        require_symbols=False,
        temporary_password_days=3,
    )
    assert pool(preview=preview, password_policy=policy)["passwordPolicy"] == {
        "minimumLength": 17,
        "requireLowercase": True,
        "requireUppercase": False,
        "requireNumbers": True,
        "requireSymbols": False,
        "temporaryPasswordValidityDays": 3,
    }


@preview_and_up
@pytest.mark.parametrize(("mfa", "enabled"), [("OFF", None), ("OPTIONAL", True), ("ON", True)])
def test_a_second_factor_is_an_authenticator_app(*, preview: bool, mfa: str, enabled: bool | None) -> None:
    inputs = pool(preview=preview, mfa=mfa)
    assert inputs["mfaConfiguration"] == mfa
    assert inputs.get("softwareTokenMfaConfiguration", {}).get("enabled") is enabled


@preview_and_up
def test_user_names_and_invitations_are_choices(*, preview: bool) -> None:
    inputs = pool(preview=preview, sign_in_with_email=False, admin_create_only=True)
    assert "usernameAttributes" not in inputs
    assert inputs["adminCreateUserConfig"] == {"allowAdminCreateUserOnly": True}


@preview_and_up
def test_advanced_security_is_asked_for_with_its_plan(*, preview: bool) -> None:
    inputs = pool(preview=preview, tier="PLUS", advanced_security="ENFORCED")
    assert inputs["userPoolTier"] == "PLUS"
    assert inputs["userPoolAddOns"] == {"advancedSecurityMode": "ENFORCED"}


@preview_and_up
def test_a_client_has_no_secret_and_tells_nobody_who_has_an_account(*, preview: bool) -> None:
    client = UserPoolClient(
        auth_flows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        access_token_minutes=15,
        id_token_minutes=20,
        refresh_token_days=9,
    )
    resource = graph(preview=preview, clients={"app": client}).one(CLIENT, "people-app")
    assert resource.inputs == {
        "userPoolId": UNKNOWN if preview else "people-id",
        "generateSecret": False,
        "explicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
        "preventUserExistenceErrors": "ENABLED",
        "enableTokenRevocation": True,
        "accessTokenValidity": 15,
        "idTokenValidity": 20,
        "refreshTokenValidity": 9,
        "tokenValidityUnits": {"accessToken": "minutes", "idToken": "minutes", "refreshToken": "days"},
    }


@preview_and_up
def test_a_client_never_sends_the_password_unless_asked_to(*, preview: bool) -> None:
    inputs = graph(preview=preview, clients={"app": UserPoolClient()}).one(CLIENT).inputs
    assert inputs["explicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]


@preview_and_up
def test_groups_come_in_order_of_importance(*, preview: bool) -> None:
    found = graph(preview=preview, groups=["admin", "editor"])
    seen = {group.name: (group.inputs["name"], group.inputs["precedence"]) for group in found.all(GROUP)}
    assert seen == {"people-group-admin": ("admin", 0), "people-group-editor": ("editor", 1)}


@preview_and_up
def test_every_child_belongs_to_the_component(*, preview: bool) -> None:
    found = graph(preview=preview, groups=["admin"], clients={"app": UserPoolClient()})
    children = [item for item in found.resources if item.custom]
    assert {item.parent for item in children} == {found.component("people").urn}
    assert [item.name for item in children if item.protect] == ["people"]
    assert found.messages == []


@preview_and_up
def test_registers_id_arn_issuer_and_clients(*, preview: bool) -> None:
    outputs = graph(preview=preview, clients={"app": UserPoolClient()}).component("people").outputs
    if preview:
        assert outputs == {
            "userPoolId": UNKNOWN,
            "userPoolArn": UNKNOWN,
            "issuer": UNKNOWN,
            "clientIds": {"app": UNKNOWN},
        }
    else:
        assert outputs == {
            "userPoolId": "people-id",
            "userPoolArn": ARN,
            "issuer": "https://people-endpoint",
            "clientIds": {"app": "people-app-id"},
        }


@preview_and_up
def test_overrides_reach_pool_client_and_group(*, preview: bool) -> None:
    overrides = {
        "pool": {"email_verification_subject": "Welcome"},
        "client": {"auth_session_validity": 7},
        "group": {"description": "People"},
    }
    clients = {"app": UserPoolClient()}
    found = graph(preview=preview, groups=["admin"], clients=clients, overrides=overrides)
    assert found.one(POOL).inputs["emailVerificationSubject"] == "Welcome"
    assert found.one(CLIENT).inputs["authSessionValidity"] == 7
    assert found.one(GROUP).inputs["description"] == "People"


TWO_CLIENTS = {"web": UserPoolClient(), "app": UserPoolClient()}


def test_verifying_tokens_takes_no_permission() -> None:
    link = resolve(lambda: UserPool("people", UserPoolArgs(clients=TWO_CLIENTS)).verification_link())
    assert link.statements == []
    assert link.environment == {
        "USER_POOL_ISSUER": "https://people-endpoint",
        "USER_POOL_CLIENT_IDS": "people-app-id,people-web-id",
    }


def test_verification_in_a_preview_knows_neither_issuer_nor_clients() -> None:
    link = resolve(
        lambda: UserPool("people", UserPoolArgs(clients=TWO_CLIENTS)).verification_link(), preview=True
    )
    assert link.environment == {"USER_POOL_ISSUER": UNKNOWN, "USER_POOL_CLIENT_IDS": UNKNOWN}


def test_verification_without_a_client_is_refused() -> None:
    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            UserPool("people", UserPoolArgs()).verification_link()
        assert str(refusal.value) == "UserPool 'people' has no client whose tokens to verify; name one"

    record(program)


@preview_and_up
def test_an_existing_pool_creates_nothing_and_verifies_tokens(*, preview: bool) -> None:
    def program() -> UserPool:
        return UserPool.from_id("old", "eu-west-1_AbC", client_ids={"web": "w1", "app": "a1"})

    found = record(program, preview=preview)
    assert [item for item in found.resources if item.custom] == []
    assert found.component("old").outputs == {
        "userPoolId": "eu-west-1_AbC",
        "userPoolArn": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbC",
        "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC",
        "clientIds": {"web": "w1", "app": "a1"},
    }
    link = resolve(lambda: program().verification_link(), preview=preview)
    assert link.environment["USER_POOL_CLIENT_IDS"] == "a1,w1"


def test_an_existing_pool_is_no_resource_of_the_program() -> None:
    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            _ = UserPool.from_id("old", "eu-west-1_AbC", client_ids={}).pool
        assert str(refusal.value) == "UserPool 'old' came from_id: it is not a resource of this program"

    record(program)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            lambda: UserPoolArgs(mfa="SMS"),
            "UserPoolArgs.mfa must be one of 'OFF', 'OPTIONAL', 'ON', got 'SMS'",
        ),
        (
            lambda: UserPoolArgs(advanced_security="AUDIT"),
            "UserPoolArgs.advanced_security='AUDIT' needs tier=\"PLUS\", got None",
        ),
        (
            lambda: UserPoolArgs(clients={"My App": UserPoolClient()}),
            (
                "UserPoolArgs.clients must have names of lower-case letters and digits in parts joined "
                "by '-', got 'My App'"
            ),
        ),
        (
            lambda: UserPoolArgs(groups=["admin", "admin"]),
            "UserPoolArgs.groups must differ, got 'admin' twice",
        ),
        (
            lambda: UserPoolArgs(groups=["the admins"]),
            "UserPoolArgs.groups must be 1-128 printable characters without spaces, got 'the admins'",
        ),
        (
            lambda: UserPoolArgs(groups=[""]),
            "UserPoolArgs.groups must be 1-128 printable characters without spaces, got ''",
        ),
        (lambda: PasswordPolicy(minimum_length=5), "PasswordPolicy.minimum_length must be 6-99, got 5"),
        (lambda: PasswordPolicy(minimum_length=100), "PasswordPolicy.minimum_length must be 6-99, got 100"),
        (
            lambda: PasswordPolicy(temporary_password_days=366),
            "PasswordPolicy.temporary_password_days must be 1-365 days, got 366",
        ),
        (
            lambda: UserPoolClient(access_token_minutes=4),
            "UserPoolClient.access_token_minutes must be 5-1,440 minutes, got 4",
        ),
        (
            lambda: UserPoolClient(id_token_minutes=1441),
            "UserPoolClient.id_token_minutes must be 5-1,440 minutes, got 1441",
        ),
        (
            lambda: UserPoolClient(refresh_token_days=3651),
            "UserPoolClient.refresh_token_days must be 1-3,650 days, got 3651",
        ),
        (
            lambda: UserPoolClient(auth_flows=["ALLOW_REFRESH_TOKEN_AUTH"]),
            (
                "UserPoolClient.auth_flows must hold a flow that signs users in, "
                "got ['ALLOW_REFRESH_TOKEN_AUTH']"
            ),
        ),
        (
            lambda: UserPool.from_id("old", "nonsense", client_ids={}),
            "UserPool.from_id user_pool_id must be an id such as 'eu-west-1_AbCdEfGhI', got 'nonsense'",
        ),
    ],
)
def test_rejects_in_one_line(wrong: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        wrong()
    assert str(refusal.value) == message


def test_rejects_an_unknown_flow() -> None:
    with pytest.raises(ArgumentError, match="'ALLOW_ANYTHING'"):
        UserPoolClient(auth_flows=["ALLOW_ANYTHING"])


@given(st.integers(-10, 100_000))
def test_token_minutes_are_taken_exactly_from_5_minutes_to_a_day(minutes: int) -> None:
    if 5 <= minutes <= 1440:
        assert UserPoolClient(access_token_minutes=minutes).access_token_minutes == minutes
    else:
        with pytest.raises(ArgumentError, match=r"must be 5-1,440 minutes, got "):
            UserPoolClient(access_token_minutes=minutes)


@given(st.integers())
def test_refresh_days_are_taken_exactly_from_1_day_to_10_years(days: int) -> None:
    if 1 <= days <= 3650:
        assert UserPoolClient(refresh_token_days=days).refresh_token_days == days
    else:
        with pytest.raises(ArgumentError, match=r"must be 1-3,650 days, got "):
            UserPoolClient(refresh_token_days=days)


@given(st.lists(st.text(max_size=4), max_size=4))
def test_groups_are_taken_exactly_when_printable_and_distinct(groups: list[str]) -> None:
    fine = all(name and name.isprintable() and " " not in name for name in groups)
    if fine and len(set(groups)) == len(groups):
        assert list(UserPoolArgs(groups=groups).groups) == groups
    else:
        with pytest.raises(ArgumentError, match=r"^UserPoolArgs\.groups must "):
            UserPoolArgs(groups=groups)
