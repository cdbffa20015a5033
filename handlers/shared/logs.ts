/**
 * One line of JSON on stdout for each invocation, without personal data: the same fields as in Python.
 *
 * A line holds ids, codes and durations. It never holds a body, a header, a token, a user's id, or the text
 * of an error that may quote one of them.
 */

import type { Context } from "aws-lambda";

/** An object of JSON whose form nobody has checked. */
export type Values = Readonly<Record<string, unknown>>;

// An async function's frames begin with `async`, one without a name has no brackets.
const FRAME = /^ {4}at (?:(?:async )?(.+) \()?([^()\s]+):(\d+):\d+\)?$/;

// The ten frames that are the default end within the SDK: none would be of ours.
Error.stackTraceLimit = 40;

let cold = true;

/** What one invocation has to say about itself. */
export class Invocation {
  readonly requestId: string;
  readonly #started = performance.now();
  readonly #fields: Record<string, unknown>;

  constructor(event: Values, context: Context) {
    const requestContext = section(event, "requestContext");
    this.requestId = text(requestContext["requestId"]) || text(context.awsRequestId);
    this.#fields = {
      requestId: this.requestId,
      invocationId: text(context.awsRequestId),
      function: text(context.functionName),
      route: text(requestContext["routeKey"]) || restRoute(requestContext),
      cold,
    };
    cold = false;
  }

  /** Adds fields to the line. */
  note(fields: Values): void {
    Object.assign(this.#fields, fields);
  }

  /** Adds an unexpected error: what it is, where it was thrown and, from AWS, its code. */
  failed(error: unknown): void {
    this.note({ level: "error", error: describe(error), traceback: frames(error) });
  }

  /** Writes the line: not by `console.log`, which Lambda makes a line of its own form of. */
  finish(status: number): void {
    this.#fields["level"] ??= "info";
    const milliseconds = Math.round((performance.now() - this.#started) * 10) / 10;
    process.stdout.write(`${JSON.stringify({ ...this.#fields, status, milliseconds })}\n`);
  }
}

/** The route as a REST API has it: method and path apart. */
function restRoute(requestContext: Values): string {
  const parts = [text(requestContext["httpMethod"]), text(requestContext["resourcePath"])];
  return parts.filter((part) => part !== "").join(" ");
}

/**
 * The name of an error, with AWS's code and operation, or its text where that names code and not data.
 *
 * A TypeError's text may quote a value. What AWS refused is told as in Python, so that one search finds both.
 */
function describe(error: unknown): string {
  if (!(error instanceof Error)) {
    return typeof error;
  }
  if ("$fault" in error) {
    return `ClientError: ${error.name} ${"operation" in error ? text(error.operation) : ""}`.trimEnd();
  }
  return error instanceof ReferenceError ? `${error.name}: ${error.message}` : error.name;
}

/** Where an error was thrown, outermost first; nothing of its text, which stands above that. */
function frames(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const message = error instanceof Error ? error.message : "";
  const found = stack.slice(stack.indexOf(message) + message.length).split("\n");
  return found
    .map((line) => FRAME.exec(line))
    .filter((frame) => frame !== null)
    .map(([, name = "<anonymous>", file, line]) => `${file}:${line} ${name}`)
    .reverse();
}

/** The object under `key`, or an empty one: events leave out, or set to null, what is not there. */
export function section(values: Values, key: string): Values {
  const value = values[key];
  return isObject(value) ? value : {};
}

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A string, or the empty one for anything else. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
