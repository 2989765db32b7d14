// A page in a frame: measures how long it is in view. What happens inside can't be seen from here.

export async function begin(frame, player, tracker, _strip, started) {
  await started;
  tracker.watch(new FrameWatch(frame, player.content_id, tracker));
}

const CHECK_EVERY = 1000;

// Time counts while the frame is in view. While it has the focus, the learner counts as active:
// their input goes to the other page. Otherwise the clock's idle timeout applies as usual.
class FrameWatch {
  constructor(frame, contentId, tracker) {
    Object.assign(this, { frame, contentId, tracker });
    this.isWaiting = false; // whether there is something to report
    this.observer = new IntersectionObserver(([entry]) => this.look(entry.isIntersecting));
    this.observer.observe(frame);
    this.timer = setInterval(() => this.followFocus(), CHECK_EVERY);
    tracker.record(contentId, "view");
  }

  look(isInView) {
    if (isInView === this.isWaiting) return;
    // Time while it was out of view doesn't count for this content.
    if (isInView) this.tracker.clock.take();
    else this.report();
    this.isWaiting = isInView;
    this.followFocus();
  }

  followFocus() {
    const { document } = globalThis;
    const isInside = document.activeElement === this.frame && document.hasFocus();
    const isUsed = this.isWaiting && isInside && !document.hidden;
    if (isUsed !== this.isUsed) this.tracker.clock.setPlaying(this, isUsed);
    this.isUsed = isUsed;
  }

  report(type = "progress") {
    this.tracker.record(this.contentId, type);
  }

  stop() {
    this.observer.disconnect();
    clearInterval(this.timer);
    this.tracker.clock.setPlaying(this, false);
  }
}
