// Sends one file in parts, and goes on where it was after a break, a reload or a new sign-in.

const PAUSES = [1000, 2000, 4000, 8000, 15000]; // between tries, in milliseconds
const DAYS_KEPT = 7; // as long as the server keeps an unfinished upload
const PREFIX = "upload:";

// The server won't have this file; `field` says what to change.
export class Refused extends Error {
  constructor({ field, message }) {
    super(message);
    this.field = field;
  }
}
export class SignedOut extends Error {}
export class Cancelled extends Error {}

export class Transfer {
  // `onState(name, percent)`: "uploading", "waiting" or "checking".
  constructor(file, values, { beginUrl, csrfToken, onState }) {
    this.file = file;
    this.values = values;
    this.beginUrl = beginUrl;
    this.csrfToken = csrfToken;
    this.onState = onState;
    this.aborter = new AbortController();
    this.key = `${PREFIX}${beginUrl}:${Object.values(values).join(":")}:${file.size}:${file.lastModified}`;
  }

  // Resolves to what the server says of the stored file. Throws Refused, SignedOut or Cancelled.
  async run() {
    let upload = (await this.earlier()) ?? (await this.begin());
    while (upload.received < upload.size) {
      this.onState("uploading", Math.floor((100 * upload.received) / upload.size));
      upload = await this.sendPart(upload);
    }
    this.onState("checking", 100);
    const stored = await this.request("POST", `${this.address(upload.id)}finish/`);
    forget(this.key);
    return stored.body;
  }

  async cancel() {
    this.aborter.abort();
    const id = recall(this.key);
    forget(this.key);
    if (!id) return;
    const headers = { "X-CSRFToken": this.csrfToken };
    await fetch(this.address(id), { method: "DELETE", headers }).catch(() => {});
  }

  async earlier() {
    const id = recall(this.key);
    if (!id) return null;
    const { status, body } = await this.request("GET", this.address(id));
    return status === 200 && body.size === this.file.size ? body : null;
  }

  async begin() {
    const values = { ...this.values, name: this.file.name, size: this.file.size };
    const { status, body } = await this.request("POST", this.beginUrl, JSON.stringify(values));
    if (status !== 201) throw new Refused({ field: "file", message: "" });
    remember(this.key, body.id);
    return body;
  }

  async sendPart(upload) {
    const part = this.file.slice(upload.received, upload.received + upload.part_bytes);
    const offset = { "Upload-Offset": String(upload.received) };
    const { status, body } = await this.request("PUT", this.address(upload.id), part, offset);
    if (status === 409) return { ...upload, received: body.received };
    // Given up elsewhere, or too old: from the beginning.
    return status === 404 ? this.begin() : body;
  }

  address(id) {
    return `/authoring/uploads/${id}/`;
  }

  // An answer of the server itself; while there is none, it is tried again.
  async request(method, address, body, headers = {}) {
    for (let tries = 0; ; tries += 1) {
      const answer = await this.tryOnce(method, address, body, headers);
      if (answer) return answer;
      this.onState("waiting");
      await pause(PAUSES[Math.min(tries, PAUSES.length - 1)], this.aborter.signal);
    }
  }

  async tryOnce(method, address, body, headers) {
    let answer;
    try {
      answer = await fetch(address, {
        method,
        body,
        headers: { ...headers, "X-CSRFToken": this.csrfToken },
        signal: this.aborter.signal,
      });
    } catch (error) {
      if (this.aborter.signal.aborted) throw new Cancelled();
      if (error instanceof TypeError) return null; // no connection
      throw error;
    }
    const content = await answer.json().catch(() => null);
    if (answer.status === 401 || answer.status === 403) throw new SignedOut();
    if (content?.code === "refused") {
      // With a full disk what has arrived stays, for another try.
      if (answer.status !== 507) forget(this.key);
      throw new Refused(content);
    }
    return content ? { status: answer.status, body: content } : null;
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal.removeEventListener("abort", stop);
      resolve();
    };
    const stop = () => reject(new Cancelled());
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
    signal.addEventListener("abort", stop, { once: true });
  });
}

// --- Where an upload was: in this browser, if it lets us ------------------------------------------
function remember(key, id) {
  try {
    localStorage.setItem(key, JSON.stringify({ id, at: Date.now() }));
  } catch {
    // Without storage the upload can't go on after a reload; it begins anew.
  }
}

function recall(key) {
  try {
    const { id, at } = JSON.parse(localStorage.getItem(key)) ?? {};
    return Date.now() - at < DAYS_KEPT * 86_400_000 ? id : null;
  } catch {
    return null;
  }
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // It wasn't remembered either.
  }
}
