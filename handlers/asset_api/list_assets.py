"""`GET /assets`: assets by creation time, newest first, all or those of one status."""

from handlers.asset_api import asset, pages, times
from handlers.asset_api.entry import http
from handlers.shared import aws, problems
from handlers.shared.attributes import to_item
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Caller, Request

TABLE = required("ASSETS_TABLE")
DYNAMODB = aws.dynamodb()

STATUS_INDEX = "status-index"


@http("limit", "cursor", "status")
def handler(request: Request) -> Answer:
    """200 with `items`: the caller's assets, an admin's all; with `status` those of that status."""
    status = request.query.get("status")
    if status is not None and status not in asset.STATUSES:
        raise problems.invalid_field("status", " or ".join(asset.STATUSES))
    # The index is sorted by what decides when an asset expires: no filter is needed for that.
    since = times.now() - asset.LIFETIME
    listing = _listing(request.caller, status, since)
    return Answer(200, pages.page(DYNAMODB, listing, request.query, asset.show))


def _listing(caller: Caller, status: str | None, since: int) -> pages.Listing:
    index, partition = pages.of_caller(caller, asset.ENTITY)
    if status and caller.is_admin:
        return pages.Listing(
            table=TABLE, index=STATUS_INDEX, partition=("status", status), key="assetId", since=since
        )
    return pages.Listing(
        table=TABLE,
        index=index,
        partition=partition,
        key="assetId",
        shown="#status = :status" if status else "#status <> :status",
        names={"#status": "status"},
        values=to_item({":status": status or asset.DELETING}),
        since=since,
        kind=status or "",
    )
