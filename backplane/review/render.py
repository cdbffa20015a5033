"""A review as the comment of a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from backplane.review.acknowledgements import KEY
from backplane.review.model import Change, Finding, Section, short
from backplane.review.money import Cost, dollars, line, unknown_lines
from backplane.review.prices import table
from backplane.review.review import Rest, Review
from backplane.review.words import Text, code, escaped, listed, markdown

MAX_CHARACTERS = 60_000
"""GitHub takes 65,536 in a comment; a marker and a heading of the workflow's own must fit in as well."""

MIN_CHARACTERS = 2_000
"""Below this not even the headings would fit."""

_TITLES = {
    Section.DATA: "Data",
    Section.ACCESS: "Access",
    Section.AVAILABILITY: "Availability",
    Section.MONEY: "Money",
}
_WORDS = {"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted"}
_LEFT_OUT = "_{} more {} left out: the comment would be too long._"
_RESERVED = 120
_NAMES_OF_A_ROW = 20


@dataclass(frozen=True)
class _Block:
    """Rows with what stands above and below them; a row is written whole or not at all."""

    head: str
    rows: Sequence[str]
    tail: str = ""
    left_out: str = field(default="rows are")


def comment(review: Review, limit: int = MAX_CHARACTERS) -> str:
    """The Markdown, of at most `limit` characters: the least important rows are left out first."""
    if limit < MIN_CHARACTERS:
        raise ValueError(f"limit must be at least {MIN_CHARACTERS:,}, got {limit:,}")
    if not review.changed:
        return f"{_nothing(review)}\n"
    blocks = [block for block in _blocks(review) if block.rows]
    return _fitted(_summary(review), blocks, limit)


def _nothing(review: Review) -> str:
    name = _name(review)
    if review.unseen:
        return f"{name}: nothing changes that a preview without AWS can show; {_texts(review.unseen)}."
    return f"{name}: nothing changes."


def _name(review: Review) -> str:
    project, stack = review.comparison.project, review.comparison.stack
    return code(f"{project}/{stack}") if project else "This stack"


def _summary(review: Review) -> str:
    lines = [f"### Review of {_name(review)}", "", " ".join(_sentences(review))]
    errors = review.comparison.errors
    if errors:
        lines += ["", f"**The preview failed, so this is incomplete:** {code(errors[0])}"]
        lines += [f"and {len(errors) - 1} more errors."] if len(errors) > 1 else []
    return "\n".join(lines)


def _sentences(review: Review) -> Iterable[str]:
    lost = {item.change.urn for item in review.of(Section.DATA) if item.guarded}
    wider = {item.change.urn for item in review.of(Section.ACCESS) if item.guarded}
    if lost:
        yield f"**Data at risk in {_count(len(lost), 'resource')}.**"
    if wider:
        yield f"**Access widens in {_count(len(wider), 'resource')}.**"
    if not lost and not wider:
        yield "No data is at risk and no access widens."
    counts = ", ".join(f"{count} {_WORDS[op]}" for op, count in review.counts.items())
    if counts:
        yield f"{counts[0].upper()}{counts[1:]}."
    if not review.money.is_nothing:
        unknown = len(review.money.unknown)
        amount = dollars(review.money.difference)
        beside = f", and {unknown} of unknown price" if unknown else ""
        yield f"{amount[0].upper()}{amount[1:]} a month{beside}."


def _count(number: int, noun: str, nouns: str = "") -> str:
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"


def _blocks(review: Review) -> Iterable[_Block]:
    for section in (Section.DATA, Section.ACCESS):
        yield _findings(review, section)
    yield _how_to_acknowledge(review)
    yield _unmatched(review)
    yield _findings(review, Section.AVAILABILITY)
    yield _money(review)
    yield _unseen(review)
    yield _rest(review.rest)


def _findings(review: Review, section: Section) -> _Block:
    items = review.of(section)
    asked = any(item.guarded for item in items)
    columns = ["Resource", "What happens", *(["Acknowledged"] if asked else [])]
    rows = [_row(alike, reason, asked=asked) for reason, alike in _alike(review, items)]
    return _Block(_table(_TITLES[section], columns), rows)


def _alike(review: Review, items: Iterable[Finding]) -> Iterable[tuple[str | None, list[Finding]]]:
    """Findings that say one thing of several resources, at most so many that a row can be read."""
    groups: dict[tuple[str, Text, bool, str | None], list[Finding]] = {}
    for item in items:
        reason = review.reasons.get(item.change.urn) if item.guarded else None
        groups.setdefault((item.change.type, item.text, item.guarded, reason), []).append(item)
    for (*_, reason), group in groups.items():
        for start in range(0, len(group), _NAMES_OF_A_ROW):
            yield reason, group[start : start + _NAMES_OF_A_ROW]


