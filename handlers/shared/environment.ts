/** Settings of a function: environment variables that its links set. */

/**
 * The value of an environment variable, read while the module is imported.
 *
 * A function without it can't work: it fails when it starts, and not with the first request.
 */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`environment variable ${name} is not set: link the function to what provides it`);
  }
  return value;
}
