/** `GET /assets/{assetId}`: an asset. */

import * as aws from "../shared/aws";
import { required } from "../shared/environment";
import { pathId } from "../shared/events";
import * as asset from "./asset";
import { http } from "./entry";
import * as times from "./times";

const TABLE = required("ASSETS_TABLE");
const DYNAMODB = aws.dynamodb();

/** 200 with the asset; 404 when there is none that the caller may see. */
export const handler = http([], async (request) => {
  const found = await asset.find(DYNAMODB, TABLE, pathId(request, "assetId"), request.caller, times.now());
  return { status: 200, body: asset.show(found) };
});