def _row(alike: Sequence[Finding], reason: str | None, *, asked: bool) -> str:
    cells = [_resources([item.change for item in alike]), markdown(alike[0].text)]
    if asked:
        cells.append(("**no**" if alike[0].guarded else "") if reason is None else escaped(reason[:500]))
    return f"| {' | '.join(cells)} |"


def _resources(changes: Sequence[Change]) -> str:
    names = ", ".join(code(change.name) for change in changes)
    return f"{names} {escaped(short(changes[0].type)[:100])}"


def _table(title: str, columns: Sequence[str]) -> str:
    return f"\n#### {title}\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}"


def _how_to_acknowledge(review: Review) -> _Block:
    urns = dict.fromkeys(item.change.urn for item in review.unacknowledged)
    file = f"Pulumi.{review.comparison.stack}.yaml"
    head = (
        f"\n<details><summary>How to acknowledge, in {escaped(file[:200])}</summary>\n\n```yaml\nconfig:\n"
        f"  {KEY}:"
    )
    # A text of JSON is one of YAML, and has no line of its own that could end the block.
    rows = [f"    - urn: {json.dumps(urn)}\n      reason: " for urn in urns]
    return _Block(head, rows, "```\n</details>", "resources are")


def _unmatched(review: Review) -> _Block:
    rows = [f"- {code(urn)}" for urn in review.unmatched]
    return _Block(f"\n#### Acknowledged, but nothing to acknowledge\nTake these out of `{KEY}`:\n", rows)


def _money(review: Review) -> _Block:
    money = review.money
    if money.is_nothing:
        return _Block("", [])
    prices = table()
    rows = [
        f"| {_resources([cost.change for cost in alike])} | {markdown(line(alike))} |"
        for alike in _alike_costs(money.costs)
    ]
    rows += [f"| {markdown(text)} | unknown |" for text in unknown_lines(money.unknown)]
    region = f"{code(money.region)}, " if money.region else ""
    tail = (
        f"\nPrices of {prices.as_of}, {region}without the free tier, at "
        f"{money.requests_per_day:,.0f} requests a day to each resource unless the usage file says otherwise."
    )
    return _Block(
        _table(f"Money: {dollars(money.difference)} a month", ["Resource", "Difference"]), rows, tail
    )


def _alike_costs(costs: Iterable[Cost]) -> Iterable[list[Cost]]:
    """Resources of one type with one difference, at most so many that a row can be read."""
    groups: dict[tuple[str, str, str], list[Cost]] = {}
    for cost in costs:
        groups.setdefault((cost.change.type, f"{cost.before:.2f}", f"{cost.after:.2f}"), []).append(cost)
    for group in groups.values():
        for start in range(0, len(group), _NAMES_OF_A_ROW):
            yield group[start : start + _NAMES_OF_A_ROW]


def _unseen(review: Review) -> _Block:
    if not review.unseen:
        return _Block("", [])
    return _Block("", [f"Not compared here: {_texts(review.unseen)}."])


def _texts(unseen: int) -> str:
    return f"the text of {_count(unseen, 'policy', 'policies')} is known only after deployment"


def _rest(rest: Sequence[Rest]) -> _Block:
    rows = [_rest_row(item) for item in rest]
    number = _count(sum(len(item.changes) for item in rest), "change")
    columns = "| | Type | Resources | What |\n| --- | --- | --- | --- |"
    head = f"\n<details><summary>The rest: {number}</summary>\n\n{columns}"
    return _Block(head, rows, "\n</details>")


def _rest_row(item: Rest) -> str:
    names: Text = listed((change.name for change in item.changes), len(item.changes))
    cells = [_WORDS[item.op], escaped(short(item.type)[:100]), markdown(names), markdown(item.text)]
    return f"| {' | '.join(cells)} |"


def _fitted(summary: str, blocks: Sequence[_Block], limit: int) -> str:
    """The blocks in their order; from the first row that doesn't fit, everything is left out."""
    parts, room = [summary], limit - len(summary) - _RESERVED
    missing = 0
    for block in blocks:
        frame = len(block.head) + len(block.tail) + 2
        taken = 0
        if not missing:
            taken, room = _taken(block.rows, room - frame)
        missing += len(block.rows) - taken
        if taken:
            parts += [block.head, *block.rows[:taken], *([block.tail] if block.tail else [])]
    if missing:
        parts += ["", _LEFT_OUT.format(f"{missing:,}", "row is" if missing == 1 else "rows are")]
    return "\n".join(part for part in parts) + "\n"


def _taken(rows: Sequence[str], room: int) -> tuple[int, int]:
    """How many rows fit, and how much room is left."""
    for index, row in enumerate(rows):
        if len(row) + 1 > room:
            return index, room
        room -= len(row) + 1
    return len(rows), room
