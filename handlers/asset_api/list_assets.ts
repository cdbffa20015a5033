/** `GET /assets`: assets by creation time, newest first, all or those of one status. */

import * as aws from "../shared/aws";
import { required } from "../shared/environment";
import type { Caller } from "../shared/events";
import * as problems from "../shared/problems";
import * as asset from "./asset";
import { http } from "./entry";
import type { Listing } from "./pages";
import * as pages from "./pages";
import * as times from "./times";

const TABLE = required("ASSETS_TABLE");
const DYNAMODB = aws.dynamodb();

const STATUS_INDEX = "status-index";

/** 200 with `items`: the caller's assets, an admin's all; with `status` those of that status. */
export const handler = http(["limit", "cursor", "status"], async (request) => {
  const status = request.query["status"] ?? null;
  if (status !== null && !asset.STATUSES.includes(status)) {
    throw problems.invalidField("status", asset.STATUSES.join(" or "));
  }
  // The index is sorted by what decides when an asset expires: no filter is needed for that.
  const since = times.now() - asset.LIFETIME;
  const listing = listed(request.caller, status && String(status), since);
  return { status: 200, body: await pages.page(DYNAMODB, listing, request.query, asset.show) };
});

function listed(caller: Caller, status: string | null, since: number): Listing {
  const common = { table: TABLE, key: "assetId", since };
  if (status && caller.isAdmin) {
    return { ...common, index: STATUS_INDEX, partition: ["status", status] };
  }
  return {
    ...common,
    ...pages.ofCaller(caller, asset.ENTITY),
    shown: status ? "#status = :status" : "#status <> :status",
    names: { "#status": "status" },
    values: { ":status": status ?? asset.DELETING },
    kind: status ?? "",
  };
}
