/**
 * Events of a bucket: objects that have been uploaded.
 *
 * S3 calls at least once, in no order, and after whatever describes the object may be gone.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */

import type { Context } from "aws-lambda";
import type { Values } from "./logs";
import { Invocation, isObject, section, text } from "./logs";

const SEQUENCER_LENGTH = 64;

/** Lambda calls again; what went wrong is in the log line. */
class NotRecordedError extends Error {
  override readonly name = "NotRecordedError";
}

/** One object that S3 tells of. */
export interface Upload {
  readonly key: string;
  readonly size: number;
  /** Grows with each upload to the same key; padded as S3 asks, so that texts compare. */
  readonly sequencer: string;
}

type Record = (upload: Upload) => Promise<string>;

/**
 * Makes a Lambda handler of a function that writes one upload down and says in a word what became of it.
 *
 * The handler throws `NotRecordedError` when that fails: Lambda calls twice more with the same event.
 */
export function recording(record: Record): (event: Values, context: Context) => Promise<void> {
  return async (event, context) => {
    const invocation = new Invocation(event, context);
    invocation.note({ route: "s3:ObjectCreated" });
    try {
      invocation.note(await outcomes(event, record));
    } catch (error) {
      // Told in the log, without what its text may quote.
      invocation.failed(error);
      invocation.finish(500);
      throw new NotRecordedError("an upload could not be recorded");
    }
    invocation.finish(200);
  };
}

/** What became of the uploads of an event, and of how many of them. */
async function outcomes(event: Values, record: Record): Promise<Values> {
  const counts = new Map<string, number>();
  for (const upload of uploads(event)) {
    const outcome = await record(upload);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

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
