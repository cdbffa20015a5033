"""Writes docs/reference.md from the docstrings of the public components: `python tools/reference.py`.

`--check` writes nothing and fails when the page is not what the docstrings say.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import Any

import components
from components._base import Component, Shape, descriptions

PAGE = Path(__file__).parent.parent / "docs" / "reference.md"
_HEAD = """# Reference

Made from the docstrings by `make docs`; don't edit it by hand. Every name here is imported from `components`.
"""


def page() -> str:
    """The whole page."""
    public = [getattr(components, name) for name in components.__all__]
    blocks = [_component(item) for item in public if inspect.isclass(item) and issubclass(item, Component)]
    blocks += [_shape(item) for item in public if inspect.isclass(item) and issubclass(item, Shape)]
    others = [item for item in public if not (inspect.isclass(item) and issubclass(item, (Component, Shape)))]
    blocks += [_other(item) for item in others]
    return "\n\n".join([_HEAD.rstrip(), *blocks]) + "\n"


def _component(item: type[Component]) -> str:
    module = inspect.getmodule(item)
    about = inspect.cleandoc(module.__doc__ or "") if module else ""
    methods = [
        (name, value)
        for name, value in inspect.getmembers(item)
        if not name.startswith("_") and inspect.isroutine(value) and name in vars(item)
    ]
    lines = [f"- `{name}{_signature(value)}`: {_flat(inspect.getdoc(value))}" for name, value in methods]
    return "\n\n".join([f"## {item.__name__}", about, *(["\n".join(lines)] if lines else [])])


def _shape(item: type[Shape]) -> str:
    rows, meanings = ["| argument | default | meaning |", "|---|---|---|"], descriptions(item)
    for name, field in item.model_fields.items():
        default = "required" if field.is_required() else f"`{field.get_default(call_default_factory=True)!r}`"
        rows.append(f"| `{name}` | {default} | {_flat(meanings.get(name))} |")
    return "\n\n".join([f"### {item.__name__}", _flat(inspect.getdoc(item)), "\n".join(rows)])


def _other(item: Any) -> str:
    signature = _signature(item) if inspect.isroutine(item) else ""
    return "\n\n".join([f"### {item.__name__}{signature}", inspect.getdoc(item) or ""])


def _signature(item: Any) -> str:
    names = [str(value).split(":")[0] for value in inspect.signature(item).parameters.values()]
    return f"({', '.join(name for name in names if name not in ('self', 'cls'))})"


def _flat(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip().replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    text = page()
    if "--check" in arguments:
        if PAGE.exists() and PAGE.read_text() == text:
            return 0
        sys.stderr.write("docs/reference.md is not what the docstrings say: run make docs\n")
        return 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
