"""Tags in one place: the stack says once which tags its resources carry.

Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components._base import ArgumentError

__all__ = ["register_tags"]

MAX_KEY_LENGTH = 128
MAX_VALUE_LENGTH = 256


def register_tags(tags: Mapping[str, str]) -> None:
    """Put `tags` on every resource of this stack that can carry tags, whichever component creates it.

    Call it once, before the first resource. A resource's own tags win over these. A change updates the
    resources in place and costs nothing.

    Raises:
        ArgumentError: a key or value that AWS would refuse.
    """
    for key, value in tags.items():
        if not 1 <= len(key) <= MAX_KEY_LENGTH or key.lower().startswith("aws:"):
            raise ArgumentError(
                f"register_tags keys must be 1-{MAX_KEY_LENGTH} characters, no prefix aws:, got {key!r}"
            )
        if len(value) > MAX_VALUE_LENGTH:
            raise ArgumentError(
                f"register_tags[{key!r}] must be 0-{MAX_VALUE_LENGTH} characters, got {len(value)}"
            )

    def tag(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        if not isinstance(args.resource, pulumi.CustomResource) or not hasattr(type(args.resource), "tags"):
            return None
        own: Any = args.props.get("tags") or {}
        return pulumi.ResourceTransformationResult({**args.props, "tags": {**tags, **own}}, args.opts)

    pulumi.runtime.register_stack_transformation(tag)
