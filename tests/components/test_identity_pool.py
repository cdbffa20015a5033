from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from components import (
    ArgumentError,
    AssetBucket,
    AssetBucketArgs,
    IdentityPool,
    IdentityPoolArgs,
    Link,
    UserPool,
    UserPoolArgs,
    UserPoolClient,
)
from support.recorder import UNKNOWN, Graph, record

POOL = "aws:cognito/identityPool:IdentityPool"
ATTACHMENT = "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
IAM = "arn:aws:iam:eu-west-1:123456789012"
BUCKET = "arn:aws:s3:eu-west-1:123456789012:files"
PROVIDER = "users-endpoint"

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def users(*groups: str, clients: tuple[str, ...] = ("app",)) -> UserPool:
    made = {client: UserPoolClient() for client in clients}
    return UserPool("users", UserPoolArgs(groups=groups or ("admin", "reader"), clients=made))


def links(verb: str = "GetObject") -> list[Link]:
    return [AssetBucket("files", AssetBucketArgs()).link(verb, prefix="news/")]


def graph(*, preview: bool = False, **args: Any) -> Graph:
    def program() -> None:
        files = AssetBucket("files", AssetBucketArgs())
        given = {
            "user_pool": users(clients=("web", "app")),
            "group_links": {
                "reader": [files.link("GetObject", prefix="news/")],
                "admin": [files.link("PutObject", prefix="news/")],
            },
            **args,
        }
        if given.get("authenticated_links") == "some":
            given["authenticated_links"] = [files.link("ListBucket", prefix="news/")]
        if given.get("unauthenticated_links") == "some":
            given["unauthenticated_links"] = [files.link("GetObject", prefix="public/")]
        IdentityPool("people", IdentityPoolArgs(**given))

    return record(program, preview=preview)


def statements(found: Graph, name: str) -> Any:
    return json.loads(found.one(POLICY, name).inputs["policy"])["Statement"]


def trust(found: Graph, name: str) -> Any:
    return json.loads(found.one(ROLE, name).inputs["assumeRolePolicy"])


@preview_and_up
def test_takes_tokens_of_the_pools_clients_alone_and_no_guests(*, preview: bool) -> None:
    inputs = graph(preview=preview).one(POOL, "people").inputs
    assert inputs == {
        "identityPoolName": "backplane-test-people",
        "allowClassicFlow": False,
        "allowUnauthenticatedIdentities": False,
        "cognitoIdentityProviders": [
            {
                "clientId": UNKNOWN if preview else f"users-{client}-id",
                "providerName": UNKNOWN if preview else PROVIDER,
                "serverSideTokenCheck": True,
            }
            for client in ("app", "web")
        ],
    }


def test_takes_tokens_of_named_clients_only() -> None:
    found = graph(clients=["web"])
    providers = found.one(POOL).inputs["cognitoIdentityProviders"]
    assert [provider["clientId"] for provider in providers] == ["users-web-id"]
    mappings = found.one(ATTACHMENT).inputs["roleMappings"]
    assert [mapping["identityProvider"] for mapping in mappings] == [f"{PROVIDER}:users-web-id"]


@preview_and_up
def test_is_protected_until_it_is_said_otherwise(*, preview: bool) -> None:
    resource = graph(preview=preview).one(POOL)
    assert resource.protect
    assert resource.retain_on_delete
    resource = graph(preview=preview, deletion_protection=False).one(POOL)
    assert not resource.protect
    assert not resource.retain_on_delete


@preview_and_up
def test_a_users_most_important_group_decides_and_the_rest_are_denied(*, preview: bool) -> None:
    inputs = graph(preview=preview).one(ATTACHMENT, "people-roles").inputs
    rules = [
        {
            "claim": "cognito:groups",
            "matchType": "Contains",
            "value": group,
            "roleArn": UNKNOWN if preview else f"{IAM}:people-group-{group}-role",
        }
        for group in ("admin", "reader")
    ]
    assert inputs == {
        "identityPoolId": UNKNOWN if preview else "people-id",
        "roles": {"authenticated": UNKNOWN if preview else f"{IAM}:people-authenticated-role"},
        "roleMappings": [
            {
                "identityProvider": UNKNOWN if preview else f"{PROVIDER}:users-{client}-id",
                "type": "Rules",
                "ambiguousRoleResolution": "Deny",
                "mappingRules": rules,
            }
            for client in ("app", "web")
        ],
    }


