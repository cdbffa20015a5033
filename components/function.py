"""A Lambda function that may do what its links say, and nothing else.

Creates the function with a published version and the alias `live`, a role of its own with one inline policy,
a log group with retention, and provisioned concurrency where it is asked for. Costs $0.20 a million requests
and $0.0000133334 a GB-second on arm64; logs $0.50 a GB taken in; traces $5 a million beyond the first 100,000
a month; the role, the policy, the versions and the alias nothing. https://aws.amazon.com/lambda/pricing/

It won't attach a managed policy, run in a VPC, deploy a container image or let the function make its own log
group: a late invocation would recreate one that has been deleted, without retention.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import ArgumentError, Component, ComponentArgs, Input
from components._links import Link, Statement, check_verbs, environment_name, merge_environment
from components._policies import access, permissions
from components.packaging import Package, package, project_directory
from components.python_layer import Architecture, PythonLayer
from components.topic import Topic
from components.typescript import Bundle, bundle

FunctionRuntime = Literal["python3.11", "python3.12", "python3.13", "python3.14", "nodejs22.x", "nodejs24.x"]

MAX_HANDLER_LENGTH = 128
MAX_LAYERS = 5
MAX_ENVIRONMENT_BYTES = 4096
SNAP_START_EPHEMERAL_STORAGE_MB = 512
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and .../dg/snapstart.html"""

RESERVED_ENVIRONMENT = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_MAX_CONCURRENCY",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
"""Lambda sets these itself and refuses them from anyone else.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime"""

LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""

_HANDLER = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
_VERBS = {"InvokeFunction"}
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


