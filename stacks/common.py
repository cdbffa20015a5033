"""What several backends have alike."""

from __future__ import annotations

from collections.abc import Sequence

from components import (
    Cors,
    Subscription,
    Throttle,
    Topic,
    TopicArgs,
    UserPool,
    UserPoolArgs,
    UserPoolClient,
)
from stacks.settings import Settings
from stacks.tiers import Tier

CORS_METHODS = ("GET", "POST", "PUT", "DELETE")


def user_pool(tier: Tier) -> UserPool:
    """People who sign in with an e-mail address; those in the group `admin` may act for anyone."""
    return UserPool(
        "users",
        UserPoolArgs(
            groups=["admin"],
            clients={"app": UserPoolClient(auth_flows=tier.auth_flows)},
            deletion_protection=tier.protect_data,
        ),
    )


def alerts(settings: Settings) -> Topic:
    """Where alarms and what failed for good are told."""
    subscriptions = [Subscription.email(settings.alert_email)] if settings.alert_email else []
    return Topic("alerts", TopicArgs(publishers=["cloudwatch.amazonaws.com"], subscriptions=subscriptions))


def throttle(tier: Tier) -> Throttle:
    """What an API takes."""
    return Throttle(rate_limit=tier.rate_limit, burst_limit=tier.burst_limit)


def cors(settings: Settings, headers: Sequence[str]) -> Cors | None:
    """Which sites may call an API, with these headers; none, and no browser's script may."""
    if not settings.cors_origins:
        return None
    return Cors(
        allow_origins=settings.cors_origins,
        allow_methods=CORS_METHODS,
        allow_headers=headers,
        expose_headers=("location", "x-request-id"),
    )
