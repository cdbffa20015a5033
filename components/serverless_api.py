"""An API: routes to functions, behind a user pool's tokens or a function that decides; an HTTP or a REST API.

`kind="http"`, unless told otherwise. Creates one API with its `$default` stage, which deploys by itself; for
each route an integration, the route and the one permission with which API Gateway may invoke the function's
`live` alias for that route; a JWT authorizer where there is a user pool, a Lambda authorizer with its
permission for each `Authorizer`; a log group for access logs; with a domain its name, the mapping and a DNS
record. Costs: $1.00 a million requests, counted in steps of 512 KB, and $0.50 a GB of access logs; the rest
nothing. https://aws.amazon.com/api-gateway/pricing/

`kind="rest"` takes the same routes and also checks bodies and parameters, meters callers with API keys, keeps
answers in a cache, stands behind AWS WAF, sends traces and compresses. Creates the API with its tree of
resources; for each route a method, an integration and a permission; models and validators where something is
checked; problem documents for API Gateway's own errors; a deployment and the stage `live` with its settings;
usage plans with their keys. Costs: $3.50 a million requests; a cache by the hour; AWS WAF by rule and by
request. Access logs want the account's log role for API Gateway, as WebSocket APIs do.

What one kind can't do is refused with the name of the kind that can. Neither answers after 30 seconds (REST:
29) or takes more than 10 MB. Changing `kind` replaces the API, and so its address where it has no domain.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html

One function can serve both kinds if it reads both events: payload 2.0 behind an HTTP API, 1.0 behind a REST
API, whose handler also answers the origin in the stage variable `corsAllowOrigin` with CORS headers, since a
REST API adds none to what a function answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, cast

import pulumi
import pulumi_aws as aws
import pydantic

from components._api_checks import check_gates, check_parts
from components._api_kinds import check_kind
from components._api_route import Route, check_scopes
from components._api_shapes import Cache, Quota, RouteCache, UsagePlan
from components._base import Children, Component, ComponentArgs, Input
from components._cors import Cors
from components._domain import Domain
from components._http_api import HttpApi
from components._routes import RouteKey, check_collisions, parse_route_key
from components._throttle import DEFAULT_THROTTLE, Throttle
from components.authorizer import Authorizer
from components.function import Function, LogRetentionDays
from components.user_pool import UserPool

if TYPE_CHECKING:
    from components._rest_api import RestApi

__all__ = [
    "Cache",
    "Cors",
    "Domain",
    "Quota",
    "Route",
    "RouteCache",
    "ServerlessApi",
    "ServerlessApiArgs",
    "Throttle",
    "UsagePlan",
]

MAX_AUDIENCES = 50
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""

MAX_COMPRESSION_BYTES = 10_485_760

_HTTP: Children = {
    "api": aws.apigatewayv2.Api,
    "stage": aws.apigatewayv2.Stage,
    "log_group": aws.cloudwatch.LogGroup,
    "authorizer": aws.apigatewayv2.Authorizer,
    "lambda_authorizer": aws.apigatewayv2.Authorizer,
    "integration": aws.apigatewayv2.Integration,
    "route": aws.apigatewayv2.Route,
    "permission": aws.lambda_.Permission,
    "domain_name": aws.apigatewayv2.DomainName,
    "api_mapping": aws.apigatewayv2.ApiMapping,
    "record": lambda: aws.route53.Record,
}
"""The children of an HTTP API that `overrides` may name."""

_REST: Children = {
    "api": lambda: aws.apigateway.RestApi,
    "resource": lambda: aws.apigateway.Resource,
    "stage": lambda: aws.apigateway.Stage,
    "deployment": lambda: aws.apigateway.Deployment,
    "method_settings": lambda: aws.apigateway.MethodSettings,
    "log_group": aws.cloudwatch.LogGroup,
    "authorizer": lambda: aws.apigateway.Authorizer,
    "lambda_authorizer": lambda: aws.apigateway.Authorizer,
    "integration": lambda: aws.apigateway.Integration,
    "route": lambda: aws.apigateway.Method,
    "model": lambda: aws.apigateway.Model,
    "request_validator": lambda: aws.apigateway.RequestValidator,
    "error": lambda: aws.apigateway.Response,
    "permission": aws.lambda_.Permission,
    "api_key": lambda: aws.apigateway.ApiKey,
    "usage_plan": lambda: aws.apigateway.UsagePlan,
    "domain_name": lambda: aws.apigateway.DomainName,
    "api_mapping": lambda: aws.apigateway.BasePathMapping,
    "record": lambda: aws.route53.Record,
}
"""The children of a REST API that `overrides` may name; `route` is its method, `error` its own answers."""


class ServerlessApiArgs(ComponentArgs):
    """Arguments of `ServerlessApi`. Those marked `kind="rest"` are refused on an HTTP API."""

    children: ClassVar[Children] = _HTTP

    kind: Literal["http", "rest"] = "http"
    """An HTTP API, or a REST API at three and a half times the price for what an HTTP API can't do. A change
    replaces the API, and its address unless it has a domain.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html"""

    routes: Mapping[str, Function | Route]
    """What answers which requests: `{"POST /users": create_user}`. A key is a method (or `ANY`), one space
    and a path with `{variables}` and, at its end, `{rest+}`; `$default`, of HTTP APIs alone, takes what no
    other route does. The most specific route wins. At most 300 by default. A changed key replaces that route.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html"""

    user_pool: UserPool | None = None
    """Whose tokens every route wants that is neither public nor has an authorizer of its own; unset, none may
    be left. An HTTP API takes ID and access tokens; a REST API takes access tokens, and wants `scopes`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html and
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html"""

    authorizer: Authorizer | None = None
    """A Lambda authorizer that decides about every route that isn't public and has none of its own. Instead
    of a user pool, not beside it: with a pool, name the authorizer at the routes that it decides about,
    `Route(function, authorizer=...)`."""

    clients: Sequence[str] | None = None
    """Which of the pool's clients may call, by their names in the pool, at most 50; unset, all of them.
    `kind="http"`."""

    scopes: Sequence[str] = ()
    """Scopes for every route that wants a token and names none itself; the token must have one of them. API
    Gateway takes ID tokens as well as access tokens unless scopes are set, which only access tokens have:
    `aws.cognito.signin.user.admin` is in each that Cognito's own API issues."""

    cors: Cors | None = None
    """Which web pages may call; unset, none but the API's own. A REST API knows one origin, and answers
    preflight requests and its own errors: functions add the headers to what they answer."""

    throttle: Throttle = DEFAULT_THROTTLE
    """Limits of each route that has none of its own."""

    usage_plans: Sequence[UsagePlan] = ()
    """Who has API keys for the routes with `api_key=True`, and how many requests each key has. `kind="rest"`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html"""

    cache: Cache | None = None
    """A cache for the routes that name how long; billed by the hour. `kind="rest"`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html"""

    web_acl: pydantic.InstanceOf[pulumi.CustomResource] | Input[str] | None = None
    """An `aws.wafv2.WebAcl` of scope `REGIONAL` in the API's Region, or its ARN. $5 a month for the ACL, $1
    for each rule, $0.60 a million requests. `kind="rest"`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html"""

    tracing: bool = False
    """Whether X-Ray samples requests at the API too, before the function: $5 a million traces beyond the
    first 100,000 a month. `kind="rest"`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-xray.html"""

    minimum_compression_bytes: Annotated[int, pydantic.Field(ge=0, le=MAX_COMPRESSION_BYTES)] | None = None
    """From which size on answers are compressed for callers who accept that, 0-10,485,760 bytes; unset, none.
    Free. `kind="rest"`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html"""

    detailed_metrics: bool = False
    """Metrics for each route beside those of the stage. Billed as custom metrics, about $0.30 each a month.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html"""

    access_logs: bool = True
    """Whether each request leaves a line in the API's log group. For a REST API, AWS then wants the account's
    log role for API Gateway in this Region: see `create_account_log_role`."""

    create_account_log_role: bool = False
    """Whether this stack creates the account's log role for API Gateway. The setting is one for an account
    and Region: let one stack create it, and all others rely on it. It stays when the stack goes. Free.
    `kind="rest"`. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html"""

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

    @property
    def web_acl_arn(self) -> Input[str] | None:
        """The web ACL's ARN, where there is one."""
        acl = self.web_acl
        return cast("aws.wafv2.WebAcl", acl).arn if isinstance(acl, pulumi.CustomResource) else acl

    def known_children(self) -> Children:
        """The children of this kind of API, which `overrides` may name."""
        return _HTTP if self.kind == "http" else _REST

    @pydantic.model_validator(mode="after")
    def _routes_are_told_apart(self) -> ServerlessApiArgs:
        if not self.routes:
            raise ValueError("routes must have at least one route, got none")
        check_collisions(key for key, _ in self.parsed_routes)
        return self

    @pydantic.model_validator(mode="after")
    def _authorizers_and_routes_fit(self) -> ServerlessApiArgs:
        check_scopes(self.scopes)
        check_gates(self)
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

    @pydantic.model_validator(mode="after")
    def _kind_can(self) -> ServerlessApiArgs:
        check_kind(self)
        check_parts(self)
        return self


