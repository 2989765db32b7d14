// What was really played of a <video> or <audio>, from its own events.
//
// A segment grows while the element plays and is closed by whatever interrupts it: a pause, a
// seek, a stall, the end. Nothing is ever counted across a seek. It begins where the element stood
// still: when "play" and "playing" are told, the first frames have gone by.

// A second at most lies between playing and being told of it.
const NEAR = 1;

const round = (value) => Math.round(value * 1000) / 1000;

export class MediaWatch {
  constructor(element, contentId, tracker) {
    Object.assign(this, { element, contentId, tracker });
    this.segments = [];
    this.start = this.last = this.from = null;
    this.abort = new AbortController();
    const on = (type, act) => element.addEventListener(type, act, { signal: this.abort.signal });
    on("playing", () => this.begin());
    on("timeupdate", () => this.advance());
    on("waiting", () => {
      this.interrupt();
      this.stand();
    });
    on("pause", () => this.pause());
    on("seeking", () => this.leave());
    on("seeked", () => this.arrive());
    on("ended", () => this.end());
    on("ratechange", () => this.advance());
    if (element.paused) this.stand();
    else if (!element.seeking) this.begin();
  }

  begin() {
    if (this.start !== null) return;
    const now = this.element.currentTime;
    const isNear = this.from !== null && now >= this.from && now - this.from < NEAR;
    this.start = isNear ? this.from : now;
    this.last = now;
    this.from = null;
    this.tracker.clock.setPlaying(this, true);
    if (!this.told) this.report("play");
    this.told = true;
  }

  // Remember where it stands still, and so where playing goes on from.
  stand() {
    if (this.start === null && !this.element.seeking) this.from = this.element.currentTime;
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
    if (this.element.ended) return;
    this.stand();
    this.report("pause");
  }

  leave() {
    this.left ??= this.last ?? 0;
    this.interrupt();
    this.from = null;
  }

  arrive() {
    const left = this.left;
    this.left = undefined;
    this.report("seek", { from_position: round(left ?? 0) });
    if (!this.element.paused) this.begin();
    else this.stand();
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
