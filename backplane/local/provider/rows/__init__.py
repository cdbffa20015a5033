"""The provider table: every pulumi-aws type that the embedded default knows, a module a service."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Final

from backplane.local.engine import ProgramError
from backplane.local.provider.table import Row


def _load() -> tuple[dict[str, Row], dict[str, str]]:
    rows: dict[str, Row] = {}
    places: dict[str, str] = {}
    for found in pkgutil.iter_modules(__path__, f"{__name__}."):
        for row in importlib.import_module(found.name).ROWS:
            rows[row.type] = row
            places[row.type] = f"its row in {found.name.replace('.', '/')}.py"
    return rows, places


_rows, _places = _load()
ROWS: Final[Mapping[str, Row]] = _rows
"""Every row, by its type token."""


def row_of(type_: str) -> Row:
    """The row of a type.

    Raises:
        ProgramError: nobody has written one.
    """
    if type_ not in ROWS:
        if not type_.startswith("aws:"):
            raise ProgramError(f"{type_} is of another provider; here only pulumi_aws runs")
        service = type_.partition(":")[2].partition("/")[0]
        module = f"{__name__.replace('.', '/')}/{service}.py"
        raise ProgramError(f"the type {type_} is not known here; add its row to ROWS of {module}")
    return ROWS[type_]


def place_of(type_: str) -> str:
    """Where a type's row is, for error messages."""
    return _places[type_]
