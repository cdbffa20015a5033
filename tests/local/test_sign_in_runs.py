"""Signing in as clients and functions meet it, with IAM enforced."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import botocore.config
import botocore.session
import pulumi
import pytest
from botocore.exceptions import ClientError

from components import (
    AssetBucket,
    AssetBucketArgs,
    Function,
    FunctionArgs,
    HostedSignIn,
    IdentityPool,
    IdentityPoolArgs,
    UserPool,
    UserPoolArgs,
    UserPoolClient,
)
from support.running import REGION, Runner

TRIGGERS = """
import boto3


def claims(event, context):
    groups = boto3.client("cognito-idp").admin_list_groups_for_user(
        UserPoolId=event["userPoolId"], Username=event["userName"]
    )["Groups"]
    added = {"claimsToAddOrOverride": {"rights": ",".join(group["GroupName"] for group in groups) or "none"}}
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "idTokenGeneration": added,
        "accessTokenGeneration": added,
    }
    return event


def gate(event, context):
    if not event["request"]["userAttributes"]["email"].endswith("@example.com"):
        raise ValueError("not one of us")
    event["response"]["autoConfirmUser"] = True
    return event
"""
PASSWORD = "Correct-horse-1"
CALLBACK = "http://localhost:3000/signed-in"
PASSWORD_FLOW = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


class People:
    """A pool that runs, and its users."""

    def __init__(self, up: Runner, outputs: dict[str, Any]) -> None:
        self.up, self.outputs = up, outputs
        self.cognito = up.client("cognito-idp")

    def sign_up(self, name: str) -> dict[str, Any]:
        given = {"ClientId": self.outputs["client"], "Username": name, "Password": PASSWORD}
        answer: dict[str, Any] = self.cognito.sign_up(
            **given, UserAttributes=[{"Name": "email", "Value": name}]
        )
        return answer

    def tokens(self, name: str, *groups: str) -> dict[str, str]:
        pool = {"UserPoolId": self.outputs["pool"], "Username": name}
        self.cognito.admin_create_user(**pool, MessageAction="SUPPRESS")
        self.cognito.admin_set_user_password(**pool, Password=PASSWORD, Permanent=True)
        for group in groups:
            self.cognito.admin_add_user_to_group(**pool, GroupName=group)
        answer = self.cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.outputs["client"],
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )
        found: dict[str, str] = answer["AuthenticationResult"]
        return found


@pytest.fixture
def people(up: Runner, tmp_path: Path) -> People:
    (tmp_path / "triggers.py").write_text(TRIGGERS)

    def program() -> None:
        gate, claims = (
            Function(name, FunctionArgs(handler=f"triggers.{name}", timeout_seconds=5))
            for name in ("gate", "claims")
        )
        client = UserPoolClient(auth_flows=PASSWORD_FLOW, callback_urls=[CALLBACK])
        pool = UserPool(
            "people",
            UserPoolArgs(
                groups=["admin", "reader"],
                clients={"app": client},
                pre_sign_up=gate,
                pre_token_generation=claims,
                hosted_sign_in=HostedSignIn(domain_prefix=f"people-{secrets.token_hex(4)}"),
            ),
        )
        pool.allow(claims, "AdminListGroupsForUser")
        pulumi.export("pool", pool.user_pool_id)
        pulumi.export("client", pool.client_ids["app"])
        pulumi.export("url", pool.sign_in_url)

    return People(up, up(program).outputs)


def test_a_function_adds_a_claim_to_both_tokens_with_the_rights_it_was_given(people: People) -> None:
    tokens = people.tokens("ann@example.com", "reader", "admin")

    assert claims_of(tokens["AccessToken"])["rights"] in {"admin,reader", "reader,admin"}
    assert claims_of(tokens["IdToken"])["rights"] == claims_of(tokens["AccessToken"])["rights"]


def test_a_function_says_who_may_sign_up(people: People) -> None:
    assert people.sign_up("bob@example.com")["UserConfirmed"] is True
    with pytest.raises(ClientError, match="not one of us"):
        people.sign_up("eve@example.org")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Hands a redirect over instead of following it."""

    def redirect_request(self, *_: Any) -> None:
        return None


