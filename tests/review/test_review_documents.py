"""Previews that can't be read: each is refused in one line that names the file and the reason."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_previews import (
    LATER,
    TABLE,
    Json,
    digest,
    graph,
    resource,
    state,
    step,
    write,
)

from backplane.review import compare
from backplane.review.documents import MAX_BYTES, Digest, Graph, PreviewError, load
from backplane.review.values import SECRET, UNKNOWN, clean

WHOLE = json.dumps(digest(step("create", None, state(TABLE, "users", {"hashKey": "userId"}))), indent=4)


def refusal(folder: Path, content: Any) -> str:
    path = write(folder, "preview.json", content)
    with pytest.raises(PreviewError) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


UNREADABLE = {
    "empty": ("", "is empty; write it with"),
    "blank": (" \n\n", "is empty; write it with"),
    "text": ("Previewing update (prod):", "is not JSON; write it with --json"),
    "broken": ('{"steps": [,]}', "is not JSON at line 1, column 12"),
    "streamed": ('{"sequence":0}\n{"sequence":1}', "holds more than one JSON document; a streamed preview"),
    "list": ("[]", "must hold one JSON object, got a list"),
    "deep": ("[" * 100_000, "is nested too deeply for a preview"),
    "deep inputs": (
        json.dumps(graph(resource(TABLE, "users"))).replace(
            '"inputs": {}', '"inputs": ' + '{"a":' * 900 + "1" + "}" * 900
        ),
        "is nested too deeply for a preview",
    ),
}


@pytest.mark.parametrize(("content", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: str, message: str) -> None:
    assert message in refusal(tmp_path, content)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_told_as_such(tmp_path: Path, part: float) -> None:
    assert refusal(tmp_path, WHOLE[: int(len(WHOLE) * part)]).startswith(
        ("is cut off at line", "is not JSON at line")
    )


@given(st.integers(1, len(WHOLE) - 2))
def test_no_cut_is_taken_for_a_preview(tmp_path_factory: pytest.TempPathFactory, end: int) -> None:
    path = write(tmp_path_factory.getbasetemp(), "cut.json", WHOLE[:end])
    with pytest.raises(PreviewError):
        load(path)


OTHER_SHAPES = {
    "of nothing": ({}, "got the keys: none"),
    "a state file": ({"version": 3, "deployment": {}}, "got the keys: deployment, version"),
    "a later version": (
        digest(futureKey=1),
        "got the keys: changeSummary, config, duration, futureKey, steps",
    ),
    "steps": ({"steps": {}, "changeSummary": {}}, "steps must be a list, got an object"),
    "a step": ({"steps": [1]}, "steps[0] must be an object, got a number"),
    "an operation": (
        {"steps": [{"urn": "urn:pulumi:a::b::c::d"}]},
        "steps[0].op must be a text, got nothing",
    ),
    "a URN": (
        {"steps": [{"op": "same", "urn": "users"}]},
        "steps[0].urn must be urn:pulumi:STACK::PROJECT::TYPE::NAME",
    ),
    "inputs": (
        graph({**resource(TABLE, "users"), "inputs": []}),
        "resources[1].inputs must be an object, got a list",
    ),
    "dependencies": (
        graph({**resource(TABLE, "users"), "dependencies": [1]}),
        "resources[1].dependencies must be a list",
    ),
    "a twin": (
        graph(resource(TABLE, "users"), resource(TABLE, "users")),
        "has two resources with the URN urn:pulumi:prod",
    ),
}


@pytest.mark.parametrize(("document", "message"), OTHER_SHAPES.values(), ids=OTHER_SHAPES)
def test_a_document_of_another_shape_is_refused_with_the_place(
    tmp_path: Path, document: Json, message: str
) -> None:
    assert message in refusal(tmp_path, document)


def test_an_operation_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "preview.json", digest(step("teleport", None, state(TABLE, "users"))))
    preview = load(path)
    assert isinstance(preview, Digest)
    with pytest.raises(PreviewError, match="has the operation 'teleport', which this version doesn't know"):
        compare.digest(preview)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(
        PreviewError, match=f"huge.json: has 200 MB; a preview has at most {MAX_BYTES // 1024**2} MB"
    ):
        load(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PreviewError, match="can't be read: No such file"):
        load(tmp_path / "none.json")
    with pytest.raises(PreviewError, match="can't be read: Is a directory"):
        load(tmp_path)


def test_a_preview_of_another_encoding_is_refused_and_a_byte_order_mark_is_not(tmp_path: Path) -> None:
    path = tmp_path / "preview.json"
    path.write_bytes(WHOLE.encode("utf-16"))
    with pytest.raises(PreviewError, match="must be UTF-8"):
        load(path)
    path.write_bytes(b"\xef\xbb\xbf" + WHOLE.encode())
    assert isinstance(load(path), Digest)


@pytest.mark.parametrize(("key", "what"), [("project", "projects"), ("stack", "stacks")])
def test_previews_of_two_projects_or_stacks_are_refused(tmp_path: Path, key: str, what: str) -> None:
    old = json.dumps(graph(resource(TABLE, "users")))
    new = old.replace("::backplane::", "::other::") if key == "project" else old.replace(":prod:", ":dev:")
    paths = [write(tmp_path, "old.json", old), write(tmp_path, "new.json", new)]
    loaded = [load(path) for path in paths]
    assert isinstance(loaded[0], Graph)
    assert isinstance(loaded[1], Graph)
    with pytest.raises(PreviewError, match=f"must be of one project and stack, got the {what} "):
        compare.graphs(loaded[0], loaded[1])


def test_values_of_both_kinds_come_out_alike() -> None:
    signature = "4dabf18193072939515e22adb298388d"
    asset, archive = "c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"
    assert clean({"unknown": True}) is clean(LATER) is UNKNOWN
    assert clean({"secret": True}) is clean("[secret]") is SECRET
    assert clean({signature: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}) is SECRET
    assert clean({signature: asset, "hash": "ab", "path": "/home/me/a.py"}) == clean({"asset": "ab"})
    assert clean({signature: archive, "hash": "cd", "assets": {}}) == clean({"archive": "cd"})
    assert clean({"__defaults": ["name"], "size": 512.0}) == {"size": 512}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_document_of_any_shape_ends_in_anything_but_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, value: Any
) -> None:
    folder = tmp_path_factory.getbasetemp()
    for document in (
        value,
        {"resources": value, "outputs": {}},
        {"steps": value},
        digest({"op": "update", "urn": value}),
    ):
        with suppress(PreviewError):
            load(write(folder, "any.json", json.dumps(document)))
