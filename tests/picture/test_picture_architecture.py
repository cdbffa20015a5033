"""What a picture says is what the program does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pulumi_aws as aws
import pytest

import components
from backplane.picture.kinds import KINDS, UNSEEN
from backplane.picture.model import Architecture, Meaning
from backplane.picture.read import architecture
from components import (
    AssetBucket,
    AssetBucketArgs,
    Authorizer,
    AuthorizerArgs,
    BackupPlan,
    BackupPlanArgs,
    BackupRule,
    BucketEvent,
    DataTable,
    DataTableArgs,
    Function,
    FunctionArgs,
    Link,
    RealtimeChannel,
    RealtimeChannelArgs,
    Route,
    Schedule,
    ScheduleArgs,
    ServerlessApi,
    ServerlessApiArgs,
    StaticSite,
    StaticSiteArgs,
    Subscription,
    Topic,
    TopicArgs,
    UserPool,
    UserPoolArgs,
    UserPoolClient,
)
from components._base import Component
from components._links import Statement
from support.recorder import record
from support.samples import HANDLER, SAMPLES

ROOT = Path(__file__).parents[2]


def drawn(program: Callable[[], object], *, preview: bool = True) -> Architecture:
    return architecture("sample", record(program, preview=preview).resources)


def told(program: Callable[[], object]) -> list[str]:
    return drawn(program).sentences()


def function(name: str, *links: Link) -> Function:
    return Function(name, FunctionArgs(handler=HANDLER, links=links))


def table(name: str) -> DataTable:
    return DataTable(name, DataTableArgs(partition_key="id"))


def test_every_component_has_its_place_or_none_on_purpose() -> None:
    public = [getattr(components, name) for name in components.__all__]
    types = {
        f"backplane:index:{item.__name__}"
        for item in public
        if isinstance(item, type) and issubclass(item, Component)
    }
    assert types == {type_ for type_ in KINDS if type_.startswith("backplane:")} | UNSEEN


@pytest.mark.parametrize("component", SAMPLES, ids=lambda item: item.__name__)
def test_every_component_is_shown_by_its_name(component: type[Component]) -> None:
    type_ = f"backplane:index:{component.__name__}"
    found = drawn(SAMPLES[component])
    shown = {urn for urn in found.nodes if urn.endswith(f"{type_}::sample")}
    assert len(shown) == (0 if type_ in UNSEEN else 1)


@pytest.mark.parametrize("component", SAMPLES, ids=lambda item: item.__name__)
def test_a_preview_and_an_up_show_the_same(component: type[Component]) -> None:
    preview, up = drawn(SAMPLES[component]), drawn(SAMPLES[component], preview=False)
    assert preview.sentences() == up.sentences()
    assert [node.rows for node in preview.nodes.values()] == [node.rows for node in up.nodes.values()]


def test_a_function_is_told_with_the_verbs_of_its_links() -> None:
    def program() -> None:
        one, topic = table("things"), Topic("things", TopicArgs())
        function("reader", one.link("GetItem"), one.link("Query"))
        function("writer", one.link("GetItem", "PutItem"), topic.link("Publish"))

    found = drawn(program)
    assert found.sentences() == [
        "Function reader may GetItem, Query on table things.",
        "Function writer may GetItem, PutItem on table things; may Publish on topic things.",
    ]
    meanings = {(edge.source.split("::")[-1], edge.meaning) for edge in found.edges}
    assert meanings == {
        ("reader", Meaning.READS),
        ("writer", Meaning.WRITES),
        ("writer", Meaning.CALLS),
    }


def test_a_table_of_somebody_elses_is_shown_with_who_uses_it() -> None:
    def program() -> None:
        function("reader", DataTable.from_name("theirs", "their-table").link("GetItem"))

    assert told(program) == ["Function reader may GetItem on table theirs."]


def test_a_right_without_a_name_is_still_a_line() -> None:
    def program() -> None:
        queue = aws.sqs.Queue("jobs")
        function("worker", Link((Statement(("sqs:SendMessage",), (queue.arn,)),)))

    assert told(program) == ["Function worker uses queue jobs."]


@pytest.mark.parametrize("kind", ["http", "rest"])
def test_an_api_has_its_routes_in_order_each_with_its_function(kind: str) -> None:
    def program() -> None:
        one, two = function("one"), function("two")
        rules = Authorizer("rules", AuthorizerArgs(function=FunctionArgs(handler=HANDLER)))
        ServerlessApi(
            "api",
            ServerlessApiArgs.model_validate(
                {
                    "kind": kind,
                    "routes": {
                        "GET /b/{id}": one,
                        "DELETE /a": Route(two, public=True),
                        "POST /a": two,
                    },
                    "authorizer": rules,
                }
            ),
        )

    found = drawn(program)
    (api,) = (node for node in found.nodes.values() if node.rows)
    assert api.kind.label == {"http": "HTTP API", "rest": "REST API"}[kind]
    assert [(row.verb, row.path, row.note, row.function.split("::")[-1]) for row in api.rows] == [
        ("", "authorizer", "", "rules-function"),
        ("POST", "/a", "", "two"),
        ("DELETE", "/a", "public", "two"),
        ("GET", "/b/{id}", "", "one"),
    ]
    assert found.sentences() == [
        f"Clients call {api.kind.label} api.",
        f"{api.kind.label} api calls function rules-function, function one, function two.",
    ]


def test_a_channel_shows_its_functions_and_who_pushes() -> None:
    def program() -> None:
        pool = UserPool("people", UserPoolArgs(groups=["a", "b"], clients={"app": UserPoolClient()}))
        args = FunctionArgs(handler=HANDLER)
        live = RealtimeChannel(
            "live",
            RealtimeChannelArgs(user_pool=pool, authorizer=args, connect=args, disconnect=args, default=args),
        )
        function("push", live.link("PostToConnection"))

    found = drawn(program)
    assert found.sentences() == [
        "Clients call WebSocket API live; sign in at user pool people.",
        (
            "WebSocket API live calls function live-authorizer, function live-connect, "
            "function live-default, function live-disconnect."
        ),
        "Function live-authorizer checks tokens of user pool people.",
        "Function live-connect may PutItem on table live-connections.",
        "Function live-disconnect may DeleteItem on table live-connections.",
        "Function push may ManageConnections on WebSocket API live.",
    ]
    assert [node.details for node in found.nodes.values() if node.name == "people"] == [("groups a, b",)]


def test_events_schedules_and_subscriptions_lead_to_functions() -> None:
    def program() -> None:
        swept, stored, heard = function("swept"), function("stored"), function("heard")
        Schedule("nightly", ScheduleArgs(expression="rate(1 day)", target=swept))
        AssetBucket("files", AssetBucketArgs()).notify(BucketEvent.function(stored))
        Topic("news", TopicArgs(subscriptions=[Subscription.function(heard)]))

    assert told(program) == [
        "Schedule nightly calls function swept.",
        "Bucket files tells function stored.",
        "Topic news tells function heard.",
    ]


def test_a_site_stands_before_its_api_and_keeps_its_own_bucket() -> None:
    def program() -> None:
        api = ServerlessApi("api", ServerlessApiArgs(routes={"GET /": Route(function("home"), public=True)}))
        folder = str(ROOT / "tests" / "support" / "site")
        StaticSite("www", StaticSiteArgs(folder=folder, apis={"/api": api}))

    assert told(program) == [
        "Clients call static site www.",
        "Static site www calls HTTP API api.",
        "HTTP API api calls function home.",
    ]


def test_operations_say_what_they_watch_in_words() -> None:
    found = drawn(SAMPLES[components.Alarms])
    (alarms,) = (node for node in found.nodes.values() if node.kind.label == "Alarms")
    assert "on 1 HTTP API" in alarms.details
    edges = [edge for edge in found.edges if edge.source == alarms.id]
    assert [found.nodes[edge.target].called for edge in edges] == ["topic pager"]


def test_a_backup_plan_leads_to_what_it_saves() -> None:
    def program() -> None:
        rule = BackupRule(name="daily", schedule="cron(0 3 * * ? *)", retention_days=35)
        BackupPlan("saved", BackupPlanArgs(rules=[rule], tables=[table("a")]))

    assert told(program) == ["Backup plan saved saves table a."]
