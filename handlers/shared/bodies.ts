/** Rules on the values in bodies. */

import * as characters from "./characters";
import type { FieldError } from "./problems";
import { invalid } from "./problems";

// C0, DEL and C1. A name may not span lines.
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;
const LONGEST_ADDRESS = 254;

/** Refuses a body with mistakes, all of them in one answer. */
export function check(...mistakes: (FieldError | null)[]): void {
  const found = mistakes.filter((mistake) => mistake !== null);
  if (found.length > 0) {
    throw invalid(...found);
  }
}

/** A text of one line, such as a name: 1 to `longest` characters, no control characters, not blank. */
export function line(field: string, value: string, longest: number): FieldError | null {
  const length = characters.count(value);
  if (length < 1 || length > longest || characters.isBlank(value)) {
    const wanted = `1 to ${characters.grouped(longest)} characters, not all of them spaces`;
    return { field, message: `${wanted}; got ${characters.grouped(length)}` };
  }
  return CONTROL.test(value) ? { field, message: "no control characters" } : null;
}

/** An address that could be one. Whether it is, only a mail to it shows. */
export function email(field: string, value: string): FieldError | null {
  const mistake = line(field, value, LONGEST_ADDRESS);
  if (mistake) {
    return mistake;
  }
  const at = value.lastIndexOf("@");
  const local = value.slice(0, Math.max(at, 0));
  const labels = value.slice(at + 1).split(".");
  const isLocal = local !== "" && !local.includes("@");
  const isDomain = labels.length > 1 && !labels.includes("");
  if (isLocal && isDomain && !characters.hasSpace(value)) {
    return null;
  }
  return { field, message: "an e-mail address such as ada@example.com" };
}
