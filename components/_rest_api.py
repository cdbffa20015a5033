"""The children of a `ServerlessApi` with `kind="rest"`: the definition, and the stage that serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components._access_logs import REST_FIELDS, access_log_format
from components._account_logs import create_account_log_role
from components._api_children import Options
from components._api_shapes import RouteCache, UsagePlan
from components._domain import Domain
from components._rest_cors import stage_variables
from components._rest_definition import STAGE, RestDefinition
from components._routes import RouteKey
from components._throttle import Throttle

if TYPE_CHECKING:
    from components.serverless_api import ServerlessApiArgs


class RestApi(RestDefinition):
    """A REST API with all that belongs to it."""

    def __init__(self, name: str, args: ServerlessApiArgs, child: Options) -> None:
        super().__init__(name, args, child)
        self.log_group = self._create_log_group()
        self.account_log_role = create_account_log_role(name, child) if args.create_account_log_role else None
        self.stage = self._create_stage()
        self.stage_name = self.stage.stage_name
        self._create_settings()
        self.usage_plans: dict[str, aws.apigateway.UsagePlan] = {}
        self.api_keys: dict[str, aws.apigateway.ApiKey] = {}
        for plan in args.usage_plans:
            self._create_usage_plan(plan)
        self.web_acl_association = self._create_web_acl_association()
        self.domain_name: aws.apigateway.DomainName | None = None
        self.api_mapping: aws.apigateway.BasePathMapping | None = None
        self.record: aws.route53.Record | None = None
        self.domain_target: pulumi.Output[str] | None = None
        if args.domain is not None:
            self._create_domain(args.domain)
        self.url = self._url()

    def _create_stage(self) -> aws.apigateway.Stage:
        args, group = self.args, self.log_group
        logs = {"destination_arn": group.arn, "format": access_log_format(REST_FIELDS)} if group else None
        return aws.apigateway.Stage(
            self.name,
            **args.overriding(
                "stage",
                rest_api=self.api.id,
                stage_name=STAGE,
                deployment=self.deployment.id,
                access_log_settings=logs,
                cache_cluster_enabled=True if args.cache else None,
                cache_cluster_size=args.cache.size_gb if args.cache else None,
                variables=stage_variables(args.cors) or None,
                xray_tracing_enabled=args.tracing,
            ),
            opts=self._child(depends_on=[self.account_log_role] if self.account_log_role else None),
        )

    def _create_settings(self) -> None:
        args = self.args
        self._create_method_settings(self.name, "*/*", args.throttle, None)
        for key, route in args.parsed_routes:
            if route.throttle is not None or route.cache is not None:
                # A route with settings of its own inherits none of the stage's.
                throttle = route.throttle or args.throttle
                self._create_method_settings(
                    f"{self.name}-{key.slug}", _method_path(key), throttle, route.cache
                )

    def _create_method_settings(
        self, name: str, path: str, throttle: Throttle, cache: RouteCache | None
    ) -> None:
        settings: dict[str, Any] = {
            "throttling_rate_limit": float(throttle.rate_limit),
            "throttling_burst_limit": throttle.burst_limit,
            "metrics_enabled": self.args.detailed_metrics,
            # Execution logs and data traces hold tokens and bodies.
            "logging_level": "OFF",
            "data_trace_enabled": False,
        }
        if self.args.cache is not None:
            settings |= {
                "caching_enabled": cache is not None,
                "cache_ttl_in_seconds": cache.ttl_seconds if cache else 0,
                "cache_data_encrypted": True,
                "require_authorization_for_cache_control": True,
                "unauthorized_cache_control_header_strategy": "SUCCEED_WITH_RESPONSE_HEADER",
            }
        aws.apigateway.MethodSettings(
            name,
            **self._options(
                "method_settings",
                rest_api=self.api.id,
                stage_name=self.stage.stage_name,
                method_path=path,
                settings=settings,
            ),
        )

    def _create_usage_plan(self, plan: UsagePlan) -> None:
        throttle, quota = plan.throttle, plan.quota
        made = aws.apigateway.UsagePlan(
            f"{self.name}-plan-{plan.name}",
            **self._options(
                "usage_plan",
                api_stages=[{"api_id": self.api.id, "stage": self.stage.stage_name}],
                throttle_settings=(
                    {"rate_limit": float(throttle.rate_limit), "burst_limit": throttle.burst_limit}
                    if throttle
                    else None
                ),
                quota_settings={"limit": quota.limit, "period": quota.period} if quota else None,
            ),
        )
        self.usage_plans[plan.name] = made
        for key in plan.keys:
            child = f"{self.name}-key-{key}"
            self.api_keys[key] = aws.apigateway.ApiKey(child, **self._options("api_key"))
            aws.apigateway.UsagePlanKey(
                child,
                usage_plan_id=made.id,
                key_id=self.api_keys[key].id,
                key_type="API_KEY",
                opts=self._child(),
            )

    def _create_web_acl_association(self) -> pulumi.CustomResource | None:
        arn = self.args.web_acl_arn
        if arn is None:
            return None
        return aws.wafv2.WebAclAssociation(
            self.name, resource_arn=self.stage.arn, web_acl_arn=arn, opts=self._child()
        )

    def _create_domain(self, domain: Domain) -> None:
        self.domain_name = aws.apigateway.DomainName(
            self.name,
            **self._options(
                "domain_name",
                domain_name=domain.name,
                regional_certificate_arn=domain.certificate_arn,
                endpoint_configuration={"types": "REGIONAL"},
                security_policy="TLS_1_2",
            ),
        )
        self.api_mapping = aws.apigateway.BasePathMapping(
            self.name,
            **self._options(
                "api_mapping",
                rest_api=self.api.id,
                stage_name=self.stage.stage_name,
                domain_name=self.domain_name.domain_name,
            ),
        )
        self.domain_target = self.domain_name.regional_domain_name
        self.record = self._create_record(domain, self.domain_target, self.domain_name.regional_zone_id)

    def _url(self) -> pulumi.Output[str]:
        if self.domain_name is not None:
            return pulumi.Output.concat("https://", self.domain_name.domain_name)
        return self.stage.invoke_url


def _method_path(key: RouteKey) -> str:
    """A route as a stage's settings know it; the root's slash is written `~1`.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-apigateway-stage-methodsetting.html
    """
    return f"{key.path.lstrip('/') or '~1'}/{key.method}"
