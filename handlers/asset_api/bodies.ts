/**
 * Bodies of requests, read so that both languages refuse the same ones in the same words.
 *
 * A JSON library's own messages, its order of mistakes and its limits would differ between them; here the
 * form is checked by rules that are written down. Numbers are doubles, as everywhere in JSON.
 */

import { check, email, line } from "../shared/bodies";
import * as characters from "../shared/characters";
import type { Values } from "../shared/logs";
import { isObject } from "../shared/logs";
import type { FieldError, Problem } from "../shared/problems";
import { invalidField, printable, tooLarge } from "../shared/problems";

// The longest body that is read: several times the longest that is right.
const MAX_BYTES = 16 * 1024;
// Levels of objects and arrays that are read; no field has more than one.
const MAX_DEPTH = 32;

const STRING = /"(?:[^"\\]|\\.)*"?/gs;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export type Check = (field: string, value: unknown) => FieldError | null;

/** A field of a body: its name, its check, and whether it may be left out. */
export interface Field {
  readonly name: string;
  readonly check: Check;
  readonly optional?: boolean;
}

/**
 * The values in a body, of the form that the fields' checks make sure of.
 *
 * @throws Problem: there are mistakes in it; all of them are told.
 */
export function read<Form>(body: Buffer, ...fields: readonly Field[]): Form {
  const values = readObject(body);
  const known = new Set(fields.map((field) => field.name));
  const unknown = characters.inOrder(Object.keys(values).filter((name) => !known.has(name)));
  check(
    ...unknown.map((name) => ({ field: printable(name), message: "unknown field" })),
    ...fields.map((field) => mistake(field, values)),
  );
  return values as Form;
}

function mistake(field: Field, values: Values): FieldError | null {
  if (!Object.hasOwn(values, field.name)) {
    return field.optional ? null : { field: field.name, message: "required" };
  }
  return field.check(field.name, values[field.name]);
}

/** A text of one line, of at most so many characters. */
export function text(longest: number): Check {
  return (field, value) =>
    typeof value === "string" ? line(field, value, longest) : { field, message: "a string" };
}

/** A whole number in a range; 5.0 is one. */
export function whole(lowest: number, highest: number): Check {
  const message = `a whole number from ${characters.grouped(lowest)} to ${characters.grouped(highest)}`;
  return (field, value) => {
    const fits = typeof value === "number" && Number.isInteger(value) && lowest <= value && value <= highest;
    return fits ? null : { field, message };
  };
}

/** An e-mail address in ASCII, so that it has one lower case everywhere and no twin that looks like it. */
export function address(field: string, value: unknown): FieldError | null {
  if (typeof value !== "string") {
    return { field, message: "a string" };
  }
  return characters.isAscii(value) ? email(field, value) : { field, message: "an e-mail address in ASCII" };
}

function readObject(body: Buffer): Values {
  if (body.length === 0) {
    throw invalidField("body", "a JSON object is wanted, nothing was sent");
  }
  if (body.length > MAX_BYTES) {
    throw tooLarge("body", `at most ${characters.grouped(MAX_BYTES)} bytes`);
  }
  const values = readJson(body);
  if (!isObject(values)) {
    throw invalidField("body", "a JSON object is wanted");
  }
  return values;
}

function readJson(body: Buffer): unknown {
  const plain = decode(body);
  if (depth(plain) > MAX_DEPTH) {
    throw invalidField("body", "nested too deeply");
  }
  try {
    return JSON.parse(plain, refuseHalfPairs);
  } catch {
    throw notJson();
  }
}

function decode(body: Buffer): string {
  try {
    return UTF8.decode(body);
  } catch {
    throw notJson();
  }
}

/** How many brackets are open at most at once, whether or not the text is JSON. */
function depth(plain: string): number {
  let deepest = 0;
  let open = 0;
  for (const letter of plain.replace(STRING, "")) {
    open += Number("[{".includes(letter)) - Number("]}".includes(letter));
    deepest = Math.max(deepest, open);
  }
  return deepest;
}

function refuseHalfPairs(key: string, value: unknown): unknown {
  if (!characters.isWellFormed(key) || (typeof value === "string" && !characters.isWellFormed(value))) {
    throw new SyntaxError("half a surrogate pair");
  }
  return value;
}

function notJson(): Problem {
  return invalidField("body", "not valid JSON in UTF-8");
}
