/** `GET /users`: users by creation time, newest first, or the one with an e-mail address. */

import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as aws from "../shared/aws";
import { required } from "../shared/environment";
import type { Request } from "../shared/events";
import * as problems from "../shared/problems";
import * as bodies from "./bodies";
import { http } from "./entry";
import * as pages from "./pages";
import * as times from "./times";
import type { User } from "./user";
import * as user from "./user";

const TABLE = required("USERS_TABLE");
const DYNAMODB = aws.dynamodb();

const EMAIL_INDEX = "email-index";

/** 200 with `items`: the caller's users, an admin's all; by `email` at most one. */
export const handler = http(["limit", "cursor", "email"], async (request) => {
  const now = times.now();
  if (Object.hasOwn(request.query, "email")) {
    return { status: 200, body: { items: await byEmail(request, now) } };
  }
  const listing = {
    ...pages.ofCaller(request.caller, user.ENTITY),
    table: TABLE,
    key: "userId",
    shown: "attribute_not_exists(#ttl) OR #ttl > :seconds",
    names: { "#ttl": "ttl" },
    values: { ":seconds": times.seconds(now) },
  };
  return { status: 200, body: await pages.page(DYNAMODB, listing, request.query, user.show) };
});

async function byEmail({ query, caller }: Request, now: number): Promise<object[]> {
  if (Object.keys(query).length > 1) {
    throw problems.invalidField("email", "stands alone: there is at most one such user");
  }
  const wrong = bodies.address("email", query["email"]);
  if (wrong) {
    throw problems.invalid(wrong);
  }
  const answer = await DYNAMODB.send(
    new QueryCommand({
      TableName: TABLE,
      IndexName: EMAIL_INDEX,
      KeyConditionExpression: "email = :email",
      ExpressionAttributeValues: { ":email": String(query["email"]).toLowerCase() },
    }),
  );
  const found = (answer.Items ?? []) as User[];
  return found.filter((each) => user.isVisible(each, caller, now)).map(user.show);
}
