"""An HTTP API: routes to functions, behind a user pool's tokens.

Creates one API with its `$default` stage, which deploys by itself; for each route an integration, the route
and the one permission with which API Gateway may invoke the function's `live` alias for that route; a JWT
authorizer where there is a user pool; a log group for access logs; with a domain its name, the mapping and a
DNS record.

Costs: $1.00 a million requests, counted in steps of 512 KB, and $0.50 a GB of access logs; the rest nothing.
https://aws.amazon.com/api-gateway/pricing/

It won't answer after 30 seconds, take more than 10 MB, validate bodies, cache, meter callers with API keys or
stand behind AWS WAF: a REST API does, at three and a half times the price.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

import pulumi
import pulumi_aws as aws
import pydantic

from components._access_logs import ACCESS_LOG_PREFIX, HTTP_FIELDS, access_log_settings
from components._base import Children, Component, ComponentArgs, Shape
from components._cors import Cors
from components._domain import Domain
from components._routes import RouteKey, check_collisions, parse_route_key
from components._throttle import DEFAULT_THROTTLE, Throttle
from components.function import Function, LogRetentionDays
from components.user_pool import UserPool

__all__ = ["Cors", "Domain", "Route", "ServerlessApi", "ServerlessApiArgs", "Throttle"]

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
MAX_INTEGRATION_SECONDS = 30
MAX_AUDIENCES = 50
MAX_SCOPES = 10
STAGE = "$default"

_SCOPE = re.compile(r"[!#-\[\]-~]+")


class Route(Shape):
    """What a route does beyond calling its function: `Route(health, public=True)`."""

    function: Function
    """The function that answers. Its resource policy holds one statement a route and at most 20 KB, about 50
    routes. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""

    public: bool = False
    """Whether anyone may call it, without a token."""

    scopes: Sequence[str] = ()
    """The token must have one of these scopes, at most 10; empty, those of the API. An ID token has none.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html"""

    throttle: Throttle | None = None
    """Limits of this route alone; unset, the stage's."""

    timeout_seconds: Annotated[int, pydantic.Field(ge=1, le=MAX_INTEGRATION_SECONDS)] | None = None
    """How long the caller waits before API Gateway answers 504, 1-30 seconds. Unset, 30, and the function
    must end within them; set, the function may run on after the caller has gone."""

    def __init__(
        self,
        function: Function,
        *,
        public: bool = False,
        scopes: Sequence[str] = (),
        throttle: Throttle | None = None,
        timeout_seconds: int | None = None,
        **unknown: Any,
    ) -> None:
        super().__init__(
            function=function,
            public=public,
            scopes=scopes,
            throttle=throttle,
            timeout_seconds=timeout_seconds,
            **unknown,
        )

    @pydantic.model_validator(mode="after")
    def _caller_waits_long_enough(self) -> Route:
        function = self.function
        if self.timeout_seconds is None and function.timeout_seconds > MAX_INTEGRATION_SECONDS:
            raise ValueError(
                f"function must end within {MAX_INTEGRATION_SECONDS} seconds, after which API Gateway "
                f"answers 504; {function.name!r} may run {function.timeout_seconds}: lower its "
                "timeout_seconds, or say how long the caller waits: Route(function, timeout_seconds=30)"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _scopes_need_a_token(self) -> Route:
        _check_scopes(self.scopes)
        if self.public and self.scopes:
            raise ValueError(
                f"scopes must be empty on a public route, which has no token; got {list(self.scopes)}"
            )
        return self


class ServerlessApiArgs(ComponentArgs):
    """Arguments of `ServerlessApi`."""

    children: ClassVar[Children] = {
        "api": aws.apigatewayv2.Api,
        "stage": aws.apigatewayv2.Stage,
        "log_group": aws.cloudwatch.LogGroup,
        "authorizer": aws.apigatewayv2.Authorizer,
        "integration": aws.apigatewayv2.Integration,
        "route": aws.apigatewayv2.Route,
        "permission": aws.lambda_.Permission,
        "domain_name": aws.apigatewayv2.DomainName,
        "api_mapping": aws.apigatewayv2.ApiMapping,
        "record": lambda: aws.route53.Record,
    }

    routes: Mapping[str, Function | Route]
    """What answers which requests: `{"POST /users": create_user}`. A key is a method (or `ANY`), one space
    and a path with `{variables}` and, at its end, `{rest+}`; `$default` takes what no other route does. The
    most specific route wins. At most 300 by default. A changed key replaces that route.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html"""

    user_pool: UserPool | None = None
    """Whose tokens every route wants that isn't public; unset, all routes must be public.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html"""

    clients: Sequence[str] | None = None
    """Which of the pool's clients may call, by their names in the pool, at most 50; unset, all of them."""

    scopes: Sequence[str] = ()
    """Scopes for every route that wants a token and names none itself; the token must have one of them. API
    Gateway takes ID tokens as well as access tokens unless scopes are set, which only access tokens have:
    `aws.cognito.signin.user.admin` is in each that Cognito's own API issues."""

    cors: Cors | None = None
    """Which web pages may call; unset, none but the API's own."""

    throttle: Throttle = DEFAULT_THROTTLE
    """Limits of each route that has none of its own."""

    detailed_metrics: bool = False
    """Metrics for each route beside those of the stage. Billed as custom metrics, about $0.30 each a month.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html"""

    log_retention_days: LogRetentionDays = 30
    """How long the access logs are kept, in days. Storage costs $0.03 a GB a month."""

    domain: Domain | None = None
    """A name of its own, with TLS 1.2 and above; the default address is then closed."""

    description: Annotated[str, pydantic.Field(max_length=1024)] | None = None
    """What the console shows, at most 1,024 characters."""

    @property
    def parsed_routes(self) -> Iterator[tuple[RouteKey, Route]]:
        """The routes, with their keys parsed."""
        for key, route in self.routes.items():
            yield parse_route_key(key), route if isinstance(route, Route) else Route(route)

    @pydantic.model_validator(mode="after")
    def _routes_are_told_apart(self) -> ServerlessApiArgs:
        if not self.routes:
            raise ValueError("routes must have at least one route, got none")
        check_collisions(key for key, _ in self.parsed_routes)
        return self

    @pydantic.model_validator(mode="after")
    def _authorizer_and_routes_fit(self) -> ServerlessApiArgs:
        closed = [key.key for key, route in self.parsed_routes if not route.public]
        if closed and self.user_pool is None:
            raise ValueError(
                f"routes[{closed[0]!r}] wants a token and there is no user_pool: pass user_pool, or declare "
                "the route public with Route(function, public=True)"
            )
        if self.user_pool is not None and not closed:
            raise ValueError("user_pool must be unset when every route is public: no route would use it")
        if self.user_pool is None and (self.clients is not None or self.scopes):
            raise ValueError("clients and scopes need user_pool: without it there are no tokens")
        _check_scopes(self.scopes)
        return self

    @pydantic.model_validator(mode="after")
    def _clients_are_the_pools(self) -> ServerlessApiArgs:
        if self.user_pool is None:
            return self
        known = self.user_pool.client_ids
        wanted = known if self.clients is None else self.clients
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise ValueError(f"clients must be among {', '.join(sorted(known))}, got {unknown[0]!r}")
        if not 1 <= len(wanted) <= MAX_AUDIENCES:
            raise ValueError(f"clients must name 1-{MAX_AUDIENCES} clients of user_pool, got {len(wanted)}")
        return self


class ServerlessApi(Component):
    """An HTTP API."""

    api: aws.apigatewayv2.Api
    """The main child."""

    stage: aws.apigatewayv2.Stage
    """The stage `$default`, which deploys each change by itself."""

    log_group: aws.cloudwatch.LogGroup
    """Where the access logs are."""

    authorizer: aws.apigatewayv2.Authorizer | None
    """Checks signature, issuer, client, expiry and scopes of each token; there is one with a user pool."""

    integrations: Mapping[str, aws.apigatewayv2.Integration]
    """How each route calls its function, by route key."""

    routes: Mapping[str, aws.apigatewayv2.Route]
    """The routes, by route key."""

    permissions: Mapping[str, aws.lambda_.Permission]
    """What lets each route call its function, by route key."""

    functions: Mapping[str, Function]
    """The functions, by route key."""

    domain_name: aws.apigatewayv2.DomainName | None
    """The API's own name, where it has one."""

    api_mapping: aws.apigatewayv2.ApiMapping | None
    """What ties the name to the stage."""

    record: aws.route53.Record | None
    """The name's DNS record, where there is a zone."""

    domain_target: pulumi.Output[str] | None
    """What a DNS record of the name must point at."""

    api_id: pulumi.Output[str]
    """The API's id, which metrics carry."""

    stage_name: pulumi.Output[str]
    """The stage's name, which metrics carry."""

    execution_arn: pulumi.Output[str]
    """The ARN prefix of the API's requests, for `execute-api:Invoke`."""

    url: pulumi.Output[str]
    """The address, without a slash at the end."""

    def __init__(
        self, name: str, args: ServerlessApiArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self.args = args
        self.api = self._create_api()
        self.log_group = self._create_log_group()
        self.authorizer = self._create_authorizer()
        parsed = list(args.parsed_routes)
        self.functions = {key.key: route.function for key, route in parsed}
        self.integrations = {key.key: self._create_integration(key, route) for key, route in parsed}
        self.routes = {key.key: self._create_route(key, route) for key, route in parsed}
        self.permissions = {key.key: self._create_permission(key, route) for key, route in parsed}
        self.stage = self._create_stage(parsed)
        self.domain_name, self.api_mapping, self.record, self.domain_target = None, None, None, None
        if args.domain is not None:
            self._create_domain(args.domain)
        self.api_id = self.api.id
        self.stage_name = self.stage.name
        self.execution_arn = self.api.execution_arn
        self.url = self._url()
        self.register_outputs(
            {
                "url": self.url,
                "apiId": self.api_id,
                "stageName": self.stage_name,
                "executionArn": self.execution_arn,
            }
        )

    def _create_api(self) -> aws.apigatewayv2.Api:
        args = self.args
        return aws.apigatewayv2.Api(
            self.name,
            **args.overriding(
                "api",
                protocol_type="HTTP",
                description=args.description,
                cors_configuration=args.cors.configuration if args.cors else None,
                disable_execute_api_endpoint=args.domain is not None,
            ),
            opts=self._child(),
        )

    def _create_log_group(self) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self.name}-logs",
            **self.args.overriding(
                "log_group",
                name_prefix=f"{ACCESS_LOG_PREFIX}{self.name}-",
                retention_in_days=self.args.log_retention_days,
            ),
            opts=self._child(),
        )

    def _create_authorizer(self) -> aws.apigatewayv2.Authorizer | None:
        pool = self.args.user_pool
        if pool is None:
            return None
        clients = sorted(pool.client_ids) if self.args.clients is None else self.args.clients
        return aws.apigatewayv2.Authorizer(
            f"{self.name}-jwt",
            **self.args.overriding(
                "authorizer",
                api_id=self.api.id,
                authorizer_type="JWT",
                identity_sources=["$request.header.Authorization"],
                jwt_configuration={
                    "issuer": pool.issuer,
                    "audiences": [pool.client_ids[client] for client in clients],
                },
            ),
            opts=self._child(),
        )

    def _create_integration(self, key: RouteKey, route: Route) -> aws.apigatewayv2.Integration:
        seconds = route.timeout_seconds or MAX_INTEGRATION_SECONDS
        return aws.apigatewayv2.Integration(
            f"{self.name}-{key.slug}",
            **self.args.overriding(
                "integration",
                api_id=self.api.id,
                integration_type="AWS_PROXY",
                integration_method="POST",
                integration_uri=route.function.invoke_arn,
                payload_format_version="2.0",
                timeout_milliseconds=seconds * 1000,
            ),
            opts=self._child(),
        )

    def _create_route(self, key: RouteKey, route: Route) -> aws.apigatewayv2.Route:
        authorizer = None if route.public else self.authorizer
        scopes = None if authorizer is None else list(route.scopes or self.args.scopes) or None
        return aws.apigatewayv2.Route(
            f"{self.name}-{key.slug}",
            **self.args.overriding(
                "route",
                api_id=self.api.id,
                route_key=key.key,
                target=pulumi.Output.concat("integrations/", self.integrations[key.key].id),
                authorization_type="NONE" if authorizer is None else "JWT",
                authorizer_id=None if authorizer is None else authorizer.id,
                authorization_scopes=scopes,
            ),
            opts=self._child(),
        )

    def _create_permission(self, key: RouteKey, route: Route) -> aws.lambda_.Permission:
        return aws.lambda_.Permission(
            f"{self.name}-{key.slug}",
            **self.args.overriding(
                "permission",
                action="lambda:InvokeFunction",
                function=route.function.function_name,
                qualifier=route.function.alias.name,
                principal="apigateway.amazonaws.com",
                source_arn=pulumi.Output.concat(self.api.execution_arn, f"/{STAGE}/{key.permission_path}"),
            ),
            opts=self._child(),
        )

    def _create_stage(self, routes: Iterable[tuple[RouteKey, Route]]) -> aws.apigatewayv2.Stage:
        args = self.args
        return aws.apigatewayv2.Stage(
            self.name,
            **args.overriding(
                "stage",
                api_id=self.api.id,
                name=STAGE,
                auto_deploy=True,
                access_log_settings=access_log_settings(self.log_group, HTTP_FIELDS),
                default_route_settings=self._limits(args.throttle),
                # A route with settings of its own inherits none of the stage's.
                route_settings=[
                    {"route_key": key.key, **self._limits(route.throttle)}
                    for key, route in routes
                    if route.throttle is not None
                ]
                or None,
            ),
            # API Gateway refuses settings for a route that isn't there yet.
            opts=self._child(depends_on=list(self.routes.values())),
        )

    def _limits(self, throttle: Throttle) -> dict[str, Any]:
        return {
            "throttling_rate_limit": float(throttle.rate_limit),
            "throttling_burst_limit": throttle.burst_limit,
            "detailed_metrics_enabled": self.args.detailed_metrics,
        }

    def _create_domain(self, domain: Domain) -> None:
        args = self.args
        self.domain_name = aws.apigatewayv2.DomainName(
            self.name,
            **args.overriding(
                "domain_name",
                domain_name=domain.name,
                domain_name_configuration={
                    "certificate_arn": domain.certificate_arn,
                    "endpoint_type": "REGIONAL",
                    "security_policy": "TLS_1_2",
                },
            ),
            opts=self._child(),
        )
        self.api_mapping = aws.apigatewayv2.ApiMapping(
            self.name,
            **args.overriding(
                "api_mapping", api_id=self.api.id, domain_name=self.domain_name.id, stage=self.stage.id
            ),
            opts=self._child(),
        )
        configuration = self.domain_name.domain_name_configuration
        target = configuration.apply(lambda it: it.target_domain_name or "")
        zone = configuration.apply(lambda it: it.hosted_zone_id or "")
        self.domain_target = _after(self.domain_name.id, target)
        if domain.hosted_zone_id is not None:
            self.record = aws.route53.Record(
                self.name,
                **args.overriding(
                    "record",
                    zone_id=domain.hosted_zone_id,
                    name=domain.name,
                    type="A",
                    aliases=[
                        {
                            "name": self.domain_target,
                            "zone_id": _after(self.domain_name.id, zone),
                            "evaluate_target_health": False,
                        }
                    ],
                ),
                opts=self._child(),
            )

    def _url(self) -> pulumi.Output[str]:
        if self.domain_name is not None:
            return pulumi.Output.concat("https://", self.domain_name.domain_name)
        # AWS ends the address of the $default stage with a slash.
        return self.stage.invoke_url.apply(lambda url: url.rstrip("/"))


def _after(made: pulumi.Output[str], value: pulumi.Output[str]) -> pulumi.Output[str]:
    """A value that AWS adds to a block of inputs, which is not to be taken for known before it is made."""
    return pulumi.Output.all(made, value).apply(lambda both: str(both[1]))


def _check_scopes(scopes: Sequence[str]) -> None:
    if len(scopes) > MAX_SCOPES:
        raise ValueError(f"scopes must be 0-{MAX_SCOPES}, got {len(scopes)}")
    for scope in scopes:
        if not _SCOPE.fullmatch(scope):
            raise ValueError(f"scopes must be printable characters without spaces and quotes, got {scope!r}")
