/** `PUT /users/{userId}`: replaces a user. */

import * as aws from "../shared/aws";
import { required } from "../shared/environment";
import { pathId } from "../shared/events";
import * as problems from "../shared/problems";
import { attempts } from "../shared/writes";
import { http } from "./entry";
import * as times from "./times";
import type { Action } from "./transactions";
import * as transactions from "./transactions";
import type { User, UserValues } from "./user";
import * as user from "./user";

const TABLE = required("USERS_TABLE");
const DYNAMODB = aws.dynamodb();

const REPLACED = ["email", "name", "department", "ttl", "updatedAt"];

type Change = UserValues & Pick<User, "updatedAt">;

/** 200 with the user; 404 when there is none that the caller may change; 409 for an address in use. */
export const handler = http([], async (request) => {
  const now = times.now();
  const userId = pathId(request, "userId");
  const change = { ...user.read(request.body, now), updatedAt: now };
  for await (const _ of attempts()) {
    const found = await user.find(DYNAMODB, TABLE, userId, request.caller, now);
    const [userChanged, addressTaken] = await transactions.commit(DYNAMODB, actions(found, change, now));
    if (userChanged === undefined) {
      const { ownerId, createdAt } = found;
      return { status: 200, body: user.show({ userId, ownerId, createdAt, ...change }) };
    }
    if (addressTaken && !userChanged) {
      throw user.inUse();
    }
    // Somebody changed or removed the user since it was read: its guard may be another one now.
  }
  throw problems.busy();
});

/** The changed user, the guard of its address, and the end of the guard that it no longer needs. */
function actions(found: User, change: Change, now: number): Action[] {
  const kept = [update(found, change), user.putGuard(TABLE, found.userId, change, now)];
  return found.email === change.email ? kept : [...kept, user.deleteGuard(TABLE, found)];
}

function update({ userId, email }: User, change: Change): Action {
  const set = Object.keys(change);
  const removed = REPLACED.filter((name) => !set.includes(name));
  const expression = [
    `SET ${set.map((name) => `#${name} = :${name}`).join(", ")}`,
    ...(removed.length > 0 ? [`REMOVE ${removed.map((name) => `#${name}`).join(", ")}`] : []),
  ];
  return {
    Update: {
      TableName: TABLE,
      Key: { userId },
      UpdateExpression: expression.join(" "),
      ConditionExpression: "#email = :before",
      ExpressionAttributeNames: Object.fromEntries(REPLACED.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(Object.entries(change).map(([name, value]) => [`:${name}`, value])),
        ":before": email,
      },
    },
  };
}
