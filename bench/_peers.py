"""`POST /users` as others write it: bare, and with Powertools' resolver, validation and logger."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

import pydantic
from aws_lambda_powertools import Logger  # type: ignore[import-not-found] # in an environment of its own
from aws_lambda_powertools.event_handler import (  # type: ignore[import-not-found]
    APIGatewayHttpResolver,
    Response,
)
from pydantic.alias_generators import to_camel

Handler = Callable[[dict[str, Any], Any], Any]


class Profile(pydantic.BaseModel):
    """The body."""

    model_config = pydantic.ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)

    email: str = pydantic.Field(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    first_name: str = pydantic.Field(min_length=1, max_length=100)
    last_name: str = pydantic.Field(min_length=1, max_length=100)
    settings: dict[str, Any] = {}


class User(Profile):
    """The answer, which validation checks too."""

    user_id: str
    created_at: dt.datetime
    updated_at: dt.datetime


def handlers(store: Any) -> Mapping[str, Handler]:
    """The handlers by name. None of them logs, but the last."""
    logger = Logger(service="users")

    def bare(event: dict[str, Any], context: Any) -> dict[str, Any]:
        del context
        return _answer(_stored(store, json.loads(event["body"])))

    resolver = APIGatewayHttpResolver()

    @resolver.post("/users")  # type: ignore[untyped-decorator]
    def create() -> Response[str]:
        user = _stored(store, resolver.current_event.json_body)
        return Response(201, "application/json", json.dumps(user), headers={"location": "/users/1"})

    validating = APIGatewayHttpResolver(enable_validation=True)

    @validating.post("/users")  # type: ignore[untyped-decorator]
    def create_valid(profile: Profile) -> Response[User]:
        user = User(**_stored(store, profile.model_dump(by_alias=True)))
        return Response(201, "application/json", user, headers={"location": "/users/1"})

    def logging(event: dict[str, Any], context: Any) -> Any:
        answer = validating.resolve(event, context)
        logger.info("done", extra={"status": answer["statusCode"], "route": event["routeKey"]})
        return answer

    return {
        "bare": bare,
        "resolver": resolver.resolve,
        "validation": validating.resolve,
        "validation, logger": logging,
    }


def _stored(store: Any, profile: Mapping[str, Any]) -> dict[str, Any]:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    user = {"userId": "1", **profile, "createdAt": now, "updatedAt": now}
    store.put_item(TableName="users", Item={key: {"S": str(value)} for key, value in user.items()})
    return user


def _answer(user: Mapping[str, Any]) -> dict[str, Any]:
    headers = {"content-type": "application/json", "location": "/users/1"}
    return {"statusCode": 201, "headers": headers, "body": json.dumps(user)}
