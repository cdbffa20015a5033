"""Clients of AWS, on botocore alone: importing boto3 costs a cold start 6 % and adds nothing here.

Timeouts and retries fit the 10 s of a function: a call that a request waits for takes at most two attempts
of 3.5 s, one that may as well fail takes one of 2.5 s.
"""

from functools import cache
from typing import Any, Protocol, cast

from handlers.shared.startup import uncollected

with uncollected():
    import botocore.session
    from botocore.auth import S3SigV4QueryAuth
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

AWS_FAILURES = (BotoCoreError, ClientError)
"""All that a call to AWS raises: the network, the credentials, the answer."""

_PATIENT = Config(connect_timeout=1, read_timeout=2.5, retries={"mode": "standard", "total_max_attempts": 2})
_BRISK = Config(connect_timeout=1, read_timeout=1.5, retries={"mode": "standard", "total_max_attempts": 1})

BRISK_SECONDS = 2.5
"""How long a call of a brisk client takes at most."""


class DynamoDB(Protocol):
    """The calls of DynamoDB that the functions make."""

    def get_item(self, **request: object) -> dict[str, Any]:
        """One item by its key."""

    def put_item(self, **request: object) -> dict[str, Any]:
        """Writes a whole item."""

    def update_item(self, **request: object) -> dict[str, Any]:
        """Changes an item."""

    def delete_item(self, **request: object) -> dict[str, Any]:
        """Removes an item."""

    def query(self, **request: object) -> dict[str, Any]:
        """The items of one partition of a table or an index."""

    def transact_write_items(self, **request: object) -> dict[str, Any]:
        """Several writes and checks, all or none."""


class Topics(Protocol):
    """The call of SNS that the functions make."""

    def publish(self, **request: object) -> dict[str, Any]:
        """Hands a message to the subscribers of a topic."""


class Connections(Protocol):
    """The call of API Gateway's management API that the functions make."""

    def post_to_connection(self, **request: object) -> dict[str, Any]:
        """Sends data down one WebSocket."""


class QuerySigner(Protocol):
    """What puts a signature into the query of an address."""

    def add_auth(self, request: object) -> None:
        """Signs botocore's `AWSRequest`, all its headers included."""


class Objects(Protocol):
    """The call of S3 that the functions make."""

    def delete_object(self, **request: object) -> dict[str, Any]:
        """Removes an object; one that isn't there is no error."""


def dynamodb() -> DynamoDB:
    """A client of DynamoDB. Made while the module is imported, where Lambda gives a full core."""
    return cast("DynamoDB", _client("dynamodb", _PATIENT))


@cache
def brisk_dynamodb() -> DynamoDB:
    """A client of DynamoDB for what may as well fail, made when it is first needed."""
    return cast("DynamoDB", _client("dynamodb", _BRISK))


@cache
def topics() -> Topics:
    """A brisk client of SNS, made when it is first needed."""
    return cast("Topics", _client("sns", _BRISK))


@cache
def objects() -> Objects:
    """A client of S3, made when it is first needed: its model makes a cold start longer by a fifth."""
    return cast("Objects", _client("s3", _PATIENT))


def s3_signer(seconds: int) -> QuerySigner:
    """What signs addresses of S3 that are good for so long, with the credentials of this function."""
    credentials = _session().get_credentials().get_frozen_credentials()
    return cast("QuerySigner", S3SigV4QueryAuth(credentials, "s3", region(), seconds))


def region() -> str:
    """The region of this function."""
    return str(_session().get_config_variable("region"))


@cache
def connections(endpoint: str) -> Connections:
    """A brisk client for the sockets of one WebSocket API, made when it is first needed."""
    return cast("Connections", _client("apigatewaymanagementapi", _BRISK, endpoint))


def _client(service: str, config: Config, endpoint: str | None = None) -> object:
    with uncollected():
        client: object = _session().create_client(service, endpoint_url=endpoint, config=config)
        return client


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


def code(error: BaseException) -> str:
    """AWS's code of an error, such as `ConditionalCheckFailedException`; empty when AWS didn't answer."""
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", ""))
