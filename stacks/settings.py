"""The configuration of a stack, checked before anything is declared: one line for each mistake.

Each key stands in `Pulumi.<stack>.yaml` under `backplane:`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

import pulumi
import pydantic
from pulumi.runtime import config as pulumi_config
from pydantic.alias_generators import to_camel

from stacks.tiers import TierName

NAMESPACE = "backplane"
REGION_KEY = "aws:region"
BACKENDS = {
    "site-communications": "users, messages and notifications over HTTP and WebSocket, with alarms",
    "asset-api": "users and files with presigned uploads, its functions in Python or in TypeScript",
    "pilotforce": "a site with sign-in and groups, pictures, traces, backups and an audit trail",
}
"""The backends by the name that `backplane:backend` takes; the module of the same name declares it."""

Language = Literal["python", "typescript"]

_TENANT = r"^[a-z][a-z0-9-]{0,29}[a-z0-9]$"
_ORIGIN = r"^https?://[a-z0-9.-]+(:\d{1,5})?$"
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_REGION = r"^[a-z]{2}(-[a-z]+)+-\d$"
_Region = Annotated[str, pydantic.Field(pattern=_REGION)]


@dataclass(frozen=True)
class _Only:
    """A key that some backends alone read: given to another, it would do nothing."""

    backend: str


class Acknowledgement(pydantic.BaseModel):
    """A change of one resource that hurts, and that the team has accepted."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    urn: Annotated[str, pydantic.Field(pattern=r"^urn:pulumi:")]
    """The resource's URN, as `backplane review` prints it."""

    reason: Annotated[str, pydantic.Field(pattern=r"\S")]
    """Why it is right; reviewers read it."""


class Settings(pydantic.BaseModel):
    """What a stack's configuration says."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    backend: str
    """Which backend this stack runs."""

    tenant: Annotated[str, pydantic.Field(pattern=_TENANT)]
    """Whose backend it is: 2-31 lower-case letters, digits and dashes, a letter first; a tag everywhere."""

    tier: TierName
    """What the environment is for: retention, protection, alarms and throttles follow from it."""

    cors_origins: tuple[Annotated[str, pydantic.Field(pattern=_ORIGIN)], ...] = ()
    """Sites whose scripts may call the API: scheme, host and port."""

    alert_email: Annotated[str, pydantic.Field(pattern=_EMAIL)] | None = None
    """Who is told when an alarm goes off; AWS asks that address to confirm first."""

    runbook_url: Annotated[str, pydantic.Field(pattern=r"^https://[^\s#]+$")]
    """Where your team reads docs/runbook.md; each alarm links to its chapter."""

    create_account_log_role: bool = False
    """Whether this stack creates the role with which API Gateway writes logs: one an account and region; it
    stays when the stack goes. AWS refuses a WebSocket API with access logs where there is none."""

    acknowledge: tuple[Acknowledgement, ...] = ()
    """Changes that `backplane review --guard` lets pass. The program itself takes no notice."""

    language: Annotated[Language, _Only("asset-api")] = "python"
    """What the functions are written in; both answer alike."""

    public: Annotated[bool, _Only("asset-api")] = False
    """Whether anyone may use the API without signing in, as one user who may do all."""

    replica_region: Annotated[_Region | None, _Only("pilotforce")] = None
    """Another Region, in which tables and files have a copy; each write is paid for there too."""

    @pydantic.field_validator("backend")
    @classmethod
    def _backend_is_known(cls, value: str) -> str:
        if value not in BACKENDS:
            raise ValueError(f"must be one of {', '.join(BACKENDS)}")
        return value


_ALLOWED = {
    "acknowledge": "must be a list of urn and reason, one resource each",
    "tenant": "must be 2-31 lower-case letters, digits and dashes, a letter first and no dash last",
    "tier": f"must be one of {', '.join(get_args(TierName))}",
    "corsOrigins": "must be a list of origins such as https://www.example.com",
    "alertEmail": "must be an e-mail address",
    "createAccountLogRole": "must be true or false",
    "runbookUrl": "must be an https:// address",
    "language": f"must be one of {', '.join(get_args(Language))}",
    "public": "must be true or false",
    "replicaRegion": "must be an AWS region such as eu-central-1",
}


class SettingsError(pulumi.RunError):
    """A configuration that can't run: one line for each mistake."""


def check(config: Mapping[str, str], source: str) -> list[str]:
    """The mistakes in a configuration, each as `file: key what is wrong, got value`; none if it can run.

    Args:
        config: every key of the stack with its namespace, values as Pulumi hands them over (JSON for lists).
        source: the file to name in each line.
    """
    try:
        parse(config, source)
    except SettingsError as error:
        return str(error).splitlines()
    return []


def parse(config: Mapping[str, str], source: str) -> Settings:
    """The settings that a configuration says.

    Raises:
        SettingsError: a key that is unknown, missing or wrong.
    """
    prefix = f"{NAMESPACE}:"
    values = {
        key.removeprefix(prefix): _decoded(text) for key, text in config.items() if key.startswith(prefix)
    }
    mistakes = _region_mistakes(config.get(REGION_KEY))
    try:
        settings = Settings.model_validate(values)
    except pydantic.ValidationError as error:
        mistakes += list(dict.fromkeys(_sentence(detail) for detail in error.errors()))
    mistakes += _unread(values)
    if (copy := values.get("replicaRegion")) is not None and copy == config.get(REGION_KEY):
        mistakes.append(f"{prefix}replicaRegion must differ from {REGION_KEY}, got {copy!r} for both")
    if mistakes:
        raise SettingsError("\n".join(f"{source}: {mistake}" for mistake in mistakes))
    return settings


def load() -> Settings:
    """The settings of the stack that runs now.

    Raises:
        SettingsError: a key that is unknown, missing or wrong.
    """
    config = {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
    return parse(config, f"Pulumi.{pulumi.get_stack()}.yaml")


def _decoded(text: str) -> Any:
    """Pulumi hands lists and objects over as JSON, everything else as text."""
    if isinstance(text, str) and text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _region_mistakes(region: str | None) -> list[str]:
    if region is None:
        return [f"{REGION_KEY} is required, such as eu-west-1"]
    return (
        []
        if re.match(_REGION, region)
        else [f"{REGION_KEY} must be an AWS region such as eu-west-1, got {region!r}"]
    )


def _unread(values: Mapping[str, Any]) -> Iterator[str]:
    """A line for each key that the chosen backend doesn't read."""
    backend = values.get("backend")
    for field in Settings.model_fields.values():
        for only in field.metadata:
            if isinstance(only, _Only) and field.alias in values and backend in {*BACKENDS} - {only.backend}:
                yield f"{NAMESPACE}:{field.alias} is read by {only.backend} alone; {backend} would ignore it"


def _sentence(detail: Any) -> str:
    key = str(detail["loc"][0])
    label = f"{NAMESPACE}:{key}"
    if detail["type"] == "extra_forbidden":
        known = sorted(field.alias or name for name, field in Settings.model_fields.items())
        return f"{label} is not a key; {NAMESPACE}: takes {', '.join(known)}"
    allowed = _ALLOWED.get(key) or f"must be one of {', '.join(BACKENDS)}"
    if detail["type"] == "missing":
        return f"{label} is required: it {allowed}"
    return f"{label} {allowed}, got {detail['input']!r}"
