"""Sign-in pages, second factors, passkeys and the functions that a user pool calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import (
    ArgumentError,
    EmailSender,
    Function,
    FunctionArgs,
    HostedSignIn,
    Passkeys,
    UserPool,
    UserPoolArgs,
    UserPoolClient,
)
from support.linking import resolve
from support.recorder import UNKNOWN, Graph, record

POOL = "aws:cognito/userPool:UserPool"
CLIENT = "aws:cognito/userPoolClient:UserPoolClient"
DOMAIN = "aws:cognito/userPoolDomain:UserPoolDomain"
BRANDING = "aws:cognito/managedLoginBranding:ManagedLoginBranding"
RISK = "aws:cognito/riskConfiguration:RiskConfiguration"
PERMISSION = "aws:lambda/permission:Permission"
POLICY = "aws:iam/rolePolicy:RolePolicy"
RECORD = "aws:route53/record:Record"
ALIAS = "aws:lambda/alias:Alias"

HANDLER = "handlers.users.get.handler"
POOL_ARN = "arn:aws:cognito:eu-west-1:123456789012:people"
IDENTITY = "arn:aws:ses:eu-west-1:123456789012:identity/example.com"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/c1"
SENDER = EmailSender(identity_arn=IDENTITY, from_address="Example <hello@example.com>")
WEB = UserPoolClient(callback_urls=["https://www.example.com/in"], logout_urls=["https://www.example.com/"])
CHOOSING = UserPoolClient(auth_flows=["ALLOW_USER_AUTH"])
PREFIX = HostedSignIn(domain_prefix="example-people")
OWN = HostedSignIn(domain="auth.example.com", certificate=CERTIFICATE, hosted_zone_id="Z1")

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def trigger(name: str, timeout_seconds: int = 5) -> Function:
    return Function(name, FunctionArgs(handler=HANDLER, timeout_seconds=timeout_seconds))


def graph(*, preview: bool = False, **args: Any) -> Graph:
    return record(lambda: UserPool("people", UserPoolArgs(**args)), preview=preview)


def refusal(**args: Any) -> str:
    with pytest.raises(ArgumentError) as caught:
        UserPoolArgs(**args)
    return str(caught.value)


@preview_and_up
def test_a_client_of_the_pages_gets_codes_and_never_tokens_in_an_address(*, preview: bool) -> None:
    found = graph(preview=preview, clients={"web": WEB}, hosted_sign_in=PREFIX)
    inputs = found.one(CLIENT).inputs
    assert {key: value for key, value in inputs.items() if "auth" in key.lower() or "Url" in key} == {
        "explicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
        "allowedOauthFlowsUserPoolClient": True,
        "allowedOauthFlows": ["code"],
        "allowedOauthScopes": ["email", "openid"],
        "callbackUrls": ["https://www.example.com/in"],
        "logoutUrls": ["https://www.example.com/"],
    }
    assert inputs["supportedIdentityProviders"] == ["COGNITO"]
    assert inputs["generateSecret"] is False


@preview_and_up
def test_the_pages_have_a_prefix_and_a_look_for_each_client_that_uses_them(*, preview: bool) -> None:
    found = graph(preview=preview, clients={"web": WEB, "job": UserPoolClient()}, hosted_sign_in=PREFIX)
    pool, client = (UNKNOWN, UNKNOWN) if preview else ("people-id", "people-web-id")
    assert found.one(DOMAIN, "people-domain").inputs == {
        "domain": "example-people",
        "managedLoginVersion": 2,
        "userPoolId": pool,
    }
    assert [(item.name, item.inputs) for item in found.all(BRANDING)] == [
        ("people-web-branding", {"clientId": client, "useCognitoProvidedValues": True, "userPoolId": pool})
    ]
    assert found.component("people").outputs["signInUrl"] == (
        UNKNOWN if preview else "https://example-people.auth.eu-west-1.amazoncognito.com"
    )
    assert found.all(RECORD) == []


@preview_and_up
def test_an_own_name_of_the_pages_has_its_certificate_and_its_record(*, preview: bool) -> None:
    found = graph(preview=preview, clients={"web": WEB}, hosted_sign_in=OWN)
    domain = found.one(DOMAIN).inputs
    assert (domain["domain"], domain["certificateArn"]) == ("auth.example.com", CERTIFICATE)
    assert found.one(RECORD, "people-record").inputs == {
        "zoneId": "Z1",
        "name": "auth.example.com",
        "type": "A",
        "aliases": [
            {
                "name": UNKNOWN if preview else "people-domain-cloudfrontDistribution",
                "zoneId": UNKNOWN if preview else "people-domain-cloudfrontDistributionZoneId",
                "evaluateTargetHealth": False,
            }
        ],
    }
    assert found.component("people").outputs["signInUrl"] == "https://auth.example.com"


def test_the_lite_plan_has_the_classic_pages() -> None:
    found = graph(clients={"web": WEB}, hosted_sign_in=PREFIX, tier="LITE")
    assert found.one(DOMAIN).inputs["managedLoginVersion"] == 1
    assert found.all(BRANDING) == []


def test_a_pool_without_pages_has_no_address() -> None:
    found = graph(clients={"app": UserPoolClient()})
    assert "signInUrl" not in found.component("people").outputs
    assert found.all(DOMAIN) == []


@preview_and_up
def test_codes_by_e_mail_come_from_ses_and_leave_another_way_back_in(*, preview: bool) -> None:
    inputs = (
        graph(preview=preview, mfa="ON", second_factors=["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"], email=SENDER)
        .one(POOL)
        .inputs
    )
    assert inputs["mfaConfiguration"] == "ON"
    assert inputs["softwareTokenMfaConfiguration"] == {"enabled": True}
    assert "{####}" in inputs["emailMfaConfiguration"]["message"]
    assert inputs["emailConfiguration"] == {
        "emailSendingAccount": "DEVELOPER",
        "sourceArn": IDENTITY,
        "fromEmailAddress": "Example <hello@example.com>",
    }
    assert [item["name"] for item in inputs["accountRecoverySetting"]["recoveryMechanisms"]] == [
        "verified_email",
        "verified_phone_number",
    ]


def test_codes_by_e_mail_can_be_the_only_second_factor() -> None:
    inputs = graph(second_factors=["EMAIL_OTP"], email=SENDER).one(POOL).inputs
    assert "softwareTokenMfaConfiguration" not in inputs
    assert "emailMfaConfiguration" in inputs


@preview_and_up
@pytest.mark.parametrize(
    ("passkeys", "pages", "party"),
    [
        (Passkeys(), PREFIX, None),
        (Passkeys(), OWN, "auth.example.com"),
        (Passkeys(relying_party_id="example.com"), None, "example.com"),
    ],
)
def test_passkeys_stand_beside_the_password(
    *, preview: bool, passkeys: Passkeys, pages: HostedSignIn | None, party: str | None
) -> None:
    client = WEB if pages else UserPoolClient()
    found = graph(
        preview=preview,
        passkeys=passkeys,
        hosted_sign_in=pages,
        clients={"choosing": CHOOSING, "web": client},
    )
    inputs = found.one(POOL).inputs
    assert inputs["signInPolicy"] == {"allowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}
    assert inputs["webAuthnConfiguration"].get("relyingPartyId") == party
    assert inputs["webAuthnConfiguration"]["userVerification"] == "required"


@preview_and_up
@pytest.mark.parametrize(("mfa", "medium"), [("OFF", None), ("OPTIONAL", "MFA_IF_CONFIGURED")])
def test_threat_protection_stops_what_it_finds(*, preview: bool, mfa: str, medium: str | None) -> None:
    inputs = graph(preview=preview, mfa=mfa, tier="PLUS", advanced_security="ENFORCED").one(RISK).inputs
    actions = inputs["accountTakeoverRiskConfiguration"]["actions"]
    assert actions["highAction"] == {"eventAction": "BLOCK", "notify": False}
    assert actions.get("mediumAction", {}).get("eventAction") == medium
    assert "lowAction" not in actions
    assert inputs["compromisedCredentialsRiskConfiguration"] == {"actions": {"eventAction": "BLOCK"}}


def test_threat_protection_that_only_looks_stops_nothing() -> None:
    assert graph(tier="PLUS", advanced_security="AUDIT").all(RISK) == []


def called(**versions: Any) -> Callable[[], UserPool]:
    def program() -> UserPool:
        greet = trigger("greet")
        return UserPool(
            "people",
            UserPoolArgs(
                pre_sign_up=trigger("gate"),
                post_confirmation=greet,
                pre_token_generation=greet if versions.pop("shared", False) else trigger("claims"),
                **versions,
            ),
        )

    return program


@preview_and_up
def test_the_pool_calls_the_alias_of_its_functions(*, preview: bool) -> None:
    found = record(called(), preview=preview)
    arns = {item.name: item.outputs.get("arn") for item in found.all(ALIAS)}
    gate, greet, claims = (
        UNKNOWN if preview else arns[f"{name}-live"] for name in ("gate", "greet", "claims")
    )
    assert found.one(POOL).inputs["lambdaConfig"] == {
        "preSignUp": gate,
        "postConfirmation": greet,
        "preTokenGenerationConfig": {"lambdaArn": claims, "lambdaVersion": "V2_0"},
    }
    assert preview or len({gate, greet, claims}) == 3


@preview_and_up
def test_this_pool_alone_may_call_the_alias(*, preview: bool) -> None:
    found = record(called(), preview=preview)
    assert {item.name: item.inputs for item in found.all(PERMISSION)} == {
        f"people-{name}-permission": {
            "action": "lambda:InvokeFunction",
            "function": UNKNOWN if preview else f"{name}-name",
            "qualifier": "live",
            "principal": "cognito-idp.amazonaws.com",
            "sourceArn": UNKNOWN if preview else POOL_ARN,
        }
        for name in ("gate", "greet", "claims")
    }


def test_a_function_for_two_events_is_let_in_once() -> None:
    found = record(called(shared=True))
    names = [item.name for item in found.all(PERMISSION)]
    assert sorted(names) == ["people-gate-permission", "people-greet-permission"]


def test_the_first_version_of_the_event_changes_id_tokens_alone() -> None:
    found = record(called(lambda_version="V1_0", tier="LITE"))
    config = found.one(POOL).inputs["lambdaConfig"]
    assert set(config) == {"preSignUp", "postConfirmation", "preTokenGeneration"}


@preview_and_up
def test_a_function_that_the_pool_calls_gets_its_rights_when_there_is_a_pool(*, preview: bool) -> None:
    def program() -> None:
        greet = trigger("greet")
        pool = UserPool("people", UserPoolArgs(post_confirmation=greet, groups=["reader"]))
        pool.allow(greet, "AdminGetUser", "AdminAddUserToGroup")

    policy = record(program, preview=preview).one(POLICY, "people-greet-policy").inputs
    if preview:
        assert policy == {"role": UNKNOWN, "policy": UNKNOWN}
        return
    assert policy["role"] == "greet-role-name"
    assert json.loads(policy["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["cognito-idp:AdminAddUserToGroup", "cognito-idp:AdminGetUser"],
            "Resource": [POOL_ARN],
        }
    ]


def test_rights_go_to_functions_of_the_pool_and_once() -> None:
    def program() -> None:
        greet, other = trigger("greet"), trigger("other")
        pool = UserPool("people", UserPoolArgs(post_confirmation=greet))
        with pytest.raises(ArgumentError) as stranger:
            pool.allow(other, "AdminGetUser")
        assert str(stranger.value) == (
            "UserPool 'people'.allow takes a function that the pool calls; give 'other' a link"
        )
        pool.allow(greet, "AdminGetUser")
        with pytest.raises(ArgumentError) as twice:
            pool.allow(greet, "AdminAddUserToGroup")
        assert str(twice.value) == ("UserPool 'people'.allow must be called once for 'greet', with all verbs")
        with pytest.raises(ArgumentError, match="give 'greet' a link"):
            UserPool.from_id("old", "eu-west-1_AbC", client_ids={}).allow(greet, "AdminGetUser")

    record(program)


@preview_and_up
def test_a_link_allows_its_verbs_on_this_pool_and_tells_its_id(*, preview: bool) -> None:
    link = resolve(lambda: UserPool("people", UserPoolArgs()).link("ListUsers"), preview=preview)
    assert link.statements == [(["cognito-idp:ListUsers"], [UNKNOWN if preview else POOL_ARN])]
    assert link.environment == {"PEOPLE_USER_POOL_ID": UNKNOWN if preview else "people-id"}


def test_a_link_reaches_no_setting_of_the_pool() -> None:
    def program() -> None:
        with pytest.raises(ArgumentError, match=r"must be among AdminAddUserToGroup, .*got 'DeleteUserPool'"):
            UserPool("people", UserPoolArgs()).link("DeleteUserPool")

    record(program)


@preview_and_up
def test_overrides_reach_the_further_children(*, preview: bool) -> None:
    def program() -> None:
        greet = trigger("greet")
        pool = UserPool(
            "people",
            UserPoolArgs(
                clients={"web": WEB},
                hosted_sign_in=OWN,
                tier="PLUS",
                advanced_security="ENFORCED",
                post_confirmation=greet,
                overrides={
                    "domain": {"managed_login_version": 1},
                    "branding": {"use_cognito_provided_values": False},
                    "record": {"allow_overwrite": True},
                    "risk": {"risk_exception_configuration": {"blocked_ip_range_lists": ["10.0.0.0/8"]}},
                    "trigger_policy": {"name": "rights"},
                },
            ),
        )
        pool.allow(greet, "AdminGetUser")

    found = record(program, preview=preview)
    assert found.one(DOMAIN).inputs["managedLoginVersion"] == 1
    assert found.one(BRANDING).inputs["useCognitoProvidedValues"] is False
    assert found.one(RECORD).inputs["allowOverwrite"] is True
    assert found.one(RISK).inputs["riskExceptionConfiguration"] == {"blockedIpRangeLists": ["10.0.0.0/8"]}
    assert found.one(POLICY, "people-greet-policy").inputs["name"] == "rights"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"clients": {"web": WEB}},
            "clients['web'].callback_urls needs hosted_sign_in, whose pages call back",
        ),
        (
            {"hosted_sign_in": PREFIX, "clients": {"app": UserPoolClient()}},
            "hosted_sign_in needs a client with callback_urls: its pages would have nowhere to go back to",
        ),
        (
            {"second_factors": ["EMAIL_OTP"]},
            ("second_factors with 'EMAIL_OTP' needs email: Cognito's own sender won't send the codes"),
        ),
        (
            {"second_factors": ["EMAIL_OTP"], "email": SENDER, "mfa": "OFF"},
            "second_factors with 'EMAIL_OTP' needs mfa=\"OPTIONAL\" or \"ON\", got 'OFF'",
        ),
        (
            {"second_factors": ["EMAIL_OTP"], "email": SENDER, "tier": "LITE"},
            "second_factors with 'EMAIL_OTP' needs tier=\"ESSENTIALS\" or \"PLUS\", got 'LITE'",
        ),
        ({"second_factors": []}, "second_factors must hold one for mfa='OPTIONAL'"),
        (
            {"passkeys": Passkeys(relying_party_id="example.com"), "tier": "LITE"},
            'passkeys needs tier="ESSENTIALS" or "PLUS", got \'LITE\'',
        ),
        (
            {"passkeys": Passkeys(), "mfa": "ON"},
            "passkeys must be unset with mfa='ON', where AWS takes them for a second factor only",
        ),
        (
            {"passkeys": Passkeys()},
            "passkeys needs a relying_party_id where there is no hosted_sign_in to name it",
        ),
        (
            {
                "passkeys": Passkeys(relying_party_id="example.com"),
                "hosted_sign_in": OWN,
                "clients": {"web": WEB},
            },
            (
                "passkeys.relying_party_id must be 'auth.example.com', the domain of hosted_sign_in, "
                "got 'example.com'"
            ),
        ),
        (
            {"passkeys": Passkeys(relying_party_id="example.com"), "clients": {"app": UserPoolClient()}},
            "passkeys needs a client whose auth_flows hold 'ALLOW_USER_AUTH'",
        ),
    ],
)
def test_refuses_what_aws_would_refuse_or_nobody_could_use(wrong: dict[str, Any], message: str) -> None:
    assert refusal(**wrong) == f"UserPoolArgs.{message}"


def test_refuses_functions_that_answer_too_late_or_change_what_the_plan_does_not_let_them() -> None:
    def program() -> None:
        slow, claims = trigger("slow", 6), trigger("claims")
        for name in ("pre_sign_up", "post_confirmation", "pre_token_generation"):
            assert refusal(**{name: slow}) == (
                f"UserPoolArgs.{name} must have timeout_seconds of at most 5, after which Cognito calls "
                "again, got 'slow' with 6"
            )
        assert refusal(pre_token_generation=claims, tier="LITE") == (
            "UserPoolArgs.lambda_version='V2_0' needs tier=\"ESSENTIALS\" or \"PLUS\", got 'LITE', which "
            'changes id tokens alone: lambda_version="V1_0"'
        )

    record(program)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            HostedSignIn,
            "HostedSignIn.must have one of domain_prefix and domain, got None and None",
        ),
        (
            lambda: HostedSignIn(domain_prefix="a", domain="auth.example.com", certificate=CERTIFICATE),
            "HostedSignIn.must have one of domain_prefix and domain, got 'a' and 'auth.example.com'",
        ),
        (
            lambda: HostedSignIn(domain="auth.example.com"),
            "HostedSignIn.certificate must be given with domain, and with nothing else",
        ),
        (
            lambda: HostedSignIn(domain_prefix="a", hosted_zone_id="Z1"),
            "HostedSignIn.hosted_zone_id must be unset without domain: AWS has the prefix's record",
        ),
        (
            lambda: HostedSignIn(domain_prefix="my-cognito"),
            (
                "HostedSignIn.domain_prefix must be 1-63 lower-case letters, digits and inner hyphens, "
                "without 'aws', 'amazon' and 'cognito', got 'my-cognito'"
            ),
        ),
        (
            lambda: HostedSignIn(domain="Auth", certificate=CERTIFICATE),
            "HostedSignIn.domain must be a lower-case host name such as 'auth.example.com', got 'Auth'",
        ),
        (
            lambda: UserPoolClient(logout_urls=["https://a.example"]),
            "UserPoolClient.logout_urls needs callback_urls: without them nobody signs in on the pages",
        ),
        (
            lambda: UserPoolClient(scopes=["email"]),
            "UserPoolClient.scopes must hold 'openid', without which there is no id token, got ['email']",
        ),
        (
            lambda: UserPoolClient(scopes=[]),
            "UserPoolClient.scopes must hold 'openid', without which there is no id token, got []",
        ),
        (
            lambda: UserPoolClient(callback_urls=["https://a.example"] * 101),
            "UserPoolClient.callback_urls must be 0-100, got 101",
        ),
        (
            lambda: Passkeys(relying_party_id="https://example.com"),
            (
                "Passkeys.relying_party_id must be a lower-case host name such as 'example.com', "
                "got 'https://example.com'"
            ),
        ),
        (
            lambda: EmailSender(identity_arn="example.com", from_address="a@example.com"),
            (
                "EmailSender.identity_arn must be an ARN such as 'arn:aws:ses:...:identity/example.com', "
                "got 'example.com'"
            ),
        ),
        (
            lambda: EmailSender(identity_arn=IDENTITY, from_address="example.com"),
            "EmailSender.from_address must be an e-mail address, got 'example.com'",
        ),
    ],
)
def test_rejects_in_one_line(wrong: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        wrong()
    assert str(caught.value) == message


def test_a_certificate_of_another_region_is_refused_at_once_or_when_it_is_known() -> None:
    elsewhere = CERTIFICATE.replace("us-east-1", "eu-west-1")
    with pytest.raises(ArgumentError, match="must be one of ACM in us-east-1"):
        HostedSignIn(domain="auth.example.com", certificate=elsewhere)
    late = HostedSignIn(domain="auth.example.com", certificate=pulumi.Output.from_input(elsewhere))
    with pytest.raises(Exception, match="must be one of ACM in us-east-1"):
        graph(clients={"web": WEB}, hosted_sign_in=late)


@pytest.mark.parametrize(
    "url",
    [
        "http://www.example.com/",
        "http://localhost.example.com/",
        "http://127.0.0.1/",
        "javascript:alert(1)",
        "myapp://in",
        "https://",
        "https://www.example.com/#in",
        "https://*.example.com/",
        "https://user@www.example.com/",
        "https://www.example.com/a b",
        "https://www.example.com:port/",
        "https://[/",
        "//www.example.com/",
        "https://www.example.com/" + "a" * 1024,
        "",
    ],
)
@pytest.mark.parametrize("argument", ["callback_urls", "logout_urls"])
def test_refuses_addresses_that_could_lead_elsewhere(argument: str, url: str) -> None:
    given = {"callback_urls": ["https://www.example.com/"], argument: [url]}
    with pytest.raises(ArgumentError, match=rf"^UserPoolClient\.{argument} must be "):
        UserPoolClient(**given)


@pytest.mark.parametrize(
    "url", ["https://www.example.com", "https://a.example:8443/in?x=1", "http://localhost:3000/in"]
)
def test_takes_https_and_a_developers_own_machine(url: str) -> None:
    assert UserPoolClient(callback_urls=[url]).callback_urls == [url]


def test_takes_addresses_that_only_an_up_knows() -> None:
    def program() -> None:
        site = aws.s3.Bucket("site").bucket_regional_domain_name
        client = UserPoolClient(callback_urls=[pulumi.Output.concat("https://", site, "/")])
        UserPool("people", UserPoolArgs(clients={"web": client}, hosted_sign_in=PREFIX))

    assert record(program).one(CLIENT).inputs["callbackUrls"] == ["https://site-bucketRegionalDomainName/"]
    assert record(program, preview=True).one(CLIENT).inputs["callbackUrls"] == [UNKNOWN]


@given(st.text("ab-z09A._", min_size=1, max_size=70))
def test_prefixes_are_taken_exactly_as_host_names_have_them(prefix: str) -> None:
    inner = prefix.replace("-", "")
    fine = set(inner) <= set("abz09") and prefix[0] != "-" and prefix[-1] != "-" and len(prefix) <= 63
    if fine:
        assert HostedSignIn(domain_prefix=prefix).domain_prefix == prefix
    else:
        with pytest.raises(ArgumentError, match=r"^HostedSignIn\.domain_prefix must be "):
            HostedSignIn(domain_prefix=prefix)
