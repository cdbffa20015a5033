"""What a change costs: the price table, the assumptions, and what is unknown."""

import json
from pathlib import Path

import pytest
from review_previews import (
    FUNCTION,
    LATER,
    LOGS,
    TABLE,
    UNKNOWN,
    Json,
    compared,
    digest,
    graph,
    resource,
    state,
    step,
)

from backplane.errors import ConfigurationError
from backplane.review import render
from backplane.review.money import Money, money
from backplane.review.prices import Usage, table, usage
from backplane.review.review import review
from backplane.review.tariffs import FORMULAS, is_free
from components._alarm_prices import PRICES

GOLDEN = Path(__file__).parents[1] / "golden"
WARM = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"


def cost(folder: Path, *documents: Json, region: str = "eu-west-1", assumed: Usage | None = None) -> Money:
    return money(compared(folder, *documents).changes, region, assumed or Usage())


def of_new(folder: Path, *resources: Json, region: str = "eu-west-1", assumed: Usage | None = None) -> float:
    result = cost(folder, graph(), graph(*resources), region=region, assumed=assumed)
    assert result.unknown == ()
    return result.difference


def test_an_on_demand_table_costs_its_storage_backup_and_requests(tmp_path: Path) -> None:
    inputs = {"billingMode": "PAY_PER_REQUEST", "pointInTimeRecovery": {"enabled": True}}
    # 1 GB stored and backed up; 30,417 requests that read and write.
    expected = 0.283 + 0.226 + 30_416.67 * (0.1415 + 0.705) / 1e6
    assert of_new(tmp_path, resource(TABLE, "users", inputs)) == pytest.approx(expected, abs=1e-6)


def test_prices_differ_by_region(tmp_path: Path) -> None:
    api = resource("aws:apigatewayv2/api:Api", "api", {"protocolType": "HTTP"})
    million = Usage(requests_per_day=1e6 / (365 / 12))
    assert of_new(tmp_path, api, region="us-east-1", assumed=million) == pytest.approx(1.00)
    assert of_new(tmp_path, api, region="eu-west-1", assumed=million) == pytest.approx(1.11)


def test_a_function_costs_its_memory_its_time_and_its_traces(tmp_path: Path) -> None:
    inputs = {"memorySize": 512, "architectures": ["arm64"], "tracingConfig": {"mode": "Active"}}
    requests = 1000 * 365 / 12
    expected = requests * (0.1 * 0.5 * 0.0000133334 + (0.20 + 5.00) / 1e6)
    assert of_new(tmp_path, resource(FUNCTION, "f", inputs)) == pytest.approx(expected)


def test_warm_copies_cost_by_the_hour_with_the_memory_of_their_function(tmp_path: Path) -> None:
    function = resource(FUNCTION, "f", {"memorySize": 256, "architectures": ["arm64"]})
    warm = resource(WARM, "f-warm", {"provisionedConcurrentExecutions": 2}, dependencies=[function["urn"]])
    result = cost(tmp_path, graph(function), graph(function, warm))
    assert result.difference == pytest.approx(2 * 0.25 * 0.0000033334 * 730 * 3600)


def test_an_alarm_costs_for_each_metric_that_it_reads(tmp_path: Path) -> None:
    queries = [
        {"id": "e", "expression": "a/b"},
        {"id": "a", "metric": {}},
        {"id": "b", "metric": {"namespace": "x"}},
    ]
    alarm = resource(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "it",
        {"metricQueries": [*queries, {"id": "c", "metric": {"namespace": "y"}}]},
    )
    assert of_new(tmp_path, alarm) == pytest.approx(0.20)


def test_a_schedule_costs_by_its_rate_and_a_calendar_has_no_known_price(tmp_path: Path) -> None:
    def schedule(expression: str) -> Json:
        return resource("aws:scheduler/schedule:Schedule", "it", {"scheduleExpression": expression})

    assert of_new(tmp_path, schedule("rate(5 minutes)")) == pytest.approx(730 * 12 / 1e6)
    result = cost(tmp_path, graph(), graph(schedule("cron(0 9 * * ? *)")))
    assert [why for _, why in result.unknown] == ["how often it runs is not told by a rate"]


def test_a_lower_retention_saves(tmp_path: Path) -> None:
    old, new = (graph(resource(LOGS, "it", {"retentionInDays": days})) for days in (365, 30))
    assert cost(tmp_path, old, new).difference < 0


