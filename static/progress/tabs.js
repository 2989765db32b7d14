// One feed for all tabs of a browser that follow the same progress: the tab that holds the lock has
// it, and broadcasts to the others. HTTP/1.1 allows six connections, so only few feeds are streams.

import { Feed, POLL, spread } from "./feed.js";

const SLOTS = 3; // streams of one browser; further feeds poll

export const canShare = () => Boolean(navigator.locks && window.BroadcastChannel);

// One of the tabs that follow the same progress.
export class Follower {
  constructor(options) {
    Object.assign(this, { options, id: Math.random().toString(36).slice(2) });
    this.lastId = null;
    this.giveUp = new AbortController();
    this.latest = null; // the merged messages of the leader, for tabs that join later
    this.channel = new BroadcastChannel(nameOf(options.streamUrl));
    this.channel.onmessage = ({ data }) => this.receive(data);
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

  // Holds the lock until the returned promise resolves.
  lead() {
    if (this.giveUp.signal.aborted) return undefined;
    return new Promise((resolve) => {
      this.stepDown = resolve;
      this.feed = new Feed({
        ...this.options,
        lastId: this.lastId,
        takeSlot,
        onStanding: (body, id) => this.broadcast({ kind: "update", body, id }),
        onProgress: (body) => this.broadcast({ kind: "progress", body }),
        onRefused: () => this.stepAside(),
      });
    });
  }

  // The server refuses this tab (its login has ended), but may accept another: let that one lead.
  stepAside() {
    this.feed.stop();
    this.feed = null;
    this.stepDown();
    this.turn = setTimeout(() => this.apply(), spread(POLL));
  }

  broadcast(message) {
    this.latest = merge(this.latest, message);
    this.take(message);
    this.channel.postMessage(message);
  }

  receive(message) {
    if (message.kind === "hello") {
      if (this.feed && this.latest) this.channel.postMessage({ ...this.latest, to: message.from });
    } else if (!message.to || message.to === this.id) {
      this.latest = merge(this.latest, message);
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

// Named after the path, which has learner and course, and the reader.
function nameOf(streamUrl) {
  const url = new URL(streamUrl, location.href);
  return `live ${url.pathname} ${readerOf(url.searchParams.get("token") ?? "")}`;
}

// The first number in a token: the others are learner, course, and when it was made.
function readerOf(token) {
  const start = token.slice(0, 16).replaceAll("-", "+").replaceAll("_", "/");
  return /^\[(\d+)/.exec(atob(start.slice(0, start.length & ~3)))?.[1] ?? token;
}

// Merges messages: the latest state of each content and module, and of the course.
function merge(before, message) {
  if (!before || message.kind === "progress" || before.kind === "progress") return message;
  return { kind: "update", id: message.id ?? before.id, body: mergeBodies(before.body, message.body) };
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
