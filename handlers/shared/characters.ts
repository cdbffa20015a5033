/**
 * Texts as Python sees them: their characters are code points, and it has its own idea of white space.
 *
 * Half a surrogate pair is no character. What holds one is refused before it gets here.
 */

const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACES = new RegExp(`[${SPACE}]+`);
const BLANK = new RegExp(`^[${SPACE}]+$`);
const HALF_A_PAIR = /\p{Surrogate}/u;
const ASCII = /^[\x00-\x7f]*$/;

/** How many characters a text has. */
export function count(text: string): number {
  return [...text].length;
}

/** Whether a text consists of white space, at least one character of it. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

/** Whether there is white space in a text. */
export function hasSpace(text: string): boolean {
  return SPACES.test(text);
}

/** The words of a text, which white space parts. */
export function words(text: string): string[] {
  return text.split(SPACES).filter((word) => word !== "");
}

/** Whether UTF-8 can write a text. */
export function isWellFormed(text: string): boolean {
  return !HALF_A_PAIR.test(text);
}

export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** Sorts by code points; JavaScript's own order puts U+1F600 before U+FFEE. */
export function inOrder(texts: Iterable<string>): string[] {
  return [...texts].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

/** A whole number as messages write it: `104,857,600`. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}