def test_who_is_in_no_group_gets_the_common_role_where_there_is_one() -> None:
    found = graph(authenticated_links="some")
    (resolution,) = {
        mapping["ambiguousRoleResolution"] for mapping in found.one(ATTACHMENT).inputs["roleMappings"]
    }
    assert resolution == "AuthenticatedRole"
    assert statements(found, "people-authenticated-policy") == [
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": [BUCKET],
            "Condition": {"StringLike": {"s3:prefix": ["news/*"]}},
        }
    ]


def test_without_groups_there_is_nothing_to_choose() -> None:
    found = graph(group_links={}, authenticated_links="some")
    assert "roleMappings" not in found.one(ATTACHMENT).inputs


def test_a_role_may_do_what_its_groups_links_say() -> None:
    found = graph()
    assert statements(found, "people-group-admin-policy") == [
        {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": [f"{BUCKET}/news/*"]}
    ]
    assert statements(found, "people-group-reader-policy") == [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"{BUCKET}/news/*"]}
    ]
    assert found.one(POLICY, "people-group-admin-policy").inputs["role"] == "people-group-admin-role-name"


def test_a_role_that_aws_wants_and_nobody_gets_may_do_nothing() -> None:
    found = graph()
    assert found.one(ROLE, "people-authenticated-role")
    assert [policy.name for policy in found.all(POLICY)] == [
        "people-group-admin-policy",
        "people-group-reader-policy",
    ]


@pytest.mark.parametrize(
    ("role", "flavour"),
    [
        ("people-group-admin-role", "authenticated"),
        ("people-group-reader-role", "authenticated"),
        ("people-authenticated-role", "authenticated"),
        ("people-unauthenticated-role", "unauthenticated"),
    ],
)
def test_a_role_trusts_this_pool_and_its_kind_of_user(role: str, flavour: str) -> None:
    assert trust(graph(unauthenticated_links="some"), role) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {"cognito-identity.amazonaws.com:aud": "people-id"},
                    "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": flavour},
                },
            }
        ],
    }


@preview_and_up
def test_trust_is_unknown_before_there_is_a_pool_and_never_open(*, preview: bool) -> None:
    found = graph(preview=preview, unauthenticated_links="some")
    policies = [role.inputs["assumeRolePolicy"] for role in found.all(ROLE)]
    assert len(policies) == 4
    if preview:
        assert set(policies) == {UNKNOWN}
    else:
        assert all("people-id" in policy for policy in policies)


@preview_and_up
def test_guests_are_let_in_by_asking_for_it(*, preview: bool) -> None:
    found = graph(preview=preview, unauthenticated_links="some")
    assert found.one(POOL).inputs["allowUnauthenticatedIdentities"] is True
    assert set(found.one(ATTACHMENT).inputs["roles"]) == {"authenticated", "unauthenticated"}
    if not preview:
        assert statements(found, "people-unauthenticated-policy") == [
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"{BUCKET}/public/*"]}
        ]


def test_a_group_may_be_called_like_a_role_of_the_pool() -> None:
    def program() -> None:
        IdentityPool(
            "people",
            IdentityPoolArgs(
                user_pool=users("authenticated"),
                group_links={"authenticated": links("PutObject")},
                authenticated_links=links_of("other"),
            ),
        )

    def links_of(name: str) -> list[Link]:
        return [AssetBucket(name, AssetBucketArgs()).link("GetObject")]

    found = record(program)
    assert statements(found, "people-group-authenticated-policy")[0]["Action"] == ["s3:PutObject"]
    assert statements(found, "people-authenticated-policy")[0]["Action"] == ["s3:GetObject"]


@preview_and_up
def test_every_child_belongs_to_the_component_and_its_outputs_are_registered(*, preview: bool) -> None:
    found = graph(preview=preview, unauthenticated_links="some")
    component = found.component("people")
    mine = [item for item in found.resources if item.custom and item.name.startswith("people")]
    assert {item.parent for item in mine} == {component.urn}
    assert component.outputs == {
        "identityPoolId": UNKNOWN if preview else "people-id",
        "identityPoolArn": UNKNOWN if preview else "arn:aws:cognito:eu-west-1:123456789012:people",
    }


@preview_and_up
def test_overrides_reach_pool_attachment_roles_and_policies(*, preview: bool) -> None:
    found = graph(
        preview=preview,
        overrides={
            "identity_pool": {"developer_provider_name": "mine"},
            "attachment": {"region": "eu-central-1"},
            "role": {"max_session_duration": 7200},
            "policy": {"name": "rights"},
        },
    )
    assert found.one(POOL).inputs["developerProviderName"] == "mine"
    assert found.one(ATTACHMENT).inputs["region"] == "eu-central-1"
    assert {role.inputs["maxSessionDuration"] for role in found.all(ROLE)} == {7200}
    assert {policy.inputs["name"] for policy in found.all(POLICY)} == {"rights"}


@preview_and_up
def test_takes_a_pool_that_came_in_by_id(*, preview: bool) -> None:
    def program() -> None:
        old = UserPool.from_id("old", "eu-west-1_AbC", client_ids={"web": "w1"})
        made = {"staff": links(), "guest": [AssetBucket("other", AssetBucketArgs()).link("GetObject")]}
        IdentityPool("people", IdentityPoolArgs(user_pool=old, group_links=made))

    found = record(program, preview=preview)
    (mapping,) = found.one(ATTACHMENT).inputs["roleMappings"]
    assert mapping["identityProvider"] == "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC:w1"
    assert [rule["value"] for rule in mapping["mappingRules"]] == ["staff", "guest"]


def many() -> dict[str, list[Link]]:
    shared = links()
    return {f"g{number:02}": shared for number in range(26)}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            lambda: {"user_pool": users(), "group_links": {"editor": links()}},
            "IdentityPoolArgs.group_links must be of the pool's groups, admin, reader, got 'editor'",
        ),
        (
            lambda: {"user_pool": users("admin", "site-admin"), "group_links": {"admin": links()}},
            (
                "IdentityPoolArgs.group_links['admin'] would hold for 'site-admin' too, whose name contains "
                "it; rename one"
            ),
        ),
        (
            lambda: {"user_pool": users(), "group_links": {"admin": []}},
            (
                "IdentityPoolArgs.group_links must give each group a permission, got none for 'admin'; "
                "leave it out"
            ),
        ),
        (
            lambda: {"user_pool": users("a/b"), "group_links": {"a/b": links()}},
            (
                "IdentityPoolArgs.group_links must be of groups named in letters, digits and +=,.@_- alone, "
                "as their roles are, got 'a/b'"
            ),
        ),
        (
            lambda: {"user_pool": users(), "group_links": many()},
            "IdentityPoolArgs.group_links must be 0-25, got 26",
        ),
        (
            lambda: {"user_pool": users()},
            "IdentityPoolArgs.group_links or authenticated_links must be given: nobody could do anything",
        ),
        (
            lambda: {"user_pool": users(), "authenticated_links": links(), "clients": ["web"]},
            "IdentityPoolArgs.clients must be among app, got 'web'",
        ),
        (
            lambda: {"user_pool": users(), "authenticated_links": links(), "clients": []},
            "IdentityPoolArgs.clients must be 1-10 that differ, got []",
        ),
        (
            lambda: {"user_pool": users(), "authenticated_links": links(), "clients": ["app", "app"]},
            "IdentityPoolArgs.clients must be 1-10 that differ, got ['app', 'app']",
        ),
    ],
)
def test_rejects_in_one_line(wrong: Callable[[], dict[str, Any]], message: str) -> None:
    def program() -> None:
        given = wrong()
        with pytest.raises(ArgumentError) as refusal:
            IdentityPoolArgs(**given)
        assert str(refusal.value) == message

    record(program)


def test_rejects_names_that_would_be_too_long_for_a_role() -> None:
    group = "g" * 40

    def program() -> None:
        args = IdentityPoolArgs(user_pool=users(group), group_links={group: links()})
        with pytest.raises(ArgumentError) as refusal:
            IdentityPool("people", args)
        assert str(refusal.value) == (
            f"IdentityPool 'people': its name and that of the group {group!r} must be at most 44 characters "
            "together, got 46"
        )

    assert record(program).all(POOL) == []
