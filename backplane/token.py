"""`backplane token`: an access token of a demo user, for the first requests to a backend on this machine."""

from __future__ import annotations

import contextlib
import secrets
import string
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from backplane.local.emulator import HOST

_FLOWS = {
    "ALLOW_ADMIN_USER_PASSWORD_AUTH": "ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH",
}


class TokenError(Exception):
    """There is no token to be had; the message says why."""


def access_token(*, port: int, region: str, user: str, groups: list[str], password: str | None = None) -> str:
    """Create the user if need be, put it into the groups and sign it in.

    Args:
        port: where the backend listens.
        region: where its user pool is.
        user: an e-mail address.
        groups: groups of the pool.
        password: the user's from now on; unset, a random one.

    Raises:
        TokenError: nothing listens there, or the pool lets nobody in by password.
    """
    cognito = boto3.client(
        "cognito-idp",
        endpoint_url=f"http://{HOST}:{port}",
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator's own
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )
    try:
        return _sign_in(cognito, user, groups, password or _password())
    except EndpointConnectionError:
        raise TokenError(
            f"nothing listens on port {port}: start a backend with `make up`, or name its --port"
        ) from None
    except ClientError as error:
        raise TokenError(str(error)) from None


def _sign_in(cognito: Any, user: str, groups: list[str], password: str) -> str:
    pool = _only(cognito.list_user_pools(MaxResults=60)["UserPools"], "user pools")["Id"]
    clients = cognito.list_user_pool_clients(UserPoolId=pool, MaxResults=60)["UserPoolClients"]
    flow, client = _flow(cognito, pool, [entry["ClientId"] for entry in clients])
    with contextlib.suppress(cognito.exceptions.UsernameExistsException):  # ours, from an earlier call
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=user,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": user}, {"Name": "email_verified", "Value": "true"}],
        )
    cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=password, Permanent=True)
    for group in groups:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=user, GroupName=group)
    parameters = {"USERNAME": user, "PASSWORD": password}
    if flow == "USER_PASSWORD_AUTH":
        answer = cognito.initiate_auth(AuthFlow=flow, ClientId=client, AuthParameters=parameters)
    else:
        answer = cognito.admin_initiate_auth(
            UserPoolId=pool, AuthFlow=flow, ClientId=client, AuthParameters=parameters
        )
    token: str = answer["AuthenticationResult"]["AccessToken"]
    return token


def _only(found: list[dict[str, Any]], what: str) -> dict[str, Any]:
    if len(found) != 1:
        raise TokenError(f"the backend has {len(found)} {what}; this works with one")
    return found[0]


def _flow(cognito: Any, pool: str, clients: list[str]) -> tuple[str, str]:
    for client in clients:
        described = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client)["UserPoolClient"]
        for allowed, flow in _FLOWS.items():
            if allowed in described.get("ExplicitAuthFlows", []):
                return flow, client
    raise TokenError(f"no client of the user pool {pool} allows one of {', '.join(_FLOWS)}")


def _password() -> str:
    """Long, and of every kind that a password policy may ask for."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#%+-_")
    characters = [secrets.choice(kind) for kind in kinds for _ in range(8)]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)
