/** `DELETE /assets/{assetId}`: removes a file and its row. */

import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { DeleteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as aws from "../shared/aws";
import { required } from "../shared/environment";
import type { Caller } from "../shared/events";
import { pathId } from "../shared/events";
import { ConditionFailedError, write } from "../shared/writes";
import type { Asset } from "./asset";
import * as asset from "./asset";
import { http } from "./entry";
import * as times from "./times";

const TABLE = required("ASSETS_TABLE");
const BUCKET = required("ASSETS_BUCKET");
const DYNAMODB = aws.dynamodb();
const S3 = aws.s3();

/**
 * 204; 404 when there is none that the caller may remove.
 *
 * Whatever fails after the first write leaves an asset that nobody sees: asking again goes on from there, and
 * if nobody does, object and row expire.
 */
export const handler = http([], async (request) => {
  const assetId = pathId(request, "assetId");
  const { s3Key } = await hide(assetId, request.caller, times.now());
  await S3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: s3Key }));
  await write(() => DYNAMODB.send(new DeleteCommand({ TableName: TABLE, Key: { assetId } })));
  return { status: 204 };
});

/** The asset, which no read shows from now on. */
async function hide(assetId: string, caller: Caller, now: number): Promise<Asset> {
  const owned = caller.isAdmin ? "" : " AND ownerId = :owner";
  const update = {
    TableName: TABLE,
    Key: { assetId },
    UpdateExpression: "SET #status = :deleting, updatedAt = :now",
    ConditionExpression: `attribute_exists(assetId) AND #ttl > :seconds${owned}`,
    ExpressionAttributeNames: { "#status": "status", "#ttl": "ttl" },
    ExpressionAttributeValues: {
      ":deleting": asset.DELETING,
      ":now": now,
      ":seconds": times.seconds(now),
      ...(owned && { ":owner": caller.userId }),
    },
    ReturnValues: "ALL_NEW",
  } as const;
  try {
    const answer = await write(() => DYNAMODB.send(new UpdateCommand(update)));
    return answer.Attributes as Asset;
  } catch (error) {
    throw error instanceof ConditionFailedError ? asset.missing() : error;
  }
}
