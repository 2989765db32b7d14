// Records what was really played of a <video>, an <audio> or a Player, from its own events.
//
// A segment grows while the element plays, and is closed by any interruption: a pause, a seek, a
// stall, an error, another source, the end. Nothing is ever counted across a seek. A segment begins
// where the element stood still: when "play" and "playing" arrive, the first frames are over.
//
// A watch belongs to the source that it began with. Another source in the same element counts only
// if it is watched itself.

// At most a second passes between playing and its event.
const NEAR = 1;
// A position may go back by this much without a seek.
const JITTER = 0.25;

const round = (value) => Math.round(value * 1000) / 1000;

export class MediaWatch {
  constructor(element, contentId, tracker) {
    Object.assign(this, { element, contentId, tracker });
    this.segments = [];
    this.start = this.last = this.from = null;
    this.played = 0; // ms, since the clock last asked
    this.source = sourceOf(element);
    this.place = this.isReadable ? element.currentTime : null;
    this.abort = new AbortController();
    const on = (type, act) => element.addEventListener(type, act, { signal: this.abort.signal });
    on("loadedmetadata", () => this.meet());
    on("playing", () => this.begin());
    on("timeupdate", () => this.go());
    on("ratechange", () => this.changeRate());
    on("waiting", () => this.stall());
    on("stalled", () => {
      if (element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) this.stall();
    });
    on("pause", () => this.pause());
    on("seeking", () => this.leave());
    on("seeked", () => this.arrive());
    on("ended", () => this.end());
    for (const type of ["emptied", "abort", "error"]) on(type, () => this.lose());
    if (element.paused) this.stand();
    else this.begin();
  }

  // Whether the element's position is one of this watch's source.
  get isReadable() {
    return this.source !== null && this.source === sourceOf(this.element);
  }

  get canPlay() {
    const { element } = this;
    return this.isReadable && !element.paused && !element.seeking && !element.ended && element.playbackRate > 0;
  }

  // A Player's position is as old as its last word.
  now() {
    return this.element.positionAt ?? performance.now();
  }

  meet() {
    this.source ??= sourceOf(this.element);
    if (this.isReadable) this.place ??= this.element.currentTime;
    this.stand();
  }

  begin() {
    this.source ??= sourceOf(this.element);
    if (this.start !== null || !this.canPlay) return;
    const now = this.element.currentTime;
    const isNear = this.from !== null && now >= this.from && now - this.from < NEAR;
    this.start = isNear ? this.from : now;
    this.last = this.place = now;
    this.readAt = this.now();
    this.rate = this.element.playbackRate;
    this.from = null;
    this.tracker.clock.setPlaying(this, true);
    if (!this.isStarted) this.report("play");
    this.isStarted = true;
  }

  // Remember the position of the paused element: playing continues from there.
  stand() {
    if (this.start !== null || !this.isReadable || this.element.seeking) return;
    this.from = this.place = this.element.currentTime;
  }

  // Called while time passes. Some browsers continue after a stall without an event.
  go() {
    if (this.start === null && this.canPlay && this.element.currentTime > this.place) this.begin();
    else this.advance();
  }

  advance() {
    // Between the request for a seek and its event, the time has already jumped.
    if (this.start === null || !this.isReadable || this.element.seeking) return;
    const at = this.element.currentTime;
    const now = this.now();
    const rate = Math.max(this.rate, this.element.playbackRate);
    const step = at - this.last;
    if (step < -JITTER || step > ((now - this.readAt) / 1000) * rate + NEAR * rate) {
      // It was moved, but the event hasn't arrived yet.
      this.close();
      this.start = this.last = at;
    } else if (step > 0) {
      this.played += (1000 * step) / rate;
      this.last = at;
    }
    this.place = at;
    this.readAt = now;
    this.rate = this.element.playbackRate || this.rate;
  }

  // For the clock: the milliseconds played since its last call.
  playedSince() {
    this.advance();
    const played = this.played;
    this.played = 0;
    return played;
  }

  close() {
    if (this.last > this.start) this.segments.push([round(this.start), round(this.last)]);
  }

  interrupt() {
    if (this.start === null) return;
    this.advance();
    this.tracker.clock.setPlaying(this, false);
    this.close();
    this.start = null;
  }

  stall() {
    this.interrupt();
    this.stand();
  }

  changeRate() {
    if (!(this.element.playbackRate > 0)) this.stall();
    else if (this.start === null && this.element.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) this.begin();
    else this.advance();
  }

  pause() {
    if (this.element.seeking || !this.isReadable) return;
    this.interrupt();
    this.isStarted = false;
    if (this.element.ended) return;
    this.stand();
    this.report("pause");
  }

  leave() {
    if (!this.isReadable) return;
    this.isLooping = this.start !== null && this.isAtLoop();
    if (this.isLooping) this.last = this.element.duration;
    this.left ??= this.place ?? 0;
    this.interrupt();
    this.from = null;
  }

  // Whether it jumped from the end to the beginning because it loops.
  isAtLoop() {
    const { loop, duration, currentTime } = this.element;
    return loop && currentTime < NEAR && duration - this.last < NEAR * this.rate;
  }

  arrive() {
    if (!this.isReadable) return;
    const { left, isLooping } = this;
    this.left = undefined;
    this.isLooping = false;
    this.place = this.element.currentTime;
    if (isLooping) this.from = 0;
    else this.report("seek", { from_position: round(left ?? this.place) });
    if (this.canPlay) this.begin();
    else if (!isLooping) this.stand();
  }

  end() {
    if (!this.isReadable) return;
    this.interrupt();
    this.isStarted = false;
    this.report("complete");
  }

  // The source is gone, broken or replaced: what was played of it still counts.
  lose() {
    this.interrupt();
    this.isStarted = false;
    this.from = null;
    this.left = undefined;
    if (this.segments.length) this.report("progress");
  }

  // The fields of an event: the segments played since the last one, and the position.
  collect() {
    this.advance();
    if (this.start !== null && this.last > this.start) {
      this.close();
      this.start = this.last;
    }
    const position = this.isReadable ? this.element.currentTime : this.place;
    const fields = { playback_rate: this.element.playbackRate };
    if (position !== null) fields.position = round(position);
    if (this.segments.length) fields.segments = this.segments.splice(0);
    return fields;
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
    if (this.segments.length) this.report("progress");
    this.tracker.watches.delete(this);
  }
}

// The source of an element; null while it isn't known.
function sourceOf(element) {
  if (element.source !== undefined) return element.source;
  if (element.readyState === HTMLMediaElement.HAVE_NOTHING) return null;
  return element.srcObject ?? element.currentSrc.replace(/#.*/, "");
}
