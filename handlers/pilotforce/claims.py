"""Runs before each token is issued: puts the verified e-mail address into access tokens.

And brings the profile's e-mail address and role up to date, which lists go by and a member can't set.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
"""

from typing import Any

from handlers.pilotforce import profile, roles
from handlers.shared import aws
from handlers.shared.environment import required
from handlers.shared.logs import Invocation, describe, section, text

TABLE = required("PROFILES_TABLE")
DYNAMODB = aws.brisk_dynamodb()
"""Cognito waits 5 seconds."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The event with `email` among the claims of the access token, if the user pool has verified it."""
    invocation = Invocation(event, context)
    invocation.note(route=text(event.get("triggerSource")))
    request = section(event, "request")
    attributes = section(request, "userAttributes")
    groups = section(request, "groupConfiguration").get("groupsToOverride")
    verified = text(attributes.get("email_verified")).lower() == "true"
    email = text(attributes.get("email")) if verified else ""
    role = roles.highest(groups if isinstance(groups, list) else [])
    _keep(invocation, text(attributes.get("sub")), email, role)
    claims = {"claimsToAddOrOverride": {"email": email}} if email else {}
    invocation.finish(200)
    return {**event, "response": {"claimsAndScopeOverrideDetails": {"accessTokenGeneration": claims}}}


def _keep(invocation: Invocation, user_id: str, email: str, role: str) -> None:
    """Writes both into the profile, if there is one. A sign-in doesn't fail for it."""
    update = profile.update({"email": email.lower(), "role": role})
    try:
        DYNAMODB.update_item(
            TableName=TABLE,
            Key=profile.key(user_id),
            ConditionExpression="attribute_exists(userId)",
            **update,
        )
    except aws.AWS_FAILURES as error:
        if aws.code(error) != "ConditionalCheckFailedException":
            invocation.note(level="warning", profile=describe(error))
