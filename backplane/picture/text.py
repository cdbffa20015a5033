"""How wide a text is, without knowing the font that will draw it.

The widths are those of DejaVu Sans, the widest of the usual sans-serif fonts, or Arial's where they are more:
whatever draws a text needs no more room. In hundredths of the font's size, from the space to `~`.
"""

from __future__ import annotations

from typing import Final

# fmt: off
_REGULAR: Final = (
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 56, 102, 68, 69, 72, 77, 67, 61, 78, 75, 29, 50, 67, 56, 86, 75, 79,
    67, 79, 72, 67, 61, 73, 68, 99, 69, 67, 69, 39, 34, 39, 84, 56, 50, 61, 63, 55, 63, 62, 35, 63,
    63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
)
_BOLD: Final = (
    35, 46, 52, 84, 70, 100, 87, 31, 46, 46, 52, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70,
    70, 70, 40, 40, 84, 84, 84, 58, 100, 77, 76, 73, 83, 68, 68, 82, 84, 37, 37, 77, 64, 100, 84, 85,
    73, 85, 77, 72, 68, 81, 77, 110, 77, 72, 73, 46, 37, 46, 84, 50, 50, 67, 72, 59, 72, 68, 44, 72,
    71, 34, 34, 67, 34, 104, 71, 69, 72, 72, 49, 60, 48, 71, 65, 92, 65, 65, 58, 71, 37, 71, 84,
)
# fmt: on
_OTHER = 105
"""Letters beyond ASCII; few are wider."""

_ELLIPSIS = "\u2026"


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How much room a line takes at most, in pixels.

    Args:
        text: one line.
        size: the font's size in pixels.
        bold: whether it is drawn bold.
    """
    table = _BOLD if bold else _REGULAR
    units = (table[ord(letter) - 32] if " " <= letter <= "~" else _OTHER for letter in text)
    return sum(units) * size / 100


def fit(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """The text, its middle left out where it needs more than the room: both its ends tell names apart."""
    if width(text, size, bold=bold) <= room:
        return text
    for kept in range(len(text) - 1, 1, -1):
        shorter = f"{text[: (kept + 1) // 2]}{_ELLIPSIS}{text[len(text) - kept // 2 :]}"
        if width(shorter, size, bold=bold) <= room:
            return shorter
    return _ELLIPSIS


def wrapped(words: list[str], size: float, room: float) -> list[str]:
    """Words in lines, joined by commas; a word that is wider than the room has a line of its own."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]}, {word}" if lines else word
        if lines and width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return [f"{line}," for line in lines[:-1]] + lines[-1:]
