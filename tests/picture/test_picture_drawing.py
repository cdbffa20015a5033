"""What a picture looks like: nothing overlaps, text fits, and anyone can read it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backplane import project
from backplane.picture import kinds
from backplane.picture.draw import picture_of
from backplane.picture.kinds import Kind
from backplane.picture.layout import spread
from backplane.picture.model import CLIENTS_ID, Architecture, Edge, Meaning, Node, Row
from backplane.picture.svg import svg
from backplane.preview import preview
from components import (
    Alarms,
    Function,
    FunctionArgs,
    Route,
    Schedule,
    ScheduleArgs,
    ServerlessApi,
    ServerlessApiArgs,
    Topic,
    TopicArgs,
)
from components._base import Component
from stacks.settings import BACKENDS
from support.drawn import SVG, read
from support.recorder import record
from support.samples import HANDLER, SAMPLES

ROOT = Path(__file__).parents[2]


def drawing(program: Callable[[], object]) -> str:
    return picture_of("sample", record(program, preview=True).resources)


@pytest.mark.parametrize("component", SAMPLES, ids=lambda item: item.__name__)
def test_nothing_overlaps_and_text_fits_for_every_component(component: type[Component]) -> None:
    assert read(drawing(SAMPLES[component])).mistakes() == []


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_nothing_overlaps_and_text_fits_for_every_backend(backend: str, environment: str) -> None:
    loaded = project.load(ROOT, environment, {"backplane:backend": backend})
    resources = list(preview(loaded).resources.values())
    text = picture_of(backend, resources)
    assert read(text).mistakes() == []
    random.Random(1).shuffle(resources)  # noqa: S311 - any order will do
    assert picture_of(backend, resources) == text


NAMES = st.text("abcdefghijklmnopqrstuvwxyz-0123456789\u00e9<&W", min_size=1, max_size=40)
VERBS = st.lists(st.sampled_from(["GetItem", "PutItem", "DeleteItem", "ConditionCheckItem"]), unique=True)
PATHS = st.text("abc/{}W", max_size=60)


@st.composite
def architectures(draw: st.DrawFn) -> Architecture:
    nodes: dict[str, Node] = {CLIENTS_ID: Node(CLIENTS_ID, kinds.CLIENTS, "")}

    def add(kind: Kind, most: int, **values: object) -> list[str]:
        made = [f"{kind.label}-{number}" for number in range(draw(st.integers(0, most)))]
        for id_ in made:
            nodes[id_] = Node(id_, kind, draw(NAMES), **values)  # type: ignore[arg-type]  # by the caller
        return made

    functions = add(kinds.FUNCTION, 20, details=("python3.13",))
    data = [
        id_ for kind in (kinds.TABLE, kinds.BUCKET, kinds.TOPIC) for id_ in add(kind, 4, details=("x" * 90,))
    ]
    others = [id_ for kind in (kinds.POOL, kinds.SITE, kinds.ALARMS) for id_ in add(kind, 2)]
    edges: dict[tuple[str, str], Edge] = {}
    for kind in (kinds.HTTP_API, kinds.CHANNEL):
        for id_ in add(kind, 2):
            targets = draw(st.lists(st.sampled_from(functions), max_size=12)) if functions else []
            rows = tuple(Row(draw(st.sampled_from(["GET", ""])), draw(PATHS), "public", to) for to in targets)
            nodes[id_] = Node(id_, kind, draw(NAMES), (), rows)
            others.append(id_)
            for to in targets:
                edges[id_, to] = Edge(id_, to, Meaning.CALLS, "calls")
    every = [*functions, *data, *others]
    pairs = st.tuples(st.sampled_from(every), st.sampled_from(every)) if every else st.nothing()
    for one, other in draw(st.lists(pairs, max_size=40)) if every else []:
        if one != other:
            verbs = tuple(draw(VERBS)) if one in functions else ()
            edges.setdefault((one, other), Edge(one, other, draw(st.sampled_from(Meaning)), "uses", verbs))
    return Architecture("any", nodes, tuple(edges[pair] for pair in sorted(edges)))


@given(architectures())
@settings(max_examples=60, deadline=None)
def test_nothing_overlaps_whatever_is_drawn(architecture: Architecture) -> None:
    text = svg(architecture)
    assert read(text).mistakes() == []
    assert svg(architecture) == text


def api(count: int) -> None:
    routes = {
        f"GET /things-{number}": Route(
            Function(f"thing-{number}", FunctionArgs(handler=HANDLER)), public=True
        )
        for number in range(count)
    }
    ServerlessApi("api", ServerlessApiArgs(routes=routes))


def test_functions_that_do_alike_share_a_box_and_keep_their_lines() -> None:
    boxes = read(drawing(lambda: api(20))).boxes
    (shared,) = (box for box in boxes if "Functions" in box.tip)
    assert len([text for text in shared.texts if " thing-" in text]) == 20
    assert len(boxes) == 3


def test_a_route_and_its_function_stand_at_one_height() -> None:
    drawn = read(drawing(lambda: api(5)))
    calls = {tip: points for tip, points in drawn.lines.items() if "calls function" in tip}
    assert len(calls) == 5
    assert all(len({y for _, y in points}) == 1 for points in calls.values())


def test_schedules_of_one_expression_share_a_box() -> None:
    def program() -> None:
        for number in range(3):
            target = Function(f"swept-{number}", FunctionArgs(handler=HANDLER))
            Schedule(f"sweep-{number}", ScheduleArgs(expression="rate(5 minutes)", target=target))

    tips = [box.tip for box in read(drawing(program)).boxes]
    assert "Schedules 3 \u00d7 sweep-\u2026\nrate(5 minutes)" in tips


def test_a_program_without_components_is_still_a_picture() -> None:
    assert read(drawing(lambda: None)).mistakes() == []


def test_the_picture_has_a_title_and_says_all_that_it_shows() -> None:
    root = ET.fromstring(drawing(lambda: api(2)))  # noqa: S314 - our own
    named = {id_: root.find(f"*[@id='{id_}']") for id_ in root.attrib["aria-labelledby"].split()}
    texts = [item.text for item in named.values() if item is not None]
    assert root.attrib["role"] == "img"
    assert texts == [
        "Architecture of sample",
        "Clients call HTTP API api. HTTP API api calls function thing-0, function thing-1.",
    ]


def test_the_picture_is_one_file_by_itself() -> None:
    text = drawing(SAMPLES[Alarms]).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|@import|@font-face|<image|<script|href", text)


def test_every_colour_has_a_dark_twin() -> None:
    style = ET.fromstring(drawing(lambda: api(1))).findtext(f"{SVG}style") or ""  # noqa: S314 - our own
    light, dark = style.split("@media(prefers-color-scheme:dark)")
    coloured = re.findall(r"(\.[\w-]+)\{[^}]*#[^}]*\}", light)
    assert coloured
    assert coloured == re.findall(r"(\.[\w-]+)\{[^}]*#[^}]*\}", dark)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(dark: bool) -> None:
    style = ET.fromstring(drawing(lambda: api(1))).findtext(f"{SVG}style") or ""  # noqa: S314 - our own
    half = style.split("@media(prefers-color-scheme:dark)")[dark]
    colours = dict(re.findall(r"(\.[\w-]+)\{(?:fill|stroke):(#\w{6})", half))
    for text in (".t", ".m"):
        for behind in (".page", ".card", ".head"):
            assert contrast(colours[text], colours[behind]) >= 4.5, f"{text} on {behind}"
    for line in (".call", ".read", ".write", ".use"):
        assert contrast(colours[line], colours[".page"]) >= 3, line


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_what_must_not_overlap_stays_near_its_wish() -> None:
    assert spread([(10, 5), (30, 5)], 0) == [10, 30]
    assert spread([(10, 5), (10, 5)], 0) == [7.5, 12.5]
    assert spread([(-10, 5), (0, 5)], 0) == [0, 5]


def test_a_topic_alone_has_a_box_of_one_line() -> None:
    (box,) = (box for box in read(drawing(lambda: Topic("news", TopicArgs()))).boxes if "news" in box.tip)
    assert [text.split(" ", 1)[1] for text in box.texts] == ["news", "Topic"]
