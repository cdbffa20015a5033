"""`GET /media`: files, newest first: one's own, or those that are shared with a group."""

from handlers.pilotforce import media, roles
from handlers.pilotforce.entry import Member, http
from handlers.shared import aws, pages, problems
from handlers.shared.attributes import Item
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request

TABLE = required("MEDIA_TABLE")
BUCKET = required("MEDIA_BUCKET")
LINK_SECONDS = int(required("MEDIA_URL_SECONDS"))
DYNAMODB = aws.dynamodb()


@http("limit", "cursor", "sharedWith", "userId")
def handler(request: Request, member: Member) -> Answer:
    """200 with `items`: the member's own, an admin's choice of owner, or what is shared with one group."""
    return Answer(200, pages.page(DYNAMODB, _listing(request, member), request.query, _show))


def _listing(request: Request, member: Member) -> pages.Listing:
    if "sharedWith" in request.query:
        return _shared(request, member)
    return pages.Listing(
        TABLE,
        media.OWNER_INDEX,
        ("ownerId", request.target_user()),
        key="mediaId",
        kind=media.OWNER_INDEX,
        shown=pages.Filter("#status <> :status", {"#status": "status"}, {":status": {"S": media.DELETING}}),
    )


def _shared(request: Request, member: Member) -> pages.Listing:
    audience = request.query["sharedWith"]
    if audience not in media.AUDIENCES:
        raise problems.invalid_field("sharedWith", f"one of {', '.join(media.AUDIENCES)}")
    if "userId" in request.query:
        raise problems.invalid_field("sharedWith", "stands without userId")
    if audience not in roles.up_to(member.role):
        raise problems.forbidden()
    return pages.Listing(
        TABLE,
        media.SHARED_INDEX,
        ("sharedWith", audience),
        key="mediaId",
        kind=media.SHARED_INDEX,
        shown=pages.Filter("#status = :status", {"#status": "status"}, {":status": {"S": media.AVAILABLE}}),
    )


def _show(item: Item) -> dict[str, object]:
    return {**media.show_file(item, BUCKET, LINK_SECONDS)}
