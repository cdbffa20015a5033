"""Imports the modules that it is given, as Lambda would; the first that fails shows its traceback, status 1.

Run as a script from the folder that imports start in: python -I -B _try_imports.py handlers.users.create ...
"""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path


def main(names: list[str]) -> int:
    """Import each; the exit status to leave with."""
    here = Path.cwd()
    sys.path.insert(0, str(here))
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001 - a module may raise anything, SystemExit too
            trace = error.__traceback__
            while trace and trace.tb_next and not _is_below(here, trace.tb_frame.f_code.co_filename):
                trace = trace.tb_next
            traceback.print_exception(error.with_traceback(trace))
            return 1
    return 0


def _is_below(folder: Path, file: str) -> bool:
    return file != __file__ and folder in Path(file).parents


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
