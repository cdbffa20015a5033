"""The authorizer of `$connect`: lets in who brings a good access token in the query parameter `token`.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
"""

from typing import Any

from handlers.shared.environment import required
from handlers.shared.keys import PoolKeys, address, fetcher
from handlers.shared.logs import Invocation, section, text
from handlers.shared.tokens import BadTokenError, User, verify

ISSUER = required("USER_POOL_ISSUER")
CLIENT_IDS = frozenset(filter(None, map(str.strip, required("USER_POOL_CLIENT_IDS").split(","))))
KEYS = PoolKeys(fetcher(address(ISSUER)))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A policy: allow for a good token (with `userId` and `groups` for the routes), deny for a bad one.

    A deny answers the handshake with 403. Raising "Unauthorized" would make it 401, but also an error of
    the function, and anyone could ring the alarm with a bad token. Keys that can't be fetched are an error.
    """
    invocation = Invocation(event, context)
    try:
        user = verify(section(event, "queryStringParameters").get("token"), KEYS, ISSUER, CLIENT_IDS)
    except BadTokenError as refused:
        invocation.note(denied=str(refused))
        invocation.finish(403)
        return _policy("Deny", event, "nobody", {})
    except Exception as error:
        invocation.failed(error)
        invocation.finish(500)
        raise
    invocation.finish(200)
    return _policy("Allow", event, user.user_id, _context(user))


def _context(user: User) -> dict[str, str]:
    return {"userId": user.user_id, "groups": ",".join(user.groups)}


def _policy(effect: str, event: dict[str, Any], principal: str, context: dict[str, str]) -> dict[str, Any]:
    resource = text(event.get("methodArn"))
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": principal, "policyDocument": document, "context": context}
