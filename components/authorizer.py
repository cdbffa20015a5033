"""A Lambda authorizer: a function that says who may call a route, for rules that groups alone can't say.

Creates the function, unless it is given one; each `ServerlessApi` that uses it, for all its routes or for
some, makes API Gateway's part: the authorizer and the one permission with which API Gateway may ask it.

    rules = Authorizer("rules", AuthorizerArgs(function=FunctionArgs(handler="handlers.rules.handler")))
    ServerlessApi("api", ServerlessApiArgs(routes={...}, authorizer=rules))
    ServerlessApi("other", ServerlessApiArgs(routes={"GET /a": a, "GET /b": Route(b, authorizer=rules)}, ...))

A route has one authorizer: a token of the user pool is not checked where this function decides. Where the
rule is about a signed-in user, give the function `user_pool.verification_link()` and let it verify the token
first.

What the function is asked and has to answer depends on the API's kind. Behind `kind="http"` it gets payload
2.0 and answers `{"isAuthorized": true, "context": {...}}`; the context reaches the route's function as
`requestContext.authorizer.lambda`. Behind `kind="rest"` it gets a `REQUEST` event and answers a policy for
`methodArn`, `{"principalId": ..., "policyDocument": {...}, "context": {...}}`, the context as
`requestContext.authorizer`. In both, a refusal is a 403 and an error in the function a 500.

Costs: the function's calls, one a request unless results are kept; the authorizer itself nothing.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import pulumi
import pydantic

from components._base import Component, ComponentArgs
from components.function import Function, FunctionArgs

__all__ = ["Authorizer", "AuthorizerArgs"]

MAX_RESULT_SECONDS = 3600
MAX_FUNCTION_SECONDS = 29
"""As long as API Gateway waits for any function behind both kinds of API."""

_SOURCE = re.compile(r"request\.(header|querystring)\.[A-Za-z0-9._$-]+")


class AuthorizerArgs(ComponentArgs):
    """Arguments of `Authorizer`."""

    function: FunctionArgs | Function
    """The function that decides. Arguments make one as a child, `<name>-function`."""

    identity_sources: Sequence[str] = ("request.header.Authorization",)
    """Where the request says who asks: `request.header.<name>` or `request.querystring.<name>`, for both
    kinds of API. A request without one of them is answered 401 and the function isn't asked, though a REST
    API may ask it while results aren't kept. Empty, it is asked always.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.identity-sources"""

    result_ttl_seconds: Annotated[int, pydantic.Field(ge=0, le=MAX_RESULT_SECONDS)] = 0
    """How long API Gateway keeps an answer for the same identity sources, 0-3,600 seconds; 0, not at all: a
    right that is taken away is gone at once. An HTTP API keeps one answer for each route. A REST API keeps
    the policy for all routes, so it has to name every one that the caller may use."""

    @pydantic.model_validator(mode="after")
    def _sources_are_known(self) -> AuthorizerArgs:
        for index, source in enumerate(self.identity_sources):
            if not _SOURCE.fullmatch(source):
                raise ValueError(
                    "identity_sources must be 'request.header.<name>' or 'request.querystring.<name>', "
                    f"got {source!r}"
                )
            if source in self.identity_sources[:index]:
                raise ValueError(f"identity_sources must differ, got {source!r} twice")
        if self.result_ttl_seconds and not self.identity_sources:
            raise ValueError(
                f"result_ttl_seconds must be 0 without identity_sources, got {self.result_ttl_seconds}: one "
                "caller's answer would be every caller's"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _function_answers_in_time(self) -> AuthorizerArgs:
        if self.function.timeout_seconds > MAX_FUNCTION_SECONDS:
            raise ValueError(
                f"function.timeout_seconds must be at most {MAX_FUNCTION_SECONDS}, after which nobody waits "
                f"for its answer, got {self.function.timeout_seconds}"
            )
        return self


class Authorizer(Component):
    """A Lambda authorizer."""

    function: Function
    """The function that decides."""

    identity_sources: Sequence[str]
    """As in the arguments."""

    result_ttl_seconds: int
    """As in the arguments."""

    def __init__(self, name: str, args: AuthorizerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.args = args
        self.identity_sources = tuple(args.identity_sources)
        self.result_ttl_seconds = args.result_ttl_seconds
        function = args.function
        self.function = (
            function
            if isinstance(function, Function)
            else Function(f"{name}-function", function, self._child())
        )
        self.register_outputs(
            {
                "functionName": self.function.function_name,
                "invokeArn": self.function.invoke_arn,
            }
        )
