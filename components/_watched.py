"""Which components are watched, and by which rules: what alarms and dashboards have in common."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import pydantic

from components._alarm_model import Watch
from components._alarm_rules import (
    RULES,
    TableOperation,
    rules_with,
    watch_api,
    watch_channel,
    watch_function,
    watch_rest_api,
    watch_table,
)
from components._base import ArgumentError, Component, ComponentArgs
from components.data_table import DataTable
from components.function import Function
from components.realtime_channel import RealtimeChannel
from components.serverless_api import ServerlessApi

MAX_PERCENT = 100
"""No share is above it: an alarm there would never fire."""

T = TypeVar("T", bound=Component)


class WatchedArgs(ComponentArgs):
    """What is watched."""

    functions: Sequence[Function] = ()
    """Watched for the share of failed calls, the p99 duration against the timeout, and throttles."""

    apis: Sequence[ServerlessApi] = ()
    """Watched for 5xx as a share and by the minute, and for the p99 latency."""

    channels: Sequence[RealtimeChannel] = ()
    """Watched for refused connects and failed messages. A channel's functions and its table are watched with
    it and needn't be listed; listed or not, they count once."""

    tables: Sequence[DataTable] = ()
    """Watched for errors of DynamoDB itself and for throttles, those of the indexes included."""

    thresholds: Mapping[str, float] = {}
    """By the name of a rule, the value above which it fires instead of its own: percent for the rates and for
    function-duration (of the timeout), milliseconds for api-latency, events a minute for the others."""

    @pydantic.model_validator(mode="after")
    def _thresholds_are_possible(self) -> WatchedArgs:
        check_rules("thresholds", self.thresholds)
        for name, value in self.thresholds.items():
            percent = RULES[name].unit == "percent"
            if not 0 <= value < (MAX_PERCENT if percent else math.inf):
                allowed = f"from 0 to below {MAX_PERCENT}" if percent else "0 or more"
                raise ValueError(f"thresholds[{name!r}] must be {allowed}, got {value!r}")
        return self

    def watched(self, operations: Sequence[TableOperation]) -> list[Watch]:
        """Every rule for every component, kind by kind and in the order in which they are listed.

        Raises:
            ArgumentError: two components of one kind have one name.
        """
        return list(self._watched(operations))

    def _watched(self, operations: Sequence[TableOperation]) -> Iterator[Watch]:
        rules = rules_with(self.thresholds)
        channels = self._once("channels", self.channels)
        theirs = [function for channel in channels for function in channel.functions.values()]
        for function in self._once("functions", [*self.functions, *theirs]):
            yield from watch_function(rules, function.name, function.function_name, function.timeout_seconds)
        for api in self._once("apis", self.apis):
            if api.args.kind == "rest":
                yield from watch_rest_api(rules, api.name, api.api_name, api.stage_name)
            else:
                yield from watch_api(rules, api.name, api.api_id, api.stage_name)
        for channel in channels:
            yield from watch_channel(rules, channel.name, channel.api_id, channel.stage_name)
        for table in self._once("tables", [*self.tables, *(channel.connections for channel in channels)]):
            yield from watch_table(rules, table.name, table.table_name, table.index_names, operations)

    def _once(self, field: str, components: Iterable[T]) -> list[T]:
        """The components without repetition; alarms, and rows, are told apart by their names."""
        owner = type(self).__name__
        distinct = {id(component): component for component in components}
        named: dict[str, T] = {}
        for component in distinct.values():
            if named.setdefault(component.name, component) is not component:
                raise ArgumentError(
                    f"{owner}.{field} must have distinct names, got {component.name!r} twice; "
                    f"rename one, or watch it from another {owner.removesuffix('Args')}"
                )
        return list(named.values())


def check_rules(field: str, names: Iterable[str]) -> None:
    """Refuse the name of a rule that there isn't."""
    unknown = [name for name in names if name not in RULES]
    if unknown:
        raise ValueError(f"{field} must name rules: {', '.join(sorted(RULES))}; got {unknown[0]!r}")
