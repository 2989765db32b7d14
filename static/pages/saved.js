// What has reached the server, in words. It never claims what the server hasn't said.

import { announce, say, words } from "./words.js";

export class SavedState {
  constructor(element, tracker) {
    this.element = element;
    this.now = { state: "starting" };
    this.show();
    tracker.addEventListener("session", () => this.set({ state: "ready" }));
    tracker.addEventListener("state", ({ detail }) => this.set(detail));
    tracker.addEventListener("refused", () => announce(words.refused));
    setInterval(() => this.show(), 1000);
  }

  set(detail) {
    const wasOffline = this.now.state === "offline";
    this.now = detail;
    this.show();
    if (detail.state === "offline" && !wasOffline) announce(words.offline_long);
    if (detail.state === "saved" && wasOffline) announce(words.online_again);
  }

  show() {
    this.element.textContent = this.text();
    this.element.classList.toggle("is-offline", this.now.state === "offline");
  }

  text() {
    const { state, savedAt } = this.now;
    if (state === "starting") return words.not_counted_yet;
    if (state === "offline") return words.offline;
    if (state === "saving") return words.saving;
    if (!savedAt) return "";
    const seconds = Math.floor((Date.now() - savedAt) / 1000);
    if (seconds < 2) return words.saved_now;
    if (seconds < 60) return say(words.saved_seconds, { seconds });
    return say(words.saved_minutes, { minutes: Math.floor(seconds / 60) });
  }
}
