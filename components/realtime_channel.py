"""A WebSocket API that knows who is connected: messages to a user reach every open connection of that user.

Creates one API with its stage and deployment; a function, an integration, a route and the one permission for
`$connect`, `$disconnect`, `$default` and each custom route; a function that checks the user pool's token
before a connection opens; a table of connections; a log group for access logs.

Costs: $1.00 a million messages, in steps of 32 KB, and $0.25 a million minutes of connection; the functions,
the table and the logs by use. Nothing while nobody is connected. https://aws.amazon.com/api-gateway/pricing/

AWS closes a connection after 10 minutes without a message and after 2 hours in any case: clients ping, and
reconnect. `$disconnect` is not guaranteed, so a row of the table also expires, and a handler deletes it when
a message to it is answered 410. It won't take frames of more than 32 KB or messages of more than 128 KB, nor
keep messages for those who are away.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import pulumi
import pulumi_aws as aws
import pydantic

from components._access_logs import ACCESS_LOG_PREFIX, WEBSOCKET_FIELDS, access_log_settings
from components._account_logs import create_account_log_role
from components._base import MAX_NAME_LENGTH, ArgumentError, Component, ComponentArgs
from components._channel_routes import (
    OWN_NAMES,
    ChannelRoute,
    answers,
    channel_slug,
    check_channel_routes,
    route_inputs,
)
from components._links import Link, Statement, check_verbs, environment_name
from components._throttle import DEFAULT_THROTTLE, Throttle
from components.data_table import DataTable, DataTableArgs, Index
from components.function import Function, FunctionArgs, LogRetentionDays
from components.user_pool import UserPool

__all__ = ["ChannelRoute", "RealtimeChannel", "RealtimeChannelArgs"]

MAX_INTEGRATION_SECONDS = 29
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html"""

STAGE = "live"
USER_INDEX = "userId-index"
SELECTION = "$request.body.action"

DEPLOYED = ("api", "authorizer", "integration", "route", "route_response")
"""The children of which a deployment takes a snapshot."""

_CONNECTION_METHODS = {"PostToConnection": "POST", "GetConnection": "GET", "DeleteConnection": "DELETE"}


class RealtimeChannelArgs(ComponentArgs):
    """Arguments of `RealtimeChannel`."""

    children: ClassVar[Mapping[str, type[pulumi.CustomResource]]] = {
        "api": aws.apigatewayv2.Api,
        "stage": aws.apigatewayv2.Stage,
        "deployment": aws.apigatewayv2.Deployment,
        "log_group": aws.cloudwatch.LogGroup,
        "authorizer": aws.apigatewayv2.Authorizer,
        "integration": aws.apigatewayv2.Integration,
        "route": aws.apigatewayv2.Route,
        "route_response": aws.apigatewayv2.RouteResponse,
        "permission": aws.lambda_.Permission,
        "connections": aws.dynamodb.Table,
    }

    user_pool: UserPool
    """Whose tokens open a connection."""

    authorizer: FunctionArgs
    """Checks the token of a new connection, `?token=...`, and answers with a policy; runs once a connection,
    and nothing is cached. Gets `USER_POOL_ISSUER` and `USER_POOL_CLIENT_IDS`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html"""

    connect: FunctionArgs
    """Runs when a connection opens; may put a row into the connections table. An answer other than 2xx
    refuses the connection."""

    disconnect: FunctionArgs
    """Runs when a connection has closed, in most cases; may delete its row."""

    default: FunctionArgs | ChannelRoute
    """Answers each message that no other route takes."""

    routes: Mapping[str, FunctionArgs | ChannelRoute] = {}
    """What answers a message `{"action": "<key>", ...}`. Keys are letters and digits in parts joined by `_`
    or `-`, a letter first. A changed key replaces that route and its function.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html"""

    throttle: Throttle = DEFAULT_THROTTLE
    """Limits of new connections and messages, together."""

    access_logs: bool = True
    """Whether each connection and message leaves a line in the channel's log group. AWS then wants the
    account's log role for API Gateway in this Region: see `create_account_log_role`."""

    create_account_log_role: bool = False
    """Whether this stack creates the account's log role for API Gateway. The setting is one for an account
    and Region: let one stack create it, and all others rely on it. It stays when the stack goes. Free.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html"""

    log_retention_days: LogRetentionDays = 30
    """How long the access logs are kept, in days. Storage costs $0.03 a GB a month."""

    protect_connections: bool = False
    """Deletion protection of the connections table. Its rows are worth nothing once their connections are
    closed, hence the default, and hence no recovery either."""

    @property
    def all_routes(self) -> dict[str, ChannelRoute]:
        """The routes by key, the three of API Gateway's own first."""
        routes = {
            "$connect": ChannelRoute(self.connect, connections=["PutItem"]),
            "$disconnect": ChannelRoute(self.disconnect, connections=["DeleteItem"]),
            "$default": self.default,
            **self.routes,
        }
        return {
            key: route if isinstance(route, ChannelRoute) else ChannelRoute(route)
            for key, route in routes.items()
        }

    @pydantic.model_validator(mode="after")
    def _routes_are_told_apart(self) -> RealtimeChannelArgs:
        check_channel_routes(self.routes)
        return self

    @pydantic.model_validator(mode="after")
    def _functions_answer_in_time(self) -> RealtimeChannelArgs:
        functions = {"authorizer": self.authorizer}
        functions |= {key: route.function for key, route in self.all_routes.items()}
        for key, function in functions.items():
            if function.timeout_seconds > MAX_INTEGRATION_SECONDS:
                raise ValueError(
                    f"{key.removeprefix('$')}: API Gateway waits {MAX_INTEGRATION_SECONDS} seconds; "
                    f"timeout_seconds must be at most that, got {function.timeout_seconds}"
                )
        return self

    @pydantic.model_validator(mode="after")
    def _log_role_serves_logs(self) -> RealtimeChannelArgs:
        if self.create_account_log_role and not self.access_logs:
            raise ValueError("create_account_log_role needs access_logs; set both or neither")
        return self