def ask(url: str, form: dict[str, str] | None = None) -> tuple[int, Any, str]:
    """Status, headers and text; a form is posted."""
    body = None if form is None else urllib.parse.urlencode(form).encode()
    try:
        with urllib.request.build_opener(NoRedirect).open(url, body) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers, refusal.read().decode()


def code_for(people: People, verifier: str) -> str:
    """What the sign-in page sends back for Ann."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "client_id": people.outputs["client"],
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid email",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "state": "s",
    }
    endpoint = people.up.endpoint
    _, _, page = ask(f"{endpoint}/oauth2/authorize?{urllib.parse.urlencode(asked)}")
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    filled = {**fields, "username": "ann@example.com", "password": PASSWORD}
    _, headers, _ = ask(f"{endpoint}/login", filled)
    back = urllib.parse.urlsplit(headers["Location"])
    assert back._replace(query="").geturl() == CALLBACK
    found = urllib.parse.parse_qs(back.query)
    assert found["state"] == ["s"]
    return found["code"][0]


def test_the_sign_in_pages_give_a_code_for_which_only_its_asker_gets_tokens(people: People) -> None:
    people.tokens("ann@example.com", "reader")
    given = {
        "grant_type": "authorization_code",
        "client_id": people.outputs["client"],
        "redirect_uri": CALLBACK,
    }

    def exchange(verifier: str) -> tuple[int, dict[str, Any]]:
        code = code_for(people, "v" * 43)
        form = {**given, "code": code, "code_verifier": verifier}
        status, _, body = ask(f"{people.up.endpoint}/oauth2/token", form)
        return status, json.loads(body)

    status, tokens = exchange("v" * 43)
    assert status == 200
    assert claims_of(tokens["access_token"])["scope"] == "openid email"
    assert claims_of(tokens["access_token"])["rights"] == "reader"
    status, answer = exchange("w" * 43)
    assert (status, answer["error"]) == (400, "invalid_grant")


def test_a_token_is_never_in_an_address(people: People) -> None:
    asked = {"client_id": people.outputs["client"], "response_type": "token", "redirect_uri": CALLBACK}
    status, _, body = ask(f"{people.up.endpoint}/oauth2/authorize?{urllib.parse.urlencode(asked)}")
    assert (status, json.loads(body)["error"]) == (400, "unsupported_response_type")


def test_the_pages_have_the_address_that_aws_gives_the_prefix(people: People) -> None:
    assert re.fullmatch(rf"https://people-\w+\.auth\.{REGION}\.amazoncognito\.com", people.outputs["url"])


class Members:
    """An identity pool that runs, and what a signed-in user does with it."""

    def __init__(self, up: Runner, outputs: dict[str, Any]) -> None:
        self.up, self.outputs = up, outputs
        self.people = People(up, outputs)
        self.identity = self.client("cognito-identity", None)
        self.login = f"cognito-idp.{REGION}.amazonaws.com/{outputs['pool']}"

    def client(self, service: str, credentials: dict[str, str] | None) -> Any:
        """A client with a session's credentials, or none at all."""
        unsigned = botocore.config.Config(signature_version=botocore.UNSIGNED)
        keys = credentials or {}
        return botocore.session.Session().create_client(
            service,
            region_name=REGION,
            endpoint_url=self.up.endpoint,
            config=None if credentials else unsigned,
            aws_access_key_id=keys.get("AccessKeyId"),
            aws_secret_access_key=keys.get("SecretKey") or keys.get("SecretAccessKey"),
            aws_session_token=keys.get("SessionToken"),
        )

    def identified(self, token: str | None, pool: str = "identities") -> tuple[str, dict[str, str]]:
        logins = {} if token is None else {self.login: token}
        given = {"IdentityPoolId": self.outputs[pool], "Logins": logins}
        return self.identity.get_id(**given)["IdentityId"], logins

    def credentials(self, token: str | None, pool: str = "identities") -> dict[str, str]:
        identity, logins = self.identified(token, pool)
        answer = self.identity.get_credentials_for_identity(IdentityId=identity, Logins=logins)
        found: dict[str, str] = answer["Credentials"]
        return found

    def assumed(self, role: str, token: str | None, pool: str = "identities") -> dict[str, str]:
        """Credentials of a role, by a token of an identity pool that says who is signed in."""
        identity, logins = self.identified(token, pool)
        proof = self.identity.get_open_id_token(IdentityId=identity, Logins=logins)["Token"]
        answer = self.client("sts", None).assume_role_with_web_identity(
            RoleArn=self.outputs[role], RoleSessionName="test", WebIdentityToken=proof
        )
        found: dict[str, str] = answer["Credentials"]
        return found

    def refusal(self, credentials: dict[str, str], call: str, key: str) -> str | None:
        """The code with which S3 refuses."""
        s3 = self.client("s3", credentials)
        given = {"Bucket": self.outputs["bucket"], "Key": key}
        try:
            getattr(s3, call)(**given, **({"Body": b"x"} if call == "put_object" else {}))
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None


