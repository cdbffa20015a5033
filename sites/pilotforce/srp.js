// Proves to a user pool that the password is known, without sending it: Secure Remote Password, as Cognito
// has it. https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html

// The group of 3,072 bits of https://www.rfc-editor.org/rfc/rfc5054#appendix-A
const MODULUS = BigInt(
  "0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
);
const GENERATOR = 2n;
const SECRET_BYTES = 128;
const KEY_BITS = 128;
const INFO = "Caldera Derived Key";
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const utf8 = new TextEncoder();

// One attempt to sign in: what opens it, and what answers the pool's challenge.
export class Proof {
  #secret = number(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
  #opening = power(GENERATOR, this.#secret);

  get opening() {
    return this.#opening.toString(16);
  }

  async answer(challenge, userPoolId, password, now = new Date()) {
    const { SRP_B, SALT, SECRET_BLOCK, USER_ID_FOR_SRP } = challenge;
    const pool = userPoolId.split("_")[1];
    const key = await this.#key(BigInt(`0x${SRP_B}`), BigInt(`0x${SALT}`), `${pool}${USER_ID_FOR_SRP}:${password}`);
    const block = Uint8Array.from(atob(SECRET_BLOCK), (letter) => letter.charCodeAt(0));
    const timestamp = stamp(now);
    const signed = joined(utf8.encode(pool + USER_ID_FOR_SRP), block, utf8.encode(timestamp));
    const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, signed));
    return {
      USERNAME: USER_ID_FOR_SRP,
      PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
      PASSWORD_CLAIM_SIGNATURE: btoa(String.fromCharCode(...signature)),
      TIMESTAMP: timestamp,
    };
  }

  async #key(theirs, salt, identity) {
    if (theirs % MODULUS === 0n) {
      throw new Error("the user pool's challenge is none");
    }
    const mix = await hash(bytes(this.#opening), bytes(theirs));
    const multiplier = number(await hash(bytes(MODULUS), bytes(GENERATOR)));
    const x = number(await hash(bytes(salt), await hash(utf8.encode(identity))));
    const base = modulo(theirs - multiplier * power(GENERATOR, x));
    const shared = power(base, this.#secret + number(mix) * x);
    const material = await crypto.subtle.importKey("raw", bytes(shared), "HKDF", false, ["deriveKey"]);
    return crypto.subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: bytes(number(mix)), info: utf8.encode(INFO) },
      material,
      { name: "HMAC", hash: "SHA-256", length: KEY_BITS },
      false,
      ["sign"],
    );
  }
}

function modulo(value) {
  const rest = value % MODULUS;
  return rest < 0n ? rest + MODULUS : rest;
}

function power(base, exponent) {
  let result = 1n;
  let square = modulo(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) {
      result = (result * square) % MODULUS;
    }
    square = (square * square) % MODULUS;
  }
  return result;
}

// As a signed number of as few bytes as it takes, which is what the pool hashes.
function bytes(value) {
  let hex = value.toString(16);
  if (hex.length % 2) {
    hex = `0${hex}`;
  } else if (Number.parseInt(hex[0], 16) > 7) {
    hex = `00${hex}`;
  }
  return Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
}

function number(array) {
  return BigInt(`0x${Array.from(array, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
}

async function hash(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
}

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

// `Fri Nov 6 09:05:03 UTC 2026`, in English whatever the browser speaks.
function stamp(now) {
  const time = now.toISOString().slice(11, 19);
  const day = `${DAYS[now.getUTCDay()]} ${MONTHS[now.getUTCMonth()]} ${now.getUTCDate()}`;
  return `${day} ${time} UTC ${now.getUTCFullYear()}`;
}
