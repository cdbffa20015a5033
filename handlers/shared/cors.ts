/**
 * Cross-origin headers of an answer: an HTTP API adds them itself, a REST API leaves them to the function.
 *
 * The stage says which, in variables; they can't hold a `*`, which is `any` there.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
 */

import type { Values } from "./logs";
import { section, text } from "./logs";

const HEADERS = {
  corsAllowOrigin: "access-control-allow-origin",
  corsAllowCredentials: "access-control-allow-credentials",
  corsExposeHeaders: "access-control-expose-headers",
};

/** What lets the pages of the stage's origin read the answer; nothing where the stage names no origin. */
export function corsHeaders(event: Values): Record<string, string> {
  const variables = section(event, "stageVariables");
  const said = Object.entries(HEADERS).map(([name, header]) => [header, text(variables[name])] as const);
  const named = said.filter(([, value]) => value !== "");
  return Object.fromEntries(named.map(([header, value]) => [header, value === "any" ? "*" : value]));
}
