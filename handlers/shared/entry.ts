/** The entry of a function behind an HTTP or a REST API: an event in, an answer out, a log line for each. */

import type { Context } from "aws-lambda";
import { corsHeaders } from "./cors";
import type { Request } from "./events";
import { parse } from "./events";
import type { Values } from "./logs";
import { Invocation } from "./logs";
import * as problems from "./problems";

const JSON_TYPE = "application/json";

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  /** Encoded as JSON; without one no body is sent. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What API Gateway makes an answer of. */
export interface Response {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Logic = (request: Request) => Promise<Answer>;

/**
 * Makes a Lambda handler of a function from request to answer.
 *
 * @param parameters the query parameters that the route knows; others are refused.
 */
export function http(
  parameters: readonly string[],
  logic: Logic,
): (event: Values, context: Context) => Promise<Response> {
  return async (event, context) => {
    const invocation = new Invocation(event, context);
    const response = await answered(event, parameters, logic, invocation);
    invocation.finish(response.statusCode);
    const added = { "x-request-id": invocation.requestId, ...corsHeaders(event) };
    return { ...response, headers: { ...response.headers, ...added } };
  };
}

async function answered(
  event: Values,
  parameters: readonly string[],
  logic: Logic,
  invocation: Invocation,
): Promise<Response> {
  try {
    return respond(await logic(parse(event, parameters)), JSON_TYPE);
  } catch (error) {
    if (!(error instanceof problems.Problem)) {
      // The last resort: a 500 without internals, told in the log.
      invocation.failed(error);
      return refuse(problems.internal(), invocation);
    }
    invocation.note({ problem: error.kind });
    return refuse(error, invocation);
  }
}

function refuse(problem: problems.Problem, { requestId }: Invocation): Response {
  const { status, headers } = problem;
  return respond({ status, headers, body: problem.document(requestId) }, problems.CONTENT_TYPE);
}

function respond({ status, body, headers }: Answer, contentType: string): Response {
  // Answers hold personal data: no cache on the way may keep them.
  const sent = { "cache-control": "no-store", ...headers };
  if (body === undefined) {
    return { statusCode: status, headers: sent };
  }
  return {
    statusCode: status,
    headers: { ...sent, "content-type": contentType },
    body: JSON.stringify(body),
  };
}
