"""Tracing by X-Ray: a group of one backend's traces and, where asked for, how many requests are traced.

Creates a group, by which the service map, the traces and their metrics can be narrowed to this backend, and a
sampling rule. What is traced at all is said elsewhere: `FunctionArgs.tracing`, the stage of a REST API.

Costs: $5 a million traces recorded and $0.50 a million looked at, beyond the first 100,000 and 1,000,000 of a
month (https://aws.amazon.com/xray/pricing/); groups and rules nothing. An account has 25 of each in a Region.

On the service map a function has the name that Lambda has for it, and two nodes: Lambda's work and its own.
What it calls has a node only where its code is instrumented, and HTTP and WebSocket APIs have none.

Won't do: change how many calls of a function are traced, unless a REST API or a client decides before it.
Lambda traces one a second and 5 % of the others, and takes no rule.
https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import pulumi
import pulumi_aws as aws
import pydantic

from components._alarm_model import bounded
from components._base import Children, Component, ComponentArgs, Input, Shape
from components.function import Function

__all__ = ["Sampling", "Tracing", "TracingArgs"]

MAX_AWS_NAME_LENGTH = 32
"""Of a group and of a rule. https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html"""

# https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
MAX_ATTRIBUTES = 5
_VERSION = 1

_Pattern64 = Annotated[str, pydantic.Field(min_length=1, max_length=64)]


class Sampling(Shape):
    """How many requests are traced, of those that a REST API or an instrumented service decides about.

    Patterns may have `*` for any text and `?` for one character. A rule holds for the whole account in this
    Region, other backends included: name what it is for.
    https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
    """

    service_name: Input[str]
    """The service's name: of a REST API `<name>/<stage>`; `*` is every service of the account."""

    percent: Annotated[float, pydantic.Field(ge=0, le=100)] = 5.0
    """Share of the requests beyond `per_second`, 0-100."""

    per_second: Annotated[int, pydantic.Field(ge=0)] = 1
    """Requests a second that are traced for sure, all that match together."""

    priority: Annotated[int, pydantic.Field(ge=1, le=9999)] = 1000
    """Which rule is tried first, 1-9,999: the lowest, and the first that matches decides. AWS's own rule for
    whatever is left has 10,000."""

    service_type: _Pattern64 = "*"
    """The service's type: `AWS::ApiGateway::Stage`."""

    resource_arn: Input[str] = "*"
    """The ARN of what the service runs on."""

    host: _Pattern64 = "*"
    """The host of the request."""

    http_method: Annotated[str, pydantic.Field(min_length=1, max_length=10)] = "*"
    """The method of the request."""

    url_path: Annotated[str, pydantic.Field(min_length=1, max_length=128)] = "*"
    """The path of the request: `/assets/*`."""

    attributes: Mapping[str, str] = {}
    """Segment attributes that must match, at most 5; a REST API has none."""

    @pydantic.model_validator(mode="after")
    def _names_and_attributes_fit(self) -> Sampling:
        for argument, limit in (("service_name", 64), ("resource_arn", 500)):
            value = getattr(self, argument)
            if isinstance(value, str) and not 1 <= len(value) <= limit:
                raise ValueError(f"{argument} must be 1-{limit} characters, got {value!r}")
        if len(self.attributes) > MAX_ATTRIBUTES:
            raise ValueError(f"attributes must be 0-{MAX_ATTRIBUTES}, got {len(self.attributes)}")
        for key, value in self.attributes.items():
            if not (1 <= len(key) <= 32 and 1 <= len(value) <= 32):  # noqa: PLR2004 - AWS's limit
                raise ValueError(f"attributes must have keys and values of 1-32 characters, got {key!r}")
        return self

    @property
    def inputs(self) -> dict[str, Any]:
        """What the rule takes."""
        return {
            "service_name": self.service_name,
            "fixed_rate": self.percent / 100,
            "reservoir_size": self.per_second,
            "priority": self.priority,
            "service_type": self.service_type,
            "resource_arn": self.resource_arn,
            "host": self.host,
            "http_method": self.http_method,
            "url_path": self.url_path,
            "attributes": dict(self.attributes) or None,
            "version": _VERSION,
        }


class TracingArgs(ComponentArgs):
    """Arguments of `Tracing`."""

    children: ClassVar[Children] = {
        "group": lambda: aws.xray.Group,
        "sampling_rule": lambda: aws.xray.SamplingRule,
    }

    functions: Sequence[Function] = ()
    """Functions whose traces are in the group; each with tracing on."""

    services: Sequence[Input[str]] = ()
    """Further names on the service map whose traces are in the group: `<name>/<stage>` of a REST API."""

    filter_expression: Annotated[str, pydantic.Field(min_length=1)] | None = None
    """What the traces must be as well: `fault = true OR responsetime > 2`.
    https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html"""

    sampling: Sampling | None = None
    """How many requests are traced; unset, one a second and 5 % of the others."""

    insights: bool = False
    """Whether X-Ray looks for faults in the group by itself: $1 a million traces.
    https://docs.aws.amazon.com/xray/latest/devguide/xray-console-insights.html"""

    @pydantic.model_validator(mode="after")
    def _something_is_grouped(self) -> TracingArgs:
        if not self.functions and not self.services:
            raise ValueError("functions and services are both empty; name whose traces to group")
        for function in self.functions:
            if not function.args.tracing:
                raise ValueError(f"functions: {function.name!r} must have tracing, got tracing=False")
        for service in self.services:
            if isinstance(service, str) and ('"' in service or not service):
                raise ValueError(f"services must be names without quotes, got {service!r}")
        return self


class Tracing(Component):
    """The traces of one backend.

    Children: `group`, and `sampling_rule` where it is asked for.
    """

    group: aws.xray.Group
    """The main child."""

    sampling_rule: aws.xray.SamplingRule | None = None
    """How many requests are traced, where that is said."""

    group_name: pulumi.Output[str]
    """Physical name of the group, which the console lists and metrics carry: project, stack and component."""

    service_names: Mapping[str, pulumi.Output[str]]
    """What each function is called on the service map, by the function's name here."""

    def __init__(self, name: str, args: TracingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.service_names = {function.name: function.function_name for function in args.functions}
        physical = _aws_name(name)
        self.group = aws.xray.Group(
            name,
            **args.overriding(
                "group",
                group_name=physical,
                filter_expression=_filter(
                    [*self.service_names.values(), *args.services], args.filter_expression
                ),
                insights_configuration={"insights_enabled": args.insights, "notifications_enabled": False},
            ),
            opts=self._child(),
        )
        if args.sampling is not None:
            self.sampling_rule = aws.xray.SamplingRule(
                f"{name}-sampling",
                **args.overriding("sampling_rule", rule_name=physical, **args.sampling.inputs),
                opts=self._child(),
            )
        self.group_name = self.group.group_name
        self.register_outputs({"groupName": self.group_name, "groupArn": self.group.arn})


def _aws_name(name: str) -> str:
    """Unique for each stack; with a hash where 32 characters are too few."""
    return bounded(f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}", MAX_AWS_NAME_LENGTH)


def _filter(names: Sequence[pulumi.Input[str]], extra: str | None) -> pulumi.Output[str]:
    """A filter expression: any of the names, and what is asked for besides."""

    def write(known: list[str]) -> str:
        services = " OR ".join(f'service("{name}")' for name in known)
        return services if extra is None else f"({services}) AND ({extra})"

    return pulumi.Output.all(*names).apply(write)
