/** `POST /users`: creates a user. */

import * as aws from "../shared/aws";
import { required } from "../shared/environment";
import { http } from "./entry";
import * as times from "./times";
import * as transactions from "./transactions";
import * as user from "./user";

const TABLE = required("USERS_TABLE");
const DYNAMODB = aws.dynamodb();

/** 201 with the user and its Location; 409 when another user has the e-mail address. */
export const handler = http([], async (request) => {
  const now = times.now();
  const made = user.make(request.caller.userId, user.read(request.body, now), now);
  const failed = await transactions.commit(DYNAMODB, [
    {
      Put: {
        TableName: TABLE,
        Item: { ...made, entity: user.ENTITY },
        ConditionExpression: "attribute_not_exists(userId)",
      },
    },
    user.putGuard(TABLE, made.userId, made, now),
  ]);
  if (failed.length > 0) {
    throw user.inUse();
  }
  return { status: 201, body: user.show(made), headers: { location: `/users/${made.userId}` } };
});
