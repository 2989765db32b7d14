// Measures how long the learner was active, by the browser's monotonic clock.
//
// Active: media is playing (visible or not), or the page is visible and there was input within the
// idle timeout. The rest is idle. A distraction is a switch of tab or a loss of focus while nothing
// plays: someone who listens keeps learning in another tab.
//
// A playing source reports by its own position how much it played (`playedSince`). So a page whose
// scripts were paused (a locked phone) has played all the time, one that was asleep has not.

const INPUT = ["keydown", "pointerdown", "pointermove", "touchstart", "wheel", "scroll", "focusin", "selectionchange"];
// How far a source's position may lag behind the clock, in milliseconds.
const LAG = 500;
// The most that counts at once for a source without a position: timers of hidden tabs fire once a
// minute.
const MAX_UNMEASURED_STRETCH = 90_000;

export class ActivityClock {
  constructor({ idleTimeout = 300_000, page = document, now = () => performance.now() } = {}) {
    this.idleTimeout = idleTimeout;
    this.page = page;
    this.now = now;
    this.playing = new Set();
    this.start();
  }

  start() {
    this.stop();
    const { page } = this;
    this.settledAt = this.inputAt = this.now();
    this.active = this.idle = this.distractions = 0;
    this.isVisible = !page.hidden;
    this.abort = new AbortController();
    const { signal } = this.abort;
    for (const type of INPUT) {
      page.addEventListener(type, () => this.input(), { passive: true, capture: true, signal });
    }
    page.addEventListener("visibilitychange", () => this.visibility(!page.hidden), { signal });
    page.defaultView?.addEventListener("blur", () => this.blur(), { signal });
    this.timer = setInterval(() => this.settle(), 15_000);
  }

  input() {
    this.settle();
    this.inputAt = this.now();
  }

  visibility(isVisible) {
    this.settle();
    if (!isVisible) this.distract();
    else this.inputAt = this.now();
    this.isVisible = isVisible;
  }

  // A click into a frame of this page takes the window's focus too, but the learner is still here.
  // Some browsers only show a moment later where the focus went.
  blur() {
    if (this.isInFrame()) return;
    const before = this.distractions;
    this.distract();
    setTimeout(() => {
      if (this.isInFrame() && this.distractions > before) this.distractions -= 1;
    });
  }

  isInFrame() {
    return this.page.activeElement?.localName === "iframe";
  }

  distract() {
    if (this.playing.size) return;
    // Leaving a tab loses the focus too: that is one distraction.
    if (this.now() - (this.distractedAt ?? -Infinity) > 1000) this.distractions += 1;
    this.distractedAt = this.now();
  }

  setPlaying(source, isPlaying) {
    this.settle();
    if (isPlaying) this.playing.add(source);
    else this.playing.delete(source);
  }

  settle() {
    const now = this.now();
    const passed = now - this.settledAt;
    let active = 0;
    for (const source of this.playing) {
      const played = source.playedSince ? source.playedSince() + LAG : MAX_UNMEASURED_STRETCH;
      active = Math.max(active, Math.min(passed, played));
    }
    if (this.isVisible) {
      active = Math.max(active, Math.min(this.inputAt + this.idleTimeout - this.settledAt, passed));
    }
    this.active += active;
    this.idle += passed - active;
    this.settledAt = now;
  }

  // The time since the last call, as fields of an event.
  take() {
    this.settle();
    const fields = {
      duration_seconds: seconds(this.active),
      idle_seconds: seconds(this.idle),
      distractions: this.distractions,
    };
    this.active = this.idle = this.distractions = 0;
    return fields;
  }

  stop() {
    this.abort?.abort();
    clearInterval(this.timer);
  }
}

export const seconds = (milliseconds) => Math.min(Math.round(milliseconds) / 1000, 604_800);
