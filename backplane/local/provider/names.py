"""Physical names where the program gives none, as the AWS provider of Pulumi makes them.

Source: https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Mapping
from typing import Any

from backplane.local.engine import ProgramError
from backplane.local.provider.table import Naming

_DIGITS = 7
_counter = itertools.count(1)


def physical_name(naming: Naming, name: str, inputs: Mapping[str, Any]) -> Any:
    """The name that the resource gets; the program's own where it gives one.

    Raises:
        ProgramError: the logical name and its suffix are longer than AWS allows.
    """
    if inputs.get(naming.input) is not None:
        return inputs[naming.input]
    ending = ".fifo" if naming.fifo and inputs.get(naming.fifo) is True else ""
    prefix = inputs.get(naming.prefix_input) if naming.prefix_input else None
    if isinstance(prefix, str):
        return f"{prefix}{_unique()}{ending}"
    made = f"{naming.before}{name}-{secrets.token_hex(4)[:_DIGITS]}{ending}"
    if len(made) > naming.limit:
        spare = naming.limit - (len(made) - len(name))
        raise ProgramError(
            f"its physical name {made!r} would have {len(made)} characters, and AWS takes {naming.limit}: "
            f"give it a name of at most {spare} characters, or set {naming.input!r}"
        )
    return made.lower() if naming.lower else made


def _unique() -> str:
    """What follows a name prefix: 26 digits that sort by time.

    Source: https://github.com/hashicorp/terraform-plugin-sdk/blob/main/helper/id/id.go
    """
    now = time.time_ns()
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(now // 10**9))
    return f"{stamp}{now // 10**5 % 10**4:04d}{next(_counter):08x}"
