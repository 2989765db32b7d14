// A stream in a <video>, played by the browser or by a library: its source is its address, whatever the
// library puts into the element.

const FORWARDED = ["loadedmetadata", "loadeddata", "durationchange", "play", "playing", "pause", "waiting", "stalled"];
FORWARDED.push("timeupdate", "seeking", "seeked", "ratechange", "ended", "emptied", "abort");
// What a library does to the element while it repairs it isn't the learner's doing.
const OF_REPAIRS = new Set(["seeking", "seeked", "pause", "play", "abort"]);

const REPAIRED_SECONDS = 0.5;
const REPAIR_MS = 10_000;

export class StreamPlayer extends EventTarget {
  constructor(media, address) {
    super();
    Object.assign(this, { media, address, error: null, isInRepair: false, isLive: false });
    this.aborted = new AbortController();
    const options = { signal: this.aborted.signal };
    for (const type of FORWARDED) media.addEventListener(type, () => this.pass(type), options);
    media.addEventListener("error", () => this.onMediaError(), options);
  }

  pass(type) {
    if (type === "playing") this.error = null;
    if (type === "timeupdate" && this.isRepaired()) this.isInRepair = false;
    if (!this.isInRepair || !OF_REPAIRS.has(type)) this.dispatch(type);
  }

  // It plays on from where it broke. Until then a library may move it several times.
  isRepaired() {
    const { currentTime, seeking } = this.media;
    if (seeking || !this.isInRepair) return false;
    return currentTime > this.brokenAt + REPAIRED_SECONDS || performance.now() - this.repairedAt > REPAIR_MS;
  }

  // Null while the element has no position: a library may empty it and fill it again.
  get source() {
    return this.media.readyState > 0 ? this.address : null;
  }

  get currentTime() {
    return this.media.currentTime;
  }

  set currentTime(position) {
    this.media.currentTime = position;
  }

  get playbackRate() {
    return this.media.playbackRate;
  }

  set playbackRate(rate) {
    this.media.playbackRate = rate;
  }

  get duration() {
    return this.media.duration;
  }

  get paused() {
    return this.media.paused;
  }

  get ended() {
    return this.media.ended;
  }

  get seeking() {
    return this.media.seeking;
  }

  get loop() {
    return this.media.loop;
  }

  get readyState() {
    return this.media.readyState;
  }

  // Whatever fills the element pauses it: what isn't there yet is played once it is.
  play() {
    if (this.media.readyState > 0) return this.media.play();
    return new Promise((resolve, reject) => {
      const act = () => this.media.play().then(resolve, reject);
      this.addEventListener("loadedmetadata", act, { once: true });
    });
  }

  pause() {
    this.media.pause();
  }

  onMediaError() {
    this.fail("media", this.media.error?.code);
  }

  fail(code, detail) {
    this.error = { code, detail };
    this.isInRepair = false;
    this.dispatch("error");
  }

  // Listens no more; the element keeps what it plays.
  stop() {
    this.aborted.abort();
  }

  dispatch(type) {
    this.dispatchEvent(new Event(type));
  }
}