class FunctionArgs(ComponentArgs):
    """Arguments of `Function`."""

    children: ClassVar[Mapping[str, type[pulumi.CustomResource]]] = {
        "function": aws.lambda_.Function,
        "role": aws.iam.Role,
        "policy": aws.iam.RolePolicy,
        "log_group": aws.cloudwatch.LogGroup,
        "alias": aws.lambda_.Alias,
        "provisioned_concurrency": aws.lambda_.ProvisionedConcurrencyConfig,
    }

    handler: str
    """The function that Lambda calls, with its module below `source_directory`:
    `handlers.users.create.handler` is `handler` in `handlers/users/create.py`, or in
    `handlers/users/create.ts` where `runtime` is a Node.js. At most 128 characters. It is looked up before
    anything is created. https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html"""

    links: Sequence[pydantic.InstanceOf[Link]] = ()
    """What the function may touch: `table.link("GetItem")`. Each link adds its permission and its environment
    variables; without one the function may write its logs and traces, and nothing else."""

    environment: Mapping[str, Input[str]] = {}
    """Environment variables beside those of the links; a name that a link sets is refused. All names and
    values together at most 4,096 bytes. Not for secrets: whoever may read the function's configuration sees
    them. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""

    memory_mb: Annotated[int, pydantic.Field(ge=128, le=10_240)] = 256
    """Memory in MB, 128-10,240; processor time grows with it, one whole CPU at 1,769 MB. The price of a
    second grows with it too. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""

    timeout_seconds: Annotated[int, pydantic.Field(ge=1, le=900)] = 10
    """How long one invocation may take, 1-900 seconds. Keep it below the caller's: API Gateway waits 29-30
    seconds. https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html"""

    ephemeral_storage_mb: Annotated[int, pydantic.Field(ge=512, le=10_240)] = 512
    """Size of /tmp in MB, 512-10,240; above 512 costs $0.0000000309 a GB-second.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html"""

    runtime: FunctionRuntime = "python3.13"
    """What runs the handler, and so its language: a Python, for which its layers are built too, or a Node.js,
    for which the handler's TypeScript is bundled into one file with all that it imports.
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

    architecture: Architecture = "arm64"
    """The processor. arm64 costs a fifth less than x86_64 for the same memory; layers must match.
    https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html"""

    layers: Sequence[PythonLayer] = ()
    """Third-party Python packages, at most 5 layers; a later one wins over an earlier one. Architecture and
    runtime must be the function's; npm packages need no layer. https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html"""

    source_directory: str | None = None
    """Where imports start, below the project's root or absolute; unset, the project's root itself."""

    include: Sequence[str] = ()
    """Glob patterns below `source_directory` for data files, and for modules that are imported by a computed
    name: `handlers/mail/*.html`. Each must match a file."""

    log_retention_days: LogRetentionDays = 30
    """How long CloudWatch keeps the logs, in days. Storage costs $0.03 a GB a month.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html"""

    tracing: bool = True
    """Whether X-Ray samples invocations. https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html"""

    reserved_concurrency: Annotated[int, pydantic.Field(ge=0)] | None = None
    """How many copies may run at once: no more, and no other function takes them. 0 stops the function.
    Unset, it shares what the account has left. Free.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""

    provisioned_concurrency: Annotated[int, pydantic.Field(ge=1)] | None = None
    """How many copies of `live` are kept warm, at $0.0000033334 a GB-second whether called or not (256 MB:
    about $2.20 a month each). At most `reserved_concurrency`; never with `snap_start`.
    https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html"""

    snap_start: bool = False
    """Whether published versions start from a snapshot of the initialised process. Python 3.12 and newer,
    with 512 MB of ephemeral storage. Costs $0.0000015046 a GB-second for the cached snapshot and
    $0.0001397998 a GB for each restore. https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html"""

    dead_letter: Topic | None = None
    """Where asynchronous calls go that failed three times; unset, they are dropped. The function's role gets
    the right to publish there.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"""

    kms_key: aws.kms.Key | None = None
    """A customer key for the environment variables; unset, Lambda's own, free key. $1 a month for the key.
    Lambda grants the role its use.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html"""

    description: Annotated[str, pydantic.Field(max_length=256)] | None = None
    """What the console shows, at most 256 characters."""

    @pydantic.model_validator(mode="after")
    def _handler_is_a_function_of_a_module(self) -> FunctionArgs:
        if not _HANDLER.fullmatch(self.handler) or len(self.handler) > MAX_HANDLER_LENGTH:
            raise ValueError(
                f"handler must be module.function, 1-{MAX_HANDLER_LENGTH} characters, dots between names, "
                f"got {self.handler!r}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _environment_is_allowed(self) -> FunctionArgs:
        for name in self.environment:
            if not _VARIABLE.fullmatch(name):
                raise ValueError(
                    "environment names must be letters, digits and '_', two or more, a letter first; "
                    f"got {name!r}"
                )
        names = {*self.environment, *(name for link in self.links for name in link.environment)}
        if reserved := sorted(names & RESERVED_ENVIRONMENT):
            raise ValueError(f"environment must leave {', '.join(reserved)} to Lambda; rename it")
        return self

    @pydantic.model_validator(mode="after")
    def _start_up_is_one_of_two(self) -> FunctionArgs:
        provisioned, reserved = self.provisioned_concurrency, self.reserved_concurrency
        if self.snap_start and provisioned is not None:
            raise ValueError(
                f"snap_start excludes provisioned_concurrency (got True and {provisioned}): drop "
                "provisioned_concurrency for fast starts at a low price, or snap_start for no cold start"
            )
        if self.snap_start and (self.is_node or self.runtime == "python3.11"):
            raise ValueError(f"snap_start needs runtime python3.12 or newer, got {self.runtime!r}")
        if self.snap_start and self.ephemeral_storage_mb > SNAP_START_EPHEMERAL_STORAGE_MB:
            raise ValueError(
                f"snap_start needs ephemeral_storage_mb of {SNAP_START_EPHEMERAL_STORAGE_MB}, "
                f"got {self.ephemeral_storage_mb}"
            )
        if provisioned is not None and reserved is not None and provisioned > reserved:
            raise ValueError(
                f"provisioned_concurrency must be at most reserved_concurrency, {reserved}, got {provisioned}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _layers_fit(self) -> FunctionArgs:
        if len(self.layers) > MAX_LAYERS:
            raise ValueError(f"layers must be 0-{MAX_LAYERS}, got {len(self.layers)}")
        if self.is_node and self.layers:
            raise ValueError(
                f"layers must be empty for {self.runtime}, got {len(self.layers)}: npm packages are bundled "
                "with the handler, and a PythonLayer holds none"
            )
        for layer in self.layers:
            built = (layer.args.architecture, layer.args.runtime)
            if built != (self.architecture, self.runtime):
                raise ValueError(
                    f"layers: {layer.name!r} is built for {built[1]} on {built[0]} and this function runs "
                    f"{self.runtime} on {self.architecture}; give both the same"
                )
        return self

    @property
    def is_node(self) -> bool:
        """Whether the handler is TypeScript, which runs on Node.js."""
        return self.runtime.startswith("nodejs")


class Function(Component):
    """A Lambda function behind the alias `live`."""

    function: aws.lambda_.Function
    """The main child."""

    role: aws.iam.Role
    """Its own role, which Lambda alone may take on."""

    policy: aws.iam.RolePolicy
    """All that the role may do."""

    log_group: aws.cloudwatch.LogGroup
    """Where it logs."""

    alias: aws.lambda_.Alias
    """The alias `live`, which everything that calls the function should call."""

    provisioned: aws.lambda_.ProvisionedConcurrencyConfig | None
    """Its warm copies, where it has some."""

    package: Package | Bundle
    """The files that are packed: Python's as they are, TypeScript's as one bundle."""

    timeout_seconds: int
    """As in the arguments, for whoever sets alarms against it."""

    function_name: pulumi.Output[str]
    """The physical name, which metrics carry."""

    function_arn: pulumi.Output[str]
    """The ARN without alias or version."""

    alias_arn: pulumi.Output[str]
    """The ARN of `live`."""

    invoke_arn: pulumi.Output[str]
    """The ARN of `live` as API Gateway wants it."""

    def __init__(self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        root = project_directory(args.source_directory, "FunctionArgs.source_directory")
        self.args = args
        self.timeout_seconds = args.timeout_seconds
        self.package = (bundle if args.is_node else package)(args.handler, root, args.include)
        environment = _environment(name, args)
        super().__init__(name, opts, _declared(args))
        self.log_group = self._create_log_group()
        self.role, self.policy = self._create_role()
        self.function = self._create_function(environment)
        self.alias = self._create_alias()
        self.provisioned = self._create_provisioned_concurrency()
        self.function_name = self.function.name
        self.function_arn = self.function.arn
        self.alias_arn = self.alias.arn
        self.invoke_arn = self.alias.invoke_arn
        self.register_outputs(
            {
                "functionName": self.function_name,
                "functionArn": self.function_arn,
                "aliasArn": self.alias_arn,
                "invokeArn": self.invoke_arn,
            }
        )

    def link(self, *verbs: str) -> Link:
        """Permission to call the alias `live`, and its ARN as `{NAME}_FUNCTION_ARN`.

        Args:
            verbs: `InvokeFunction`, which covers synchronous and asynchronous calls.
        """
        actions = tuple(f"lambda:{verb}" for verb in check_verbs("Function", verbs, _VERBS))
        return Link(
            (Statement(actions, (self.alias_arn,), names=(f"function/{self.name}",)),),
            {environment_name(self.name, "FUNCTION_ARN"): self.alias_arn},
        )

    def _create_log_group(self) -> aws.cloudwatch.LogGroup:
        # The function's physical name isn't known yet, and the group has to exist first: so a prefix.
        return aws.cloudwatch.LogGroup(
            f"{self.name}-logs",
            **self.args.overriding(
                "log_group",
                name_prefix=f"/aws/lambda/{self.name}-",
                retention_in_days=self.args.log_retention_days,
            ),
            opts=self._child(),
        )

    def _create_role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        role = aws.iam.Role(
            f"{self.name}-role",
            **self.args.overriding("role", assume_role_policy=_TRUST),
            opts=self._child(),
        )
        policy = aws.iam.RolePolicy(
            f"{self.name}-policy",
            **self.args.overriding("policy", role=role.name, policy=permissions(self._statements())),
            opts=self._child(),
        )
        return role, policy

    def _statements(self) -> list[Statement]:
        statements = _linked(self.args)
        statements.append(
            Statement(
                ("logs:CreateLogStream", "logs:PutLogEvents"),
                (pulumi.Output.concat(self.log_group.arn, ":*"),),
            )
        )
        if self.args.tracing:
            # X-Ray has no resource-level permission for writing: AWS offers nothing narrower than *.
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
            statements.append(Statement(("xray:PutTelemetryRecords", "xray:PutTraceSegments"), ("*",)))
        return statements

    def _create_function(self, environment: Mapping[str, pulumi.Input[str]]) -> aws.lambda_.Function:
        args = self.args
        reserved, dead_letter = args.reserved_concurrency, args.dead_letter
        values: dict[str, Any] = {
            "role": self.role.arn,
            "code": self.package.code(self),
            "handler": self.package.handler,
            "runtime": args.runtime,
            "architectures": [args.architecture],
            "layers": [layer.layer_arn for layer in args.layers] or None,
            "memory_size": args.memory_mb,
            "timeout": args.timeout_seconds,
            "ephemeral_storage": {"size": args.ephemeral_storage_mb},
            "environment": {"variables": environment} if environment else None,
            "kms_key_arn": args.kms_key.arn if args.kms_key is not None else None,
            "description": args.description,
            # Reports and uncaught errors then are JSON like the handler's own lines, which pass as printed.
            "logging_config": {"log_format": "JSON", "log_group": self.log_group.name},
            "tracing_config": {"mode": "Active" if args.tracing else "PassThrough"},
            "reserved_concurrent_executions": reserved,
            "dead_letter_config": {"target_arn": dead_letter.topic_arn} if dead_letter is not None else None,
            "snap_start": {"apply_on": "PublishedVersions"} if args.snap_start else None,
            "publish": True,
        }
        return aws.lambda_.Function(
            self.name,
            **args.overriding("function", **values),
            # Without its policy and its log group a first invocation would be denied or logged nowhere.
            opts=self._child(depends_on=[self.policy, self.log_group]),
        )

    def _create_alias(self) -> aws.lambda_.Alias:
        return aws.lambda_.Alias(
            f"{self.name}-live",
            **self.args.overriding(
                "alias",
                name="live",
                function_name=self.function.name,
                function_version=self.function.version,
            ),
            opts=self._child(),
        )

    def _create_provisioned_concurrency(self) -> aws.lambda_.ProvisionedConcurrencyConfig | None:
        if self.args.provisioned_concurrency is None:
            return None
        return aws.lambda_.ProvisionedConcurrencyConfig(
            f"{self.name}-warm",
            **self.args.overriding(
                "provisioned_concurrency",
                function_name=self.function.name,
                qualifier=self.alias.name,
                provisioned_concurrent_executions=self.args.provisioned_concurrency,
            ),
            opts=self._child(),
        )


def _linked(args: FunctionArgs) -> list[Statement]:
    """What the function may do beyond its logs and traces, which every function may write."""
    statements = [statement for link in args.links for statement in link.statements]
    if args.dead_letter is not None:
        statements += args.dead_letter.link("Publish").statements
    return statements


def _declared(args: FunctionArgs) -> dict[str, Any] | None:
    """The component's input `access`, for reviewers and pictures.

    In a preview of anything new the policy itself is unknown.
    """
    if "policy" in args.overrides:
        return None
    declared = access(_linked(args))
    return None if declared is None else {"access": declared}


def _environment(name: str, args: FunctionArgs) -> dict[str, pulumi.Input[str]]:
    """The links' variables and the function's own, in one order; a name that both set is refused."""
    linked = merge_environment(name, args.links)
    if both := sorted(set(linked) & set(args.environment)):
        raise ArgumentError(
            f"FunctionArgs.environment of {name!r} sets {', '.join(both)}, which a link sets; drop it"
        )
    # Traces then name lines of the TypeScript that was written, not of the bundle.
    node = {"NODE_OPTIONS": "--enable-source-maps"} if args.is_node else {}
    merged = {**node, **linked, **args.environment}
    known = sum(
        len(key.encode()) + len(value.encode()) for key, value in merged.items() if isinstance(value, str)
    )
    if known > MAX_ENVIRONMENT_BYTES:
        raise ArgumentError(
            f"FunctionArgs.environment of {name!r} must be at most {MAX_ENVIRONMENT_BYTES:,} bytes, names "
            f"and values together, got {known:,}; put large values into a file and `include` it"
        )
    return dict(sorted(merged.items()))
