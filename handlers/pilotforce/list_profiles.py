"""`GET /profiles`: profiles, newest first, all or those of a role; or the one with an e-mail address."""

from handlers.pilotforce import profile, roles
from handlers.pilotforce.entry import Member, http
from handlers.shared import aws, pages, problems
from handlers.shared.attributes import to_item
from handlers.shared.bodies import email
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request

TABLE = required("PROFILES_TABLE")
DYNAMODB = aws.dynamodb()

EMAIL_INDEX = "email-index"
ROLE_INDEX = "role-createdAt-index"
CREATED_INDEX = "createdAt-index"


@http("limit", "cursor", "role", "email")
def handler(request: Request, member: Member) -> Answer:
    """200 with `items`; 403 for anyone but an admin."""
    if not member.is_admin:
        raise problems.forbidden()
    if "email" in request.query:
        return Answer(200, {"items": _by_email(request)})
    return Answer(200, pages.page(DYNAMODB, _listing(request), request.query, profile.show))


def _listing(request: Request) -> pages.Listing:
    role = request.query.get("role")
    if role is None:
        index, partition = CREATED_INDEX, ("entity", profile.ENTITY)
    elif role in roles.ROLES:
        index, partition = ROLE_INDEX, ("role", role)
    else:
        raise problems.invalid_field("role", f"one of {', '.join(roles.ROLES)}")
    return pages.Listing(TABLE, index, partition, key="userId", kind=index)


def _by_email(request: Request) -> list[dict[str, object]]:
    if len(request.query) > 1:
        raise problems.invalid_field("email", "stands alone: an address is one user's")
    address = str(request.query["email"])
    mistake = email("email", address)
    if mistake:
        raise problems.invalid(mistake)
    answer = DYNAMODB.query(
        TableName=TABLE,
        IndexName=EMAIL_INDEX,
        KeyConditionExpression="email = :email",
        ExpressionAttributeValues=to_item({":email": address.lower()}),
    )
    return [{**profile.show(item)} for item in answer["Items"]]
