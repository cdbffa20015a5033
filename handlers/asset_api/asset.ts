/**
 * An asset: a file in the bucket and the row that describes it.
 *
 * A row is `pending` until its object has been uploaded, then `available`. One that is being deleted is
 * hidden from every read before its object goes, so nobody sees one without the other.
 */

import { randomUUID } from "node:crypto";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { line } from "../shared/bodies";
import type { Caller } from "../shared/events";
import { isObject } from "../shared/logs";
import type { FieldError, Problem } from "../shared/problems";
import { notFound } from "../shared/problems";
import * as bodies from "./bodies";
import * as times from "./times";

export const ENTITY = "asset";
export const PENDING = "pending";
export const AVAILABLE = "available";
export const DELETING = "deleting";
/** What a client may ask for. */
export const STATUSES: readonly unknown[] = [PENDING, AVAILABLE];

export const LIFETIME = 30 * times.DAY;
const PREFIX = "assets/";
// What file systems take: https://man7.org/linux/man-pages/man7/limits.h.7p.html, NAME_MAX.
const MAX_FILE_NAME_BYTES = 255;
const MAX_TYPE = 255;
const MAX_METADATA = 20;
const MAX_METADATA_VALUE = 500;

// Line separators, marks that turn the direction of writing ("exe.gpj" is "jpg.exe" then), no characters.
const DECEPTIVE = /[\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/;
// https://www.rfc-editor.org/rfc/rfc6838#section-4.2, with parameters.
const NAME = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}";
const TYPE = new RegExp(`^${NAME}/${NAME}(; ?[A-Za-z0-9-]+=[A-Za-z0-9._+-]+){0,5}$`);
const FORM = "application/x-www-form-urlencoded"; // a request's own default, which signers leave out
const METADATA_KEY = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const KEY = /^assets\/([0-9a-f-]{36})\/[^/]+$/;

/** What a client sets. */
export interface AssetValues {
  readonly fileName: string;
  readonly contentType: string;
  readonly size: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface Asset extends AssetValues {
  readonly assetId: string;
  readonly status: string;
  readonly s3Bucket: string;
  readonly s3Key: string;
  readonly ownerId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly ttl: number;
}

/** The values that a client sets, for a file of at most so many bytes. */
export function read(body: Buffer, largest: number): AssetValues {
  return bodies.read<AssetValues>(
    body,
    { name: "fileName", check: checkFileName },
    { name: "contentType", check: checkContentType },
    { name: "size", check: bodies.whole(1, largest) },
    { name: "metadata", check: checkMetadata, optional: true },
  );
}

/** A new asset, whose object is yet to come. */
export function make(ownerId: string, bucket: string, values: AssetValues, now: number): Asset {
  const assetId = randomUUID();
  return {
    ...values,
    assetId,
    ownerId,
    status: PENDING,
    s3Bucket: bucket,
    s3Key: `${PREFIX}${assetId}/${values.fileName}`,
    createdAt: now,
    updatedAt: now,
    ttl: times.seconds(now + LIFETIME),
  };
}

/** The asset as answers show it; DynamoDB keeps no order of metadata. */
export function show(asset: Asset): object {
  const { assetId, fileName, contentType, size, status, metadata, s3Bucket, s3Key } = asset;
  const { ownerId, createdAt, updatedAt, ttl } = asset;
  const names = Object.keys(metadata ?? {}).sort();
  return {
    assetId,
    fileName,
    contentType,
    size,
    status,
    ...(metadata && { metadata: Object.fromEntries(names.map((name) => [name, metadata[name]])) }),
    s3Bucket,
    s3Key,
    ownerId,
    createdAt,
    updatedAt,
    ttl,
  };
}

/**
 * The asset as last written.
 *
 * @throws Problem: there is none that the caller may see (404).
 */
export async function find(
  dynamodb: DynamoDBDocumentClient,
  table: string,
  assetId: string,
  caller: Caller,
  now: number,
): Promise<Asset> {
  const answer = await dynamodb.send(
    new GetCommand({ TableName: table, Key: { assetId }, ConsistentRead: true }),
  );
  const asset = answer.Item as Asset | undefined;
  if (!asset || !isVisible(asset, caller, now)) {
    throw missing();
  }
  return asset;
}

/** Whether the asset is the caller's business, hasn't expired and isn't being deleted. */
function isVisible({ ttl, ownerId, status }: Asset, caller: Caller, now: number): boolean {
  return ttl * times.SECOND > now && caller.mayActFor(ownerId) && status !== DELETING;
}

/** 404. */
export function missing(): Problem {
  return notFound("There is no such asset.");
}

/** The asset that an object belongs to; null for any other object. */
export function idIn(objectKey: string): string | null {
  return KEY.exec(objectKey)?.[1] ?? null;
}

function checkFileName(field: string, value: unknown): FieldError | null {
  if (typeof value !== "string") {
    return { field, message: "a string" };
  }
  if (Buffer.byteLength(value) > MAX_FILE_NAME_BYTES) {
    return { field, message: `at most ${MAX_FILE_NAME_BYTES} bytes in UTF-8` };
  }
  const mistake = line(field, value, MAX_FILE_NAME_BYTES);
  if (mistake) {
    return mistake;
  }
  // A path's parts would be resolved by some client on the way, and the signature wouldn't fit.
  if (/[/\\]/.test(value) || value === "." || value === "..") {
    return { field, message: "the name of a file, without a path" };
  }
  if (DECEPTIVE.test(value)) {
    return { field, message: "no line separators, no marks of writing direction" };
  }
  return null;
}

function checkContentType(field: string, value: unknown): FieldError | null {
  if (typeof value !== "string") {
    return { field, message: "a string" };
  }
  const fits = value.length <= MAX_TYPE && TYPE.test(value) && !value.toLowerCase().startsWith(FORM);
  return fits ? null : { field, message: "a media type such as image/png" };
}

function checkMetadata(field: string, value: unknown): FieldError | null {
  if (!isObject(value)) {
    return { field, message: "an object of strings" };
  }
  const names = Object.keys(value).sort();
  if (names.length > MAX_METADATA) {
    return { field, message: `at most ${MAX_METADATA} keys` };
  }
  if (!names.every((name) => METADATA_KEY.test(name))) {
    return { field, message: "keys of 1 to 64 letters, digits, '_' and '-', a letter first" };
  }
  const check = bodies.text(MAX_METADATA_VALUE);
  const mistakes = names.map((name) => check(`${field}.${name}`, value[name]));
  return mistakes.find((mistake) => mistake !== null) ?? null;
}
