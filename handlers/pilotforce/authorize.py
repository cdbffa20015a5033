"""The authorizer of the API: what the bearer of an access token of the user pool may call.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from typing import Any

from handlers.pilotforce import rules
from handlers.shared.environment import required
from handlers.shared.keys import PoolKeys, address, fetcher
from handlers.shared.logs import Invocation, section, text
from handlers.shared.tokens import BadTokenError, verify

ISSUER = required("USER_POOL_ISSUER")
CLIENT_IDS = frozenset(filter(None, map(str.strip, required("USER_POOL_CLIENT_IDS").split(","))))
KEYS = PoolKeys(fetcher(address(ISSUER)))

_SCHEME = "bearer "


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A policy: what the user may call, with `userId`, `groups` and `email`; nothing for a bad token.

    A bad token is denied with 403. Raising "Unauthorized" would make it 401, but also an error of the
    function, and anyone could ring the alarm with a bad token. Keys that can't be fetched are an error.
    """
    invocation = Invocation(event, context)
    method_arn = text(event.get("methodArn"))
    try:
        user = verify(_token(event), KEYS, ISSUER, CLIENT_IDS)
    except BadTokenError as refused:
        invocation.note(denied=str(refused))
        invocation.finish(403)
        return rules.nothing(method_arn)
    except Exception as error:
        invocation.failed(error)
        invocation.finish(500)
        raise
    invocation.finish(200)
    return rules.policy(user, method_arn)


def _token(event: dict[str, Any]) -> str | None:
    """The token of the request, whose headers keep the case that the client gave them."""
    for name, value in section(event, "headers").items():
        if name.lower() == "authorization":
            found = text(value)
            return found[len(_SCHEME) :].strip() if found.lower().startswith(_SCHEME) else None
    return None