class ServerlessApi(Component):
    """An HTTP API or a REST API."""

    api: aws.apigatewayv2.Api | aws.apigateway.RestApi
    """The main child."""

    stage: aws.apigatewayv2.Stage | aws.apigateway.Stage
    """The stage: `$default`, which deploys each change by itself, or a REST API's `live`."""

    deployment: aws.apigateway.Deployment | None
    """What a REST API's stage serves; a change of the API makes a new one."""

    log_group: aws.cloudwatch.LogGroup | None
    """Where the access logs are."""

    account_log_role: aws.apigateway.Account | None
    """The account's log role, where this stack creates it."""

    authorizer: aws.apigatewayv2.Authorizer | aws.apigateway.Authorizer | None
    """Checks signature, issuer, expiry and scopes of each token, in an HTTP API the client too; there is one
    with a user pool."""

    lambda_authorizers: Mapping[str, aws.apigatewayv2.Authorizer | aws.apigateway.Authorizer]
    """API Gateway's part of each `Authorizer`, by its name."""

    authorizer_permissions: Mapping[str, aws.lambda_.Permission]
    """What lets the API ask each `Authorizer`'s function, by its name."""

    integrations: Mapping[str, aws.apigatewayv2.Integration | aws.apigateway.Integration]
    """How each route calls its function, by route key."""

    routes: Mapping[str, aws.apigatewayv2.Route | aws.apigateway.Method]
    """The routes, a REST API's methods, by route key."""

    permissions: Mapping[str, aws.lambda_.Permission]
    """What lets each route call its function, by route key."""

    functions: Mapping[str, Function]
    """The functions, by route key."""

    usage_plans: Mapping[str, aws.apigateway.UsagePlan]
    """The usage plans, by name."""

    api_keys: Mapping[str, aws.apigateway.ApiKey]
    """The keys, by name; `api_keys["acme"].value` is a secret."""

    domain_name: aws.apigatewayv2.DomainName | aws.apigateway.DomainName | None
    """The API's own name, where it has one."""

    api_mapping: aws.apigatewayv2.ApiMapping | aws.apigateway.BasePathMapping | None
    """What ties the name to the stage."""

    record: aws.route53.Record | None
    """The name's DNS record, where there is a zone."""

    domain_target: pulumi.Output[str] | None
    """What a DNS record of the name must point at."""

    api_id: pulumi.Output[str]
    """The API's id, which an HTTP API's metrics carry."""

    api_name: pulumi.Output[str]
    """The API's name, which a REST API's metrics carry."""

    stage_name: pulumi.Output[str]
    """The stage's name, which metrics carry."""

    execution_arn: pulumi.Output[str]
    """The ARN prefix of the API's requests, for `execute-api:Invoke`."""

    url: pulumi.Output[str]
    """The address, without a slash at the end; without a domain, a REST API's ends in its stage, `/live`."""

    def __init__(
        self, name: str, args: ServerlessApiArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self.args = args
        self.functions = {key.key: route.function for key, route in args.parsed_routes}
        made = self._create(name)
        self.api, self.stage, self.url = made.api, made.stage, made.url
        self.log_group, self.authorizer = made.log_group, made.authorizer
        self.lambda_authorizers = made.lambda_authorizers
        self.authorizer_permissions = made.authorizer_permissions
        self.integrations, self.routes, self.permissions = made.integrations, made.routes, made.permissions
        self.domain_name, self.api_mapping = made.domain_name, made.api_mapping
        self.record, self.domain_target = made.record, made.domain_target
        self.api_id, self.api_name, self.stage_name = made.api.id, made.api.name, made.stage_name
        self.execution_arn = made.api.execution_arn
        self.register_outputs(
            {
                "url": self.url,
                "apiId": self.api_id,
                "stageName": self.stage_name,
                "executionArn": self.execution_arn,
            }
        )

    def _create(self, name: str) -> HttpApi | RestApi:
        self.deployment, self.account_log_role = None, None
        self.usage_plans, self.api_keys = {}, {}
        if self.args.kind == "http":
            return HttpApi(name, self.args, self._child)
        from components._rest_api import RestApi  # the few that need it import it

        made = RestApi(name, self.args, self._child)
        self.deployment, self.account_log_role = made.deployment, made.account_log_role
        self.usage_plans, self.api_keys = made.usage_plans, made.api_keys
        return made
