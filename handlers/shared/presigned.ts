/**
 * Presigned addresses of S3: whoever holds one may do that one thing with that one object until it expires.
 *
 * Signed here and not by the SDK, which adds a parameter and has its own order: both languages give the same
 * address for the same thing, byte for byte. An address is good for no longer than the credentials of the
 * function that signed it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */

import { createHash, createHmac } from "node:crypto";

const ALGORITHM = "AWS4-HMAC-SHA256";
const KEPT = /[ -~]/;
const REPLACED = /["\\%]/;

type Parameters = readonly (readonly [name: string, value: string])[];

/** What a signature is made with. */
export interface Signer {
  readonly credentials: () => Promise<Keys>;
  readonly region: () => Promise<string>;
}

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** An object, and for how long an address of it is good. */
export interface Target {
  readonly bucket: string;
  readonly key: string;
  readonly seconds: number;
}

/** Where a client may PUT the object, with exactly these headers: they are signed. */
export function upload(
  signer: Signer,
  target: Target,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  return signed(signer, "PUT", target, Object.entries(headers), []);
}

/** Where a client may GET the object; a browser saves it under `fileName` and never shows it. */
export function download(signer: Signer, target: Target, fileName: string): Promise<string> {
  return signed(signer, "GET", target, [], [["response-content-disposition", disposition(fileName)]]);
}

/**
 * `attachment`, with the name in ASCII for old clients and in full for the others.
 *
 * https://www.rfc-editor.org/rfc/rfc6266#appendix-D
 */
export function disposition(fileName: string): string {
  const plain = Array.from(fileName, (each) => (KEPT.test(each) && !REPLACED.test(each) ? each : "_"));
  return `attachment; filename="${plain.join("")}"; filename*=UTF-8''${quote(fileName)}`;
}

async function signed(
  signer: Signer,
  method: string,
  { bucket, key, seconds }: Target,
  headers: Parameters,
  query: Parameters,
): Promise<string> {
  const [keys, region] = await Promise.all([signer.credentials(), signer.region()]);
  const url = address(bucket, key, region);
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = [time.slice(0, 8), region, "s3", "aws4_request"];
  const all = [...headers, ["host", url.host] as const].sort(([one], [other]) => (one < other ? -1 : 1));
  const signedHeaders = all.map(([name]) => name).join(";");
  const parameters = encode([
    ...query,
    ["X-Amz-Algorithm", ALGORITHM],
    ["X-Amz-Credential", [keys.accessKeyId, ...scope].join("/")],
    ["X-Amz-Date", time],
    ["X-Amz-Expires", String(seconds)],
    ["X-Amz-SignedHeaders", signedHeaders],
    ...(keys.sessionToken ? [["X-Amz-Security-Token", keys.sessionToken] as const] : []),
  ]);
  const request = [
    method,
    url.path,
    [...parameters].sort().join("&"),
    ...all.map(([name, value]) => `${name}:${value}`),
    "",
    signedHeaders,
    "UNSIGNED-PAYLOAD",
  ];
  const signature = sign(keys.secretAccessKey, time, scope, request.join("\n"));
  return `${url.origin}${url.path}?${parameters.join("&")}&X-Amz-Signature=${signature}`;
}

function sign(secret: string, time: string, scope: readonly string[], request: string): string {
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const digest = createHash("sha256").update(request).digest("hex");
  return hmac(key, [ALGORITHM, time, scope.join("/"), digest].join("\n")).toString("hex");
}

function encode(parameters: Parameters): string[] {
  return parameters.map(([name, value]) => `${quote(name)}=${quote(value)}`);
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

interface Address {
  readonly origin: string;
  readonly host: string;
  readonly path: string;
}

/** The parts of the object's address; not a `URL`, which would resolve names such as `%2e%2e`. */
function address(bucket: string, key: string, region: string): Address {
  const path = key.split("/").map(quote).join("/");
  const endpoint = process.env["AWS_ENDPOINT_URL_S3"] || process.env["AWS_ENDPOINT_URL"];
  if (endpoint) {
    const { origin, host, pathname } = new URL(endpoint);
    return { origin, host, path: `${pathname.replace(/\/+$/, "")}/${bucket}/${path}` };
  }
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const host = `${bucket}.s3.${region}.${suffix}`;
  return { origin: `https://${host}`, host, path: `/${path}` };
}

/** Percent-encoded, but for the letters, digits and `-._~` that need not be. */
function quote(text: string): string {
  const encoded = encodeURIComponent(text);
  return encoded.replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}
