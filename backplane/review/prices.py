"""The price table, and the assumptions about use that a price needs."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pydantic
import yaml
from pydantic.alias_generators import to_camel

from backplane.errors import ConfigurationError

_TABLE = Path(__file__).with_name("prices.yaml")
_Price = Annotated[float, pydantic.Field(ge=0)]
_Amount = Annotated[float, pydantic.Field(ge=0, le=1e12, allow_inf_nan=False)]


class _Shape(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class Prices(_Shape):
    """What AWS charges in one region, in US dollars; the names end in the unit that is charged."""

    alarm_metric_month: _Price
    composite_alarm_month: _Price
    dashboard_month: _Price
    dynamodb_backup_gb_month: _Price
    dynamodb_read_hour: _Price
    dynamodb_read_million: _Price
    dynamodb_storage_gb_month: _Price
    dynamodb_write_hour: _Price
    dynamodb_write_million: _Price
    http_api_million: _Price
    kms_key_month: _Price
    kms_million: _Price
    lambda_arm_gb_second: _Price
    lambda_arm_warm_gb_second: _Price
    lambda_million: _Price
    lambda_x86_gb_second: Annotated[_Price, pydantic.Field(alias="lambdaX86GbSecond")]
    lambda_x86_warm_gb_second: Annotated[_Price, pydantic.Field(alias="lambdaX86WarmGbSecond")]
    logs_ingestion_gb: _Price
    logs_storage_gb_month: _Price
    s3_read_million: Annotated[_Price, pydantic.Field(alias="s3ReadMillion")]
    s3_storage_gb_month: Annotated[_Price, pydantic.Field(alias="s3StorageGbMonth")]
    s3_write_million: Annotated[_Price, pydantic.Field(alias="s3WriteMillion")]
    schedule_million: _Price
    secret_month: _Price
    secret_million: _Price
    sns_email_million: _Price
    sns_http_million: _Price
    sns_publish_million: _Price
    sqs_million: _Price
    traces_million: _Price
    user_essentials_month: _Price
    user_lite_month: _Price
    user_plus_month: _Price
    web_socket_message_million: _Price
    web_socket_minute_million: _Price


class Table(_Shape):
    """All prices that are known."""

    as_of: date
    """When AWS asked these prices."""

    sources: tuple[str, ...]
    """The pages that they stand on."""

    regions: Mapping[str, Prices]


class Use(_Shape):
    """What is assumed of one resource in a month, where nothing else is said."""

    requests_per_day: _Amount = 1_000
    """Requests that each API, function, table, topic, queue, key and secret takes."""

    duration_milliseconds: _Amount = 100
    """How long a function works on a request."""

    log_kilobytes_per_request: _Amount = 1
    """What a function or an API writes to its log for a request."""

    table_gigabytes: _Amount = 1
    """What a table stores."""

    bucket_gigabytes: _Amount = 5
    """What a bucket stores."""

    connection_minutes_per_day: _Amount = 10_000
    """How long all clients of a WebSocket API together are connected."""

    monthly_active_users: _Amount = 100
    """Users of a pool who sign in in a month."""

    emails_per_day: _Amount = 1
    """Mails to an address that is subscribed to a topic."""


class Usage(Use):
    """The assumptions, with others for single resources."""

    resources: Mapping[str, Mapping[str, Any]] = {}
    """For a resource, by its name, the assumptions that differ."""

    @pydantic.model_validator(mode="after")
    def _resources_are_assumptions(self) -> Usage:
        for name in self.resources:
            self.of(name)
        return self

    def of(self, name: str) -> Use:
        """What is assumed of the resource of this name."""
        common = {key: getattr(self, key) for key in Use.model_fields}
        given = {_field(key): value for key, value in self.resources.get(name, {}).items()}
        return Use(**{**common, **given})


def _field(key: str) -> str:
    return next((name for name, field in Use.model_fields.items() if field.alias == key), key)


@functools.cache
def table() -> Table:
    """The price table of this version."""
    return Table.model_validate(yaml.safe_load(_TABLE.read_text(encoding="utf-8")))


def usage(file: Path | None) -> Usage:
    """The assumptions of a file; without one those that are usual here.

    Raises:
        ConfigurationError: it is no YAML, or has a key or value that is no assumption; a line for each.
    """
    if file is None:
        return Usage()
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file}: can't be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: is not YAML: {str(error).splitlines()[0]}") from None
    try:
        return Usage.model_validate({} if content is None else content)
    except pydantic.ValidationError as error:
        raise ConfigurationError("\n".join(_mistake(file, detail) for detail in error.errors())) from None


def _mistake(file: Path, detail: Any) -> str:
    where = ".".join(map(str, detail["loc"])) or "the file"
    if detail["type"] == "extra_forbidden":
        known = ", ".join(sorted(str(field.alias) for field in Usage.model_fields.values()))
        return f"{file}: {where} is no assumption; it takes {known}"
    if detail["type"] == "value_error" or not detail["loc"]:
        return f"{file}: {' '.join(str(detail['msg']).split())}"
    return f"{file}: {where} must be a number, 0 or more, got {detail['input']!r}"