def test_what_goes_saves_and_what_stays_costs_nothing_more(tmp_path: Path) -> None:
    key = resource("aws:kms/key:Key", "key")
    assert cost(tmp_path, graph(key), graph()).difference == pytest.approx(-(1 + 0.0000030 * 1000 * 365 / 12))
    assert cost(tmp_path, graph(key), graph(key)).is_nothing


UNPRICED = {
    "a type": (resource("aws:mq/broker:Broker", "it"), "eu-west-1", "this type is not in the table"),
    "a region": (resource("aws:kms/key:Key", "it"), "sa-east-1", "sa-east-1 is not in the table"),
    "no region": (resource("aws:kms/key:Key", "it"), "", "the region is not known; say --region"),
    "an input": (
        resource(FUNCTION, "it", {"memorySize": UNKNOWN}),
        "eu-west-1",
        "memorySize is known only after deployment",
    ),
    "a feature": (
        resource(FUNCTION, "it", {"snapStart": {"applyOn": "PublishedVersions"}}),
        "eu-west-1",
        "snapStart is not in the table",
    ),
}


@pytest.mark.parametrize(("new", "region", "why"), UNPRICED.values(), ids=UNPRICED)
def test_an_unknown_price_is_listed_and_never_zero(tmp_path: Path, new: Json, region: str, why: str) -> None:
    result = review(compared(tmp_path, graph(), graph(new)), {}, region, Usage())
    assert [(change.name, reason) for change, reason in result.money.unknown] == [("it", why)]
    text = render.comment(result)
    assert f"`it` is unknown: `{why}` | unknown |" in text
    assert "and 1 of unknown price" in text


def test_a_price_that_can_not_be_told_does_not_matter_where_nothing_moves_it(tmp_path: Path) -> None:
    def function(timeout: int, memory: object) -> Json:
        return state(FUNCTION, "f", {"timeout": timeout, "memorySize": memory})

    quiet = cost(
        tmp_path, digest(step("update", function(3, LATER), function(5, LATER), diffReasons=["timeout"]))
    )
    assert quiet.is_nothing
    moved = cost(
        tmp_path, digest(step("update", function(3, 128), function(3, LATER), diffReasons=["memorySize"]))
    )
    assert [reason for _, reason in moved.unknown] == ["memorySize is known only after deployment"]


def test_one_resource_may_have_assumptions_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "usage.yaml"
    file.write_text("requestsPerDay: 10\nresources:\n  busy: {requestsPerDay: 1000000}\n")
    topics = [resource("aws:sns/topic:Topic", name) for name in ("busy", "quiet")]
    result = cost(tmp_path, graph(), graph(*topics), assumed=usage(file))
    assert [round(item.difference, 4) for item in result.costs] == [15.2083, 0.0002]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("requestsPerDy: 1", r"requestsPerDy is no assumption; it takes bucketGigabytes, .*requestsPerDay"),
        ("requestsPerDay: -1", r"requestsPerDay must be a number, 0 or more, got -1"),
        ("requestsPerDay: many", r"requestsPerDay must be a number, 0 or more, got 'many'"),
        ("requestsPerDay: .inf", r"requestsPerDay must be a number"),
        ("resources: {users: {requests: 1}}", r"requests"),
        ("- a list", r"usage.yaml: "),
        ("{", r"usage.yaml: is not YAML"),
    ],
)
def test_a_wrong_usage_file_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "usage.yaml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=message) as caught:
        usage(file)
    assert "\n" not in str(caught.value)


def test_the_table_is_dated_and_names_its_sources() -> None:
    assert table().as_of.year >= 2025
    assert all(source.startswith("https://aws.amazon.com/") for source in table().sources)
    assert set(table().regions) == {"us-east-1", "eu-west-1"}


def test_alarms_cost_what_the_component_says() -> None:
    for region, prices in table().regions.items():
        of_component = PRICES[region]
        assert prices.alarm_metric_month == of_component.alarm_metric
        assert prices.composite_alarm_month == of_component.composite_alarm
        assert prices.dashboard_month == of_component.dashboard


@pytest.mark.parametrize("backend", ["asset-api", "site-communications"])
def test_everything_that_a_backend_consists_of_has_a_price(backend: str) -> None:
    resources = json.loads((GOLDEN / f"{backend}.prod.json").read_text())["resources"]
    types = {item["type"] for item in resources}
    assert {type_ for type_ in types if type_ not in FORMULAS and not is_free(type_)} == set()
