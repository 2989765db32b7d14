// What was really played of a <video> or <audio>, from its own events.
//
// A segment grows while the element plays and is closed by whatever interrupts it: a pause, a
// seek, a stall, the end. Nothing is ever counted across a seek.

const round = (value) => Math.round(value * 1000) / 1000;

export class MediaWatch {
  constructor(element, contentId, tracker) {
    Object.assign(this, { element, contentId, tracker });
    this.segments = [];
    this.start = this.last = null;
    this.abort = new AbortController();
    const on = (type, act) => element.addEventListener(type, act, { signal: this.abort.signal });
    on("playing", () => this.begin());
    on("timeupdate", () => this.advance());
    on("waiting", () => this.interrupt());
    on("pause", () => this.pause());
    on("seeking", () => this.leave());
    on("seeked", () => this.arrive());
    on("ended", () => this.end());
    on("ratechange", () => this.advance());
    if (!element.paused && !element.seeking) this.begin();
  }

  begin() {
    if (this.start !== null) return;
    this.start = this.last = this.element.currentTime;
    this.tracker.clock.setPlaying(this, true);
    if (!this.told) this.report("play");
    this.told = true;
  }

  advance() {
    const at = this.element.currentTime;
    // Between a seek's request and its event the time has jumped already.
    if (this.start !== null && !this.element.seeking && at >= this.last) this.last = at;
  }

  interrupt() {
    if (this.start === null) return;
    this.advance();
    if (this.last > this.start) this.segments.push([round(this.start), round(this.last)]);
    this.start = null;
    this.tracker.clock.setPlaying(this, false);
  }

  pause() {
    if (this.element.seeking) return;
    this.interrupt();
    this.told = false;
    if (!this.element.ended) this.report("pause");
  }

  leave() {
    this.from ??= this.last ?? 0;
    this.interrupt();
  }

  arrive() {
    const from = this.from;
    this.from = undefined;
    this.report("seek", { from_position: round(from ?? 0) });
    if (!this.element.paused) this.begin();
  }

  end() {
    this.interrupt();
    this.told = false;
    this.report("complete");
  }

  // The fields of an event: what was played since the last one, and where it is now.
  collect() {
    this.advance();
    const isPlaying = this.start !== null;
    if (isPlaying && this.last > this.start) {
      this.segments.push([round(this.start), round(this.last)]);
      this.start = this.last;
    }
    const told = { position: round(this.element.currentTime), playback_rate: this.element.playbackRate };
    if (this.segments.length) told.segments = this.segments.splice(0);
    return told;
  }

  get isWaiting() {
    return this.start !== null || this.segments.length > 0;
  }

  report(type, more = {}) {
    this.tracker.record(this.contentId, type, { ...this.collect(), ...more });
  }

  stop() {
    this.interrupt();
    this.abort.abort();
  }
}
