// The API, under this site's own name.

const BASE = "/api";
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;
const BUSY = [429, 502, 503, 504];

// An answer that isn't the one hoped for; the message is for people.
export class Refusal extends Error {
  constructor(status, document) {
    const fields = document?.errors?.map(({ field, message }) => `${field}: ${message}`).join("; ");
    super(fields || document?.detail || document?.message || `The server answered ${status}.`);
    this.status = status;
  }
}

export class Api {
  #session;

  constructor(session) {
    this.#session = session;
  }

  profile(userId) {
    return this.#request("GET", `/profiles/${encodeURIComponent(userId)}`);
  }

  saveProfile(userId, profile) {
    return this.#request("PUT", `/profiles/${encodeURIComponent(userId)}`, profile);
  }

  pictures(query) {
    return this.#request("GET", `/media?${new URLSearchParams(query)}`);
  }

  picture(mediaId) {
    return this.#request("GET", `/media/${encodeURIComponent(mediaId)}`);
  }

  share(mediaId, sharedWith) {
    return this.#request("PUT", `/media/${encodeURIComponent(mediaId)}`, { sharedWith: sharedWith || null });
  }

  remove(mediaId) {
    return this.#request("DELETE", `/media/${encodeURIComponent(mediaId)}`);
  }

  // Uploads a file straight to where it is kept, and returns it once it can be seen.
  async upload(file, sharedWith) {
    const described = { fileName: file.name, contentType: file.type, size: file.size };
    const made = await this.#request("POST", "/media", sharedWith ? { ...described, sharedWith } : described);
    const { url, method, headers } = made.upload;
    const sent = await fetch(url, { method, headers: { "content-type": headers["content-type"] }, body: file });
    if (!sent.ok) {
      throw new Refusal(sent.status, { message: "The file could not be stored. Try again." });
    }
    return this.#available(made.mediaId);
  }

  async #available(mediaId) {
    for (let attempt = 0; ; attempt += 1) {
      const found = await this.picture(mediaId);
      if (found.status === "available" || attempt === 20) {
        return found;
      }
      await pause(FIRST_PAUSE_MS);
    }
  }

  // Asks again, a little later each time, where that can't do anything twice: when the API turned the request
  // away for asking too often, or when a request that changes nothing got no answer.
  async #request(method, path, body) {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await fetch(BASE + path, {
        method,
        headers: {
          authorization: `Bearer ${await this.#session.token()}`,
          ...(body && { "content-type": "application/json" }),
        },
        body: body && JSON.stringify(body),
      });
      const again = answer.status === 429 || (method !== "POST" && BUSY.includes(answer.status));
      if (!again || attempt === ATTEMPTS) {
        return read(answer);
      }
      await pause(Math.random() * FIRST_PAUSE_MS * 2 ** attempt);
    }
  }
}

async function read(answer) {
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json");
  const found = text && isJson ? JSON.parse(text) : null;
  if (!answer.ok) {
    throw new Refusal(answer.status, found);
  }
  return found;
}

function pause(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
