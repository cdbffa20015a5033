/** `GET /users/{userId}`: a user. */

import * as aws from "../shared/aws";
import { required } from "../shared/environment";
import { pathId } from "../shared/events";
import { http } from "./entry";
import * as times from "./times";
import * as user from "./user";

const TABLE = required("USERS_TABLE");
const DYNAMODB = aws.dynamodb();

/** 200 with the user; 404 when there is none that the caller may see. */
export const handler = http([], async (request) => {
  const found = await user.find(DYNAMODB, TABLE, pathId(request, "userId"), request.caller, times.now());
  return { status: 200, body: user.show(found) };
});
