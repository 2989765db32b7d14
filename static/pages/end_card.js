// The card at the end of a content: what is missing or was opened, and what comes next.

import { loadPart } from "./page_parts.js";
import { fill, words } from "./words.js";

const ANSWER_MS = 4000; // how long the server may take to count the last seconds
const COUNTDOWN_SECONDS = 8;

export class EndCard {
  constructor(tracker, stage) {
    Object.assign(this, { tracker, stage });
    this.isShown = false;
    addEventListener("keydown", (event) => this.onKey(event));
    stage?.addEventListener("play", () => this.onPlay());
  }

  // `isOver`: the medium has played to its end.
  async show({ isOver = false } = {}) {
    this.isShown = true;
    const until = performance.now() + ANSWER_MS;
    while (this.tracker.unsent.length && performance.now() < until) await this.answer(until);
    await this.refresh();
    // Counted later: by a slow server, or after a time without a network.
    if (this.tracker.unsent.length) this.tracker.addEventListener("progress", () => this.refresh(), { once: true });
    if (isOver) this.countDown();
  }

  // What the server says by now. Without an answer the card stays as it is.
  async refresh() {
    if (!this.isShown || !(await loadPart("end"))) return;
    const { card } = this;
    if (card) card.hidden = false;
  }

  get card() {
    return document.getElementById("end");
  }

  get next() {
    return this.card?.hidden === false ? this.card.querySelector("[data-next]") : null;
  }

  answer(until) {
    return new Promise((resolve) => {
      this.tracker.addEventListener("progress", resolve, { once: true });
      setTimeout(resolve, until - performance.now());
    });
  }

  // What is missing is about to change, so the card would be out of date.
  onPlay() {
    this.stopCountdown();
    if (!this.card || this.card.querySelector(".done")) return;
    this.isShown = false;
    this.card.hidden = true;
  }

  onKey({ key, target, ctrlKey, metaKey, altKey }) {
    if (key.toLowerCase() !== "n" || ctrlKey || metaKey || altKey) return;
    if (target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
    this.next?.click();
  }

  // --- Going on by itself, for learners who chose that ---------------------------------------------
  countDown() {
    if (this.timer || !this.next || this.card.dataset.autoplay === undefined) return;
    this.seconds = COUNTDOWN_SECONDS;
    this.showCountdown();
    this.timer = setInterval(() => this.tick(), 1000);
  }

  tick() {
    this.seconds -= 1;
    if (this.seconds > 0) return this.showCountdown();
    const address = this.next?.href;
    this.stopCountdown();
    if (address) location.assign(`${address}#play`);
  }

  // The card may have been replaced since the last second.
  showCountdown() {
    const line = this.card?.querySelector("[data-countdown]");
    if (!line) return;
    line.querySelector("span").textContent = fill(words.next_in, { seconds: this.seconds });
    line.querySelector("button").onclick = () => this.stopCountdown();
    line.hidden = false;
  }

  stopCountdown() {
    clearInterval(this.timer);
    this.timer = undefined;
    const line = this.card?.querySelector("[data-countdown]");
    if (line) line.hidden = true;
  }
}
