"""What is said of access: policies, permissions, routes and sign-in."""

import json
from pathlib import Path
from typing import Any

import pytest
from review_previews import (
    FUNCTION,
    LATER,
    LOGS,
    PERMISSION,
    POOL,
    ROLE,
    ROLE_POLICY,
    ROUTE,
    TABLE,
    TOPIC_POLICY,
    UNKNOWN,
    Json,
    changed,
    digest,
    graph,
    resource,
    reviewed,
    state,
    step,
    told,
    urn,
)

USERS = "arn:aws:dynamodb:eu-west-1:123456789012:table/users"
API = "aws:apigatewayv2/api:Api"


def policy(*statements: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource_: Any = USERS, **more: Any) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource_, **more}


def wider(folder: Path, type_: str, path: str, old: str, new: str) -> list[tuple[str, bool]]:
    """What the engine's preview of one policy says."""
    result = reviewed(
        folder,
        digest(
            step(
                "update", state(type_, "it", {path: old}), state(type_, "it", {path: new}), diffReasons=[path]
            )
        ),
    )
    return [(text, guarded) for section, _, text, guarded in told(result) if section == "access"]


def test_a_new_action_is_told_alone(tmp_path: Path) -> None:
    old, new = policy(allow("dynamodb:GetItem")), policy(allow(["dynamodb:GetItem", "dynamodb:DeleteItem"]))
    assert wider(tmp_path, ROLE_POLICY, "policy", old, new) == [
        (f"may dynamodb:DeleteItem on {USERS}.", True)
    ]


def test_a_wider_resource_is_told_with_the_former_one(tmp_path: Path) -> None:
    old, new = policy(allow("dynamodb:GetItem")), policy(allow("dynamodb:GetItem", "*"))
    said = f"may dynamodb:GetItem on *, which is everything (before: on {USERS})."
    assert wider(tmp_path, ROLE_POLICY, "policy", old, new) == [(said, True)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (allow(["dynamodb:GetItem", "dynamodb:DeleteItem"]), allow("dynamodb:GetItem")),
        (allow("dynamodb:*"), allow("dynamodb:GetItem")),
        (allow("dynamodb:getitem"), allow("dynamodb:GetItem")),
        (allow("dynamodb:GetItem", "arn:*:table/*"), allow("dynamodb:GetItem")),
        (allow("dynamodb:GetItem", "*"), allow("dynamodb:GetItem", [USERS, f"{USERS}/index/*"])),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, allow("dynamodb:GetItem")),
    ],
    ids=["fewer actions", "a service", "letters", "a pattern", "everything", "all but some"],
)
def test_a_narrower_policy_widens_nothing(tmp_path: Path, old: Json, new: Json) -> None:
    assert wider(tmp_path, ROLE_POLICY, "policy", policy(old), policy(new)) == []


def test_the_order_and_the_spelling_of_a_policy_do_not_matter(tmp_path: Path) -> None:
    old = policy(allow(["a:One", "a:Two"]), allow("b:Three", "*", Condition={"Bool": {"x": True}}))
    new = policy(allow("b:Three", ["*"], Condition={"Bool": {"x": ["true"]}}), allow("a:Two"), allow("a:One"))
    assert wider(tmp_path, ROLE_POLICY, "policy", old, new) == []


def test_a_question_mark_does_not_cover_a_star(tmp_path: Path) -> None:
    found = wider(tmp_path, ROLE_POLICY, "policy", policy(allow("s3:Get?")), policy(allow("s3:Get*")))
    assert [guarded for _, guarded in found] == [True]


def test_everything_but_something_is_wider_than_something(tmp_path: Path) -> None:
    new = policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
    found = wider(tmp_path, ROLE_POLICY, "policy", policy(allow("dynamodb:GetItem")), new)
    assert found == [("may take all but iam:* on *, which is everything.", True)]


def test_a_new_principal_of_a_trust_policy_is_told(tmp_path: Path) -> None:
    def trust(*services: str) -> str:
        principal = {"Service": list(services)}
        return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})

    old, new = trust("lambda.amazonaws.com"), trust("lambda.amazonaws.com", "ec2.amazonaws.com")
    assert wider(tmp_path, ROLE, "assumeRolePolicy", old, new) == [
        ("ec2.amazonaws.com may sts:AssumeRole.", True)
    ]


def test_an_account_covers_who_is_in_it(tmp_path: Path) -> None:
    old = policy(allow("sns:Publish", Principal={"AWS": "arn:aws:iam::123456789012:root"}))
    new = policy(allow("sns:Publish", Principal={"AWS": "arn:aws:iam::123456789012:role/sender"}))
    assert wider(tmp_path, TOPIC_POLICY, "policy", old, new) == []
    assert wider(tmp_path, TOPIC_POLICY, "policy", new, old) != []


