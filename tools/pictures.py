"""Draws docs/pictures/<backend>.svg from each backend as production has it: `python tools/pictures.py`.

`--check` writes nothing and fails when a picture is not what its program says.
"""

from __future__ import annotations

import sys
from pathlib import Path

from backplane import project
from backplane.picture.draw import picture
from stacks.settings import BACKENDS

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
ENVIRONMENT = "prod"


def main(arguments: list[str]) -> int:
    """Draw the pictures, or check them."""
    drawn = {
        PICTURES / f"{backend}.svg": picture(
            project.load(ROOT, ENVIRONMENT, {f"{project.NAMESPACE}:backend": backend})
        )
        for backend in BACKENDS
    }
    there = set(PICTURES.glob("*.svg"))
    if "--check" in arguments:
        wrong = [path for path, text in drawn.items() if path not in there or path.read_text() != text]
        names = ", ".join(sorted(path.name for path in {*wrong, *(there - drawn.keys())}))
        if names:
            sys.stderr.write(f"docs/pictures: {names}: not what the programs say: run make pictures\n")
        return 1 if names else 0
    PICTURES.mkdir(exist_ok=True)
    for path in there - drawn.keys():
        path.unlink()
    for path, text in drawn.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
