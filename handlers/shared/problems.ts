/** What goes wrong, as problem documents (https://www.rfc-editor.org/rfc/rfc9457). */

export const CONTENT_TYPE = "application/problem+json";

/** One mistake in a request. */
export interface FieldError {
  /** The body's field (`settings.theme`), the parameter or the header; `body` for the body as a whole. */
  readonly field: string;
  /** What is wanted there. */
  readonly message: string;
}

interface Description {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly kind: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is answered with a problem document. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly kind: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #description: Description;

  constructor(description: Description) {
    super(description.title);
    this.status = description.status;
    this.kind = description.kind;
    this.headers = description.headers ?? {};
    this.#description = description;
  }

  /** The body of the answer. */
  document(requestId: string): object {
    const { kind, title, status, detail, errors = [] } = this.#description;
    const document = { type: `urn:problem:${kind}`, title, status, detail, requestId };
    return errors.length > 0 ? { ...document, errors } : document;
  }
}

/** 400: the request itself is wrong; each mistake names its field. */
export function invalid(...errors: FieldError[]): Problem {
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join("; ");
  return new Problem({ status: 400, title: "Invalid request", detail, kind: "invalid-request", errors });
}

/** 400 for one field. */
export function invalidField(field: string, message: string): Problem {
  return invalid({ field, message });
}

/** A name that the client chose, short and in ASCII, as an answer may repeat it. */
export function printable(name: string): string {
  return [...name].slice(0, 100).map(inAscii).join("");
}

function inAscii(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x80) {
    return character;
  }
  const digits = point.toString(16);
  if (point < 0x100) {
    return `\\x${digits}`;
  }
  return point < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}

/** 401: no access token of the user pool. */
export function unauthorized(detail: string): Problem {
  const headers = { "www-authenticate": 'Bearer error="invalid_token"' };
  return new Problem({ status: 401, title: "Unauthorized", detail, kind: "unauthorized", headers });
}

/** 404: there is no such thing. */
export function notFound(detail: string): Problem {
  return new Problem({ status: 404, title: "Not found", detail, kind: "not-found" });
}

/** 409: what is there already rules this request out. */
export function conflict(detail: string, ...errors: FieldError[]): Problem {
  return new Problem({ status: 409, title: "Conflict", detail, kind: "conflict", errors });
}

/** 409: other writers held the same item for as long as this request could wait. */
export function busy(): Problem {
  return new Problem({
    status: 409,
    title: "Conflict",
    detail: "Others are writing here at this moment. Nothing was changed; try again.",
    kind: "write-conflict",
    headers: { "retry-after": "1" },
  });
}

/** 413: the body is longer than it may be. */
export function tooLarge(field: string, message: string): Problem {
  return new Problem({
    status: 413,
    title: "Content too large",
    detail: `${field}: ${message}`,
    kind: "too-large",
    errors: [{ field, message }],
  });
}

/** 500: our mistake. The log line with this request id says which. */
export function internal(): Problem {
  const detail = "Something went wrong on our side. Quote the requestId when you report it.";
  return new Problem({ status: 500, title: "Internal server error", detail, kind: "internal" });
}
