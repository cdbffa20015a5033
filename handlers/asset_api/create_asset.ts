/** `POST /assets`: describes a file, and says where its owner may upload it. */

import { PutCommand } from "@aws-sdk/lib-dynamodb";
import * as aws from "../shared/aws";
import { required } from "../shared/environment";
import * as presigned from "../shared/presigned";
import { write } from "../shared/writes";
import type { Asset } from "./asset";
import * as asset from "./asset";
import { http } from "./entry";
import * as times from "./times";

const TABLE = required("ASSETS_TABLE");
const BUCKET = required("ASSETS_BUCKET");
const MAX_BYTES = Number(required("ASSETS_UPLOAD_MAX_BYTES"));
const LINK_SECONDS = Number(required("ASSETS_URL_SECONDS"));
const DYNAMODB = aws.dynamodb();

/** 201 with the asset, `upload` and its Location. */
export const handler = http([], async (request) => {
  const values = asset.read(request.body, MAX_BYTES);
  const now = times.now();
  const made = asset.make(request.caller.userId, BUCKET, values, now);
  // Signed before it is written: without an address the row would be of no use.
  const body = { ...asset.show(made), upload: await upload(made, now) };
  const put = { TableName: TABLE, Item: { ...made, entity: asset.ENTITY } };
  await write(() => DYNAMODB.send(new PutCommand(put)));
  return { status: 201, body, headers: { location: `/assets/${made.assetId}` } };
});

async function upload({ s3Key, contentType, size }: Asset, now: number): Promise<object> {
  const headers = { "content-type": contentType, "content-length": String(size) };
  const target = { bucket: BUCKET, key: s3Key, seconds: LINK_SECONDS };
  return {
    url: await presigned.upload(DYNAMODB.config, target, headers),
    method: "PUT",
    headers,
    expiresAt: now + LINK_SECONDS * times.SECOND,
  };
}
