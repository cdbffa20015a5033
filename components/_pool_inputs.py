"""The arguments of a user pool's resources."""

from __future__ import annotations

from typing import Any, Literal

from components._cdn_domain import certificate_arn
from components._pool_args import UserPoolArgs
from components._pool_shapes import EmailSender, HostedSignIn, PasswordPolicy, UserPoolClient

CLASSIC_PAGES, MANAGED_PAGES = 1, 2
"""https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html"""


def pool_inputs(args: UserPoolArgs) -> dict[str, Any]:
    """Those of the pool itself."""
    return {
        "username_attributes": ["email"] if args.sign_in_with_email else None,
        # Two accounts for Ann@ and ann@ would be one person's trouble and another's chance.
        "username_configuration": {"case_sensitive": False},
        "auto_verified_attributes": ["email"],
        # The old address stays until the new one is verified: a stolen session can't take the account over.
        "user_attribute_update_settings": {"attributes_require_verification_before_updates": ["email"]},
        "account_recovery_setting": {"recovery_mechanisms": _recovery(args)},
        "admin_create_user_config": {"allow_admin_create_user_only": args.admin_create_only},
        "password_policy": _password(args.password_policy),
        **_factors(args),
        "email_configuration": _sender(args.email),
        "lambda_config": _triggers(args),
        "user_pool_tier": args.tier,
        "user_pool_add_ons": None
        if args.advanced_security == "OFF"
        else {"advanced_security_mode": args.advanced_security},
        "deletion_protection": "ACTIVE" if args.deletion_protection else "INACTIVE",
    }


def _recovery(args: UserPoolArgs) -> list[dict[str, Any]]:
    mechanisms = [{"name": "verified_email", "priority": 1}]
    if "EMAIL_OTP" in args.second_factors:
        # AWS refuses e-mail both as a second factor and as the only way back in.
        # https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-sms-email-message.html
        mechanisms.append({"name": "verified_phone_number", "priority": 2})
    return mechanisms


def _password(policy: PasswordPolicy) -> dict[str, Any]:
    return {
        "minimum_length": policy.minimum_length,
        "require_lowercase": policy.require_lowercase,
        "require_uppercase": policy.require_uppercase,
        "require_numbers": policy.require_numbers,
        "require_symbols": policy.require_symbols,
        "temporary_password_validity_days": policy.temporary_password_days,
    }


def _factors(args: UserPoolArgs) -> dict[str, Any]:
    second = () if args.mfa == "OFF" else args.second_factors
    found: dict[str, Any] = {
        "mfa_configuration": args.mfa,
        "software_token_mfa_configuration": {"enabled": True} if "SOFTWARE_TOKEN_MFA" in second else None,
    }
    if "EMAIL_OTP" in second:
        found["email_mfa_configuration"] = {
            "message": "Your sign-in code is {####}.",
            "subject": "Your sign-in code",
        }
    if args.passkeys is not None:
        own = args.hosted_sign_in.domain if args.hosted_sign_in is not None else None
        found["sign_in_policy"] = {"allowed_first_auth_factors": ["PASSWORD", "WEB_AUTHN"]}
        found["web_authn_configuration"] = _given(
            relying_party_id=args.passkeys.relying_party_id or own,
            user_verification=args.passkeys.user_verification,
        )
    return found


def _sender(email: EmailSender | None) -> dict[str, Any] | None:
    if email is None:
        return None
    return _given(
        email_sending_account="DEVELOPER",
        source_arn=email.identity_arn,
        from_email_address=email.from_address,
        reply_to_email_address=email.reply_to_address,
        configuration_set=email.configuration_set,
    )


def _triggers(args: UserPoolArgs) -> dict[str, Any] | None:
    arns: dict[str, Any] = {trigger: function.alias_arn for trigger, function in args.triggers.items()}
    if "pre_token_generation" in arns and args.lambda_version != "V1_0":
        # AWS sets the plain one, too, which knows the first version alone.
        arns["pre_token_generation_config"] = {
            "lambda_arn": arns.pop("pre_token_generation"),
            "lambda_version": args.lambda_version,
        }
    return arns or None


def client_inputs(client: UserPoolClient) -> dict[str, Any]:
    """Those of a client, without its pool."""
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
        **(_oauth(client) if client.callback_urls else {}),
    }


def _oauth(client: UserPoolClient) -> dict[str, Any]:
    return {
        "supported_identity_providers": ["COGNITO"],
        "allowed_oauth_flows_user_pool_client": True,
        "allowed_oauth_flows": ["code"],
        "allowed_oauth_scopes": sorted(set(client.scopes)),
        "callback_urls": list(client.callback_urls),
        "logout_urls": list(client.logout_urls) or None,
    }


def domain_inputs(hosted: HostedSignIn, *, managed: bool) -> dict[str, Any]:
    """Those of the sign-in pages' name, without their pool."""
    return {
        "domain": hosted.domain or hosted.domain_prefix,
        "certificate_arn": None if hosted.certificate is None else certificate_arn(hosted.certificate),
        "managed_login_version": MANAGED_PAGES if managed else CLASSIC_PAGES,
    }


def risk_inputs(mfa: Literal["OFF", "OPTIONAL", "ON"]) -> dict[str, Any]:
    """Those of threat protection that stops what it finds, without their pool.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-adaptive-authentication.html
    """
    high = {"event_action": "BLOCK", "notify": False}
    medium = {"event_action": "MFA_IF_CONFIGURED", "notify": False}
    return {
        "account_takeover_risk_configuration": {
            "actions": _given(high_action=high, medium_action=None if mfa == "OFF" else medium)
        },
        "compromised_credentials_risk_configuration": {"actions": {"event_action": "BLOCK"}},
    }


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
