"""What a team knows and accepts: `backplane:acknowledge` in the configuration of a stack.

config:
  backplane:acknowledge:
    - urn: urn:pulumi:prod::backplane::...
      reason: moved to the new table on 1 December
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from backplane.errors import ConfigurationError

KEY = "backplane:acknowledge"
REGION_KEY = "aws:region"


def from_file(path: Path) -> dict[str, Any]:
    """The configuration of a stack, as its file has it.

    Raises:
        ConfigurationError: it can't be read, or has no configuration of the right form.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: can't be read: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}:{line}: is not YAML: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ConfigurationError(f"{path}: is not YAML") from None
    config = (content or {}).get("config") if isinstance(content, dict | None) else None
    if config is not None and not isinstance(config, dict):
        raise ConfigurationError(f"{path}: config must hold keys and values, got {type(config).__name__}")
    return {str(key): value for key, value in (config or {}).items()}


def parse(config: Mapping[str, Any], source: str) -> dict[str, str]:
    """For each acknowledged URN the reason.

    Args:
        config: of the stack; a list may be there as JSON, as the engine hands it over.
        source: what to name in a message.

    Raises:
        ConfigurationError: the mistakes, one line each.
    """
    value = config.get(KEY)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ConfigurationError(
                f"{source}: {KEY} must be a list of urn and reason, got {value[:60]!r}"
            ) from None
    if value is None:
        return {}
    if not isinstance(value, list):
        raise ConfigurationError(
            f"{source}: {KEY} must be a list of urn and reason, got {type(value).__name__}"
        )
    reasons: dict[str, str] = {}
    mistakes = [mistake for index, item in enumerate(value) for mistake in _take(item, index, reasons)]
    if mistakes:
        raise ConfigurationError("\n".join(f"{source}: {mistake}" for mistake in mistakes))
    return reasons


def _take(item: Any, index: int, reasons: dict[str, str]) -> list[str]:
    where = f"{KEY}[{index}]"
    if not isinstance(item, dict) or set(item) != {"urn", "reason"}:
        got = ", ".join(sorted(map(str, item))) if isinstance(item, dict) else type(item).__name__
        return [f"{where} must have urn and reason, and nothing else; got {got or 'nothing'}"]
    urn, reason = item["urn"], item["reason"]
    if not isinstance(urn, str) or not urn.startswith("urn:pulumi:"):
        return [f"{where}.urn must be one resource's URN, urn:pulumi:..., got {str(urn)[:80]!r}"]
    if not isinstance(reason, str) or not reason.strip():
        return [f"{where}.reason must say why, got {reason!r}"]
    if urn in reasons:
        return [f"{where}.urn is there twice: {urn}"]
    reasons[urn] = reason.strip()
    return []
