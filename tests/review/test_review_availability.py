"""What is said of availability: what is replaced, slowed down or stopped."""

from pathlib import Path

import pytest
from review_previews import (
    FUNCTION,
    ROUTE,
    UNKNOWN,
    Json,
    changed,
    digest,
    graph,
    resource,
    reviewed,
    state,
    step,
    told,
)

STAGE = "aws:apigatewayv2/stage:Stage"
TABLE = "aws:dynamodb/table:Table"
WARM = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"


def limits(rate: int) -> Json:
    return {"defaultRouteSettings": {"throttlingRateLimit": rate}}


LOWERED = {
    "a throttle": (STAGE, limits(500), limits(50), "it takes 50 requests a second, before: 500 requests"),
    "reserved": (
        FUNCTION,
        {},
        {"reservedConcurrentExecutions": 0},
        "0 copies may run at once, before: as many as there are",
    ),
    "warm": (
        WARM,
        {"provisionedConcurrentExecutions": 4},
        {"provisionedConcurrentExecutions": 1},
        "it keeps 1 copy warm, before: 4 copies",
    ),
    "a timeout": (
        FUNCTION,
        {"timeout": 30},
        {"timeout": 10},
        "it is stopped after 10 seconds, before: 30 seconds",
    ),
    "memory": (FUNCTION, {"memorySize": 1024}, {"memorySize": 256}, "it has 256 MB, before: 1,024 MB"),
    "an index": (
        TABLE,
        {"globalSecondaryIndexes": [{"name": "email-index"}]},
        {},
        "queries of the index fail, it is gone: email-index",
    ),
}


@pytest.mark.parametrize(("type_", "more", "less", "said"), LOWERED.values(), ids=LOWERED)
def test_what_is_lowered_is_told_and_what_is_raised_is_not(
    tmp_path: Path, type_: str, more: Json, less: Json, said: str
) -> None:
    if said.startswith("queries"):
        less = {"globalSecondaryIndexes": []}
    assert changed(tmp_path, type_, more, less) == [("availability", "it", said, False)]
    assert changed(tmp_path, type_, less, more) == []


def test_an_index_that_can_not_be_seen_may_be_the_one(tmp_path: Path) -> None:
    old = {"globalSecondaryIndexes": [{"name": "email-index"}]}
    assert changed(tmp_path, TABLE, old, {"globalSecondaryIndexes": [UNKNOWN]}) == []


def test_a_replaced_function_is_told_with_the_reason(tmp_path: Path) -> None:
    found = changed(tmp_path, FUNCTION, {"name": "a"}, {"name": "b"})
    assert found == [("availability", "it", "is replaced: name from a to b", False)]


def test_the_engine_knows_better_what_is_replaced(tmp_path: Path) -> None:
    old, new = state(FUNCTION, "f", {"timeout": 3}), state(FUNCTION, "f", {"timeout": 3, "role": "new"})
    result = reviewed(
        tmp_path, digest(step("replace", old, new, replaceReasons=["role"], diffReasons=["role"]))
    )
    assert told(result) == [("availability", "f", "is replaced: role from unset to new", False)]


def test_a_new_version_of_a_layer_is_nothing_to_wait_for(tmp_path: Path) -> None:
    layer = "aws:lambda/layerVersion:LayerVersion"
    result = reviewed(
        tmp_path,
        graph(resource(layer, "it", {"code": {"archive": "a"}})),
        graph(resource(layer, "it", {"code": {"archive": "b"}})),
    )
    assert told(result) == []
    assert result.counts == {"replace": 1}


def test_a_deleted_route_is_told_by_its_key(tmp_path: Path) -> None:
    route = resource(ROUTE, "api-get-users", {"routeKey": "GET /users", "authorizationType": "JWT"})
    assert told(reviewed(tmp_path, graph(route), graph())) == [
        ("availability", "api-get-users", "GET /users is deleted: callers get an error", False)
    ]
