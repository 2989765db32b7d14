// When the server may be asked again: after a failure with growing pauses, and never before the
// moment that it named in `Retry-After`. Every way of sending goes by this.

const LONGEST_PAUSE = 60_000;
const LONGEST_RETRY_AFTER = 86_400_000;
const ONLINE_SPREAD = 2_000;

export class Pace {
  // `storage` keeps the server's moment across a reload.
  constructor(storage, key) {
    Object.assign(this, { storage, key, failures: 0, retryAt: 0 });
    const left = Number(storage.getItem(key)) - Date.now();
    this.notBefore = performance.now() + Math.min(Math.max(left, 0) || 0, LONGEST_RETRY_AFTER);
  }

  // Milliseconds until the server may be asked.
  get remaining() {
    return Math.max(this.retryAt, this.notBefore, performance.now()) - performance.now();
  }

  async ready() {
    while (this.remaining > 0) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(this.remaining, 1000)));
    }
  }

  // `seconds` from `Retry-After`, if the server sent it. Pauses differ a little, so that a whole
  // classroom doesn't come back at the same moment.
  failed(seconds) {
    this.failures += 1;
    const spread = 0.75 + Math.random() / 2;
    const pause = Math.min(1000 * 2 ** this.failures, LONGEST_PAUSE) * spread;
    if (seconds === undefined) this.retryAt = performance.now() + pause;
    else {
      const wait = Math.min(seconds * 1000 + Math.random() * Math.min(seconds * 100, 5000), LONGEST_RETRY_AFTER);
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

  // The browser is online again: no need to sit out the pause, only what the server asked for.
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
  // By the server's own clock where it is readable: the browser's may be wrong.
  const now = Date.parse(headers.get("Date")) || Date.now();
  return Math.min(Math.max((until - now) / 1000, 0), 3600);
}
