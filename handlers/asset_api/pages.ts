/** Lists, newest first, in pages. */

import type { DynamoDBDocumentClient, QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Caller } from "../shared/events";
import type { Values } from "../shared/logs";
import { invalidField } from "../shared/problems";
import type { Position } from "./cursors";
import * as cursors from "./cursors";

const OWNER_INDEX = "ownerId-createdAt-index";
const CREATED_INDEX = "createdAt-index";
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const MAX_QUERIES = 10;
// How many items are read at a time once the filter has held some back.
const FILTERED_COUNT = 100;

/** A list: one partition of an index that is sorted by `createdAt`, and what of it is shown. */
export interface Listing {
  readonly table: string;
  readonly index: string;
  /** The attribute, and its value. */
  readonly partition: readonly [string, string];
  /** The attribute of the table's partition key. */
  readonly key: string;
  /** The filter's expression, if there is one. */
  readonly shown?: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, string | number>>;
  /** What was created before isn't shown. */
  readonly since?: number;
  /** What tells its cursors from those of other filters of the same partition. */
  readonly kind?: string;
}

export interface Page {
  readonly items: object[];
  readonly nextCursor?: string;
}

/**
 * The index and the partition with what a caller may see: all, or what is the caller's own.
 *
 * All items are in one partition, `entity`: DynamoDB sorts within a partition only.
 */
export function ofCaller(caller: Caller, entity: string): Pick<Listing, "index" | "partition"> {
  if (caller.isAdmin) {
    return { index: CREATED_INDEX, partition: ["entity", entity] };
  }
  return { index: OWNER_INDEX, partition: ["ownerId", caller.userId] };
}

/**
 * One page: `items`, and `nextCursor` when there are more.
 *
 * A page may hold fewer than `limit` although there are more, when the filter lets few pass.
 */
export async function page<Row extends object>(
  dynamodb: DynamoDBDocumentClient,
  listing: Listing,
  query: Values,
  show: (row: Row) => object,
): Promise<Page> {
  const wanted = limit(query);
  const name = [listing.key, listing.index, ...listing.partition, listing.kind ?? ""].join("\n");
  let start = Object.hasOwn(query, "cursor") ? cursors.read(name, query["cursor"]) : null;
  const found: Row[] = [];
  // One more than is shown tells whether there is a next page; the last page has no cursor.
  for (let count = wanted + 1, queries = 0; queries < MAX_QUERIES; queries += 1, count = FILTERED_COUNT) {
    const answer = await dynamodb.send(new QueryCommand(request(listing, start, count)));
    found.push(...((answer.Items ?? []) as Row[]));
    start = answer.LastEvaluatedKey ? position(listing, answer.LastEvaluatedKey) : null;
    if (start === null || found.length > wanted) {
      break;
    }
  }
  const last = found[wanted - 1];
  if (last && found.length > wanted) {
    start = position(listing, last as Values);
  }
  const items = found.slice(0, wanted).map(show);
  return start ? { items, nextCursor: cursors.write(name, start) } : { items };
}

/** How many items a page holds. */
function limit(query: Values): number {
  const value = Object.hasOwn(query, "limit") ? query["limit"] : String(DEFAULT_LIMIT);
  const number = typeof value === "string" && /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > MAX_LIMIT) {
    throw invalidField("limit", `a whole number from 1 to ${MAX_LIMIT}`);
  }
  return number;
}

function request(listing: Listing, start: Position | null, count: number): QueryCommandInput {
  const [attribute, value] = listing.partition;
  return {
    TableName: listing.table,
    IndexName: listing.index,
    KeyConditionExpression: "#partition = :partition AND createdAt > :since",
    ExpressionAttributeNames: { "#partition": attribute, ...listing.names },
    ExpressionAttributeValues: { ":partition": value, ":since": listing.since ?? 0, ...listing.values },
    ScanIndexForward: false,
    Limit: count,
    ...(listing.shown && { FilterExpression: listing.shown }),
    ...(start && {
      ExclusiveStartKey: { [listing.key]: start.itemId, [attribute]: value, createdAt: start.createdAt },
    }),
  };
}

function position(listing: Listing, row: Values): Position {
  return { createdAt: Number(row["createdAt"]), itemId: String(row[listing.key]) };
}
