"""Users of a backend, each with the tokens that its user pool gave."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from e2e.web import Answer, call


@dataclass(frozen=True)
class Person:
    api_url: str
    websocket_url: str
    user_id: str
    """The `sub` of the tokens."""
    token: str
    """An access token."""
    id_token: str
    name: str
    """What the user pool knows this person by."""

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.request("POST", path, body, headers)

    def put(self, path: str, body: Any = None) -> Answer:
        return self.request("PUT", path, body)

    def delete(self, path: str) -> Answer:
        return self.request("DELETE", path)

    def request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """A request with this person's token. Text and bytes are sent as they are, anything else as JSON."""
        raw = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
        sent = {"authorization": f"Bearer {self.token}"}
        if raw is not None:
            sent["content-type"] = "application/json"
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        return call(self.api_url + path, method, raw, sent | named)
