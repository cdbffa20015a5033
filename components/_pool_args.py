"""The arguments of `UserPool`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal

import pulumi_aws as aws
import pydantic

from components._base import Children, ComponentArgs
from components._pool_shapes import (
    EmailSender,
    HostedSignIn,
    Passkeys,
    PasswordPolicy,
    SecondFactor,
    UserPoolClient,
)
from components.function import Function

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html
MAX_GROUP_NAME_LENGTH = 128
# https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
MAX_CLIENTS = 1000
MAX_TRIGGER_SECONDS = 5
"""As long as Cognito waits for a function before it calls it again, three times in all.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html"""

_TRIGGERS = ("pre_sign_up", "post_confirmation", "pre_token_generation")
_CLIENT_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class UserPoolArgs(ComponentArgs):
    """Arguments of `UserPool`."""

    children: ClassVar[Children] = {
        "pool": aws.cognito.UserPool,
        "client": aws.cognito.UserPoolClient,
        "group": aws.cognito.UserGroup,
        "domain": aws.cognito.UserPoolDomain,
        "branding": aws.cognito.ManagedLoginBranding,
        "record": lambda: aws.route53.Record,
        "risk": aws.cognito.RiskConfiguration,
        "trigger_policy": aws.iam.RolePolicy,
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
    """A second factor: never, where a user sets it up, or for all. Free, but for the mail.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html"""

    second_factors: Sequence[SecondFactor] = ("SOFTWARE_TOKEN_MFA",)
    """What a second factor may be: an authenticator app (TOTP), or a code by e-mail, which needs `email` and
    the Essentials plan. Who uses the latter can't get a lost password's code by e-mail too, and has to ask an
    administrator. https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-sms-email-message.html"""

    passkeys: Passkeys | None = None
    """Sign-in by passkey beside the password. Not with `mfa="ON"`: AWS then wants a setting of passkeys as
    second factors that this provider doesn't have; and whoever has set up a second factor signs in with the
    password. https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnConfigurationType.html"""

    email: EmailSender | None = None
    """Who sends the pool's mail; unset, Cognito itself, at most 50 a day."""

    hosted_sign_in: HostedSignIn | None = None
    """Cognito's sign-in pages, for the clients with `callback_urls`."""

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
    """Threat protection: log risky sign-ins, or stop them as well: known passwords and sign-ins of high risk
    are refused, and those of medium risk asked for a second factor where there is one. Off by default: it
    needs the Plus plan, which has no free users and costs more for each.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-threat-protection.html"""

    deletion_protection: bool = True
    """AWS refuses to delete the pool, Pulumi protects it, and it stays in AWS when it leaves the program. To
    delete it: deploy with False, then remove it.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html"""

    pre_sign_up: Function | None = None
    """Called before someone signs up, or an administrator creates a user; it may refuse by raising, or
    confirm at once. Each function here must answer within 5 seconds, and without an answer the user gets no
    further. Added to a pool in use, users meet errors until the pool may call it, seconds later.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html"""

    post_confirmation: Function | None = None
    """Called when a user has confirmed the sign-up or a new password; not for those whom an administrator
    creates. It may be called again when its answer is late.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html"""

    pre_token_generation: Function | None = None
    """Called before tokens are made, also from a refresh token; it may add, change and suppress claims.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html"""

    lambda_version: Literal["V1_0", "V2_0"] = "V2_0"
    """The event of `pre_token_generation`: V1_0 changes the id token alone, V2_0 the access token and its
    scopes too, which needs the Essentials plan. The answers differ in shape."""

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

    @pydantic.field_validator(*_TRIGGERS)
    @classmethod
    def _functions_answer_in_time(cls, function: Function | None) -> Function | None:
        if function is not None and function.timeout_seconds > MAX_TRIGGER_SECONDS:
            raise ValueError(
                f"must have timeout_seconds of at most {MAX_TRIGGER_SECONDS}, after which Cognito calls "
                f"again, got {function.name!r} with {function.timeout_seconds}"
            )
        return function

    @pydantic.model_validator(mode="after")
    def _everything_fits(self) -> UserPoolArgs:
        for faults in (_faults_of_plan, _faults_of_factors, _faults_of_pages):
            for fault in faults(self):
                raise ValueError(fault)
        return self

    @property
    def triggers(self) -> Mapping[str, Function]:
        """The functions that the pool calls, by argument."""
        found = {trigger: getattr(self, trigger) for trigger in _TRIGGERS}
        return {trigger: function for trigger, function in found.items() if function is not None}


def _faults_of_plan(args: UserPoolArgs) -> Iterator[str]:
    if args.advanced_security != "OFF" and args.tier != "PLUS":
        yield f'advanced_security={args.advanced_security!r} needs tier="PLUS", got {args.tier!r}'
    if args.tier != "LITE":
        return
    if args.pre_token_generation is not None and args.lambda_version == "V2_0":
        yield (
            "lambda_version='V2_0' needs tier=\"ESSENTIALS\" or \"PLUS\", got 'LITE', which changes id "
            'tokens alone: lambda_version="V1_0"'
        )
    if args.passkeys is not None:
        yield 'passkeys needs tier="ESSENTIALS" or "PLUS", got \'LITE\''
    if "EMAIL_OTP" in args.second_factors:
        yield "second_factors with 'EMAIL_OTP' needs tier=\"ESSENTIALS\" or \"PLUS\", got 'LITE'"


def _faults_of_factors(args: UserPoolArgs) -> Iterator[str]:
    if not args.second_factors and args.mfa != "OFF":
        yield f"second_factors must hold one for mfa={args.mfa!r}"
    if "EMAIL_OTP" in args.second_factors:
        if args.mfa == "OFF":
            yield "second_factors with 'EMAIL_OTP' needs mfa=\"OPTIONAL\" or \"ON\", got 'OFF'"
        if args.email is None:
            yield "second_factors with 'EMAIL_OTP' needs email: Cognito's own sender won't send the codes"
    if args.passkeys is None:
        return
    own = args.hosted_sign_in.domain if args.hosted_sign_in is not None else None
    party = args.passkeys.relying_party_id
    if args.mfa == "ON":
        yield "passkeys must be unset with mfa='ON', where AWS takes them for a second factor only"
    if party is None and args.hosted_sign_in is None:
        yield "passkeys needs a relying_party_id where there is no hosted_sign_in to name it"
    if own is not None and party not in (None, own):
        yield f"passkeys.relying_party_id must be {own!r}, the domain of hosted_sign_in, got {party!r}"
    if not any("ALLOW_USER_AUTH" in client.auth_flows for client in args.clients.values()):
        yield "passkeys needs a client whose auth_flows hold 'ALLOW_USER_AUTH'"


def _faults_of_pages(args: UserPoolArgs) -> Iterator[str]:
    using = [name for name, client in args.clients.items() if client.callback_urls]
    if using and args.hosted_sign_in is None:
        yield f"clients[{using[0]!r}].callback_urls needs hosted_sign_in, whose pages call back"
    if args.hosted_sign_in is not None and not using:
        yield "hosted_sign_in needs a client with callback_urls: its pages would have nowhere to go back to"
