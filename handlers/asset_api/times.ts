/** The time, as these tables keep it: numbers. */

export const SECOND = 1000;
export const DAY = 24 * 60 * 60 * SECOND;

/** Milliseconds since 1970. */
export function now(): number {
  return Date.now();
}

/** The whole seconds of a time in milliseconds: the form that DynamoDB's time to live reads. */
export function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / SECOND);
}
