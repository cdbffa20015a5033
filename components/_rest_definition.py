"""The definition of a REST API: all of which its deployment takes a snapshot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import pulumi
import pulumi_aws as aws

from components._api_children import ApiChildren, Options, authorizers_of, gate
from components._api_kinds import MAX_REST_INTEGRATION_SECONDS
from components._api_route import Route
from components._base import json_text
from components._json_schema import schema_text
from components._rest_cors import answer_headers, preflight_headers, quoted
from components._rest_errors import GatewayError, gateway_errors
from components._rest_requests import Checked, cache_keys, checked, request_parameters
from components._routes import RouteKey, path_slug
from components.authorizer import Authorizer

if TYPE_CHECKING:
    from components.serverless_api import ServerlessApiArgs

STAGE = "live"

R = TypeVar("R", bound=pulumi.CustomResource)


class RestDefinition(ApiChildren):
    """A REST API up to its deployment."""

    def __init__(self, name: str, args: ServerlessApiArgs, child: Options) -> None:
        super().__init__(name, args, child)
        self._definition: list[Any] = []
        self._deployed: list[pulumi.Resource] = []
        parsed = list(args.parsed_routes)
        self.api = self._create_api()
        self.resources = self._create_resources([key for key, _ in parsed])
        self.authorizer = self._create_authorizer()
        self.lambda_authorizers = {
            key: self._create_lambda_authorizer(authorizer)
            for key, authorizer in authorizers_of(args).items()
        }
        self.authorizer_permissions = {
            key: self._permit(
                self._authorizer_child(authorizer),
                authorizer.function,
                self.api.execution_arn,
                "/authorizers/",
                self.lambda_authorizers[key].id,
            )
            for key, authorizer in authorizers_of(args).items()
        }
        self._validators = self._create_validators([route for _, route in parsed])
        self.models = {
            key.key: self._create_model(key, route) for key, route in parsed if route.body_schema is not None
        }
        self.routes = {key.key: self._create_method(key, route) for key, route in parsed}
        self.integrations = {key.key: self._create_integration(key, route) for key, route in parsed}
        self.permissions = {
            key.key: self._permit(
                f"{self.name}-{key.slug}",
                route.function,
                self.api.execution_arn,
                f"/{STAGE}/{key.rest_permission_path}",
            )
            for key, route in parsed
        }
        self._create_preflights([key for key, _ in parsed])
        self.errors = {error.kind: self._create_error(error) for error in gateway_errors(args)}
        self.deployment = self._create_deployment()

    def _deploy(self, kind: Callable[..., R], child: str, name: str, /, **values: Any) -> R:
        """A child of which the deployment takes a snapshot."""
        options = self._options(child, **values)
        self._definition.append([child, name, {key: options[key] for key in options if key != "opts"}])
        made = kind(name, **options)
        self._deployed.append(made)
        return made

    def _create_api(self) -> aws.apigateway.RestApi:
        args = self.args
        size = args.minimum_compression_bytes
        return self._deploy(
            aws.apigateway.RestApi,
            "api",
            self.name,
            description=args.description,
            endpoint_configuration={"types": "REGIONAL"},
            minimum_compression_size=None if size is None else str(size),
            disable_execute_api_endpoint=args.domain is not None,
        )

    def _create_resources(self, keys: list[RouteKey]) -> Mapping[tuple[str, ...], aws.apigateway.Resource]:
        """A resource for each path and each beginning of one, by its segments."""
        made: dict[tuple[str, ...], aws.apigateway.Resource] = {}
        for key in keys:
            for length in range(1, len(key.segments) + 1):
                path = key.segments[:length]
                if path in made:
                    continue
                parent = made.get(path[:-1])
                made[path] = self._deploy(
                    aws.apigateway.Resource,
                    "resource",
                    f"{self.name}-{path_slug(path)}",
                    rest_api=self.api.id,
                    parent_id=self.api.root_resource_id if parent is None else parent.id,
                    path_part=path[-1],
                )
        return made

    def _place(self, segments: tuple[str, ...]) -> dict[str, pulumi.Input[str]]:
        """Where a method is."""
        resource = self.resources[segments].id if segments else self.api.root_resource_id
        return {"rest_api": self.api.id, "resource_id": resource}

    def _create_authorizer(self) -> aws.apigateway.Authorizer | None:
        pool = self.args.user_pool
        if pool is None:
            return None
        return self._deploy(
            aws.apigateway.Authorizer,
            "authorizer",
            f"{self.name}-cognito",
            rest_api=self.api.id,
            type="COGNITO_USER_POOLS",
            provider_arns=[pool.user_pool_arn],
            identity_source="method.request.header.Authorization",
        )

    def _create_lambda_authorizer(self, authorizer: Authorizer) -> aws.apigateway.Authorizer:
        sources = [f"method.{source}" for source in authorizer.identity_sources]
        return self._deploy(
            aws.apigateway.Authorizer,
            "lambda_authorizer",
            self._authorizer_child(authorizer),
            rest_api=self.api.id,
            type="REQUEST",
            authorizer_uri=authorizer.function.invoke_arn,
            identity_source=",".join(sources) or None,
            authorizer_result_ttl_in_seconds=authorizer.result_ttl_seconds,
        )

    def _create_validators(self, routes: list[Route]) -> Mapping[Checked, aws.apigateway.RequestValidator]:
        wanted = {what: None for route in routes if (what := checked(route))}
        return {
            what: self._deploy(
                aws.apigateway.RequestValidator,
                "request_validator",
                f"{self.name}-{what}",
                rest_api=self.api.id,
                validate_request_body="body" in what,
                validate_request_parameters="parameters" in what,
            )
            for what in wanted
        }

    def _create_model(self, key: RouteKey, route: Route) -> aws.apigateway.Model:
        return self._deploy(
            aws.apigateway.Model,
            "model",
            f"{self.name}-{key.slug}",
            rest_api=self.api.id,
            # Letters and digits alone. Slugs have no capitals, so that different ones stay different.
            name=key.slug.replace("-", "X"),
            content_type="application/json",
            schema=schema_text(route.body_schema or {}),
        )

    def _create_method(self, key: RouteKey, route: Route) -> aws.apigateway.Method:
        what, model = checked(route), self.models.get(key.key)
        return self._deploy(
            aws.apigateway.Method,
            "route",
            f"{self.name}-{key.slug}",
            **self._place(key.segments),
            http_method=key.method,
            **self._gate(route),
            api_key_required=route.api_key,
            request_parameters=request_parameters(self.args, key, route) or None,
            # The second key is for all other content types: without it a body sent as text/plain would pass.
            request_models={"application/json": model.name, "$default": model.name} if model else None,
            request_validator_id=self._validators[what].id if what else None,
        )

    def _gate(self, route: Route) -> dict[str, Any]:
        """The arguments of a method that say who may call it."""
        before = gate(self.args, route)
        if isinstance(before, Authorizer):
            return {"authorization": "CUSTOM", "authorizer_id": self.lambda_authorizers[before.name].id}
        if before == "open" or self.authorizer is None:
            return {"authorization": "NONE"}
        return {
            "authorization": "COGNITO_USER_POOLS",
            "authorizer_id": self.authorizer.id,
            "authorization_scopes": list(route.scopes or self.args.scopes) or None,
        }

    def _create_integration(self, key: RouteKey, route: Route) -> aws.apigateway.Integration:
        seconds = route.timeout_seconds or MAX_REST_INTEGRATION_SECONDS
        return self._deploy(
            aws.apigateway.Integration,
            "integration",
            f"{self.name}-{key.slug}",
            **self._place(key.segments),
            http_method=self.routes[key.key].http_method,
            type="AWS_PROXY",
            integration_http_method="POST",
            uri=route.function.invoke_arn,
            timeout_milliseconds=seconds * 1000,
            cache_key_parameters=cache_keys(self.args, key, route) or None,
        )

    def _create_preflights(self, keys: list[RouteKey]) -> None:
        """For each path a method that answers preflight requests, unless a route does."""
        cors = self.args.cors
        own = {key.segments for key in keys if key.method == "OPTIONS"}
        for segments in dict.fromkeys(key.segments for key in keys if cors is not None):
            if cors is not None and segments not in own:
                self._create_preflight(segments, quoted(preflight_headers(cors), "method.response.header."))

    def _create_preflight(self, segments: tuple[str, ...], headers: Mapping[str, pulumi.Input[str]]) -> None:
        name = "-".join(filter(None, [self.name, "preflight", path_slug(segments)]))
        place = self._place(segments)
        method = self._deploy(
            aws.apigateway.Method, "preflight", name, **place, http_method="OPTIONS", authorization="NONE"
        )
        integration = self._deploy(
            aws.apigateway.Integration,
            "preflight_integration",
            name,
            **place,
            http_method=method.http_method,
            type="MOCK",
            request_templates={"application/json": json.dumps({"statusCode": 204})},
        )
        answer = self._deploy(
            aws.apigateway.MethodResponse,
            "preflight_response",
            name,
            **place,
            http_method=integration.http_method,
            status_code="204",
            response_parameters=dict.fromkeys(headers, True),
        )
        self._deploy(
            aws.apigateway.IntegrationResponse,
            "preflight_integration_response",
            name,
            **place,
            http_method=integration.http_method,
            status_code=answer.status_code,
            response_parameters=headers,
        )

    def _create_error(self, error: GatewayError) -> aws.apigateway.Response:
        headers = {
            "Content-Type": "application/problem+json",
            **error.headers,
            **answer_headers(self.args.cors),
        }
        return self._deploy(
            aws.apigateway.Response,
            "error",
            f"{self.name}-{error.kind.lower().replace('_', '-')}",
            rest_api_id=self.api.id,
            response_type=error.kind,
            status_code=None if error.status is None else str(error.status),
            response_parameters=quoted(headers, "gatewayresponse.header."),
            response_templates={"application/json": error.template},
        )

    def _create_deployment(self) -> aws.apigateway.Deployment:
        definition = _plain(self._definition)
        return aws.apigateway.Deployment(
            self.name,
            **self.args.overriding(
                "deployment",
                rest_api=self.api.id,
                # A deployment is a snapshot: whatever changes in the API has to change one of these. The
                # first is known in every preview, the second once what it names exists.
                triggers={
                    "definition": _digest(json.dumps(definition, sort_keys=True, default=lambda _: None)),
                    "values": json_text(definition).apply(_digest),
                },
            ),
            opts=self._child(depends_on=self._deployed),
        )


def _plain(value: Any) -> Any:
    """A value as JSON knows it, but for outputs; arguments of pulumi_aws become what they hold."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (str, int, float, pulumi.Output)):
        return value
    return _plain(vars(value))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
