"""What a user pool is asked for: passwords, clients, sign-in pages, passkeys and who sends its mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import urlsplit

import pulumi_aws as aws
import pydantic

from components._base import ArgumentError, Input, Shape
from components._cdn_domain import check_certificate
from components._domain import HOST

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
MIN_PASSWORD_LENGTH = 6
MAX_PASSWORD_LENGTH = 99
MAX_TEMPORARY_PASSWORD_DAYS = 365
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_TokenValidityUnitsType.html
MIN_TOKEN_MINUTES = 5
MAX_TOKEN_MINUTES = 24 * 60
MAX_REFRESH_DAYS = 3650
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
MAX_URLS = 100
MAX_URL_LENGTH = 1024

AuthFlow = Literal[
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
]
OAuthScope = Literal["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"]
SecondFactor = Literal["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]

_PREFIX = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED = ("aws", "amazon", "cognito")
_ADDRESS = re.compile(r"([^<>]* )?<?[^@\s<>]+@[^@\s<>]+>?")
_IDENTITY = re.compile(r"arn:aws[a-z-]*:ses:[a-z0-9-]+:\d{12}:identity/\S+")
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

    callback_urls: Sequence[Input[str]] = ()
    """Where the pool's sign-in pages send a signed-in user with a code, at most 100 addresses; none, and the
    client has no use of the pages. `https://`, or `http://localhost` for a developer's machine, each to the
    letter. The grant is the authorization code alone, whose tokens never are in an address; the app sends a
    PKCE challenge (S256), which Cognito checks and can't be told to insist on.
    https://docs.aws.amazon.com/cognito/latest/developerguide/using-pkce-in-authorization-code.html"""

    logout_urls: Sequence[Input[str]] = ()
    """Where the sign-in pages may send a user after signing out, as `callback_urls`.
    https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html"""

    scopes: Sequence[OAuthScope] = ("openid", "email")
    """What the tokens of the sign-in pages may be used for. `aws.cognito.signin.user.admin` lets the app
    change the user's own account; the others say what the id token and `userInfo` tell.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html"""

    @pydantic.field_validator("auth_flows")
    @classmethod
    def _users_can_sign_in(cls, auth_flows: Sequence[AuthFlow]) -> Sequence[AuthFlow]:
        if not set(auth_flows) - {"ALLOW_REFRESH_TOKEN_AUTH"}:
            raise ValueError(f"must hold a flow that signs users in, got {list(auth_flows)}")
        return auth_flows

    @pydantic.field_validator("callback_urls", "logout_urls")
    @classmethod
    def _urls_are_safe(cls, urls: Sequence[Input[str]]) -> Sequence[Input[str]]:
        if len(urls) > MAX_URLS:
            raise ValueError(f"must be 0-{MAX_URLS}, got {len(urls)}")
        for url in (url for url in urls if isinstance(url, str)):
            _check_url(url)
        return urls

    @pydantic.field_validator("scopes")
    @classmethod
    def _scopes_make_sense(cls, scopes: Sequence[OAuthScope]) -> Sequence[OAuthScope]:
        if not scopes or ("openid" not in scopes and set(scopes) & {"email", "phone", "profile"}):
            raise ValueError(f"must hold 'openid', without which there is no id token, got {list(scopes)}")
        return scopes

    @pydantic.model_validator(mode="after")
    def _pages_come_with_a_callback(self) -> UserPoolClient:
        if self.logout_urls and not self.callback_urls:
            raise ValueError("logout_urls needs callback_urls: without them nobody signs in on the pages")
        return self


