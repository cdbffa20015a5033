"""Tiers: the one place that decides what differs between trying out, rehearsing and serving customers.

Staging is production as its users will meet it, limits, alarms and sign-in included; but its data may go, and
no function is kept warm for nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from components.function import LogRetentionDays
from components.user_pool import AuthFlow

TierName = Literal["development", "staging", "production"]

_SAFE_FLOWS: Final[tuple[AuthFlow, ...]] = (
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_SRP_AUTH",
)


@dataclass(frozen=True, kw_only=True)
class Tier:
    """What a backend takes from its tier; no component asks which environment it is in."""

    protect_data: bool
    """Tables and user pools carry AWS's deletion protection, Pulumi's protect and retain-on-delete."""

    recovery_days: int
    """How far back tables can be restored, 1-35 days."""

    log_retention_days: LogRetentionDays
    """How long logs are kept. Longer costs storage."""

    alarm_pack: Literal["essential", "standard"]
    """Which alarms are created; each costs by the month."""

    rate_limit: int
    """Requests a second that an API takes in the long run."""

    burst_limit: int
    """Requests that an API takes at once."""

    auth_flows: tuple[AuthFlow, ...]
    """How users may sign in. A flow with the password in the request is for trying out: scripts can't do
    SRP. The admin's flow needs IAM credentials."""

    critical_concurrency: int
    """Warm instances of each critical function; each costs by the hour. 0: none."""

    backup_days: int
    """How long the daily backups of tables are kept; each is a whole copy."""

    audit_days: int
    """How long the audit trail's files are locked."""


TIERS: Final[dict[TierName, Tier]] = {
    "development": Tier(
        protect_data=False,
        recovery_days=1,
        log_retention_days=7,
        alarm_pack="essential",
        rate_limit=50,
        burst_limit=100,
        auth_flows=(*_SAFE_FLOWS, "ALLOW_USER_PASSWORD_AUTH"),
        critical_concurrency=0,
        backup_days=1,
        audit_days=1,
    ),
    "staging": Tier(
        protect_data=False,
        recovery_days=7,
        log_retention_days=30,
        alarm_pack="standard",
        rate_limit=500,
        burst_limit=1000,
        auth_flows=_SAFE_FLOWS,
        critical_concurrency=0,
        backup_days=7,
        audit_days=30,
    ),
    "production": Tier(
        protect_data=True,
        recovery_days=35,
        log_retention_days=90,
        alarm_pack="standard",
        rate_limit=500,
        burst_limit=1000,
        auth_flows=_SAFE_FLOWS,
        critical_concurrency=2,
        backup_days=35,
        audit_days=365,
    ),
}
