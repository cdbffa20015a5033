"""The children of a `ServerlessApi` with `kind="http"`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components._access_logs import HTTP_FIELDS, access_log_settings
from components._api_children import ApiChildren, Options, authorizers_of, gate
from components._api_route import MAX_INTEGRATION_SECONDS, Route
from components._domain import Domain, after
from components._routes import RouteKey
from components._throttle import Throttle
from components.authorizer import Authorizer

if TYPE_CHECKING:
    from components.serverless_api import ServerlessApiArgs

STAGE = "$default"


class HttpApi(ApiChildren):
    """An HTTP API with all that belongs to it."""

    def __init__(self, name: str, args: ServerlessApiArgs, child: Options) -> None:
        super().__init__(name, args, child)
        self.api = self._create_api()
        self.log_group = self._create_log_group()
        self.authorizer = self._create_authorizer()
        lambdas = authorizers_of(args)
        self.lambda_authorizers = {
            key: self._create_lambda_authorizer(authorizer) for key, authorizer in lambdas.items()
        }
        parsed = list(args.parsed_routes)
        self.integrations = {key.key: self._create_integration(key, route) for key, route in parsed}
        self.routes = {key.key: self._create_route(key, route) for key, route in parsed}
        self.permissions = {key.key: self._create_permission(key, route) for key, route in parsed}
        self.authorizer_permissions = {
            key: self._permit(
                self._authorizer_child(authorizer),
                authorizer.function,
                self.api.execution_arn,
                "/authorizers/",
                self.lambda_authorizers[key].id,
            )
            for key, authorizer in lambdas.items()
        }
        self.stage = self._create_stage(parsed)
        self.stage_name = self.stage.name
        self.domain_name: aws.apigatewayv2.DomainName | None = None
        self.api_mapping: aws.apigatewayv2.ApiMapping | None = None
        self.record: aws.route53.Record | None = None
        self.domain_target: pulumi.Output[str] | None = None
        if args.domain is not None:
            self._create_domain(args.domain)
        self.url = self._url()

    def _create_api(self) -> aws.apigatewayv2.Api:
        args = self.args
        return aws.apigatewayv2.Api(
            self.name,
            **self._options(
                "api",
                protocol_type="HTTP",
                description=args.description,
                cors_configuration=args.cors.configuration if args.cors else None,
                disable_execute_api_endpoint=args.domain is not None,
            ),
        )

    def _create_authorizer(self) -> aws.apigatewayv2.Authorizer | None:
        pool = self.args.user_pool
        if pool is None:
            return None
        clients = sorted(pool.client_ids) if self.args.clients is None else self.args.clients
        return aws.apigatewayv2.Authorizer(
            f"{self.name}-jwt",
            **self._options(
                "authorizer",
                api_id=self.api.id,
                authorizer_type="JWT",
                identity_sources=["$request.header.Authorization"],
                jwt_configuration={
                    "issuer": pool.issuer,
                    "audiences": [pool.client_ids[client] for client in clients],
                },
            ),
        )

    def _create_lambda_authorizer(self, authorizer: Authorizer) -> aws.apigatewayv2.Authorizer:
        sources = [f"${source}" for source in authorizer.identity_sources]
        if authorizer.result_ttl_seconds:
            # A kept answer counts for every request with the same sources: the route has to be one of them.
            sources.append("$context.routeKey")
        return aws.apigatewayv2.Authorizer(
            self._authorizer_child(authorizer),
            **self._options(
                "lambda_authorizer",
                api_id=self.api.id,
                authorizer_type="REQUEST",
                authorizer_uri=authorizer.function.invoke_arn,
                authorizer_payload_format_version="2.0",
                enable_simple_responses=True,
                identity_sources=sources or None,
                authorizer_result_ttl_in_seconds=authorizer.result_ttl_seconds,
            ),
        )

    def _create_integration(self, key: RouteKey, route: Route) -> aws.apigatewayv2.Integration:
        seconds = route.timeout_seconds or MAX_INTEGRATION_SECONDS
        return aws.apigatewayv2.Integration(
            f"{self.name}-{key.slug}",
            **self._options(
                "integration",
                api_id=self.api.id,
                integration_type="AWS_PROXY",
                integration_method="POST",
                integration_uri=route.function.invoke_arn,
                payload_format_version="2.0",
                timeout_milliseconds=seconds * 1000,
            ),
        )

    def _create_route(self, key: RouteKey, route: Route) -> aws.apigatewayv2.Route:
        return aws.apigatewayv2.Route(
            f"{self.name}-{key.slug}",
            **self._options(
                "route",
                api_id=self.api.id,
                route_key=key.key,
                target=pulumi.Output.concat("integrations/", self.integrations[key.key].id),
                **self._gate(route),
            ),
        )

    def _gate(self, route: Route) -> dict[str, Any]:
        """The arguments of a route that say who may call it."""
        before = gate(self.args, route)
        if isinstance(before, Authorizer):
            made = self.lambda_authorizers[before.name]
            return {"authorization_type": "CUSTOM", "authorizer_id": made.id}
        if before == "open" or self.authorizer is None:
            return {"authorization_type": "NONE"}
        return {
            "authorization_type": "JWT",
            "authorizer_id": self.authorizer.id,
            "authorization_scopes": list(route.scopes or self.args.scopes) or None,
        }

    def _create_permission(self, key: RouteKey, route: Route) -> aws.lambda_.Permission:
        return self._permit(
            f"{self.name}-{key.slug}",
            route.function,
            self.api.execution_arn,
            f"/{STAGE}/{key.permission_path}",
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
                access_log_settings=(
                    access_log_settings(self.log_group, HTTP_FIELDS) if self.log_group else None
                ),
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
        self.domain_name = aws.apigatewayv2.DomainName(
            self.name,
            **self._options(
                "domain_name",
                domain_name=domain.name,
                domain_name_configuration={
                    "certificate_arn": domain.certificate_arn,
                    "endpoint_type": "REGIONAL",
                    "security_policy": "TLS_1_2",
                },
            ),
        )
        self.api_mapping = aws.apigatewayv2.ApiMapping(
            self.name,
            **self._options(
                "api_mapping", api_id=self.api.id, domain_name=self.domain_name.id, stage=self.stage.id
            ),
        )
        configuration = self.domain_name.domain_name_configuration
        target = configuration.apply(lambda it: it.target_domain_name or "")
        zone = configuration.apply(lambda it: it.hosted_zone_id or "")
        self.domain_target = after(self.domain_name.id, target)
        self.record = self._create_record(domain, self.domain_target, after(self.domain_name.id, zone))

    def _url(self) -> pulumi.Output[str]:
        if self.domain_name is not None:
            return pulumi.Output.concat("https://", self.domain_name.domain_name)
        # AWS ends the address of the $default stage with a slash.
        return self.stage.invoke_url.apply(lambda url: url.rstrip("/"))
