// For a page that is shown in a frame of the learner's page: reports what happens inside.
//
//   const progress = await connect({ parentOrigin: "https://progress.example.com" });
//   progress.watchMedia(document.querySelector("video"));   // or:
//   progress.segments([[0, 12.5]]);  progress.page(3);  progress.span([0.2, 0.6]);  progress.score(80);
//
// It speaks version 1 of the protocol in docs/tracker.md, and may be replaced by own messages.

import { MediaWatch } from "./media.js";

const KEY = "learning_progress";
const VERSION = 1;
const ASK_EVERY = 500;
const REPORT_EVERY = 2000;

// Resolves when the learner's page has answered; `welcome` says what it accepts.
export function connect({ parentOrigin }) {
  return new Promise((resolve) => {
    const hello = () => parent.postMessage({ [KEY]: VERSION, type: "hello" }, parentOrigin);
    const timer = setInterval(hello, ASK_EVERY);
    const listen = ({ data, origin, source }) => {
      if (source !== parent || origin !== parentOrigin) return;
      if (data?.[KEY] !== VERSION || data.type !== "welcome") return;
      clearInterval(timer);
      removeEventListener("message", listen);
      resolve(new FramedProgress(parentOrigin, data));
    };
    addEventListener("message", listen);
    hello();
  });
}

class FramedProgress {
  constructor(parentOrigin, welcome) {
    Object.assign(this, { parentOrigin, welcome });
    // What a watch expects of a tracker; the learner's page has the clock.
    this.clock = { setPlaying() {} };
    this.watches = new Set();
  }

  segments(segments, more = {}) {
    this.send("segments", { segments, ...more });
  }

  // The page, or the stretch of a text, that is visible from now on.
  page(page) {
    this.send("page", { page });
  }

  span(span) {
    this.send("span", { span });
  }

  score(percentage) {
    this.send("score", { percentage });
  }

  // Report what is really played of a <video> or <audio>.
  watchMedia(element) {
    const watch = new MediaWatch(element, null, this);
    this.watches.add(watch);
    const timer = setInterval(() => {
      if (!this.watches.has(watch)) clearInterval(timer);
      else if (watch.isWaiting) watch.report("progress");
    }, REPORT_EVERY);
    addEventListener("pagehide", () => watch.report("progress"));
    return watch;
  }

  record(_contentId, _type, { segments = [], position, playback_rate }) {
    if (segments.length) this.segments(segments, { position, playback_rate });
  }

  send(type, fields) {
    parent.postMessage({ [KEY]: VERSION, type, ...fields }, this.parentOrigin);
  }
}