def test_a_lost_condition_is_told(tmp_path: Path) -> None:
    publish = {"Principal": {"Service": "cloudwatch.amazonaws.com"}}
    old = policy(
        allow("sns:Publish", **publish, Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}})
    )
    said = (
        f"cloudwatch.amazonaws.com may sns:Publish on {USERS} without the condition that "
        "aws:SourceAccount is 123456789012."
    )
    assert wider(tmp_path, TOPIC_POLICY, "policy", old, policy(allow("sns:Publish", **publish))) == [
        (said, True)
    ]


def test_more_values_of_a_condition_are_wider_and_fewer_are_not(tmp_path: Path) -> None:
    def when(*accounts: str) -> str:
        return policy(
            allow(
                "sns:Publish",
                Principal="*",
                Condition={"StringEquals": {"aws:SourceAccount": list(accounts)}},
            )
        )

    assert wider(tmp_path, TOPIC_POLICY, "policy", when("1", "2"), when("1")) == []
    assert wider(tmp_path, TOPIC_POLICY, "policy", when("1"), when("1", "2")) != []


def test_a_lost_denial_is_told(tmp_path: Path) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": USERS}
    deny["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}
    found = wider(tmp_path, TOPIC_POLICY, "policy", policy(deny), policy())
    assert found == [
        (f"anyone is not denied any more to sns:Publish on {USERS}, if aws:SecureTransport is false.", True)
    ]


def test_a_policy_that_is_none_is_to_be_read_whole(tmp_path: Path) -> None:
    found = wider(tmp_path, ROLE_POLICY, "policy", policy(allow("a:B")), "no policy")
    assert found == [("its policy can't be compared, read it whole: it is no policy document", True)]


def test_a_policy_too_large_to_take_apart_is_to_be_read_whole(tmp_path: Path) -> None:
    many = [f"a:Action{number}" for number in range(100)]
    found = wider(tmp_path, ROLE_POLICY, "policy", policy(), policy(allow(many, many)))
    assert found == [("its policy can't be compared, read it whole: it says more than 5,000 things", True)]


def test_a_policy_that_becomes_unknown_is_told_with_what_it_now_speaks_of(tmp_path: Path) -> None:
    users, orders = urn(TABLE, "users"), urn(TABLE, "orders")
    old = state(ROLE_POLICY, "it", {"policy": policy(allow("dynamodb:GetItem"))}, dependencies=[users])
    new = state(ROLE_POLICY, "it", {"policy": LATER}, dependencies=[users, orders])
    result = reviewed(tmp_path, digest(step("update", old, new)))
    said = "its policy is known only after deployment; it now speaks of orders (dynamodb.Table)"
    assert told(result) == [("access", "it", said, True)]


def test_a_policy_that_becomes_known_is_told_whole(tmp_path: Path) -> None:
    new = {"policy": policy(allow("dynamodb:GetItem"))}
    said = f"its policy could not be seen before, and now: may dynamodb:GetItem on {USERS}."
    assert changed(tmp_path, ROLE_POLICY, {"policy": UNKNOWN}, new) == [("access", "it", said, True)]


def test_a_policy_that_becomes_unknown_with_a_replaced_table_is_told_alone(tmp_path: Path) -> None:
    found = changed(tmp_path, ROLE_POLICY, {"policy": policy(allow("a:B"))}, {"policy": UNKNOWN})
    assert found == [("access", "it", "its policy is known only after deployment", False)]


def test_an_unknown_policy_that_stays_so_is_no_noise(tmp_path: Path) -> None:
    def program(memory: int) -> Json:
        users = resource(TABLE, "users")
        inputs = {"policy": UNKNOWN, "role": UNKNOWN}
        return graph(
            users,
            resource(ROLE_POLICY, "it", inputs, dependencies=[users["urn"]]),
            resource(FUNCTION, "f", {"memorySize": memory}),
        )

    assert told(reviewed(tmp_path, program(128), program(256))) == []


def test_an_unknown_policy_that_speaks_of_one_more_resource_is_told(tmp_path: Path) -> None:
    users = resource(TABLE, "users")
    role, logs = resource(ROLE, "it-role"), resource(LOGS, "it-logs")

    def program(*dependencies: Json) -> Json:
        inputs = {"policy": UNKNOWN, "role": UNKNOWN}
        own = resource(ROLE_POLICY, "it", inputs, dependencies=[item["urn"] for item in dependencies])
        return graph(users, role, logs, own)

    said = "its policy is known only after deployment; it now speaks of users (dynamodb.Table)"
    assert told(reviewed(tmp_path, program(role), program(role, logs, users))) == [
        ("access", "it", said, True)
    ]
    assert told(reviewed(tmp_path, program(role), program(role, logs))) == []


def test_a_component_that_says_what_it_grants_is_compared_by_that(tmp_path: Path) -> None:
    def program(*actions: str) -> Json:
        component = resource(
            "backplane:index:Function",
            "get-user",
            {"access": [{"actions": list(actions), "resources": ["users"]}]},
        )
        inner = resource(ROLE_POLICY, "get-user-policy", {"policy": UNKNOWN}, parent=component["urn"])
        return graph(component, inner)

    result = reviewed(
        tmp_path, program("dynamodb:GetItem"), program("dynamodb:GetItem", "dynamodb:DeleteItem")
    )
    assert told(result) == [("access", "get-user", "may dynamodb:DeleteItem on users.", True)]
    assert result.unseen == 0


def new_function(statement: Json) -> Json:
    role, function = (
        resource(
            ROLE,
            "f-role",
            {
                "assumeRolePolicy": policy(
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                )
            },
        ),
        resource(FUNCTION, "f"),
    )
    inner = resource(ROLE_POLICY, "f-policy", {"policy": policy(statement)}, dependencies=[role["urn"]])
    call = {"action": "lambda:InvokeFunction", "principal": "apigateway.amazonaws.com", "sourceArn": UNKNOWN}
    permission = resource(PERMISSION, "f", call, dependencies=[function["urn"]])
    return graph(role, function, inner, permission)


def test_what_a_new_function_may_do_is_told_and_needs_no_acknowledgement(tmp_path: Path) -> None:
    result = reviewed(tmp_path, graph(), new_function(allow("dynamodb:GetItem")))
    assert told(result) == [("access", "f-policy", f"new: may dynamodb:GetItem on {USERS}.", False)]


@pytest.mark.parametrize("statement", [allow("*"), allow("s3:*"), allow("dynamodb:Scan", "*")])
def test_a_new_function_with_far_too_much_needs_an_acknowledgement(tmp_path: Path, statement: Json) -> None:
    result = reviewed(tmp_path, graph(), new_function(statement))
    assert [(name, guarded) for _, name, _, guarded in told(result)] == [("f-policy", True)]


def test_a_new_policy_of_an_old_role_needs_an_acknowledgement(tmp_path: Path) -> None:
    role = resource(ROLE, "role")
    more = resource(
        ROLE_POLICY, "more", {"policy": policy(allow("dynamodb:GetItem"))}, dependencies=[role["urn"]]
    )
    assert told(reviewed(tmp_path, graph(role), graph(role, more))) == [
        ("access", "more", f"may dynamodb:GetItem on {USERS}.", True)
    ]


def test_a_managed_policy_of_an_old_role_needs_an_acknowledgement(tmp_path: Path) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    attachment = resource(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "it", {"policyArn": arn, "role": "r"}
    )
    assert told(reviewed(tmp_path, graph(), graph(attachment))) == [
        ("access", "it", f"the managed policy {arn} is attached", True)
    ]


def test_a_function_that_anyone_may_call_is_told(tmp_path: Path) -> None:
    base = {"action": "lambda:InvokeFunction", "function": "f"}
    found = changed(
        tmp_path,
        PERMISSION,
        {**base, "principal": "s3.amazonaws.com", "sourceArn": "arn:aws:s3:::uploads"},
        {**base, "principal": "s3.amazonaws.com"},
    )
    said = (
        "s3.amazonaws.com may lambda:InvokeFunction without the condition that "
        "AWS:SourceArn is like arn:aws:s3:::uploads."
    )
    assert ("access", "it", said, True) in found


def test_a_route_that_becomes_public_is_told_first(tmp_path: Path) -> None:
    old = {"routeKey": "GET /users/{userId}", "authorizationType": "JWT", "authorizationScopes": ["read"]}
    found = changed(tmp_path, ROUTE, old, {"routeKey": "GET /users/{userId}", "authorizationType": "NONE"})
    assert found == [
        ("access", "it", "GET /users/{userId} becomes public: authorization NONE, before: JWT", True)
    ]


def test_a_new_public_route_is_told_and_a_new_private_one_is_not(tmp_path: Path) -> None:
    public = resource(ROUTE, "it", {"routeKey": "GET /health"})
    private = resource(ROUTE, "me", {"routeKey": "GET /me", "authorizationType": "JWT"})
    assert told(reviewed(tmp_path, graph(), graph(public, private))) == [
        ("access", "it", "GET /health is new and public: no authorization", True)
    ]


def test_routes_within_a_websocket_connection_need_no_authorization(tmp_path: Path) -> None:
    api = resource(API, "realtime", {"protocolType": "WEBSOCKET"})
    routes = [
        resource(ROUTE, key, {"routeKey": key, "authorizationType": "NONE"}, dependencies=[api["urn"]])
        for key in ("$default", "$disconnect", "ping")
    ]
    assert told(reviewed(tmp_path, graph(), graph(api, *routes))) == []


def test_an_open_default_route_of_an_http_api_is_told(tmp_path: Path) -> None:
    api = resource(API, "api", {"protocolType": "HTTP"})
    route = resource(ROUTE, "all", {"routeKey": "$default"}, dependencies=[api["urn"]])
    assert [name for _, name, _, _ in told(reviewed(tmp_path, graph(), graph(api, route)))] == ["all"]


def test_dropped_scopes_are_told(tmp_path: Path) -> None:
    base = {"routeKey": "GET /", "authorizationType": "JWT"}
    found = changed(
        tmp_path, ROUTE, {**base, "authorizationScopes": ["a", "b"]}, {**base, "authorizationScopes": ["a"]}
    )
    assert found == [("access", "it", "GET / asks no more for the scopes b", True)]


def cors(**values: Any) -> Json:
    return {"corsConfiguration": values}


def tls(version: str) -> Json:
    return {"domainNameConfiguration": {"securityPolicy": version}}


def from_networks(*networks: str) -> Json:
    return {"ingress": [{"cidrBlocks": list(networks)}]}


DOMAIN, BLOCK = (
    "aws:apigatewayv2/domainName:DomainName",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
)
GROUP = "aws:ec2/securityGroup:SecurityGroup"
LOOSENED = {
    "CORS": (
        API,
        cors(allowOrigins=["https://a.example"]),
        cors(allowOrigins=["*"]),
        "scripts of * may call it (CORS)",
    ),
    "the address": (
        API,
        {"disableExecuteApiEndpoint": True},
        {},
        "its default address is open again, beside the domain",
    ),
    "TLS": (DOMAIN, tls("TLS_1_2"), tls("TLS_1_0"), "TLS may be as old as TLS_1_0, before: TLS_1_2"),
    "MFA": (POOL, {"mfaConfiguration": "ON"}, {}, "a second factor is OFF, before: ON"),
    "passwords": (
        POOL,
        {"passwordPolicy": {"minimumLength": 12}},
        {"passwordPolicy": {"minimumLength": 8}},
        "passwords may have 8 characters, before: 12 characters",
    ),
    "a bucket": (
        BLOCK,
        {"blockPublicAcls": True},
        {"blockPublicAcls": False},
        "blockPublicAcls is switched off: the bucket may become public",
    ),
    "a network": (
        GROUP,
        from_networks("10.0.0.0/8"),
        from_networks("10.0.0.0/8", "0.0.0.0/0"),
        "the internet may connect (0.0.0.0/0, ::/0)",
    ),
}


@pytest.mark.parametrize(("type_", "strict", "loose", "said"), LOOSENED.values(), ids=LOOSENED)
def test_what_is_loosened_needs_an_acknowledgement_and_what_is_tightened_none(
    tmp_path: Path, type_: str, strict: Json, loose: Json, said: str
) -> None:
    assert changed(tmp_path, type_, strict, loose) == [("access", "it", said, True)]
    assert changed(tmp_path, type_, loose, strict) == []


def test_another_method_for_scripts_is_told_and_needs_no_acknowledgement(tmp_path: Path) -> None:
    found = changed(tmp_path, API, cors(allowMethods=["GET"]), cors(allowMethods=["GET", "PUT"]))
    assert found == [("access", "it", "scripts of other sites may send PUT (CORS)", False)]


def test_guests_and_the_classic_flow_of_an_identity_pool_are_told(tmp_path: Path) -> None:
    closed = {"allowUnauthenticatedIdentities": False, "allowClassicFlow": False}
    opened = dict.fromkeys(closed, True)
    type_ = "aws:cognito/identityPool:IdentityPool"
    change = step("update", state(type_, "it", closed), state(type_, "it", opened), diffReasons=[*closed])

    told_ = [text for section, _, text, _ in told(reviewed(tmp_path, digest(change))) if section == "access"]

    assert sorted(told_) == [
        "anyone gets AWS credentials without signing in",
        "clients may pick the role that they get",
    ]
