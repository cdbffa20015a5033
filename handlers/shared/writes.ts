/** Writes to one item, with what AWS refuses turned into what a client can act on. */

import { setTimeout as pause } from "node:timers/promises";
import * as aws from "./aws";
import * as problems from "./problems";

const CONFLICTS = ["TransactionConflictException", "TransactionInProgressException"];

const ATTEMPTS = 8;
const FIRST_PAUSE_MILLISECONDS = 20;
const LONGEST_PAUSE_MILLISECONDS = 400;

/** The write's condition doesn't hold. Nothing was written. */
export class ConditionFailedError extends Error {
  override readonly name = "ConditionFailedError";
}

/**
 * Numbers of attempts, with a random pause before each but the first: below 2 s in all.
 *
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export async function* attempts(): AsyncGenerator<number> {
  for (let number = 0; number < ATTEMPTS; number += 1) {
    if (number > 0) {
      const longest = Math.min(LONGEST_PAUSE_MILLISECONDS, FIRST_PAUSE_MILLISECONDS * 2 ** number);
      await pause(Math.random() * longest);
    }
    yield number;
  }
}

/**
 * Makes a conditional write. A transaction that holds the item is waited for.
 *
 * @throws ConditionFailedError: the condition doesn't hold.
 * @throws Problem: others kept writing the item (409).
 */
export async function write<Output>(call: () => Promise<Output>): Promise<Output> {
  for await (const _ of attempts()) {
    try {
      return await call();
    } catch (error) {
      if (aws.code(error) === "ConditionalCheckFailedException") {
        throw new ConditionFailedError();
      }
      if (!CONFLICTS.includes(aws.code(error))) {
        throw error;
      }
    }
  }
  throw problems.busy();
}
