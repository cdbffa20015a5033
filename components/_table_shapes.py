"""What a table is made of: keys, indexes, capacity and replicas, each checked by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic

from components._base import Input, Shape

MAX_KEY_NAME_BYTES = 255
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""

MIN_TARGET_PERCENT = 20
MAX_TARGET_PERCENT = 90
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html"""

TABLE_OR_INDEX_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html"""

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d")
_Units = Annotated[int, pydantic.Field(ge=1)]


class Key(Shape):
    """A key attribute with its type: `Key("createdAt", "N")`."""

    name: str
    """Attribute name, 1-255 bytes. A change replaces the table, or the index.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html"""

    type: Literal["S", "N", "B"] = "S"
    """String, number or binary. A change replaces the table, or the index."""

    if TYPE_CHECKING:

        def __init__(self, name: str, type: Literal["S", "N", "B"] = "S") -> None: ...  # noqa: A002 - AWS's term
    else:

        def __init__(self, *positional: str, **values: Any) -> None:
            super().__init__(**_named(("name", "type"), positional), **values)

    @pydantic.field_validator("name")
    @classmethod
    def _name_fits(cls, name: str) -> str:
        return check_attribute_name(name)


class Capacity(Shape):
    """Provisioned units, scaled between a minimum and a maximum to keep utilization at a target."""

    minimum: _Units = 1
    """Units that are always paid for; at least 1. A read unit is one strongly consistent read of up to 4 KB a
    second, a write unit one write of up to 1 KB a second.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/provisioned-capacity-mode.html"""

    maximum: _Units = 10
    """Units that scaling may reach, which bounds the bill. Equal to the minimum: fixed capacity, no
    scaling."""

    target_percent: Annotated[int, pydantic.Field(ge=MIN_TARGET_PERCENT, le=MAX_TARGET_PERCENT)] = 70
    """Utilization that scaling aims at, 20-90. Lower leaves more room for bursts and costs more."""

    @pydantic.model_validator(mode="after")
    def _maximum_is_not_below_minimum(self) -> Capacity:
        if self.maximum < self.minimum:
            raise ValueError(f"maximum must be at least the minimum, {self.minimum}, got {self.maximum}")
        return self


class OnDemand(Shape):
    """Pay for each request; nothing to plan."""

    max_read_units: _Units | None = None
    """Read request units a second beyond which requests are throttled, which bounds the bill. Unset: the
    account's quota. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html"""

    max_write_units: _Units | None = None
    """Write request units a second beyond which requests are throttled. Unset: the account's quota."""


class Provisioned(Shape):
    """Pay for capacity by the hour; cheaper than on-demand for steady traffic."""

    read: Capacity = Capacity()
    """Read capacity of the table, and of each index that has no capacity of its own."""

    write: Capacity = Capacity()
    """Write capacity of the table, and of each index that has no capacity of its own."""

    keep_scaled: bool = True
    """Leave the table's capacity where scaling has put it: a deployment does not send it back to the minimum.
    Set False for the one deployment that moves a table from on-demand to provisioned. Indexes always start
    again at their minimum when a deployment changes the table, since Pulumi cannot ignore one part of a list
    whose length may change."""


class Index(Shape):
    """A global secondary index: `Index("email-index", partition_key="email")`."""

    name: str
    """3-255 letters, digits, `_`, `.` and `-`. A change replaces the index, not the table."""

    partition_key: str | Key
    """Partition key; a plain name is a string attribute. A change replaces the index, not the table."""

    sort_key: str | Key | None = None
    """Sort key; a plain name is a string attribute. A change replaces the index, not the table."""

    projection: Literal["ALL", "KEYS_ONLY"] | Sequence[str] = "ALL"
    """What the index copies of each item: all of it, the keys, or the keys and these attributes. Less costs
    less storage and fewer writes. A change replaces the index, not the table.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.Projections"""

    capacity: OnDemand | Provisioned | None = None
    """Capacity of this index, in the table's own billing mode. Unset: the same as the table's."""

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            *,
            partition_key: str | Key,
            sort_key: str | Key | None = None,
            projection: Literal["ALL", "KEYS_ONLY"] | Sequence[str] = "ALL",
            capacity: OnDemand | Provisioned | None = None,
        ) -> None: ...
    else:

        def __init__(self, *positional: str, **values: Any) -> None:
            super().__init__(**_named(("name",), positional), **values)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Partition key and, where there is one, sort key."""
        return keys_of(self.partition_key, self.sort_key)

    @property
    def projected(self) -> tuple[str, ...]:
        """The attributes that are copied beside the keys, where they are named one by one."""
        return () if isinstance(self.projection, str) else tuple(self.projection)

    @pydantic.field_validator("partition_key", "sort_key")
    @classmethod
    def _key_names_fit(cls, key: str | Key | None) -> str | Key | None:
        return check_attribute_name(key) if isinstance(key, str) else key

    @pydantic.field_validator("name")
    @classmethod
    def _name_is_allowed(cls, name: str) -> str:
        if not TABLE_OR_INDEX_NAME.fullmatch(name):
            raise ValueError(f"must be 3-255 letters, digits, '_', '.' and '-', got {name!r}")
        return name

    @pydantic.model_validator(mode="after")
    def _keys_and_projection_fit(self) -> Index:
        names = distinct_names(self.keys)
        for attribute in self.projected:
            check_attribute_name(attribute, "projection names ")
            if attribute in names:
                raise ValueError(
                    f"projection must leave out the key {attribute!r}, which is always projected"
                )
        refuse_duplicates("projection", self.projected)
        if not self.projection:
            raise ValueError('projection must name an attribute; for the keys alone say "KEYS_ONLY"')
        return self


class Replica(Shape):
    """A copy of the table in another Region, which takes reads and writes there."""

    region: str
    """AWS Region of the copy. Each replicated write and each GB is paid for there too.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html"""

    kms_key_arn: Input[str] | None = None
    """Customer key in that Region; needed where the table has a customer key, and only there."""

    @pydantic.field_validator("region")
    @classmethod
    def _region_is_well_formed(cls, region: str) -> str:
        if not _REGION.fullmatch(region):
            raise ValueError(f"must be an AWS Region such as 'eu-west-1', got {region!r}")
        return region


def keys_of(partition_key: str | Key, sort_key: str | Key | None) -> tuple[Key, ...]:
    """Partition key and sort key with their types."""
    keys = [partition_key] if sort_key is None else [partition_key, sort_key]
    return tuple(Key(key) if isinstance(key, str) else key for key in keys)


def distinct_names(keys: Sequence[Key]) -> list[str]:
    """The names of a partition key and a sort key, which must differ."""
    names = [key.name for key in keys]
    if len(set(names)) < len(names):
        raise ValueError(f"sort_key must differ from the partition key {names[0]!r}")
    return names


def refuse_duplicates(argument: str, names: Sequence[str]) -> None:
    """Refuse a name that is given twice."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"{argument} must differ, got {twice[0]!r} twice")


def check_attribute_name(name: str, argument: str = "") -> str:
    """The name of an attribute that is a key or is projected, if DynamoDB takes it."""
    if not 1 <= len(name.encode()) <= MAX_KEY_NAME_BYTES:
        raise ValueError(f"{argument}must be 1-{MAX_KEY_NAME_BYTES} bytes, got {name!r}")
    return name


def _named(names: Sequence[str], positional: Sequence[Any]) -> dict[str, Any]:
    """Positional arguments by name, so that a missing one is refused like any other wrong argument."""
    if len(positional) > len(names):
        raise TypeError(f"takes {len(names)} positional arguments, got {len(positional)}")
    return dict(zip(names, positional, strict=False))
