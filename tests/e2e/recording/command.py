"""The `backplane` command, with an emulator that writes its IAM decisions into the file of IAM_RECORD."""

import os
from pathlib import Path
from typing import Any

from backplane.local import emulator


class RecordedEmulator(emulator.Emulator):
    def __init__(self, *args: Any, environment: dict[str, str] | None = None, **named: Any) -> None:
        recording = {"IAM_RECORD": os.environ["IAM_RECORD"], "PYTHONPATH": str(Path(__file__).parent)}
        super().__init__(*args, environment={**(environment or {}), **recording}, **named)


emulator.Emulator = RecordedEmulator  # type: ignore[misc, assignment]  # for the command

if __name__ == "__main__":
    from backplane.cli import main

    main()
