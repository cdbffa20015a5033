/** `GET /assets/{assetId}/download`: says where the file can be fetched. */

import * as aws from "../shared/aws";
import { required } from "../shared/environment";
import { pathId } from "../shared/events";
import * as presigned from "../shared/presigned";
import * as problems from "../shared/problems";
import * as asset from "./asset";
import { http } from "./entry";
import * as times from "./times";

const TABLE = required("ASSETS_TABLE");
const BUCKET = required("ASSETS_BUCKET");
const LINK_SECONDS = Number(required("ASSETS_URL_SECONDS"));
const DYNAMODB = aws.dynamodb();

/** 200 with `url` and `expiresAt`; 404 when there is no such asset; 409 before it is uploaded. */
export const handler = http([], async (request) => {
  const now = times.now();
  const found = await asset.find(DYNAMODB, TABLE, pathId(request, "assetId"), request.caller, now);
  if (found.status !== asset.AVAILABLE) {
    throw problems.conflict("The file has not been uploaded yet.");
  }
  const target = { bucket: BUCKET, key: found.s3Key, seconds: LINK_SECONDS };
  const url = await presigned.download(DYNAMODB.config, target, found.fileName);
  return { status: 200, body: { url, expiresAt: now + LINK_SECONDS * times.SECOND } };
});
