// A player in a frame of another site, which is spoken to by messages: YouTube's, Vimeo's.
//
// Only messages of the frame's own window and origin are believed. No script of the other site runs
// in this page.

import { Player } from "./player.js";

const ASK_EVERY = 250;
const ANSWER_MS = 15_000; // after which a player that says nothing isn't there

export class FramePlayer extends Player {
  constructor(frame, origins, options) {
    super(frame.src, options);
    const { origin } = new URL(frame.src, document.baseURI);
    if (!origins.includes(origin)) throw new TypeError(`The frame's address isn't of ${origins.join(" or ")}`);
    Object.assign(this, { frame, origin, isMuted: false, loudness: 1 });
    this.abort = new AbortController();
    addEventListener("message", (event) => this.receive(event), { signal: this.abort.signal });
    this.ask();
  }

  // Greets the player until it answers: it may load later than this page.
  ask() {
    clearInterval(this.asking);
    const since = this.now();
    this.asking = setInterval(() => {
      if (this.now() - since < ANSWER_MS) return this.greet();
      clearInterval(this.asking);
      return this.says("error", { code: "no_answer" });
    }, ASK_EVERY);
  }

  // The frame again, at the same place: after an error, or once the network is back.
  load() {
    const at = this.currentTime;
    this.source = null;
    this.isMet = false;
    this.says("pause");
    clearInterval(this.asking);
    this.addEventListener("loadedmetadata", () => at > 0 && this.startAt(at), { once: true });
    // What is still in the frame isn't asked any more.
    this.frame.addEventListener("load", () => this.ask(), { once: true, signal: this.abort.signal });
    this.frame.src = this.address;
  }

  receive({ data, origin, source }) {
    if (source !== this.frame.contentWindow || origin !== this.origin) return;
    const message = parsed(data);
    if (message) this.hear(message);
  }

  // For adapters: whether this is the player's first answer.
  isFirstAnswer() {
    clearInterval(this.asking);
    const isFirst = !this.isMet;
    this.isMet = true;
    return isFirst;
  }

  get volume() {
    return this.loudness;
  }

  set volume(volume) {
    this.loudness = Math.min(Math.max(volume, 0), 1);
    this.setVolume(this.loudness);
  }

  get muted() {
    return this.isMuted;
  }

  set muted(isMuted) {
    this.isMuted = isMuted;
    this.setMuted(isMuted);
  }

  send(message) {
    this.frame.contentWindow?.postMessage(message, this.origin);
  }

  stop() {
    clearInterval(this.asking);
    this.abort.abort();
    super.stop();
  }
}

function parsed(data) {
  let message = data;
  if (typeof data === "string") {
    try {
      message = JSON.parse(data);
    } catch {
      return null; // another library's message
    }
  }
  return message !== null && typeof message === "object" ? message : null;
}
