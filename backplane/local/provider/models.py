"""botocore's service models: what each operation takes and answers. No network, no client.

A model is loaded once, from the JSON files that botocore carries, in about 10 ms.
"""

from __future__ import annotations

import functools
import threading
from typing import Any, Final

from botocore.loaders import Loader, create_loader
from botocore.model import OperationModel, ServiceModel, Shape

_lock = threading.Lock()
LOADER: Final[Loader] = create_loader()
"""Shared with the clients, so that each JSON file is parsed once."""


@functools.cache
def _service(name: str) -> ServiceModel:
    with _lock:
        return ServiceModel(LOADER.load_service_model(name, "service-2"), name)


@functools.cache
def operation(service: str, name: str) -> OperationModel:
    """The model of an operation, such as `CreateTable` of `dynamodb`."""
    return _service(service).operation_model(name)


def input_shape(service: str, name: str) -> Shape:
    """What an operation takes."""
    return operation(service, name).input_shape


def output_shape(service: str, name: str) -> Shape | None:
    """What an operation answers; None when that is nothing."""
    return operation(service, name).output_shape


def members(shape: Any) -> dict[str, Shape]:
    """The members of a structure."""
    found: dict[str, Shape] = shape.members
    return found
