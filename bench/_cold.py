"""A Lambda sandbox's first request: `python -I -S -B _cold.py HANDLER EVENT FOLDER...`."""

import sys
import time

wall, cpu = time.perf_counter(), time.process_time()
sys.path[:0] = sys.argv[3:]

import importlib  # noqa: E402 - counts, as it does in Lambda
import json  # noqa: E402


class Context:
    """What a handler may ask of its context."""

    function_name = "function"
    aws_request_id = "invocation-1"

    def get_remaining_time_in_millis(self) -> int:
        """All the time in the world."""
        return 10_000


module, _, name = sys.argv[1].rpartition(".")
with open(sys.argv[2], encoding="utf-8") as file:  # noqa: PTH123 - pathlib would count
    event = json.load(file)
answer = getattr(importlib.import_module(module), name)(event, Context())
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
good = (
    answer.get("statusCode", 500) < 400
    or answer.get("policyDocument", {}).get("Statement", [{}])[0].get("Effect") == "Allow"
)
print(json.dumps({"wall": wall, "cpu": cpu, "good": good}))