@pytest.fixture
def members(up: Runner) -> Members:
    def program() -> None:
        pool = UserPool(
            "people",
            UserPoolArgs(
                groups=["admin", "reader"], clients={"app": UserPoolClient(auth_flows=PASSWORD_FLOW)}
            ),
        )
        files = AssetBucket("files", AssetBucketArgs())
        news = [files.link("GetObject", prefix="news/")]
        made = IdentityPool(
            "identities",
            IdentityPoolArgs(
                user_pool=pool,
                group_links={"admin": [*news, files.link("PutObject", prefix="news/")]},
                authenticated_links=news,
            ),
        )
        other = IdentityPool(
            "others",
            IdentityPoolArgs(user_pool=pool, authenticated_links=news, unauthenticated_links=news),
        )
        pulumi.export("pool", pool.user_pool_id)
        pulumi.export("client", pool.client_ids["app"])
        pulumi.export("bucket", files.bucket_name)
        pulumi.export("identities", made.identity_pool_id)
        pulumi.export("others", other.identity_pool_id)
        pulumi.export("admin", made.roles["admin"].arn)
        pulumi.export("signed-in", made.authenticated_role.arn)
        pulumi.export("others-signed-in", other.authenticated_role.arn)

    found = Members(up, up(program).outputs)
    up.client("s3").put_object(Bucket=found.outputs["bucket"], Key="news/1", Body=b"news")
    up.client("s3").put_object(Bucket=found.outputs["bucket"], Key="other/1", Body=b"other")
    return found


def test_signed_in_users_get_credentials_that_do_what_their_links_say(members: Members) -> None:
    mine = members.credentials(members.people.tokens("ann@example.com")["IdToken"])

    assert members.refusal(mine, "get_object", "news/1") is None
    assert members.refusal(mine, "put_object", "news/2") == "AccessDenied"
    assert members.refusal(mine, "get_object", "other/1") == "AccessDenied"


def test_a_groups_role_does_what_its_links_say(members: Members) -> None:
    token = members.people.tokens("ann@example.com", "admin")["IdToken"]

    mine = members.assumed("admin", token)

    assert members.refusal(mine, "put_object", "news/2") is None
    assert members.refusal(mine, "get_object", "news/2") is None
    assert members.refusal(mine, "put_object", "other/2") == "AccessDenied"


def test_a_guest_does_what_a_guests_links_say(members: Members) -> None:
    guest = members.credentials(None, "others")

    assert members.refusal(guest, "get_object", "news/1") is None
    assert members.refusal(guest, "put_object", "news/2") == "AccessDenied"


def test_the_role_of_signed_in_users_trusts_no_guest(members: Members) -> None:
    token = members.people.tokens("ann@example.com")["IdToken"]
    assert members.assumed("others-signed-in", token, "others")
    with pytest.raises(ClientError, match="AccessDenied"):
        members.assumed("others-signed-in", None, "others")


def test_a_role_trusts_no_other_identity_pool(members: Members) -> None:
    token = members.people.tokens("ann@example.com")["IdToken"]
    assert members.assumed("signed-in", token)
    with pytest.raises(ClientError, match="AccessDenied"):
        members.assumed("signed-in", token, "others")


def test_tokens_of_strangers_are_not_taken(members: Members) -> None:
    head, body, signature = members.people.tokens("ann@example.com")["IdToken"].split(".")
    forged = base64.urlsafe_b64encode(json.dumps({**claims_of(f".{body}."), "sub": "eve"}).encode())
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        members.credentials(f"{head}.{forged.decode().rstrip('=')}.{signature}")