class RealtimeChannel(Component):
    """A WebSocket API with its connections."""

    api: aws.apigatewayv2.Api
    """The main child."""

    stage: aws.apigatewayv2.Stage
    """The stage `live`."""

    deployment: aws.apigatewayv2.Deployment
    """The routes as they are served; a changed route makes a new one."""

    log_group: aws.cloudwatch.LogGroup | None
    """Where the access logs are."""

    account_log_role: aws.apigateway.Account | None
    """The account's log role, where this stack creates it."""

    authorizer: aws.apigatewayv2.Authorizer
    """What stands before `$connect`."""

    connections: DataTable
    """Open connections: `connectionId`, by user in `userId-index`, gone after `expiresAt`."""

    functions: Mapping[str, Function]
    """The functions, by route key, and the `authorizer`."""

    integrations: Mapping[str, aws.apigatewayv2.Integration]
    """How each route calls its function, by route key."""

    routes: Mapping[str, aws.apigatewayv2.Route]
    """The routes, by route key."""

    route_responses: Mapping[str, aws.apigatewayv2.RouteResponse]
    """What sends a function's answer back to the client, by route key."""

    permissions: Mapping[str, aws.lambda_.Permission]
    """What lets each route call its function, by route key, and the `authorizer`."""

    api_id: pulumi.Output[str]
    """The API's id, which metrics carry."""

    stage_name: pulumi.Output[str]
    """The stage's name, which metrics carry."""

    execution_arn: pulumi.Output[str]
    """The ARN prefix of the API's requests."""

    url: pulumi.Output[str]
    """The address to connect to, with `?token=...`."""

    management_endpoint: pulumi.Output[str]
    """The address at which messages are posted to connections."""

    def __init__(
        self, name: str, args: RealtimeChannelArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        _check_name(name, args)
        super().__init__(name, opts)
        self.args = args
        self.api = self._create_api()
        self.api_id = self.api.id
        self.execution_arn = self.api.execution_arn
        self.connections = self._create_connections()
        self.functions = dict(self._create_functions())
        self.authorizer = self._create_authorizer()
        keys = list(args.all_routes)
        self.integrations = {key: self._create_integration(key) for key in keys}
        self.routes = {key: self._create_route(key) for key in keys}
        self.route_responses = {key: self._create_response(key) for key in keys if answers(key)}
        self.permissions = {
            **{key: self._create_permission(key, f"{STAGE}/{key}") for key in keys},
            "authorizer": self._create_permission(
                "authorizer", pulumi.Output.concat("authorizers/", self.authorizer.id)
            ),
        }
        self.deployment = self._create_deployment()
        self.log_group, self.account_log_role = self._create_logs()
        self.stage = self._create_stage()
        self.stage_name = self.stage.name
        self.url = self.stage.invoke_url
        self.management_endpoint = self.url.apply(_over_http)
        self.register_outputs(
            {
                "url": self.url,
                "apiId": self.api_id,
                "stageName": self.stage_name,
                "executionArn": self.execution_arn,
                "managementEndpoint": self.management_endpoint,
            }
        )

    def link(self, *verbs: str) -> Link:
        """What a function may do with open connections, and their address as `<NAME>_ENDPOINT`.

        Args:
            verbs: `PostToConnection`, `GetConnection`, `DeleteConnection`: the calls of API Gateway's own
                management API, which IAM knows as one action on different resources.
        """
        return self._connections_link(verbs, self.management_endpoint)

    def _connections_link(self, verbs: Sequence[str], endpoint: pulumi.Output[str]) -> Link:
        wanted = check_verbs(f"RealtimeChannel {self.name!r}", verbs, _CONNECTION_METHODS)
        # AWS has no narrower form than *: the ids of connections exist only while they are open.
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html
        resources = tuple(
            pulumi.Output.concat(self.execution_arn, f"/{STAGE}/{_CONNECTION_METHODS[verb]}/@connections/*")
            for verb in wanted
        )
        names = tuple(f"channel/{self.name}/{_CONNECTION_METHODS[verb]}/@connections/*" for verb in wanted)
        return Link(
            (Statement(("execute-api:ManageConnections",), resources, names=names),),
            {environment_name(self.name, "ENDPOINT"): endpoint},
        )

    def _create_api(self) -> aws.apigatewayv2.Api:
        return aws.apigatewayv2.Api(
            self.name,
            **self.args.overriding("api", protocol_type="WEBSOCKET", route_selection_expression=SELECTION),
            opts=self._child(),
        )

    def _create_connections(self) -> DataTable:
        table = self.args.overrides.get("connections")
        return DataTable(
            f"{self.name}-connections",
            DataTableArgs(
                partition_key="connectionId",
                indexes=[Index(USER_INDEX, partition_key="userId")],
                time_to_live_attribute="expiresAt",
                point_in_time_recovery=False,
                deletion_protection=self.args.protect_connections,
                overrides={"table": table} if table else {},
            ),
            self._child(),
        )

    def _create_functions(self) -> Iterator[tuple[str, Function]]:
        yield (
            "authorizer",
            self._create_function(
                "authorizer", self.args.authorizer, [self.args.user_pool.verification_link()]
            ),
        )
        # The stage's own address waits for the routes, which wait for these functions; this one doesn't.
        endpoint = pulumi.Output.concat(self.api.api_endpoint, f"/{STAGE}").apply(_over_http)
        for key, route in self.args.all_routes.items():
            links = []
            if route.connections:
                links.append(self.connections.link(*route.connections))
            if route.find_by_user:
                links.append(self.connections.link("Query", index=USER_INDEX))
            if route.send:
                links.append(self._connections_link(["PostToConnection"], endpoint))
            yield key, self._create_function(key, route.function, links)

    def _create_function(self, key: str, function: FunctionArgs, links: Sequence[Link]) -> Function:
        linked = function.model_copy(update={"links": (*function.links, *links)})
        return Function(f"{self.name}-{channel_slug(key)}", linked, self._child())

    def _create_authorizer(self) -> aws.apigatewayv2.Authorizer:
        return aws.apigatewayv2.Authorizer(
            f"{self.name}-authorizer",
            **self.args.overriding(
                "authorizer",
                api_id=self.api.id,
                authorizer_type="REQUEST",
                authorizer_uri=self.functions["authorizer"].invoke_arn,
                # Without a token API Gateway answers 401 and the function isn't called.
                identity_sources=["route.request.querystring.token"],
            ),
            opts=self._child(),
        )

    def _create_integration(self, key: str) -> aws.apigatewayv2.Integration:
        return aws.apigatewayv2.Integration(
            f"{self.name}-{channel_slug(key)}",
            **self.args.overriding(
                "integration",
                api_id=self.api.id,
                integration_type="AWS_PROXY",
                integration_method="POST",
                integration_uri=self.functions[key].invoke_arn,
                timeout_milliseconds=MAX_INTEGRATION_SECONDS * 1000,
            ),
            opts=self._child(),
        )

    def _create_route(self, key: str) -> aws.apigatewayv2.Route:
        return aws.apigatewayv2.Route(
            f"{self.name}-{channel_slug(key)}",
            **self.args.overriding(
                "route",
                api_id=self.api.id,
                target=pulumi.Output.concat("integrations/", self.integrations[key].id),
                authorizer_id=self.authorizer.id if key == "$connect" else None,
                **route_inputs(key),
            ),
            opts=self._child(),
        )

    def _create_response(self, key: str) -> aws.apigatewayv2.RouteResponse:
        return aws.apigatewayv2.RouteResponse(
            f"{self.name}-{channel_slug(key)}",
            **self.args.overriding(
                "route_response",
                api_id=self.api.id,
                route_id=self.routes[key].id,
                route_response_key="$default",
            ),
            opts=self._child(),
        )

    def _create_permission(self, key: str, source: pulumi.Input[str]) -> aws.lambda_.Permission:
        function = self.functions[key]
        return aws.lambda_.Permission(
            f"{self.name}-{channel_slug(key)}",
            **self.args.overriding(
                "permission",
                action="lambda:InvokeFunction",
                function=function.function_name,
                qualifier=function.alias.name,
                principal="apigateway.amazonaws.com",
                source_arn=pulumi.Output.concat(self.execution_arn, "/", source),
            ),
            opts=self._child(),
        )

    def _create_deployment(self) -> aws.apigatewayv2.Deployment:
        args = self.args
        routes = {key: route_inputs(key) for key in args.all_routes}
        targets = [self.functions[key].invoke_arn for key in args.all_routes]
        deployed = {child: args.overrides.get(child) for child in DEPLOYED}
        return aws.apigatewayv2.Deployment(
            self.name,
            **args.overriding(
                "deployment",
                api_id=self.api.id,
                # A deployment is a snapshot: whatever changes in the API has to change one of these. The
                # first is known in every preview, the second once the functions exist.
                triggers={
                    "routes": _digest(
                        json.dumps([SELECTION, MAX_INTEGRATION_SECONDS, routes], sort_keys=True)
                    ),
                    "targets": pulumi.Output.json_dumps(
                        [targets, deployed], sort_keys=True, default=vars
                    ).apply(_digest),
                },
            ),
            opts=self._child(depends_on=[*self.routes.values(), *self.route_responses.values()]),
        )

    def _create_logs(self) -> tuple[aws.cloudwatch.LogGroup | None, aws.apigateway.Account | None]:
        if not self.args.access_logs:
            return None, None
        group = aws.cloudwatch.LogGroup(
            f"{self.name}-logs",
            **self.args.overriding(
                "log_group",
                name_prefix=f"{ACCESS_LOG_PREFIX}{self.name}-",
                retention_in_days=self.args.log_retention_days,
            ),
            opts=self._child(),
        )
        if not self.args.create_account_log_role:
            return group, None
        return group, create_account_log_role(self.name, self._child)

    def _create_stage(self) -> aws.apigatewayv2.Stage:
        group = self.log_group
        return aws.apigatewayv2.Stage(
            self.name,
            **self.args.overriding(
                "stage",
                api_id=self.api.id,
                name=STAGE,
                deployment_id=self.deployment.id,
                access_log_settings=access_log_settings(group, WEBSOCKET_FIELDS) if group else None,
                default_route_settings={
                    "throttling_rate_limit": float(self.args.throttle.rate_limit),
                    "throttling_burst_limit": self.args.throttle.burst_limit,
                    # Execution logs and data traces hold tokens and the text of messages.
                    "logging_level": "OFF",
                    "data_trace_enabled": False,
                },
            ),
            opts=self._child(depends_on=[self.account_log_role] if self.account_log_role else None),
        )


def _check_name(name: str, args: RealtimeChannelArgs) -> None:
    longest = max([*OWN_NAMES, *map(channel_slug, args.routes)], key=len)
    allowed = MAX_NAME_LENGTH - len(longest) - 1
    if len(name) > allowed:
        raise ArgumentError(
            f"RealtimeChannel name must be 1-{allowed} characters, since its part {longest!r} is called "
            f"<name>-{longest} in {MAX_NAME_LENGTH} characters; got {name!r}"
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _over_http(url: str) -> str:
    """A WebSocket address as the management API's: wss becomes https, ws becomes http."""
    return re.sub(r"^ws", "http", url)
