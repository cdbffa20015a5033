/** An object has been uploaded: its asset becomes available. */

import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Context } from "aws-lambda";
import * as aws from "../shared/aws";
import { required } from "../shared/environment";
import type { Values } from "../shared/logs";
import type { Upload } from "../shared/uploads";
import { recording } from "../shared/uploads";
import { ConditionFailedError, write } from "../shared/writes";
import * as asset from "./asset";
import { isWarmUp } from "./entry";
import * as times from "./times";

const TABLE = required("ASSETS_TABLE");
const DYNAMODB = aws.dynamodb();

/**
 * Makes the assets of the uploaded objects available; ignores what isn't ours.
 *
 * @throws NotRecordedError: a write failed. Lambda calls twice more with the same event.
 */
export const handler = async (event: Values, context: Context): Promise<void> => {
  if (!isWarmUp(event, context)) {
    await recording(record)(event, context);
  }
};

/** Writes down that the object is there, unless that is known or later news; says which it was. */
async function record({ key, size, sequencer }: Upload): Promise<string> {
  const assetId = asset.idIn(key);
  if (assetId === null) {
    return "foreign";
  }
  const now = times.now();
  const update = {
    TableName: TABLE,
    Key: { assetId },
    UpdateExpression: "SET #status = :available, #size = :size, sequencer = :sequencer, updatedAt = :now",
    ConditionExpression:
      "s3Key = :key AND #status IN (:pending, :available) AND #ttl > :seconds" +
      " AND (attribute_not_exists(sequencer) OR sequencer < :sequencer)",
    ExpressionAttributeNames: { "#status": "status", "#size": "size", "#ttl": "ttl" },
    ExpressionAttributeValues: {
      ":available": asset.AVAILABLE,
      ":pending": asset.PENDING,
      ":size": size,
      ":sequencer": sequencer,
      ":now": now,
      ":seconds": times.seconds(now),
      ":key": key,
    },
  };
  try {
    await write(() => DYNAMODB.send(new UpdateCommand(update)));
    return "recorded";
  } catch (error) {
    if (error instanceof ConditionFailedError) {
      return "ignored";
    }
    throw error;
  }
}
