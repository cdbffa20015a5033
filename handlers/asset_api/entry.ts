/**
 * The entry of the functions: that of every domain, and what is this backend's own.
 *
 * A schedule keeps functions warm with the event `{"warm": true}`; no event of an HTTP API has such a key. A
 * backend that is public has no authorizer, so its events name no caller: all callers are one then.
 */

import type { Context } from "aws-lambda";
import type { Logic, Response } from "../shared/entry";
import * as entry from "../shared/entry";
import { ADMIN } from "../shared/events";
import type { Values } from "../shared/logs";
import { Invocation, section } from "../shared/logs";

const PUBLIC_CALLER = "public";
const IS_PUBLIC = process.env["PUBLIC"] === "true";
const PUBLIC_CLAIMS = { sub: PUBLIC_CALLER, token_use: "access", "cognito:groups": `[${ADMIN}]` };

export type Handler = (event: Values, context: Context) => Promise<Response | Record<string, never>>;

/** As `shared/entry`'s, with warm-up events and, where it is public, without sign-in. */
export function http(parameters: readonly string[], logic: Logic): Handler {
  const answered = entry.http(parameters, logic);
  return async (event, context) => {
    if (isWarmUp(event, context)) {
      return {};
    }
    return answered(IS_PUBLIC ? asPublic(event) : event, context);
  };
}

/** Whether the event only keeps the function warm; its log line is written then. */
export function isWarmUp(event: Values, context: Context): boolean {
  if (event["warm"] !== true) {
    return false;
  }
  const invocation = new Invocation(event, context);
  invocation.note({ route: "warm-up" });
  invocation.finish(200);
  return true;
}

/** The event with the caller that everybody is. */
function asPublic(event: Values): Values {
  const authorizer = { jwt: { claims: PUBLIC_CLAIMS } };
  return { ...event, requestContext: { ...section(event, "requestContext"), authorizer } };
}
