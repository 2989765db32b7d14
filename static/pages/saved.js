// What has reached the server, in words. It never claims what the server hasn't said.

import { announce, say, words } from "./words.js";

const SAID_ELSEWHERE = ["attempt_closed", "no_attempts_left", "no_open_attempt"];

export class SavedState {
  constructor(element, tracker) {
    this.element = element;
    this.now = { state: "starting" };
    this.show();
    tracker.addEventListener("session", () => this.set({ state: "ready" }));
    tracker.addEventListener("state", ({ detail }) => this.set(detail));
    tracker.addEventListener("refused", ({ detail }) => {
      // A quiz says itself that its attempt is over.
      if (detail.results.some(({ code }) => !SAID_ELSEWHERE.includes(code))) announce(words.refused);
    });
    setInterval(() => this.show(), 1000);
  }

  set(detail) {
    const before = this.now;
    this.now = { ...before, ...detail };
    this.show();
    const { state, isDurable } = this.now;
    if (state === "stopped" && before.state !== state) announce(this.text(), { isShown: true });
    if (state === "offline" && (before.state !== state || before.isDurable !== isDurable)) {
      announce(isDurable === false ? words.offline_memory_long : words.offline_long);
    }
    if (state === "saved" && before.state === "offline") announce(words.online_again);
  }

  show() {
    const isBare = this.now.isDurable === false && ["saved", "saving"].includes(this.now.state);
    const text = this.text();
    this.element.textContent = text && isBare ? `${text} · ${words.memory_only}` : text;
    this.element.classList.toggle("is-offline", this.now.state === "offline");
  }

  text() {
    const { state, savedAt, code, isDurable } = this.now;
    if (state === "starting") return words.not_counted_yet;
    if (state === "stopped") return code === "not_enrolled" ? words.not_enrolled : words.stopped;
    if (state === "offline") return isDurable === false ? words.offline_memory : words.offline;
    if (state === "saving") return words.saving;
    if (!savedAt) return "";
    const seconds = Math.floor((Date.now() - savedAt) / 1000);
    if (seconds < 2) return words.saved_now;
    if (seconds < 60) return say(words.saved_seconds, { seconds });
    return say(words.saved_minutes, { minutes: Math.floor(seconds / 60) });
  }
}
