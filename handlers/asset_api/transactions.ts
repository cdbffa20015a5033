/** Transactions: several writes, all or none. */

import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient, TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import * as aws from "../shared/aws";
import * as problems from "../shared/problems";
import { attempts } from "../shared/writes";

const FAILED = "ConditionalCheckFailed";
// What passes by itself: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const PASSING = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
const IN_PROGRESS = "TransactionInProgressException";

export type Action = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/**
 * Carries out the actions; others that hold the same items are waited for.
 *
 * @returns for each action whether its condition failed, and nothing was written; empty when all is done.
 * @throws Problem: others kept writing the same items (409).
 */
export async function commit(dynamodb: DynamoDBDocumentClient, actions: Action[]): Promise<boolean[]> {
  for await (const _ of attempts()) {
    try {
      await dynamodb.send(new TransactWriteCommand({ TransactItems: actions }));
      return [];
    } catch (error) {
      const reasons = reasonsOf(error);
      if (reasons.includes(FAILED)) {
        return reasons.map((reason) => reason === FAILED);
      }
      if (!reasons.some((reason) => PASSING.includes(reason)) && aws.code(error) !== IN_PROGRESS) {
        throw error;
      }
    }
  }
  throw problems.busy();
}

function reasonsOf(error: unknown): string[] {
  const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
  return reasons.map((reason) => reason.Code ?? "");
}
