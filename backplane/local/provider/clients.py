"""botocore clients of the emulator: one for each service, region and account, made when first needed.

Making one takes 3-40 ms and is not thread-safe; using one is.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody

from backplane.local.engine import ProgramError
from backplane.local.provider import errors, models

_CONNECTIONS = 32
"""As many as the program has threads that create resources."""

_TIMEOUT_SECONDS = 60

# What this machine's owner configured for AWS has no say here: no profile, no files.
_NO_PROFILE = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


class Clients:
    """Calls operations of the emulator.

    Args:
        endpoint: the emulator's address; without one every call is refused.
    """

    def __init__(self, endpoint: str | None) -> None:
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._session: botocore.session.Session | None = None
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._config = Config(
            connect_timeout=_TIMEOUT_SECONDS,
            inject_host_prefix=False,
            max_pool_connections=_CONNECTIONS,
            parameter_validation=False,  # the provider's check has done it
            proxies={},
            read_timeout=_TIMEOUT_SECONDS,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
        )

    def call(
        self, service: str, operation: str, parameters: Mapping[str, Any], *, region: str, account: str
    ) -> dict[str, Any]:
        """The answer of an operation, without its metadata.

        Raises:
            ProgramError: the emulator refused, or isn't there.
        """
        method = getattr(self._client(service, region, account), xform_name(operation))
        try:
            answer: dict[str, Any] = method(**parameters)
        except (ClientError, BotoCoreError) as error:
            raise ProgramError(errors.explain(error, service, operation, self._endpoint)) from error
        answer.pop("ResponseMetadata", None)
        if isinstance(payload := answer.get("Payload"), StreamingBody):
            answer["Payload"] = payload.read().decode()
        if answer.get("FunctionError"):
            raise ProgramError(f"{service}:{operation}: the function failed: {answer['Payload']}")
        return answer

    def _client(self, service: str, region: str, account: str) -> Any:
        key = (service, region, account)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._create(*key)
            return self._clients[key]

    def _create(self, service: str, region: str, account: str) -> Any:
        if self._endpoint is None:
            raise ProgramError(f"{service} can't be called in a preview: nothing runs that could answer")
        if self._session is None:
            self._session = botocore.session.Session(session_vars=_NO_PROFILE)
            self._session.register_component("data_loader", models.LOADER)
        return self._session.create_client(
            service,
            region_name=region,
            endpoint_url=self._endpoint,
            aws_access_key_id=account,
            aws_secret_access_key="local",  # noqa: S106 - the emulator signs with any
            config=self._config,
        )
