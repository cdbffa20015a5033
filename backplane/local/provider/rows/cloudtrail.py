"""CloudTrail's trails."""

from __future__ import annotations

from backplane.local.provider.table import Naming, Row, Step

ROWS = (
    Row(
        type="aws:cloudtrail/trail:Trail",
        service="cloudtrail",
        create="CreateTrail",
        id="out.TrailARN",
        name=Naming(limit=128),
        rename={
            "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
            "tags": "TagsList",
        },
        steps=(
            Step(
                operation="PutEventSelectors",
                inputs=("eventSelectors", "advancedEventSelectors"),
                given={"TrailName": "id"},
            ),
            Step(
                operation="StartLogging",
                inputs=("enableLogging",),
                signals=("enableLogging",),
                given={"Name": "id"},
                when="in.enableLogging",
            ),
        ),
        dropped={"insightSelectors": "the emulator has no Insights"},
        outputs={"arn": "out.TrailARN", "homeRegion": "region"},
        defaults={"snsTopicArn": ""},
        not_emulated="stored: no file is written, no event is selected",
        inputs_not_emulated={"insightSelectors": "nothing is found unusual"},
    ),
)
