/**
 * A user: what it may hold, how it is stored, and the guard that keeps its e-mail address unique.
 *
 * The guard is an item of the same table whose id is made of the address. DynamoDB keeps ids unique, and a
 * transaction writes user and guard together: https://aws.amazon.com/blogs/database/simulating-amazon-dynamodb-unique-constraints-using-transactions/
 */

import { createHash, randomUUID } from "node:crypto";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Caller } from "../shared/events";
import * as problems from "../shared/problems";
import type { Check } from "./bodies";
import * as bodies from "./bodies";
import * as times from "./times";
import type { Action } from "./transactions";

export const ENTITY = "user";
const MAX_NAME = 100;
const MAX_DEPARTMENT = 100;
// Seconds since 1970, in the year 2286: more digits would be milliseconds by mistake.
const MAX_TTL = 9_999_999_999;

/** What a client sets. */
export interface UserValues {
  readonly email: string;
  readonly name: string;
  readonly department?: string;
  readonly ttl?: number;
}

export interface User extends UserValues {
  readonly userId: string;
  readonly ownerId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The values that a client sets, the e-mail address in lower case. */
export function read(body: Buffer, now: number): UserValues {
  const values = bodies.read<UserValues>(
    body,
    { name: "email", check: bodies.address },
    { name: "name", check: bodies.text(MAX_NAME) },
    { name: "department", check: bodies.text(MAX_DEPARTMENT), optional: true },
    { name: "ttl", check: laterThan(now), optional: true },
  );
  return { ...values, email: values.email.toLowerCase() };
}

function laterThan(now: number): Check {
  const inRange = bodies.whole(times.seconds(now) + 1, MAX_TTL);
  return (field, value) =>
    inRange(field, value) && { field, message: "seconds since 1970, whole and in the future" };
}

/** A new user. */
export function make(ownerId: string, values: UserValues, now: number): User {
  return { userId: randomUUID(), ownerId, ...values, createdAt: now, updatedAt: now };
}

/** The user as answers show it. */
export function show(user: User): object {
  const { userId, email, name, department, ownerId, createdAt, updatedAt, ttl } = user;
  return {
    userId,
    email,
    name,
    ...(department !== undefined && { department }),
    ownerId,
    createdAt,
    updatedAt,
    ...(ttl !== undefined && { ttl }),
  };
}

/**
 * The user as last written.
 *
 * @throws Problem: there is none that the caller may see (404).
 */
export async function find(
  dynamodb: DynamoDBDocumentClient,
  table: string,
  userId: string,
  caller: Caller,
  now: number,
): Promise<User> {
  const answer = await dynamodb.send(
    new GetCommand({ TableName: table, Key: { userId }, ConsistentRead: true }),
  );
  const user = answer.Item as User | undefined;
  if (!user || !isVisible(user, caller, now)) {
    throw missing();
  }
  return user;
}

/** Whether the user is the caller's business and hasn't expired; DynamoDB takes days to remove it. */
export function isVisible(user: User, caller: Caller, now: number): boolean {
  const isExpired = user.ttl !== undefined && user.ttl * times.SECOND <= now;
  return !isExpired && caller.mayActFor(user.ownerId);
}

function missing(): problems.Problem {
  return problems.notFound("There is no such user.");
}

/** 409: somebody has the e-mail address. */
export function inUse(): problems.Problem {
  return problems.conflict("Another user has this e-mail address.", { field: "email", message: "in use" });
}

/** The id of an address's guard. No user has it: ids of users hold no `#`. */
function guardId(email: string): string {
  return `email#${createHash("sha256").update(email).digest("hex")}`;
}

/** The action that takes an address for a user, if it is free, expired or the user's already. */
export function putGuard(table: string, userId: string, { email, ttl }: UserValues, now: number): Action {
  return {
    Put: {
      TableName: table,
      Item: { userId: guardId(email), holderId: userId, ...(ttl !== undefined && { ttl }) },
      ConditionExpression: "attribute_not_exists(userId) OR holderId = :user OR #ttl <= :seconds",
      ExpressionAttributeNames: { "#ttl": "ttl" },
      ExpressionAttributeValues: { ":user": userId, ":seconds": times.seconds(now) },
    },
  };
}

/** The action that frees an address, unless another user has it by now. */
export function deleteGuard(table: string, { email, userId }: User): Action {
  return {
    Delete: {
      TableName: table,
      Key: { userId: guardId(email) },
      ConditionExpression: "attribute_not_exists(userId) OR holderId = :user",
      ExpressionAttributeValues: { ":user": userId },
    },
  };
}
