"""Lambda functions and what belongs to them."""

from __future__ import annotations

from backplane.local.provider.table import Match, Naming, Read, Row, Step, Template

_INVOKE = "arn:aws:apigateway:{{region}}:lambda:path/2015-03-31/functions/{arn}/invocations"
_FUNCTION = "arn:aws:lambda:{region}:{account}:function:{id}"
_URL_ID = r"//([^.]+)\."
_CODE = {
    "s3Bucket": "S3Bucket",
    "s3Key": "S3Key",
    "s3ObjectVersion": "S3ObjectVersion",
}
_NOT_DELETED = "says what happens on deletion, and nothing is deleted here"
_PULUMI_S_OWN = "tells Pulumi whether the code has changed"

ROWS = (
    Row(
        type="aws:lambda/function:Function",
        service="lambda",
        create="CreateFunction",
        id="in.name",
        name=Naming(limit=64),
        rename={
            "name": "FunctionName",
            "code": "Code.ZipFile",
            "imageUri": "Code.ImageUri",
            "sourceKmsKeyArn": "Code.SourceKMSKeyArn",
            "durableConfig.retentionPeriod": "RetentionPeriodInDays",
            "fileSystemConfig": "FileSystemConfigs",
            **{key: f"Code.{member}" for key, member in _CODE.items()},
        },
        dropped={
            "layers": (
                "the emulator runs every function on this machine's interpreter, with its packages: compiled "
                "ones for another architecture or version would break it"
            ),
            "replaceSecurityGroupsOnDestroy": _NOT_DELETED,
            "replacementSecurityGroupIds": _NOT_DELETED,
            "skipDestroy": _NOT_DELETED,
            "sourceCodeHash": _PULUMI_S_OWN,
            "codeSha256": _PULUMI_S_OWN,
            "useResourceTimeoutForPropagation": "nothing propagates here",
        },
        computed=("snapStart.optimizationStatus", "vpcConfig.vpcId"),
        steps=(
            Step(
                operation="PutFunctionConcurrency",
                inputs=("reservedConcurrentExecutions",),
                given={"FunctionName": "id"},
                when="in.reservedConcurrentExecutions >= `0`",
            ),
        ),
        outputs={
            "arn": Template(_FUNCTION),
            "invokeArn": Template(_INVOKE.format(arn=_FUNCTION)),
            "qualifiedArn": Template(_FUNCTION + ":{out[Version]}"),
            "qualifiedInvokeArn": Template(_INVOKE.format(arn=_FUNCTION + ":{out[Version]}")),
            "responseStreamingInvokeArn": Template(
                "arn:aws:apigateway:{region}:lambda:path/2021-11-15/functions/"
                + _FUNCTION
                + "/response-streaming-invocations"
            ),
            "codeSha256": "out.CodeSha256",
            "sourceCodeHash": "in.sourceCodeHash || out.CodeSha256",
            "sourceCodeSize": "out.CodeSize",
        },
        defaults={
            "architectures": ["x86_64"],
            "ephemeralStorage": {"size": 512},
            "loggingConfig": {"logFormat": "Text"},
            "signingJobArn": "",
            "signingProfileVersionArn": "",
            "tracingConfig": {"mode": "PassThrough"},
        },
        read=Read(
            operation="GetFunctionConfiguration",
            given={"FunctionName": "id"},
        ),
        not_emulated="runs on this machine's Python or Node, whatever runtime it declares",
        inputs_not_emulated={
            "layers": "uploaded, not attached: functions see the packages of this machine",
            "snapStart.applyOn=PublishedVersions": "cold starts stay cold",
            "tracingConfig.mode=Active": "no traces",
            "vpcConfig": "no network of its own",
        },
    ),
    Row(
        type="aws:lambda/alias:Alias",
        service="lambda",
        create="CreateAlias",
        id="out.AliasArn",
        name=Naming(limit=128),
        outputs={
            "arn": "out.AliasArn",
            "invokeArn": Template(_INVOKE.format(arn="{out[AliasArn]}")),
        },
    ),
    Row(
        type="aws:lambda/permission:Permission",
        service="lambda",
        create="AddPermission",
        id="in.statementId",
        name=Naming(input="statementId", limit=100, prefix_input="statementIdPrefix"),
        rename={"function": "FunctionName"},
        not_emulated="stored, not enforced: who may invoke a function is not asked",
    ),
    Row(
        type="aws:lambda/layerVersion:LayerVersion",
        service="lambda",
        create="PublishLayerVersion",
        id="out.LayerVersionArn",
        rename={"code": "Content.ZipFile", **{key: f"Content.{member}" for key, member in _CODE.items()}},
        dropped={"skipDestroy": _NOT_DELETED, "sourceCodeHash": _PULUMI_S_OWN},
        outputs={
            "arn": "out.LayerVersionArn",
            "codeSha256": "out.Content.CodeSha256",
            "sourceCodeHash": "in.sourceCodeHash || out.Content.CodeSha256",
            "sourceCodeSize": "out.Content.CodeSize",
        },
        defaults={"signingJobArn": "", "signingProfileVersionArn": ""},
    ),
    Row(
        type="aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
        service="lambda",
        create="PutProvisionedConcurrencyConfig",
        id="join(',', [in.functionName, in.qualifier])",
        dropped={"skipDestroy": _NOT_DELETED},
        not_emulated="nothing is kept warm",
    ),
    Row(
        type="aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        service="lambda",
        create="PutFunctionEventInvokeConfig",
        id="in.qualifier && join(':', [in.functionName, in.qualifier]) || in.functionName",
    ),
    Row(
        type="aws:lambda/eventSourceMapping:EventSourceMapping",
        service="lambda",
        create="CreateEventSourceMapping",
        id="out.UUID",
        rename={"destinationConfig.onFailure.destinationArn": "Destination"},
        dropped={"useResourceTimeoutForPropagation": "nothing propagates here"},
        outputs={"arn": "out.EventSourceMappingArn"},
        defaults={
            "amazonManagedKafkaEventSourceConfig": {},
            "lastProcessingResult": "No records processed",
            "maximumRecordAgeInSeconds": -1,
            "maximumRetryAttempts": -1,
            "parallelizationFactor": 1,
            "selfManagedKafkaEventSourceConfig": {},
            "stateTransitionReason": "USER_INITIATED",
        },
        inputs_not_emulated={
            "bisectBatchOnFunctionError": "ignored for streams",
            "destinationConfig.onFailure": "ignored for streams",
            "functionResponseTypes": "ignored for streams",
            "maximumRetryAttempts": "ignored for streams",
        },
    ),
    Row(
        type="aws:lambda/functionUrl:FunctionUrl",
        service="lambda",
        create="CreateFunctionUrlConfig",
        id="in.functionName",
        rename={"authorizationType": "AuthType"},
        outputs={
            # AWS's own address doesn't resolve on this machine; the emulator serves it under a path too.
            "functionUrl": Match("out.FunctionUrl", _URL_ID, Template("{endpoint}/_aws/lambda-url/{match}/")),
            "urlId": Match("out.FunctionUrl", _URL_ID),
        },
    ),
    Row(
        type="aws:lambda/invocation:Invocation",
        service="lambda",
        create="Invoke",
        id="join('_', [in.functionName, in.qualifier || '$LATEST'])",
        rename={"input": "Payload"},
        dropped={
            "lifecycleScope": "calls once: nothing is updated or deleted here",
            "terraformKey": "names the lifecycle's part of the input",
            "triggers": "tells Pulumi when to call again",
        },
        outputs={"result": "out.Payload"},
    ),
)
