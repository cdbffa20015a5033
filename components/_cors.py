"""Cross-origin calls to an API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import pulumi_aws as aws
import pydantic

from components._base import Input, Shape

MAX_PREFLIGHT_SECONDS = 86_400

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/*?#@]+")
_ANY_ORIGIN = ("*", "http://*", "https://*")


class Cors(Shape):
    """Which web pages may call the API from a browser. An HTTP API answers preflight requests free of charge.

    API Gateway answers preflight requests itself. An HTTP API also replaces what functions say in their own
    answers; a REST API adds nothing to them, and tells functions in the stage's variables. In an HTTP API a
    `$default` route or an `ANY` route that wants a token would catch preflight requests: add a public
    `OPTIONS /{proxy+}` there.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
    """

    allow_origins: Sequence[Input[str]]
    """Origins as browsers send them, `https://app.example.com`, or `*`, `http://*`, `https://*`."""

    allow_methods: Sequence[str]
    """Methods that pages may use, or `*`."""

    allow_headers: Sequence[str] = ()
    """Request headers that pages may set, `authorization` for the token, or `*`."""

    expose_headers: Sequence[str] = ()
    """Answer headers that pages may read, `location` for instance, or `*`."""

    allow_credentials: bool = False
    """Whether browsers send cookies along. Excludes every `*`: it would let any page act for the user."""

    max_age_seconds: Annotated[int, pydantic.Field(ge=0, le=MAX_PREFLIGHT_SECONDS)] = 300
    """How long a browser may keep the answer to a preflight request, 0-86,400 seconds."""

    @pydantic.model_validator(mode="after")
    def _origins_are_origins(self) -> Cors:
        if not self.allow_origins or not self.allow_methods:
            raise ValueError("allow_origins and allow_methods must each name at least one")
        for origin in self.allow_origins:
            if isinstance(origin, str) and origin not in _ANY_ORIGIN and not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"allow_origins must be scheme://host without path or slash at the end, got {origin!r}"
                )
        return self

    @pydantic.model_validator(mode="after")
    def _credentials_exclude_wildcards(self) -> Cors:
        if not self.allow_credentials:
            return self
        for argument in ("allow_origins", "allow_methods", "allow_headers", "expose_headers"):
            wild = [value for value in getattr(self, argument) if isinstance(value, str) and "*" in value]
            if wild:
                raise ValueError(
                    f"{argument} must list its values when allow_credentials is True, got {wild[0]!r}"
                )
        return self

    @property
    def configuration(self) -> aws.apigatewayv2.ApiCorsConfigurationArgs:
        """What the API's resource takes."""
        return aws.apigatewayv2.ApiCorsConfigurationArgs(
            allow_origins=list(self.allow_origins),
            allow_methods=list(self.allow_methods),
            allow_headers=list(self.allow_headers) or None,
            expose_headers=list(self.expose_headers) or None,
            allow_credentials=self.allow_credentials,
            max_age=self.max_age_seconds,
        )
