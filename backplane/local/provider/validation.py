"""botocore's client-side checks, in a preview too: what isn't known yet is taken to be right."""

from __future__ import annotations

from typing import Any

from botocore.validate import ParamValidator

from backplane.local import wire


def faults(shape: Any, parameters: dict[str, Any]) -> str:
    """What botocore would refuse about the parameters; empty when it would send them."""
    report = ParamValidator().validate(_known(shape, parameters), shape)
    return report.generate_report() if report.has_errors() else ""


def _known(shape: Any, value: Any) -> Any:
    """The value with a sample in place of whatever only `up` will know."""
    if value is wire.UNKNOWN:
        return _sample(shape)
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        return {key: _known(shape.members[key], part) for key, part in value.items()}
    if kind == "map" and isinstance(value, dict):
        return {key: _known(shape.value, part) for key, part in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_known(shape.member, part) for part in value]
    return value


def _sample(shape: Any) -> Any:
    """The smallest value that a shape allows."""
    least = int(shape.metadata.get("min", 0))
    match shape.type_name:
        case "structure":
            return {name: _sample(shape.members[name]) for name in shape.required_members}
        case "list":
            return [_sample(shape.member)] * least
        case "string":
            return "?" * max(least, 1)
        case "integer" | "long" | "float" | "double":
            return least
        case kind:
            return _SAMPLES[kind]


_SAMPLES = {"blob": b"?", "boolean": False, "map": {}, "timestamp": 0}
