// Shows in words what has reached the server. It never claims more than the server has confirmed.

import { announce, fill, words } from "./words.js";

const SHOWN_BY_QUIZ = ["attempt_closed", "no_attempts_left", "no_open_attempt"];

export class SavedState {
  constructor(element, tracker) {
    this.element = element;
    this.current = { state: "starting" };
    this.show();
    tracker.addEventListener("session", () => this.set({ state: "ready" }));
    tracker.addEventListener("state", ({ detail }) => this.set(detail));
    tracker.addEventListener("refused", ({ detail }) => {
      // The quiz itself shows that its attempt has ended.
      if (detail.results.some(({ code }) => !SHOWN_BY_QUIZ.includes(code))) announce(words.refused);
    });
    setInterval(() => this.show(), 1000);
  }

  set(detail) {
    const before = this.current;
    this.current = { ...before, ...detail };
    this.show();
    const { state, isDurable } = this.current;
    if (state === "stopped" && before.state !== state) announce(this.text(), { isShown: true });
    if (state === "offline" && (before.state !== state || before.isDurable !== isDurable)) {
      announce(isDurable === false ? words.offline_memory_long : words.offline_long);
    }
    if (state === "saved" && before.state === "offline") announce(words.online_again);
  }

  show() {
    const isInMemory = this.current.isDurable === false && ["saved", "saving"].includes(this.current.state);
    const text = this.text();
    this.element.textContent = text && isInMemory ? `${text} · ${words.memory_only}` : text;
    this.element.classList.toggle("is-offline", this.current.state === "offline");
  }

  text() {
    const { state, savedAt, code, isDurable } = this.current;
    if (state === "starting") return words.not_counted_yet;
    if (state === "stopped") return code === "not_enrolled" ? words.not_enrolled : words.stopped;
    if (state === "offline") return isDurable === false ? words.offline_memory : words.offline;
    if (state === "saving") return words.saving;
    if (!savedAt) return "";
    const seconds = Math.floor((Date.now() - savedAt) / 1000);
    if (seconds < 2) return words.saved_now;
    if (seconds < 60) return fill(words.saved_seconds, { seconds });
    return fill(words.saved_minutes, { minutes: Math.floor(seconds / 60) });
  }
}
