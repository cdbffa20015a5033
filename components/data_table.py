"""A DynamoDB table: keys, indexes, expiry, stream, recovery, capacity, encryption and replicas.

Creates one table and, where capacity is provisioned between a minimum and a maximum, a scaling target and
policy for reads and for writes, of the table and of each index.

Costs: on demand, each request and each GB stored; provisioned, each unit by the hour; recovery, replicas and
a customer key come on top (https://aws.amazon.com/dynamodb/pricing/). An empty on-demand table costs nothing.

Does not offer local secondary indexes, which can only be created with the table and limit the items of one
partition key to 10 GB, nor DAX.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import ArgumentError, Component, ComponentArgs
from components._links import Link, Statement, check_verbs, environment_name
from components._table_shapes import (
    TABLE_OR_INDEX_NAME,
    Capacity,
    Index,
    Key,
    OnDemand,
    Provisioned,
    Replica,
    check_attribute_name,
    distinct_names,
    keys_of,
    refuse_duplicates,
)

__all__ = ["Capacity", "DataTable", "DataTableArgs", "Index", "Key", "OnDemand", "Provisioned", "Replica"]

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
MAX_INDEXES = 20
MAX_PROJECTED_ATTRIBUTES = 100
MAX_RECOVERY_PERIOD_DAYS = 35

_INDEX_VERBS = frozenset({"PartiQLSelect", "Query", "Scan"})
_TABLE_VERBS = _INDEX_VERBS | {
    "BatchGetItem",
    "BatchWriteItem",
    "ConditionCheckItem",
    "DeleteItem",
    "DescribeTable",
    "DescribeTimeToLive",
    "GetItem",
    "PartiQLDelete",
    "PartiQLInsert",
    "PartiQLUpdate",
    "PutItem",
    "UpdateItem",
}
_STREAM_VERBS = frozenset({"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"})
_METADATA_VERBS = frozenset({"DescribeStream", "DescribeTable", "DescribeTimeToLive", "ListStreams"})

_Direction = Literal["read", "write"]
_DIRECTIONS: tuple[_Direction, ...] = ("read", "write")


class DataTableArgs(ComponentArgs):
    """Arguments of `DataTable`."""

    children: ClassVar[Mapping[str, type[pulumi.CustomResource]]] = {"table": aws.dynamodb.Table}

    partition_key: str | Key
    """Partition key; a plain name is a string attribute. A change replaces the table.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html"""

    sort_key: str | Key | None = None
    """Sort key; a plain name is a string attribute. A change replaces the table."""

    indexes: Sequence[Index] = ()
    """Global secondary indexes, at most 20. One can be added or removed without replacing the table, one at a
    time; each costs storage and a write for every write of an item that it holds.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html"""

    time_to_live_attribute: str | None = None
    """Number attribute with the Unix time in seconds after which DynamoDB deletes the item, free of charge
    and usually within days. To change it, deploy once without it; AWS allows a change an hour.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html"""

    stream: Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"] | None = None
    """What a change record holds; unset, there is no stream. Reads of a stream by Lambda are free.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"""

    point_in_time_recovery: bool = True
    """Continuous backups: the table can be restored to any second. Costs by the GB stored; on by default,
    since nothing else brings back what a faulty deployment has overwritten.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html"""

    recovery_period_days: Annotated[int, pydantic.Field(ge=1, le=MAX_RECOVERY_PERIOD_DAYS)] | None = None
    """How far back recovery reaches, 1-35 days; unset, as far as AWS allows. The price is the same."""

    billing: OnDemand | Provisioned = OnDemand()
    """`OnDemand(...)` or `Provisioned(...)`. A change is made in place; AWS allows one in 24 hours.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/capacity-mode.html"""

    kms_key: aws.kms.Key | None = None
    """Customer key to encrypt the table with: about $1 a month and its requests. Unset: a key that AWS owns,
    free of charge. Links then allow `kms:Decrypt` on this key as well.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html"""

    deletion_protection: bool = True
    """AWS refuses to delete the table, Pulumi protects it, and it stays in AWS when it leaves the program. To
    delete it: deploy with False, then remove it.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html"""

    replicas: Sequence[str | Replica] = ()
    """Regions with a copy of the table, apart from its own; needs `stream="NEW_AND_OLD_IMAGES"`. Every write
    is paid for in each Region.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html"""

    @property
    def keys(self) -> tuple[Key, ...]:
        """Partition key and, where there is one, sort key."""
        return keys_of(self.partition_key, self.sort_key)

    @pydantic.field_validator("partition_key", "sort_key", "time_to_live_attribute")
    @classmethod
    def _names_fit(cls, attribute: str | Key | None) -> str | Key | None:
        return check_attribute_name(attribute) if isinstance(attribute, str) else attribute

    @pydantic.model_validator(mode="after")
    def _keys_fit_together(self) -> DataTableArgs:
        distinct_names(self.keys)
        types: dict[str, str] = {}
        for key in _all_keys(self):
            if types.setdefault(key.name, key.type) != key.type:
                raise ValueError(
                    f"keys must give {key.name!r} one type, got {types[key.name]!r} and {key.type!r}"
                )
        expiry = self.time_to_live_attribute
        if expiry is not None and types.get(expiry, "N") != "N":
            raise ValueError(
                f"time_to_live_attribute must be a number, but {expiry!r} is a key of type {types[expiry]!r}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _indexes_fit_together(self) -> DataTableArgs:
        if len(self.indexes) > MAX_INDEXES:
            raise ValueError(f"indexes must be 0-{MAX_INDEXES}, got {len(self.indexes)}")
        refuse_duplicates("indexes", [index.name for index in self.indexes])
        own = [key.name for key in self.keys]
        for index in self.indexes:
            if [key.name for key in index.keys] == own:
                raise ValueError(
                    f"indexes: {index.name!r} has the table's own key; query the table and drop it"
                )
            if index.capacity is not None and type(index.capacity) is not type(self.billing):
                mode = type(self.billing).__name__
                raise ValueError(f"indexes: the capacity of {index.name!r} must be {mode}, as the table's is")
        projected = sum(len(index.projected) for index in self.indexes)
        if projected > MAX_PROJECTED_ATTRIBUTES:
            raise ValueError(
                f"indexes must project 0-{MAX_PROJECTED_ATTRIBUTES} attributes in total, got {projected}; "
                'project "ALL" or "KEYS_ONLY"'
            )
        return self

    @pydantic.model_validator(mode="after")
    def _protection_fits(self) -> DataTableArgs:
        if self.recovery_period_days is not None and not self.point_in_time_recovery:
            days = self.recovery_period_days
            raise ValueError(f"recovery_period_days must be unset without point_in_time_recovery, got {days}")
        return self

    @pydantic.model_validator(mode="after")
    def _replicas_fit(self) -> DataTableArgs:
        replicas = _replicas(self)
        refuse_duplicates("replicas", [replica.region for replica in replicas])
        if replicas and self.stream != "NEW_AND_OLD_IMAGES":
            raise ValueError(f'replicas need stream="NEW_AND_OLD_IMAGES", got {self.stream!r}')
        if replicas and any(_fixed(billing.write) for _, billing in _provisioned(self)):
            raise ValueError(
                "replicas need write capacity that scales: a maximum above the minimum, or OnDemand()"
            )
        for replica in replicas:
            if (replica.kms_key_arn is None) != (self.kms_key is None):
                need = (
                    "a kms_key_arn, as the table has"
                    if self.kms_key
                    else "no kms_key_arn, as the table has no"
                )
                raise ValueError(f"replicas: {replica.region!r} needs {need} kms_key")
        return self


class DataTable(Component):
    """A DynamoDB table whose links allow exactly the actions that a function names.

    Children: `table`; `scaling_targets` and `scaling_policies` by name where provisioned capacity scales.
    """

    table_name: pulumi.Output[str]
    """Physical name."""

    table_arn: pulumi.Output[str]
    """ARN of the table."""

    stream_arn: pulumi.Output[str] | None
    """ARN of the stream; None where the table has none."""

    index_names: tuple[str, ...]
    """Names of the indexes that a link may reach."""

    def __init__(self, name: str, args: DataTableArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._table: aws.dynamodb.Table | None = aws.dynamodb.Table(
            name,
            **args.overriding("table", **_table_inputs(args)),
            opts=self._data(protect=args.deletion_protection, ignore_changes=_scaled_inputs(args)),
        )
        self.scaling_targets: dict[str, aws.appautoscaling.Target] = {}
        self.scaling_policies: dict[str, aws.appautoscaling.Policy] = {}
        for index, billing in _provisioned(args):
            for direction in _DIRECTIONS:
                self._scale(index, direction, billing.read if direction == "read" else billing.write)
        self._expose(
            table_name=self.table.name,
            table_arn=self.table.arn,
            stream_arn=self.table.stream_arn if args.stream else None,
            index_names=[index.name for index in args.indexes],
            kms_key_arn=args.kms_key.arn if args.kms_key else None,
        )

    @classmethod
    def from_name(
        cls,
        name: str,
        table_name: pulumi.Input[str],
        *,
        index_names: Sequence[str] = (),
        stream_arn: pulumi.Input[str] | None = None,
        kms_key_arn: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> DataTable:
        """A table that this program doesn't own, in the provider's account and Region: nothing is created.

        Args:
            name: Name of the component, which names the variables of its links.
            table_name: Physical name of the table.
            index_names: The indexes that links may reach.
            stream_arn: ARN of its stream, for links that read it.
            kms_key_arn: The customer key that encrypts the table.
            opts: Options of the component.
        """
        if isinstance(table_name, str) and not TABLE_OR_INDEX_NAME.fullmatch(table_name):
            raise ArgumentError(
                f"DataTable.from_name table_name must be 3-255 letters, digits, '_', '.' and '-', "
                f"got {table_name!r}"
            )
        self = cls.__new__(cls)
        Component.__init__(self, name, opts)
        self._table = None
        self.scaling_targets, self.scaling_policies = {}, {}
        invoke = pulumi.InvokeOutputOptions(parent=self)
        arn = pulumi.Output.format(
            "arn:{}:dynamodb:{}:{}:table/{}",
            aws.get_partition_output(opts=invoke).partition,
            aws.get_region_output(opts=invoke).region,
            aws.get_caller_identity_output(opts=invoke).account_id,
            table_name,
        )
        self._expose(
            table_name=pulumi.Output.from_input(table_name),
            table_arn=arn,
            stream_arn=None if stream_arn is None else pulumi.Output.from_input(stream_arn),
            index_names=index_names,
            kms_key_arn=kms_key_arn,
        )
        return self

    @property
    def table(self) -> aws.dynamodb.Table:
        """The table; one that came in by name has none, and says so."""
        if self._table is None:
            raise ArgumentError(
                f"DataTable {self.name!r} came from_name: its table is not a resource of this program"
            )
        return self._table

    def link(self, *verbs: str, index: str | None = None) -> Link:
        """What a function may do: the DynamoDB actions that it names, on the table, the index or the stream.

        `link("GetItem")` reaches the table, `link("Query", index="email-index")` that index and not the
        table. A transaction is allowed by the action of each of its items. The variable is `<NAME>_TABLE`,
        the table's name; for the stream's actions `<NAME>_STREAM_ARN`.
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html

        Args:
            verbs: DynamoDB's own action names.
            index: The index to reach instead of the table.

        Raises:
            ArgumentError: a verb or an index that this table doesn't have.
        """
        if index is not None:
            return self._index_link(index, verbs)
        known = _TABLE_VERBS | (_STREAM_VERBS if self.stream_arn is not None else frozenset())
        wanted = check_verbs(f"DataTable {self.name!r}", verbs, known)
        statements, environment = [], {}
        table = [verb for verb in wanted if verb in _TABLE_VERBS]
        if table:
            statements.append(_statement(table, self.table_arn, f"table/{self.name}"))
            environment[environment_name(self.name, "TABLE")] = self.table_name
        if self.stream_arn is not None and len(table) < len(wanted):
            statements += _stream_statements(wanted, self.stream_arn, self._all_streams, self.name)
            environment[environment_name(self.name, "STREAM_ARN")] = self.stream_arn
        return Link((*statements, *self._decrypt(wanted)), environment)

    def _index_link(self, index: str, verbs: Sequence[str]) -> Link:
        if index not in self.index_names:
            listed = ", ".join(sorted(self.index_names)) or "nothing"
            raise ArgumentError(f"DataTable {self.name!r}.link index must be among {listed}; got {index!r}")
        wanted = check_verbs(f"DataTable {self.name!r} index {index!r}", verbs, _INDEX_VERBS)
        arn = pulumi.Output.concat(self.table_arn, "/index/", index)
        environment = {environment_name(self.name, "TABLE"): self.table_name}
        statement = _statement(wanted, arn, f"table/{self.name}/index/{index}")
        return Link((statement, *self._decrypt(wanted)), environment)

    def _decrypt(self, verbs: Sequence[str]) -> Iterator[Statement]:
        # DynamoDB decrypts the table's data key with the caller's own authority, for writes as for reads; the
        # key's other operations are its own business, by grant:
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
        if self._kms_key_arn is not None and not _METADATA_VERBS.issuperset(verbs):
            yield Statement(("kms:Decrypt",), (self._kms_key_arn,), names=(f"key/{self.name}",))

    def _expose(
        self,
        *,
        table_name: pulumi.Output[str],
        table_arn: pulumi.Output[str],
        stream_arn: pulumi.Output[str] | None,
        index_names: Sequence[str],
        kms_key_arn: pulumi.Input[str] | None,
    ) -> None:
        self.table_name = table_name
        self.table_arn = table_arn
        self.stream_arn = stream_arn
        self.index_names = tuple(index_names)
        self._kms_key_arn = kms_key_arn
        self._all_streams = pulumi.Output.concat(table_arn, "/stream/*")
        self.register_outputs({"tableName": table_name, "tableArn": table_arn, "streamArn": stream_arn})

    def _scale(self, index: str | None, direction: _Direction, capacity: Capacity) -> None:
        if _fixed(capacity):
            return
        part = f"{index}-{direction}" if index else direction
        title = direction.title()
        target = aws.appautoscaling.Target(
            f"{self.name}-{part}-target",
            service_namespace="dynamodb",
            resource_id=pulumi.Output.concat("table/", self.table.name, f"/index/{index}" if index else ""),
            scalable_dimension=f"dynamodb:{'index' if index else 'table'}:{title}CapacityUnits",
            min_capacity=capacity.minimum,
            max_capacity=capacity.maximum,
            opts=self._child(),
        )
        self.scaling_targets[part] = target
        self.scaling_policies[part] = aws.appautoscaling.Policy(
            f"{self.name}-{part}-policy",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            target_tracking_scaling_policy_configuration={
                "target_value": float(capacity.target_percent),
                "predefined_metric_specification": {
                    "predefined_metric_type": f"DynamoDB{title}CapacityUtilization",
                },
            },
            opts=self._child(),
        )


def _statement(verbs: Sequence[str], arn: pulumi.Input[str], name: str) -> Statement:
    return Statement(tuple(f"dynamodb:{verb}" for verb in verbs), (arn,), names=(name,))


def _stream_statements(
    verbs: Sequence[str], stream_arn: pulumi.Input[str], all_streams: pulumi.Input[str], name: str
) -> Iterator[Statement]:
    reading = [verb for verb in verbs if verb in _STREAM_VERBS and verb != "ListStreams"]
    if reading:
        yield _statement(reading, stream_arn, f"table/{name}/stream")
    if "ListStreams" in verbs:
        # AWS has no narrower form: the call lists a table's streams, so it can't name one.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
        yield _statement(["ListStreams"], all_streams, f"table/{name}/stream/*")


def _table_inputs(args: DataTableArgs) -> dict[str, Any]:
    """The arguments of the table's resource."""
    types = {key.name: key.type for key in _all_keys(args)}
    return {
        "hash_key": args.keys[0].name,
        "range_key": args.keys[1].name if args.sort_key is not None else None,
        "attributes": [{"name": name, "type": types[name]} for name in sorted(types)],
        "global_secondary_indexes": [_index_inputs(index, args.billing) for index in args.indexes] or None,
        "ttl": {"attribute_name": args.time_to_live_attribute, "enabled": True}
        if args.time_to_live_attribute is not None
        else None,
        "stream_enabled": True if args.stream else None,
        "stream_view_type": args.stream,
        "point_in_time_recovery": _given(
            enabled=args.point_in_time_recovery, recovery_period_in_days=args.recovery_period_days
        ),
        "server_side_encryption": {"enabled": True, "kms_key_arn": args.kms_key.arn}
        if args.kms_key
        else None,
        "deletion_protection_enabled": args.deletion_protection,
        "replicas": [_replica_inputs(replica, args) for replica in _replicas(args)] or None,
        "billing_mode": "PAY_PER_REQUEST" if isinstance(args.billing, OnDemand) else "PROVISIONED",
        **_capacity_inputs(args.billing),
    }


