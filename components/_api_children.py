"""What the children of both kinds of `ServerlessApi` have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import pulumi
import pulumi_aws as aws

from components._access_logs import ACCESS_LOG_PREFIX
from components._api_route import Route
from components._domain import Domain
from components.authorizer import Authorizer
from components.function import Function

if TYPE_CHECKING:
    from components.serverless_api import ServerlessApiArgs

Options = Callable[..., pulumi.ResourceOptions]


class ApiChildren:
    """The children of an API.

    Args:
        name: of the component.
        args: of the component.
        child: makes the options of a child.
    """

    def __init__(self, name: str, args: ServerlessApiArgs, child: Options) -> None:
        self.name, self.args, self._child = name, args, child

    def _options(self, child: str, **values: Any) -> dict[str, Any]:
        """The arguments of a child after the caller's overrides, and its options."""
        return {**self.args.overriding(child, **values), "opts": self._child()}

    def _create_log_group(self) -> aws.cloudwatch.LogGroup | None:
        if not self.args.access_logs:
            return None
        return aws.cloudwatch.LogGroup(
            f"{self.name}-logs",
            **self._options(
                "log_group",
                name_prefix=f"{ACCESS_LOG_PREFIX}{self.name}-",
                retention_in_days=self.args.log_retention_days,
            ),
        )

    def _permit(self, child: str, function: Function, *source: pulumi.Input[str]) -> aws.lambda_.Permission:
        """The permission for one source to invoke a function's alias."""
        return aws.lambda_.Permission(
            child,
            **self._options(
                "permission",
                action="lambda:InvokeFunction",
                function=function.function_name,
                qualifier=function.alias.name,
                principal="apigateway.amazonaws.com",
                source_arn=pulumi.Output.concat(*source),
            ),
        )

    def _create_record(
        self, domain: Domain, target: pulumi.Input[str], zone: pulumi.Input[str]
    ) -> aws.route53.Record | None:
        """The name's DNS record, where there is a zone for it."""
        if domain.hosted_zone_id is None:
            return None
        alias = {"name": target, "zone_id": zone, "evaluate_target_health": False}
        return aws.route53.Record(
            self.name,
            **self._options(
                "record", zone_id=domain.hosted_zone_id, name=domain.name, type="A", aliases=[alias]
            ),
        )

    def _authorizer_child(self, authorizer: Authorizer) -> str:
        """What the parts of an authorizer are called; no route's slug begins with this word."""
        return f"{self.name}-authorizer-{authorizer.name}"


def gate(args: ServerlessApiArgs, route: Route) -> Authorizer | Literal["user_pool", "open"]:
    """What stands before a route: a Lambda authorizer, the user pool, or nothing."""
    if route.public:
        return "open"
    return route.authorizer or args.authorizer or "user_pool"


def authorizers_of(args: ServerlessApiArgs) -> Mapping[str, Authorizer]:
    """The Lambda authorizers that decide about some route, by name."""
    gates = [gate(args, route) for _, route in args.parsed_routes]
    return {found.name: found for found in gates if isinstance(found, Authorizer)}
