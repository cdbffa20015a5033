"""A Cognito user pool: who may sign in, how, and for how long.

Creates the pool, a client without a secret for each application and the groups. Its link hands a
function what it needs to verify a token, which takes no permission.

Costs: by the month's active users, the first 10,000 free on the Essentials plan
(https://aws.amazon.com/cognito/pricing/). A pool without users costs nothing.

Does not offer SMS, which costs by the message and can be intercepted, nor hosted sign-in pages and
federation. Mail goes out through Cognito's own sender, at most 50 a day; `overrides` of the pool can name an
SES identity.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import ArgumentError, Component, ComponentArgs, Shape
from components._links import Link

__all__ = ["PasswordPolicy", "UserPool", "UserPoolArgs", "UserPoolClient"]

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
MIN_PASSWORD_LENGTH = 6
MAX_PASSWORD_LENGTH = 99
MAX_TEMPORARY_PASSWORD_DAYS = 365
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_TokenValidityUnitsType.html
MIN_TOKEN_MINUTES = 5
MAX_TOKEN_MINUTES = 24 * 60
MAX_REFRESH_DAYS = 3650
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html
MAX_GROUP_NAME_LENGTH = 128
# https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
MAX_CLIENTS = 1000

AuthFlow = Literal[
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
]

_CLIENT_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_POOL_ID = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d_[0-9A-Za-z]{1,40}")
_TokenMinutes = Annotated[int, pydantic.Field(ge=MIN_TOKEN_MINUTES, le=MAX_TOKEN_MINUTES)]


class PasswordPolicy(Shape):
    """What a password must be.

    https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
    """

    minimum_length: Annotated[int, pydantic.Field(ge=MIN_PASSWORD_LENGTH, le=MAX_PASSWORD_LENGTH)] = 12
    """Characters, 6-99. A change applies to new passwords."""

    require_lowercase: bool = True
    """At least one lower-case letter."""

    require_uppercase: bool = True
    """At least one upper-case letter."""

    require_numbers: bool = True
    """At least one digit."""

    require_symbols: bool = True
    """At least one symbol."""

    temporary_password_days: Annotated[int, pydantic.Field(ge=1, le=MAX_TEMPORARY_PASSWORD_DAYS)] = 7
    """How long the password of an invitation is good for, 1-365 days."""


class UserPoolClient(Shape):
    """An application that signs users in. It has no secret: a browser or an app could not keep one.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html
    """

    auth_flows: Sequence[AuthFlow] = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH")
    """How users may sign in. With SRP the password never leaves the device; a flow that sends it has to be
    asked for. https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-selection-sdk.html"""

    access_token_minutes: _TokenMinutes = 60
    """How long an access token opens the API, 5-1,440 minutes. An API does not notice a sign-out before."""

    id_token_minutes: _TokenMinutes = 60
    """How long an id token is good for, 5-1,440 minutes."""

    refresh_token_days: Annotated[int, pydantic.Field(ge=1, le=MAX_REFRESH_DAYS)] = 30
    """How long a user stays signed in without a password, 1-3,650 days."""

    @pydantic.field_validator("auth_flows")
    @classmethod
    def _users_can_sign_in(cls, auth_flows: Sequence[AuthFlow]) -> Sequence[AuthFlow]:
        if not set(auth_flows) - {"ALLOW_REFRESH_TOKEN_AUTH"}:
            raise ValueError(f"must hold a flow that signs users in, got {list(auth_flows)}")
        return auth_flows


class UserPoolArgs(ComponentArgs):
    """Arguments of `UserPool`."""

    children: ClassVar[Mapping[str, type[pulumi.CustomResource]]] = {
        "pool": aws.cognito.UserPool,
        "client": aws.cognito.UserPoolClient,
        "group": aws.cognito.UserGroup,
    }

    clients: Mapping[str, UserPoolClient] = {}
    """The applications, by name. A new name is a new client: tokens of the old one stop working. Free.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html"""

    groups: Sequence[str] = ()
    """Names of groups, the most important first; a token carries them as `cognito:groups`. A changed name
    replaces the group, without its members. Free.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html"""

    password_policy: PasswordPolicy = PasswordPolicy()
    """What a password must be."""

    mfa: Literal["OFF", "OPTIONAL", "ON"] = "OPTIONAL"
    """A second factor from an authenticator app (TOTP): never, where a user sets it up, or for all. Free.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html"""

    sign_in_with_email: bool = True
    """Users sign in with their e-mail address instead of a user name. A change replaces the pool: every user
    is lost. https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html"""

    admin_create_only: bool = False
    """Only administrators create users; otherwise anyone can sign up.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-admin-create-user-policy.html"""

    tier: Literal["LITE", "ESSENTIALS", "PLUS"] | None = None
    """Feature plan, which sets the price of an active user. Unset: AWS's own, Essentials.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-sign-in-feature-plans.html"""

    advanced_security: Literal["OFF", "AUDIT", "ENFORCED"] = "OFF"
    """Threat protection: log risky sign-ins, or stop them as well. Off by default: it needs the Plus plan,
    which has no free users and costs more for each.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-threat-protection.html"""

    deletion_protection: bool = True
    """AWS refuses to delete the pool, Pulumi protects it, and it stays in AWS when it leaves the program. To
    delete it: deploy with False, then remove it.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html"""

    @pydantic.field_validator("clients")
    @classmethod
    def _client_names_are_allowed(cls, clients: Mapping[str, UserPoolClient]) -> Mapping[str, UserPoolClient]:
        for name in clients:
            if not _CLIENT_NAME.fullmatch(name):
                raise ValueError(
                    f"must have names of lower-case letters and digits in parts joined by '-', got {name!r}"
                )
        if len(clients) > MAX_CLIENTS:
            raise ValueError(f"must be 0-{MAX_CLIENTS:,}, got {len(clients):,}")
        return clients

    @pydantic.field_validator("groups")
    @classmethod
    def _group_names_are_allowed(cls, groups: Sequence[str]) -> Sequence[str]:
        for index, name in enumerate(groups):
            if not 1 <= len(name) <= MAX_GROUP_NAME_LENGTH or not name.isprintable() or " " in name:
                raise ValueError(
                    f"must be 1-{MAX_GROUP_NAME_LENGTH} printable characters without spaces, got {name!r}"
                )
            if name in groups[:index]:
                raise ValueError(f"must differ, got {name!r} twice")
        return groups

    @pydantic.model_validator(mode="after")
    def _tier_has_the_features(self) -> UserPoolArgs:
        if self.advanced_security != "OFF" and self.tier != "PLUS":
            raise ValueError(
                f'advanced_security={self.advanced_security!r} needs tier="PLUS", got {self.tier!r}'
            )
        return self


