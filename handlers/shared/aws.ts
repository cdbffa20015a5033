/**
 * Clients of AWS, made while a module is imported, where Lambda gives a full core.
 *
 * Timeouts and retries fit the 10 s of a function: a call takes at most two attempts of 2.5 s.
 */

import type { __Client as Client } from "@aws-sdk/client-dynamodb";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

const PATIENT = {
  maxAttempts: 2,
  retryMode: "standard",
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2500, throwOnRequestTimeout: true },
};

/** A client of DynamoDB, whose items are plain objects. */
export function dynamodb(): DynamoDBDocumentClient {
  const client = new DynamoDBClient(PATIENT);
  tellOperations(client);
  return DynamoDBDocumentClient.from(client);
}

/** A client of S3, which a bundle holds only if a function asks for one: a third more to load. */
export function s3(): S3Client {
  const client = new S3Client(PATIENT);
  tellOperations(client);
  return client;
}

/** AWS's code of an error, such as `ConditionalCheckFailedException`; empty when AWS didn't answer. */
export function code(error: unknown): string {
  return error instanceof Error && "$fault" in error ? error.name : "";
}

/** Makes errors say which operation failed; the SDK's own don't. */
function tellOperations({ middlewareStack }: Pick<Client<any, any, any, any>, "middlewareStack">): void {
  middlewareStack.add(
    (next, context) => async (request) => {
      try {
        return await next(request);
      } catch (error) {
        throw Object.assign(error as Error, { operation: context.commandName?.replace(/Command$/, "") });
      }
    },
    { step: "initialize", name: "tellOperations" },
  );
}
