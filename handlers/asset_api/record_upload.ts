/**
 * An object has been uploaded: its asset becomes available.
 *
 * S3 calls at least once, in no order, and after the asset may be gone.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */

import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Context } from "aws-lambda";
import * as aws from "../shared/aws";
import { required } from "../shared/environment";
import type { Values } from "../shared/logs";
import { Invocation, isObject, section, text } from "../shared/logs";
import { ConditionFailedError, write } from "../shared/writes";
import * as asset from "./asset";
import { isWarmUp } from "./entry";
import * as times from "./times";

const TABLE = required("ASSETS_TABLE");
const DYNAMODB = aws.dynamodb();

const SEQUENCER_LENGTH = 64;

/** Lambda calls again; what went wrong is in the log line. */
class NotRecordedError extends Error {
  override readonly name = "NotRecordedError";
}

/** One object that S3 tells of. */
interface Upload {
  readonly key: string;
  readonly size: number;
  /** Grows with each upload to the same key; padded as S3 asks, so that texts compare. */
  readonly sequencer: string;
}

type Outcome = "foreign" | "ignored" | "recorded";

/**
 * Makes the assets of the uploaded objects available; ignores what isn't ours.
 *
 * @throws NotRecordedError: a write failed. Lambda calls twice more with the same event.
 */
export const handler = async (event: Values, context: Context): Promise<void> => {
  if (isWarmUp(event, context)) {
    return;
  }
  const invocation = new Invocation(event, context);
  invocation.note({ route: "s3:ObjectCreated" });
  try {
    invocation.note(await recordAll(uploads(event)));
  } catch (error) {
    // Told in the log, without what its text may quote.
    invocation.failed(error);
    invocation.finish(500);
    throw new NotRecordedError("an upload could not be recorded");
  }
  invocation.finish(200);
};

/** The objects that an event says were created. */
function uploads(event: Values): Upload[] {
  const records: unknown[] = Array.isArray(event["Records"]) ? event["Records"] : [];
  return records.filter(isObject).flatMap((found) => {
    const created = section(section(found, "s3"), "object");
    if (Object.keys(created).length === 0 || !text(found["eventName"]).startsWith("ObjectCreated:")) {
      return [];
    }
    const { key, size, sequencer } = created;
    return {
      key: unquote(text(key)),
      size: typeof size === "number" && Number.isSafeInteger(size) ? size : 0,
      sequencer: text(sequencer).padEnd(SEQUENCER_LENGTH, "0"),
    };
  });
}

/** The key as it is: an event holds it as a form's value. */
function unquote(key: string): string {
  return key
    .replaceAll("+", " ")
    .replace(/(?:%[0-9a-f]{2})+/gi, (quoted) => Buffer.from(quoted.replaceAll("%", ""), "hex").toString());
}

async function recordAll(found: readonly Upload[]): Promise<Partial<Record<Outcome, number>>> {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const upload of found) {
    const outcome = await record(upload);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** Writes down that the object is there, unless that is known or later news; says which it was. */
async function record({ key, size, sequencer }: Upload): Promise<Outcome> {
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