def _index_inputs(index: Index, billing: OnDemand | Provisioned) -> dict[str, Any]:
    kinds = ("HASH", "RANGE")
    return _given(
        name=index.name,
        key_schemas=[
            {"attribute_name": key.name, "key_type": kind}
            for key, kind in zip(index.keys, kinds, strict=False)
        ],
        projection_type=index.projection if isinstance(index.projection, str) else "INCLUDE",
        non_key_attributes=list(index.projected) or None,
        **_capacity_inputs(index.capacity or billing),
    )


def _replica_inputs(replica: Replica, args: DataTableArgs) -> dict[str, Any]:
    return _given(
        region_name=replica.region,
        kms_key_arn=replica.kms_key_arn,
        point_in_time_recovery=args.point_in_time_recovery,
        deletion_protection_enabled=args.deletion_protection,
        propagate_tags=True,
    )


def _capacity_inputs(billing: OnDemand | Provisioned) -> dict[str, Any]:
    if isinstance(billing, Provisioned):
        return {"read_capacity": billing.read.minimum, "write_capacity": billing.write.minimum}
    throughput = _given(
        max_read_request_units=billing.max_read_units, max_write_request_units=billing.max_write_units
    )
    return {"on_demand_throughput": throughput} if throughput else {}


def _given(**values: Any) -> dict[str, Any]:
    """The values that are set."""
    return {name: value for name, value in values.items() if value is not None}


def _scaled_inputs(args: DataTableArgs) -> list[str]:
    """The inputs that scaling changes behind Pulumi's back."""
    billing = args.billing
    if not isinstance(billing, Provisioned) or not billing.keep_scaled:
        return []
    scaled = {"readCapacity": billing.read, "writeCapacity": billing.write}
    return [name for name, capacity in scaled.items() if not _fixed(capacity)]


def _provisioned(args: DataTableArgs) -> Iterator[tuple[str | None, Provisioned]]:
    """The provisioned capacity of the table (None) and of each index."""
    if isinstance(args.billing, Provisioned):
        yield None, args.billing
    for index in args.indexes:
        billing = index.capacity or args.billing
        if isinstance(billing, Provisioned):
            yield index.name, billing


def _fixed(capacity: Capacity) -> bool:
    return capacity.minimum == capacity.maximum


def _replicas(args: DataTableArgs) -> list[Replica]:
    return [Replica(region=item) if isinstance(item, str) else item for item in args.replicas]


def _all_keys(args: DataTableArgs) -> Iterator[Key]:
    yield from args.keys
    for index in args.indexes:
        yield from index.keys
