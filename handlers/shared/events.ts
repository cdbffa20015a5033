/**
 * Requests: events of an HTTP API, payload format 2.0, and those of a REST API, 1.0.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */

import * as characters from "./characters";
import type { Values } from "./logs";
import { section, text } from "./logs";
import * as problems from "./problems";

/** The group whose members may act for anyone. */
export const ADMIN = "admin";

// Cognito's `sub` and all ids that we give are UUIDs, which it includes.
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
const ID_FORM = "1 to 128 letters, digits, '.', '_', ':' or '-'";

/** Who asks, by the access token that API Gateway has verified. */
export class Caller {
  readonly userId: string;
  readonly isAdmin: boolean;

  constructor(userId: string, isAdmin: boolean) {
    this.userId = userId;
    this.isAdmin = isAdmin;
  }

  /** Whether what belongs to `userId` is the caller's business. */
  mayActFor(userId: string): boolean {
    return this.isAdmin || this.userId === userId;
  }
}

/** One request of a caller. */
export interface Request {
  readonly caller: Caller;
  readonly path: Values;
  readonly query: Values;
  readonly body: Buffer;
}

/** The id in the path, in its valid form; slashes, spaces and NUL are never part of one. */
export function pathId(request: Request, name: string): string {
  const value = request.path[name];
  if (typeof value !== "string" || !ID.test(value)) {
    throw problems.invalidField(name, ID_FORM);
  }
  return value;
}

/** Reads an event. Unknown query parameters are refused, so that a misspelt one doesn't go unnoticed. */
export function parse(event: Values, parameters: readonly string[]): Request {
  const caller = readCaller(event);
  const query = readQuery(event);
  const [unknown] = characters.inOrder(Object.keys(query).filter((name) => !parameters.includes(name)));
  if (unknown !== undefined) {
    throw problems.invalidField(problems.printable(unknown), "unknown query parameter");
  }
  return { caller, path: section(event, "pathParameters"), query, body: readBody(event) };
}

function readCaller(event: Values): Caller {
  // API Gateway's authorizer verifies signature, issuer, client and expiry, but takes an id token as well:
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
  // A REST API's takes access tokens alone and has the claims one level up:
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
  const authorizer = section(section(event, "requestContext"), "authorizer");
  const inToken = section(section(authorizer, "jwt"), "claims");
  const claims = Object.keys(inToken).length > 0 ? inToken : section(authorizer, "claims");
  if (claims["token_use"] !== "access") {
    throw problems.unauthorized("An access token of the user pool is wanted.");
  }
  const userId = text(claims["sub"]);
  if (!ID.test(userId)) {
    throw problems.unauthorized("The access token names no user.");
  }
  return new Caller(userId, groups(claims["cognito:groups"]).includes(ADMIN));
}

/**
 * The groups in a token's claim: a list in the token, text in an event.
 *
 * An HTTP API writes `[admin other]`, a REST API `admin,other`.
 */
function groups(claim: unknown): unknown[] {
  if (Array.isArray(claim)) {
    return claim;
  }
  const names = text(claim);
  // One pair of brackets only: a group may itself be called "[admin]". None holds a space.
  return /^\[.*\]$/s.test(names) ? characters.words(names.slice(1, -1)) : names.split(",");
}

/** The parameters; what was sent twice has its values joined by commas, as format 2.0 has it. */
function readQuery(event: Values): Values {
  const repeated = Object.entries(section(event, "multiValueQueryStringParameters"));
  const joined = repeated.flatMap(([name, values]) => (Array.isArray(values) ? [[name, values.join()]] : []));
  return { ...section(event, "queryStringParameters"), ...Object.fromEntries(joined) };
}

function readBody(event: Values): Buffer {
  const body = text(event["body"]);
  // API Gateway encodes every body whose content type isn't text or JSON, such as curl's default.
  const encoding = event["isBase64Encoded"] ? "base64" : "utf8";
  const decoded = Buffer.from(body, encoding);
  if (decoded.toString(encoding) !== body) {
    throw problems.invalidField("body", "JSON in UTF-8");
  }
  return decoded;
}
