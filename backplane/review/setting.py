"""A single setting whose change a reviewer must see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

FOREVER: Final = float("inf")
Kind = Literal["off", "on", "lower", "raised", "rank", "gone", "set", "gained", "lost"]
Unset = float | bool | str | None


@dataclass(frozen=True)
class Setting:
    """One property of one type, and which change of it matters."""

    path: str
    kind: Kind
    """`off` and `on`: a switch; `lower` and `raised`: a number; `rank`: a step down in `ranks`; `gone` and
    `set`: a value where there was one, or none; `gained` and `lost`: members of a list."""

    words: str
    """What it means. `{0}` is the value before and `{1}` the value after; `{}` the members."""

    unset: Unset = None
    """What AWS takes where nothing is set."""

    unit: str = ""
    ranks: tuple[str, ...] = ()
    """From loose to strict."""

    guarded: bool = True
    """Whether it needs an acknowledgement."""

    created: bool = False
    """Whether it counts as well where the resource is new."""


def off(path: str, words: str, unset: Unset = None) -> Setting:
    """A switch that goes off."""
    return Setting(path, "off", words, unset)


def on(path: str, words: str) -> Setting:
    """A switch that goes on."""
    return Setting(path, "on", words)


def lower(path: str, words: str, unit: str = "", unset: Unset = None) -> Setting:
    """A number that goes down."""
    return Setting(path, "lower", words, unset, unit)


def raised(path: str, words: str, unit: str = "", unset: Unset = None) -> Setting:
    """A number that goes up."""
    return Setting(path, "raised", words, unset, unit)


def rank(path: str, words: str, ranks: tuple[str, ...], unset: Unset = None) -> Setting:
    """A step towards the loose end."""
    return Setting(path, "rank", words, unset, ranks=ranks)


def gone(path: str, words: str) -> Setting:
    """A value that goes."""
    return Setting(path, "gone", words)


def set_(path: str, words: str) -> Setting:
    """A value that comes, or is another."""
    return Setting(path, "set", words)


def gained(path: str, words: str) -> Setting:
    """A list with more members."""
    return Setting(path, "gained", words)


def lost(path: str, words: str) -> Setting:
    """A list with fewer members."""
    return Setting(path, "lost", words)


def told(setting: Setting) -> Setting:
    """The same, without need of an acknowledgement."""
    return replace(setting, guarded=False)


def from_the_start(setting: Setting) -> Setting:
    """The same, where the resource is new as well."""
    return replace(setting, created=True)
