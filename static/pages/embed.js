// A page in a frame: measures how long it is in view. What happens inside can't be seen from here,
// unless that page reports it.

import { FrameMessages } from "./frame_messages.js";

export async function begin(frame, player, tracker, _strip, started) {
  await started;
  tracker.watch(new FrameWatch(frame, player, tracker));
}

const CHECK_EVERY = 1000;

// Time counts while the frame is in view. While it has the focus, the learner counts as active:
// their input goes to the other page. Otherwise the clock's idle timeout applies as usual.
class FrameWatch {
  constructor(frame, player, tracker) {
    Object.assign(this, { frame, tracker, contentId: player.content_id });
    this.isInView = false;
    this.messages = new FrameMessages(frame, player, {
      onReport: () => this.report(),
      onMove: () => this.isInView && this.report(),
    });
    this.observer = new IntersectionObserver(([entry]) => this.look(entry.isIntersecting));
    this.observer.observe(frame);
    this.timer = setInterval(() => this.followFocus(), CHECK_EVERY);
    tracker.record(this.contentId, "view");
  }

  // Whether there is something to report.
  get isWaiting() {
    return this.isInView || this.messages.isWaiting;
  }

  look(isInView) {
    if (isInView === this.isInView) return;
    // Time while it was out of view doesn't count for this content.
    if (isInView) this.tracker.clock.take();
    else this.report();
    this.isInView = isInView;
    this.followFocus();
  }

  followFocus() {
    const { document } = globalThis;
    const isInside = document.activeElement === this.frame && document.hasFocus();
    const isUsed = this.isInView && isInside && !document.hidden;
    if (isUsed !== this.isUsed) this.tracker.clock.setPlaying(this, isUsed);
    this.isUsed = isUsed;
  }

  report(type = "progress") {
    this.tracker.record(this.contentId, type, this.messages.collect());
  }

  stop() {
    this.messages.stop();
    this.observer.disconnect();
    clearInterval(this.timer);
    this.tracker.clock.setPlaying(this, false);
  }
}
