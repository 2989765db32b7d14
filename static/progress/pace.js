// Decides when the next request may be sent: after failures with growing pauses, and never before
// the server's `Retry-After`. All requests follow it.

const MAX_PAUSE = 60_000;
const MAX_RETRY_AFTER = 86_400_000;
const ONLINE_SPREAD = 2_000;

export class Pace {
  // `storage` keeps the server's `Retry-After` across a reload.
  constructor(storage, key) {
    Object.assign(this, { storage, key, failures: 0, retryAt: 0 });
    const left = Number(storage.getItem(key)) - Date.now();
    this.notBefore = performance.now() + Math.min(Math.max(left, 0) || 0, MAX_RETRY_AFTER);
  }

  // Milliseconds until the next request may be sent.
  get remaining() {
    return Math.max(this.retryAt, this.notBefore, performance.now()) - performance.now();
  }

  async ready() {
    while (this.remaining > 0) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(this.remaining, 1000)));
    }
  }

  // `seconds` are from `Retry-After`, if the server sent it. Pauses vary a little, so that a whole
  // classroom doesn't come back at the same moment.
  failed(seconds) {
    this.failures += 1;
    const spread = 0.75 + Math.random() / 2;
    const pause = Math.min(1000 * 2 ** this.failures, MAX_PAUSE) * spread;
    if (seconds === undefined) this.retryAt = performance.now() + pause;
    else {
      const wait = Math.min(seconds * 1000 + Math.random() * Math.min(seconds * 100, 5000), MAX_RETRY_AFTER);
      this.notBefore = performance.now() + wait;
      this.storage.setItem(this.key, String(Date.now() + wait));
    }
  }

  succeeded() {
    this.failures = this.retryAt = 0;
    if (!this.notBefore) return;
    this.notBefore = 0;
    this.storage.removeItem(this.key);
  }

  // The browser is online again: skip the pause, but not the server's `Retry-After`.
  online() {
    this.failures = 0;
    this.retryAt = Math.min(this.retryAt, performance.now() + Math.random() * ONLINE_SPREAD);
  }
}

// `Retry-After` in seconds, given as a number or a date; undefined without one.
export function retryAfter(headers) {
  const value = headers.get("Retry-After");
  if (!value) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value);
  const until = Date.parse(value);
  if (Number.isNaN(until)) return undefined;
  // By the server's own clock if readable: the browser's may be wrong.
  const now = Date.parse(headers.get("Date")) || Date.now();
  return Math.min(Math.max((until - now) / 1000, 0), 3600);
}
