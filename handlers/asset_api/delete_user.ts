/** `DELETE /users/{userId}`: removes a user. */

import * as aws from "../shared/aws";
import { required } from "../shared/environment";
import { pathId } from "../shared/events";
import * as problems from "../shared/problems";
import { attempts } from "../shared/writes";
import { http } from "./entry";
import * as times from "./times";
import * as transactions from "./transactions";
import * as user from "./user";

const TABLE = required("USERS_TABLE");
const DYNAMODB = aws.dynamodb();

/** 204, and the e-mail address is free again; 404 when there is none that the caller may remove. */
export const handler = http([], async (request) => {
  const userId = pathId(request, "userId");
  const now = times.now();
  for await (const _ of attempts()) {
    const found = await user.find(DYNAMODB, TABLE, userId, request.caller, now);
    const failed = await transactions.commit(DYNAMODB, [
      {
        Delete: {
          TableName: TABLE,
          Key: { userId },
          ConditionExpression: "email = :email",
          ExpressionAttributeValues: { ":email": found.email },
        },
      },
      user.deleteGuard(TABLE, found),
    ]);
    if (failed.length === 0) {
      return { status: 204 };
    }
    // Somebody changed or removed the user since it was read: its guard may be another one now.
  }
  throw problems.busy();
});
