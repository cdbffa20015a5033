"""The Markdown and its twin: order, length, escaping, acknowledgements."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from review_previews import (
    FUNCTION,
    LOGS,
    POOL,
    ROUTE,
    TABLE,
    UNKNOWN,
    Json,
    digest,
    graph,
    resource,
    reviewed,
    state,
    step,
    urn,
)

from backplane.errors import ConfigurationError
from backplane.review import acknowledgements, twin
from backplane.review.model import Change, Comparison, State
from backplane.review.prices import Usage
from backplane.review.render import MIN_CHARACTERS, comment
from backplane.review.review import Review, review
from backplane.review.words import Code, code, escaped, markdown, say

USERS = urn(TABLE, "users")


def loss(folder: Path, **more: Any) -> Review:
    return reviewed(folder, graph(resource(TABLE, "users")), graph(), **more)


def test_nothing_changed_is_one_line(tmp_path: Path) -> None:
    same = graph(resource(TABLE, "users"))
    assert comment(reviewed(tmp_path, same, same)) == "`backplane/prod`: nothing changes.\n"


def test_policies_that_can_not_be_seen_are_not_called_unchanged(tmp_path: Path) -> None:
    same = graph(resource("aws:iam/rolePolicy:RolePolicy", "it", {"policy": UNKNOWN}))
    assert comment(reviewed(tmp_path, same, same)) == (
        "`backplane/prod`: nothing changes that a preview without AWS can show; "
        "the text of 1 policy is known only after deployment.\n"
    )


def test_the_engine_sees_all_policies(tmp_path: Path) -> None:
    assert comment(reviewed(tmp_path, digest())) == "`backplane/prod`: nothing changes.\n"


def test_what_hurts_most_comes_first(tmp_path: Path) -> None:
    old = graph(
        resource(FUNCTION, "f", {"timeout": 30, "description": "a"}),
        resource(ROUTE, "r", {"routeKey": "GET /", "authorizationType": "JWT"}),
        resource(TABLE, "t"),
    )
    new = graph(
        resource(FUNCTION, "f", {"timeout": 5, "description": "b"}),
        resource(ROUTE, "r", {"routeKey": "GET /", "authorizationType": "NONE"}),
        resource("aws:kms/key:Key", "k"),
    )
    text = comment(reviewed(tmp_path, old, new))
    places = [
        text.index(title)
        for title in ("#### Data", "#### Access", "#### Availability", "#### Money", "The rest")
    ]
    assert places == sorted(places)


def test_a_preview_that_failed_says_so_and_does_not_pass_a_guard(tmp_path: Path) -> None:
    message = f'resource "{USERS}" cannot be deleted\nbecause it is protected. To unprotect the resource, ...'
    diagnostics = [
        {"urn": USERS, "message": f"error: Preview failed: {message}\n", "severity": "error"},
        {"message": "error: preview failed", "severity": "error"},
        {"message": "warning: old", "severity": "warning"},
    ]
    result = reviewed(tmp_path, digest(diagnostics=diagnostics))
    assert result.changed
    assert not result.holds
    assert "**The preview failed, so this is incomplete:**" in comment(result)
    assert "cannot be deleted because it is protected" in comment(result)
    assert twin.document(result)["complete"] is False


def test_an_acknowledged_loss_passes_a_guard_and_shows_its_reason(tmp_path: Path) -> None:
    assert not loss(tmp_path).holds
    result = loss(tmp_path, reasons={USERS: "moved on 1 December"})
    assert result.holds
    assert "| moved on 1 December |" in comment(result)
    assert "How to acknowledge" not in comment(result)


def test_one_acknowledgement_does_not_cover_another_resource(tmp_path: Path) -> None:
    result = loss(tmp_path, reasons={urn(TABLE, "orders"): "why not"})
    assert [item.change.urn for item in result.unacknowledged] == [USERS]


def test_an_acknowledgement_that_matches_nothing_is_told(tmp_path: Path) -> None:
    same = graph(resource(TABLE, "users"))
    result = reviewed(tmp_path, same, same, reasons={USERS: "gone long ago"})
    assert result.holds
    assert f"- `{USERS}`" in comment(result)
    assert twin.document(result)["guard"]["unmatched"] == [USERS]


def test_the_comment_shows_how_to_acknowledge(tmp_path: Path) -> None:
    text = comment(loss(tmp_path))
    block = text.split("```yaml\n")[1].split("```")[0].replace("reason: ", "reason: moved")
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text(block)
    config = acknowledgements.from_file(file)
    assert acknowledgements.parse(config, file.name) == {USERS: "moved"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({USERS: "why"}, "must be a list of urn and reason, got dict"),
        ("[", r"must be a list of urn and reason, got '\['"),
        (["x"], r"\[0\] must have urn and reason, and nothing else; got str"),
        ([{"urn": USERS}], r"\[0\] must have urn and reason, and nothing else; got urn"),
        ([{"urn": USERS, "reason": " "}], r"\[0\].reason must say why, got ' '"),
        ([{"urn": "users", "reason": "x"}], r"\[0\].urn must be one resource's URN"),
        ([{"urn": USERS, "reason": "x"}] * 2, r"\[1\].urn is there twice"),
    ],
)
def test_a_wrong_acknowledgement_is_refused(value: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        acknowledgements.parse({acknowledgements.KEY: value}, "Pulumi.prod.yaml")


def test_acknowledgements_are_read_as_the_engine_hands_them_over() -> None:
    text = json.dumps([{"urn": USERS, "reason": "why"}])
    assert acknowledgements.parse({acknowledgements.KEY: text}, "preview.json") == {USERS: "why"}


def test_the_twin_says_what_the_comment_says(tmp_path: Path) -> None:
    result = loss(tmp_path, reasons={USERS: "moved"})
    document = json.loads(json.dumps(twin.document(result)))
    assert document["findings"] == [
        {
            "section": "data",
            "urn": USERS,
            "type": TABLE,
            "name": "users",
            "operation": "delete",
            "text": "is deleted, and with it go data.",
            "guarded": True,
            "acknowledged": "moved",
        }
    ]
    assert document["counts"] == {"delete": 1}
    assert document["money"]["currency"] == "USD"
    assert document["changed"]


def test_secrets_and_what_looks_like_one_are_never_repeated(tmp_path: Path) -> None:
    def function(word: str) -> Json:
        variables = {"DATABASE_PASSWORD": f"{word}-hidden", "MODE": word, "KEY": {"secret": True}}
        return graph(resource(FUNCTION, "f", {"environment": {"variables": variables}}))

    result = reviewed(tmp_path, function("one"), function("two"))
    text = comment(result) + json.dumps(twin.document(result))
    assert "hidden" not in text
    assert "`environment.variables.DATABASE_PASSWORD` changes" in text
    assert "`environment.variables.MODE` from `one` to `two`" in text


def test_a_secret_that_changes_is_told_by_the_engine_alone(tmp_path: Path) -> None:
    pool = state("aws:rds/instance:Instance", "db", {"password": "[secret]"})
    result = reviewed(tmp_path, digest(step("update", pool, pool, diffReasons=["password"])))
    assert "| updated | rds.Instance | `db` | `password` changes |" in comment(result)


def test_a_list_tells_what_it_gains_and_loses(tmp_path: Path) -> None:
    def table(*names: str) -> Json:
        return graph(
            resource(TABLE, "users", {"attributes": [{"name": name, "type": "S"} for name in names]})
        )

    text = comment(reviewed(tmp_path, table("a", "b"), table("b", "c")))
    assert "`attributes` gains `c`, loses `a`" in text


def test_resources_that_change_alike_are_one_row(tmp_path: Path) -> None:
    def program(days: int) -> Json:
        return graph(*(resource(LOGS, f"logs-{number}", {"retentionInDays": days}) for number in range(15)))

    text = comment(reviewed(tmp_path, program(90), program(7)))
    assert text.count("logs are kept") == 1


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
NASTY = (
    "a|b",
    "<img src=x>",
    "`",
    "``` \n# Title",
    "@team",
    "[x](https://evil)",
    "a\nb",
    "*bold*",
    "\\|",
    "</details>",
    "&lt;",
    "$x$",
)


def cells(row: str) -> list[str]:
    """The cells of a row, as GitHub takes them apart: a bar separates, even in code."""
    return re.split(r"(?<!\\)\|", row.strip().strip("|"))


@given(NAMES | st.sampled_from(NASTY))
def test_a_value_never_leaves_its_cell(name: str) -> None:
    row = f"| {code(name)} | {escaped(name)} |"
    assert len(row.splitlines()) == 1
    assert len(cells(row)) == 2
    outside = re.sub(r"`[^`]*`|</?code>|&#\d+;", "", row)
    assert not set(outside) & set("<>`*_[]&@#\\")


@given(NAMES | st.sampled_from(NASTY))
def test_a_code_span_is_closed_where_it_ends(name: str) -> None:
    text = code(name)
    assert text.count("`") in (0, 2)
    assert text.startswith("`") == text.endswith("`")


def test_a_long_value_is_cut_and_says_so() -> None:
    assert code("x" * 1000) == f"`{'x' * 159}…`"
    assert markdown(say("{} is long", "x" * 1000)).endswith("…` is long")


def test_a_sentence_takes_exactly_its_values() -> None:
    assert say("{} and {}", "a", say("not {}", 1)) == (Code("a"), " and ", "not ", Code("1"))
    with pytest.raises(ValueError, match="takes 1 values, got 2"):
        say("{}", 1, 2)


def many(names: list[str], kinds: list[int]) -> Review:
    """A review of resources of all sorts."""
    types = (TABLE, LOGS, POOL, ROUTE, FUNCTION, "aws:kms/key:Key")
    changes = []
    for index, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        type_ = types[kind % len(types)]
        inputs = {
            "retentionInDays": 30,
            "routeKey": name,
            "authorizationType": "JWT",
            "memorySize": 512,
            "name": name,
        }
        state_ = State(urn(type_, f"{index}-{name}"), inputs)
        loose = State(
            state_.urn,
            {"retentionInDays": 1 + kind, "routeKey": name, "memorySize": 128, "description": f"{kind}"},
        )
        pairs = ((state_, None, "delete"), (None, state_, "create"), (state_, loose, "update"))
        old, new, op = pairs[kind % 3]
        changes.append(Change(op, old, new, ("description",)))  # type: ignore[arg-type] # an operation
    return review(Comparison("backplane", "prod", tuple(changes), exact=True), {}, "eu-west-1", Usage())


REVIEWS = st.integers(1, 60).flatmap(
    lambda size: st.builds(
        many,
        st.lists(NAMES | st.sampled_from(NASTY), min_size=size, max_size=size),
        st.lists(st.integers(0, 40), min_size=size, max_size=size),
    )
)


def rows_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(("| ", "- ", "    - urn"))]


@settings(max_examples=60, deadline=None)
@given(REVIEWS, st.integers(MIN_CHARACTERS, 12_000))
def test_a_comment_never_goes_beyond_its_limit_and_never_cuts_a_row(result: Review, limit: int) -> None:
    whole, short = comment(result, 10**9), comment(result, limit)
    assert len(short) <= limit
    left = rows_of(short)
    assert left == [row for row in rows_of(whole) if row in left][: len(left)]
    assert set(left) <= set(rows_of(whole))
    if short != whole:
        assert re.search(r"_[\d,]+ more rows? (is|are) left out", short)
        lines = short.splitlines()
        assert sum(line.startswith("<details>") for line in lines) == lines.count("</details>")
        assert sum(line.startswith("```") for line in lines) % 2 == 0


def test_the_least_important_rows_are_left_out_first() -> None:
    result = many([f"name-{index}" for index in range(300)], list(range(300)))
    whole, short = comment(result, 10**9), comment(result, 20_000)
    left = rows_of(short)
    assert left == rows_of(whole)[: len(left)]
    assert "#### Data" in short
    missing = re.search(r"_([\d,]+) more rows are left out", short)
    assert missing is not None
    headings = sum(
        row.startswith(("| Resource |", "| --- |", "| | Type")) for row in rows_of(whole)[len(left) :]
    )
    assert int(missing[1].replace(",", "")) == len(rows_of(whole)) - len(left) - headings


def test_a_limit_that_is_too_small_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="limit must be at least 2,000, got 10"):
        comment(loss(tmp_path), 10)


def test_a_comment_has_at_most_60_000_characters() -> None:
    result = many([f"name-{index}" for index in range(900)], list(range(900)))
    assert len(comment(result, 10**9)) > 60_000
    assert 50_000 < len(comment(result)) <= 60_000
