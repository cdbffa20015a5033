"""Sentences whose values are marked, so that one sentence serves Markdown and JSON alike.

Names and values come from previews, and a preview of a fork from whoever wrote it: what is marked is escaped,
what is not marked is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_VALUE_LENGTH = 160
"""A value longer than this ends in an ellipsis: a row has to stay readable."""

_PLAIN_CODE = re.compile(r"[^`|<>\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ACTIVE = re.compile(r"[^A-Za-z0-9 .,;:/()=+'\"%?-]")


class Code(str):
    """A value: a name, an ARN, a number."""

    __slots__ = ()


Text = tuple[str | Code, ...]
"""A sentence: our words, and values among them."""


def say(template: str, *values: object) -> Text:
    """A sentence with a value, or another sentence, at each `{}`."""
    pieces = template.split("{}")
    if len(pieces) != len(values) + 1:
        raise ValueError(f"{template!r} takes {len(pieces) - 1} values, got {len(values)}")
    parts: list[str | Code] = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        parts += value if isinstance(value, tuple) else (Code(value),)
        parts.append(piece)
    return tuple(part for part in parts if part)


def listed(values: Iterable[object], limit: int = 12) -> Text:
    """Values with commas between them; beyond the limit their number alone."""
    items = [str(value) for value in values]
    shown: list[str | Code] = []
    for item in items[:limit]:
        shown += [", ", Code(item)] if shown else [Code(item)]
    rest = len(items) - limit
    return tuple(shown) if rest <= 0 else (*shown, f" and {rest} more")


def sentences(texts: Iterable[Text]) -> Text:
    """Several sentences, one after the other."""
    joined: list[str | Code] = []
    for text in texts:
        joined += [" ", *text] if joined else text
    return tuple(joined)


def ended(texts: Iterable[Text]) -> list[Text]:
    """Clauses, each with its full stop."""
    return [(*text, ".") for text in texts]


def joined(texts: Iterable[Text]) -> Text:
    """Clauses with commas between them."""
    whole: Text = ()
    for text in texts:
        whole = (*whole, ", ", *text) if whole else text
    return whole


def plain(text: Text) -> str:
    """The sentence for JSON: nothing is escaped, and no value is cut."""
    return "".join(text)


def markdown(text: Text) -> str:
    """The sentence for a cell of a table on GitHub."""
    return "".join(code(part) if isinstance(part, Code) else part for part in text)


def code(value: str) -> str:
    """A value as code: nothing in it is Markdown, HTML or a mention, and it stays on one line."""
    short = value if len(value) <= MAX_VALUE_LENGTH else f"{value[: MAX_VALUE_LENGTH - 1]}…"
    if _PLAIN_CODE.fullmatch(short) and short == short.strip():
        return f"`{short}`"
    return f"<code>{escaped(short)}</code>"


def escaped(value: str) -> str:
    """Any text as one line of entities, for what can't be a code span."""
    line = " ".join(value.split()) or "(empty)"
    return _ACTIVE.sub(lambda match: _entity(match.group()), line)


def _entity(character: str) -> str:
    if character.isalnum():
        return character
    # A space of no width keeps GitHub from telling the person who is named.
    return f"&#{ord(character)};{'&#8203;' if character == '@' else ''}"
