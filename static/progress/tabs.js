// One feed for all the tabs of a browser that follow the same: whoever holds the lock has it, and
// tells the others. HTTP/1.1 allows six connections in all, so few feeds are streams at once.

import { Feed, POLL, spread } from "./feed.js";

const SLOTS = 3; // streams of one browser; what is followed beyond them is asked for

export const canShare = () => Boolean(navigator.locks && window.BroadcastChannel);

// A tab among those that follow the same.
export class Follower {
  constructor(options) {
    Object.assign(this, { options, id: Math.random().toString(36).slice(2) });
    this.lastId = null;
    this.giveUp = new AbortController();
    this.standing = null; // what the leader has heard, for those who come later
    this.channel = new BroadcastChannel(nameOf(options.streamUrl));
    this.channel.onmessage = ({ data }) => this.hear(data);
    this.channel.postMessage({ kind: "hello", from: this.id });
    this.apply();
  }

  apply() {
    navigator.locks
      .request(nameOf(this.options.streamUrl), { signal: this.giveUp.signal }, () => this.lead())
      .catch((error) => {
        if (error.name !== "AbortError") throw error;
      });
  }

  // Holds the lock until the answer is settled.
  lead() {
    if (this.giveUp.signal.aborted) return undefined;
    return new Promise((resolve) => {
      this.stepDown = resolve;
      this.feed = new Feed({
        ...this.options,
        lastId: this.lastId,
        takeSlot,
        onStanding: (body, id) => this.tell({ kind: "standing", body, id }),
        onProgress: (body) => this.tell({ kind: "progress", body }),
        onRefused: () => this.stepAside(),
      });
    });
  }

  // Another tab may be let in where this one isn't (its session is over): it gets its turn.
  stepAside() {
    this.feed.stop();
    this.feed = null;
    this.stepDown();
    this.turn = setTimeout(() => this.apply(), spread(POLL));
  }

  tell(message) {
    this.standing = merge(this.standing, message);
    this.take(message);
    this.channel.postMessage(message);
  }

  hear(message) {
    if (message.kind === "hello") {
      if (this.feed && this.standing) this.channel.postMessage({ ...this.standing, to: message.from });
    } else if (!message.to || message.to === this.id) {
      this.standing = merge(this.standing, message);
      this.take(message);
    }
  }

  take({ kind, body, id }) {
    this.lastId = id ?? this.lastId;
    if (kind === "progress") this.options.onProgress(body);
    else this.options.onStanding(body);
  }

  stop() {
    this.giveUp.abort();
    clearTimeout(this.turn);
    this.feed?.stop();
    this.stepDown?.();
    this.channel.close();
  }
}

// The learner, the course and the reader; a token's first part names them, its others its time.
function nameOf(streamUrl) {
  const url = new URL(streamUrl, location.href);
  return `live ${url.pathname} ${url.searchParams.get("token")?.split(":")[0]}`;
}

// The latest of each content and module, and of the course: one message says it all.
function merge(before, message) {
  if (!before || message.kind === "progress" || before.kind === "progress") return message;
  return { kind: "standing", id: message.id ?? before.id, body: mergeBodies(before.body, message.body) };
}

function mergeBodies(before, after) {
  const merged = { ...before, ...after };
  for (const [name, key] of [["contents", "content_id"], ["modules", "module_id"]]) {
    const entries = [...(before[name] ?? []), ...(after[name] ?? [])];
    merged[name] = [...new Map(entries.map((entry) => [entry[key], entry])).values()];
  }
  return merged;
}

async function takeSlot() {
  for (let number = 0; number < SLOTS; number += 1) {
    const giveBack = await take(`live slot ${number}`);
    if (giveBack) return giveBack;
  }
  return null;
}

function take(name) {
  return new Promise((resolve) => {
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(null);
      return new Promise((release) => resolve(release));
    });
  });
}
