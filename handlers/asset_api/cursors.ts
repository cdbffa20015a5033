/**
 * Cursors: where the next page of a list begins, as text for a URL.
 *
 * The digest binds a cursor to one list: the index, its partition and its filter. It needs no secret,
 * because it opens nothing that its list doesn't. A cursor of the functions in Python is good here, and the
 * other way.
 */

import { createHash } from "node:crypto";
import * as characters from "../shared/characters";
import * as problems from "../shared/problems";

const VERSION = "1";
const LONGEST = 400;
const FORM = /^1\n(\d{1,15})\n([A-Za-z0-9][A-Za-z0-9._:-]{0,127})\n[0-9a-f]{24}$/;

/** The last item of a page. */
export interface Position {
  readonly createdAt: number;
  readonly itemId: string;
}

/** The cursor behind `position` in a list. */
export function write(listing: string, { createdAt, itemId }: Position): string {
  const plain = `${VERSION}\n${createdAt}\n${itemId}`;
  const digest = createHash("sha256").update(`${plain}\n${listing}`).digest("hex").slice(0, 24);
  return Buffer.from(`${plain}\n${digest}`).toString("base64url");
}

/**
 * The position that a cursor stands for.
 *
 * @throws Problem: it isn't a cursor that `write` gave for this list (400).
 */
export function read(listing: string, cursor: unknown): Position {
  const position = parse(cursor);
  // Writing it again shows the digest, and that no other spelling of the same bytes passes.
  if (position === null || write(listing, position) !== cursor) {
    throw problems.invalidField("cursor", "the nextCursor of an earlier page of this list");
  }
  return position;
}

function parse(cursor: unknown): Position | null {
  if (typeof cursor !== "string" || cursor.length > LONGEST || !characters.isAscii(cursor)) {
    return null;
  }
  const [, createdAt, itemId] = FORM.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  return createdAt && itemId ? { createdAt: Number(createdAt), itemId } : null;
}