class HostedSignIn(Shape):
    """Cognito's own pages for signing in, signing up and lost passwords, under one name.

    Free, but for an own name's hosted zone. With the Lite plan they are the classic ones, which know no
    passkeys; otherwise managed login, in Cognito's own look.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-managed-login.html
    """

    domain_prefix: str | None = None
    """The first part of `<prefix>.auth.<region>.amazoncognito.com`, which nobody else in the Region may have:
    1-63 lower-case letters, digits and hyphens, without `aws`, `amazon` and `cognito`. A change replaces it.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html"""

    domain: str | None = None
    """An own name instead, `auth.example.com`, whose parent must have an A record. A change replaces it;
    CloudFront takes up to an hour.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html"""

    certificate: aws.acm.Certificate | aws.acm.CertificateValidation | Input[str] | None = None
    """The ACM certificate for `domain`, or its ARN; issued, and in us-east-1, where CloudFront looks."""

    hosted_zone_id: Input[str] | None = None
    """Route 53 zone that gets the record for `domain`; unset, someone else points the name at
    `sign_in_target`."""

    @pydantic.field_validator("domain_prefix")
    @classmethod
    def _prefix_is_allowed(cls, prefix: str | None) -> str | None:
        if prefix is not None and (
            not _PREFIX.fullmatch(prefix) or any(word in prefix for word in _RESERVED)
        ):
            raise ValueError(
                "must be 1-63 lower-case letters, digits and inner hyphens, without 'aws', 'amazon' and "
                f"'cognito', got {prefix!r}"
            )
        return prefix

    @pydantic.field_validator("domain")
    @classmethod
    def _domain_is_a_host(cls, domain: str | None) -> str | None:
        if domain is not None and not HOST.fullmatch(domain):
            raise ValueError(f"must be a lower-case host name such as 'auth.example.com', got {domain!r}")
        return domain

    @pydantic.model_validator(mode="after")
    def _there_is_one_name(self) -> HostedSignIn:
        if (self.domain_prefix is None) == (self.domain is None):
            raise ValueError(
                f"must have one of domain_prefix and domain, got {self.domain_prefix!r} and {self.domain!r}"
            )
        if (self.domain is None) != (self.certificate is None):
            raise ValueError("certificate must be given with domain, and with nothing else")
        if self.domain is None and self.hosted_zone_id is not None:
            raise ValueError("hosted_zone_id must be unset without domain: AWS has the prefix's record")
        if isinstance(self.certificate, str):
            try:
                check_certificate(self.certificate)
            except ArgumentError as error:
                raise ValueError(str(error)) from None
        return self


class Passkeys(Shape):
    """Sign-in by a passkey of the device or a security key, instead of the password.

    Free with the Essentials plan and above; clients need `ALLOW_USER_AUTH`.
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
    """

    relying_party_id: str | None = None
    """The name that passkeys are bound to; they are useless under another, so a change locks their owners
    out. Unset, that of `hosted_sign_in`; without that, the site's own: `example.com`."""

    user_verification: Literal["required", "preferred"] = "required"
    """Whether the device must ask for a finger, a face or its PIN: a passkey is all that is asked for, so one
    that was found would open the account."""

    @pydantic.field_validator("relying_party_id")
    @classmethod
    def _relying_party_is_a_host(cls, name: str | None) -> str | None:
        if name is not None and not HOST.fullmatch(name):
            raise ValueError(f"must be a lower-case host name such as 'example.com', got {name!r}")
        return name


class EmailSender(Shape):
    """An SES identity of this account that sends the pool's mail. SES costs $0.10 a thousand messages.

    Cognito sends by its service-linked role; the identity must be verified, and out of the sandbox.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html
    """

    identity_arn: Input[str]
    """ARN of the SES identity, an address or a domain, in the pool's Region or one that AWS pairs with it."""

    from_address: str
    """Who the mail is from, under that identity: `sign-in@example.com`, `Example <sign-in@example.com>`."""

    reply_to_address: str | None = None
    """Where answers go; unset, to `from_address`."""

    configuration_set: str | None = None
    """SES configuration set that hears of bounces and complaints."""

    @pydantic.field_validator("identity_arn")
    @classmethod
    def _identity_is_one_of_ses(cls, arn: Input[str]) -> Input[str]:
        if isinstance(arn, str) and not _IDENTITY.fullmatch(arn):
            raise ValueError(f"must be an ARN such as 'arn:aws:ses:...:identity/example.com', got {arn!r}")
        return arn

    @pydantic.field_validator("from_address", "reply_to_address")
    @classmethod
    def _address_is_one(cls, address: str | None) -> str | None:
        if address is not None and not _ADDRESS.fullmatch(address):
            raise ValueError(f"must be an e-mail address, got {address!r}")
        return address


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError(f"must be addresses, got {url!r}") from None
    local = parts.scheme == "http" and parts.hostname == "localhost"
    if not (local or parts.scheme == "https") or not parts.hostname or len(url) > MAX_URL_LENGTH:
        raise ValueError(f"must be https:// addresses, or http://localhost, got {url!r}")
    if "#" in url or "*" in url or not url.isprintable() or " " in url or "@" in parts.netloc:
        raise ValueError(f"must be without fragment, wildcard, space and user, got {url!r}")