class UserPool(Component):
    """A Cognito user pool and its clients.

    Children: `pool`; `clients` and `groups` by name.
    """

    user_pool_id: pulumi.Output[str]
    """Id of the pool."""

    user_pool_arn: pulumi.Output[str]
    """ARN of the pool."""

    issuer: pulumi.Output[str]
    """Issuer of the pool's tokens: an https address, under which lie its keys."""

    client_ids: Mapping[str, pulumi.Output[str]]
    """Client ids by the clients' names."""

    def __init__(self, name: str, args: UserPoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._pool: aws.cognito.UserPool | None = aws.cognito.UserPool(
            name,
            **args.overriding("pool", **_pool_inputs(args)),
            opts=self._data(protect=args.deletion_protection),
        )
        self.clients = {
            client: aws.cognito.UserPoolClient(
                f"{name}-{client}",
                **args.overriding("client", user_pool_id=self.pool.id, **_client_inputs(settings)),
                opts=self._child(),
            )
            for client, settings in args.clients.items()
        }
        self.groups = {
            group: aws.cognito.UserGroup(
                f"{name}-group-{group}",
                **args.overriding("group", name=group, user_pool_id=self.pool.id, precedence=precedence),
                opts=self._child(),
            )
            for precedence, group in enumerate(args.groups)
        }
        self._expose(
            user_pool_id=self.pool.id,
            user_pool_arn=self.pool.arn,
            issuer=pulumi.Output.concat("https://", self.pool.endpoint),
            client_ids={client: resource.id for client, resource in self.clients.items()},
        )

    @classmethod
    def from_id(
        cls,
        name: str,
        user_pool_id: pulumi.Input[str],
        *,
        client_ids: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> UserPool:
        """A pool that this program doesn't own, in the provider's account and Region: nothing is created.

        Args:
            name: Name of the component.
            user_pool_id: Id of the pool, such as `eu-west-1_AbCdEfGhI`.
            client_ids: Ids of its clients, by a name of the caller's choice.
            opts: Options of the component.
        """
        if isinstance(user_pool_id, str) and not _POOL_ID.fullmatch(user_pool_id):
            raise ArgumentError(
                "UserPool.from_id user_pool_id must be an id such as 'eu-west-1_AbCdEfGhI', "
                f"got {user_pool_id!r}"
            )
        self = cls.__new__(cls)
        Component.__init__(self, name, opts)
        self._pool, self.clients, self.groups = None, {}, {}
        invoke = pulumi.InvokeOutputOptions(parent=self)
        partition = aws.get_partition_output(opts=invoke)
        region = aws.get_region_output(opts=invoke).region
        account = aws.get_caller_identity_output(opts=invoke).account_id
        self._expose(
            user_pool_id=pulumi.Output.from_input(user_pool_id),
            user_pool_arn=pulumi.Output.format(
                "arn:{}:cognito-idp:{}:{}:userpool/{}", partition.partition, region, account, user_pool_id
            ),
            issuer=pulumi.Output.format(
                "https://cognito-idp.{}.{}/{}", region, partition.dns_suffix, user_pool_id
            ),
            client_ids={client: pulumi.Output.from_input(id_) for client, id_ in client_ids.items()},
        )
        return self

    @property
    def pool(self) -> aws.cognito.UserPool:
        """The pool; one that came in by id has none, and says so."""
        if self._pool is None:
            raise ArgumentError(f"UserPool {self.name!r} came from_id: it is not a resource of this program")
        return self._pool

    def verification_link(self) -> Link:
        """What a function needs to verify a token: `USER_POOL_ISSUER` and `USER_POOL_CLIENT_IDS`.

        The ids are separated by commas. No permission: the pool's keys are public.
        https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html

        Raises:
            ArgumentError: the pool has no client, so that no token could ever be good.
        """
        if not self.client_ids:
            raise ArgumentError(f"UserPool {self.name!r} has no client whose tokens to verify; name one")
        return Link(
            environment={"USER_POOL_ISSUER": self.issuer, "USER_POOL_CLIENT_IDS": self._joined_client_ids}
        )

    def _expose(
        self,
        *,
        user_pool_id: pulumi.Output[str],
        user_pool_arn: pulumi.Output[str],
        issuer: pulumi.Output[str],
        client_ids: Mapping[str, pulumi.Output[str]],
    ) -> None:
        self.user_pool_id = user_pool_id
        self.user_pool_arn = user_pool_arn
        self.issuer = issuer
        self.client_ids = client_ids
        ids = [client_ids[client] for client in sorted(client_ids)]
        self._joined_client_ids = pulumi.Output.all(*ids).apply(",".join)
        self.register_outputs(
            {
                "userPoolId": user_pool_id,
                "userPoolArn": user_pool_arn,
                "issuer": issuer,
                "clientIds": dict(client_ids),
            }
        )


def _pool_inputs(args: UserPoolArgs) -> dict[str, Any]:
    """The arguments of the pool's resource."""
    password = args.password_policy
    return {
        "username_attributes": ["email"] if args.sign_in_with_email else None,
        # Two accounts for Ann@ and ann@ would be one person's trouble and another's chance.
        "username_configuration": {"case_sensitive": False},
        "auto_verified_attributes": ["email"],
        # The old address stays until the new one is verified: a stolen session can't take the account over.
        "user_attribute_update_settings": {"attributes_require_verification_before_updates": ["email"]},
        "account_recovery_setting": {"recovery_mechanisms": [{"name": "verified_email", "priority": 1}]},
        "admin_create_user_config": {"allow_admin_create_user_only": args.admin_create_only},
        "password_policy": {
            "minimum_length": password.minimum_length,
            "require_lowercase": password.require_lowercase,
            "require_uppercase": password.require_uppercase,
            "require_numbers": password.require_numbers,
            "require_symbols": password.require_symbols,
            "temporary_password_validity_days": password.temporary_password_days,
        },
        "mfa_configuration": args.mfa,
        "software_token_mfa_configuration": None if args.mfa == "OFF" else {"enabled": True},
        "user_pool_tier": args.tier,
        "user_pool_add_ons": None
        if args.advanced_security == "OFF"
        else {"advanced_security_mode": args.advanced_security},
        "deletion_protection": "ACTIVE" if args.deletion_protection else "INACTIVE",
    }


def _client_inputs(client: UserPoolClient) -> dict[str, Any]:
    return {
        "generate_secret": False,
        "explicit_auth_flows": sorted(set(client.auth_flows)),
        # An answer must not tell whether an address has an account.
        "prevent_user_existence_errors": "ENABLED",
        "enable_token_revocation": True,
        "access_token_validity": client.access_token_minutes,
        "id_token_validity": client.id_token_minutes,
        "refresh_token_validity": client.refresh_token_days,
        "token_validity_units": {"access_token": "minutes", "id_token": "minutes", "refresh_token": "days"},
    }
