// A film in a player of its own, such as YouTube's in a frame, with the properties and events of a <video>.
//
// An adapter passes on what the player says, by `says`; a watch reads the result like a <video>, so that
// the same code counts both. The position is always one that the player has said, never a guess:
//
//   playing, pause, ended      it plays, stands, is over; each may carry `position`
//   position                   where it is. A step that playing can't explain is a seek
//   seeked                     the learner moved it to `position`
//   rate                       how fast it plays: `rate`
//   stalled                    it waits for data
//   advertisement              it shows something else, until it says "playing"; positions don't count
//   ready                      it can be asked; `duration` in seconds, if it is known
//   error                      it can't play: `code`, and the service's own number or name in `detail`
//
// Players that say "playing" while their position stands (advertisements, mostly) count as stalled.

const JITTER = 0.25; // how far a position may move without playing, in seconds
const NEAR = 1; // how much later than played a position may be said
const STANDS = 2500; // ms after which a position that doesn't move is no playing
const LOOK_EVERY = 500;

export class Player extends EventTarget {
  // `address` tells sources apart; it is `source` once the player is ready.
  constructor(address, { now = () => performance.now() } = {}) {
    super();
    Object.assign(this, { address, now });
    this.source = null;
    this.duration = Number.NaN;
    this.rate = 1;
    this.at = 0;
    this.positionAt = now();
    this.error = null;
    this.paused = true;
    this.ended = this.seeking = this.loop = this.isStalled = this.isAdvertisement = false;
  }

  get currentTime() {
    return this.at;
  }

  set currentTime(position) {
    this.seekTo(Math.max(position, 0));
  }

  get playbackRate() {
    return this.rate;
  }

  set playbackRate(rate) {
    this.setRate(rate);
  }

  get readyState() {
    if (this.source === null) return 0;
    return this.isStalled || this.isAdvertisement ? 2 : 4;
  }

  // Adapters ask their player.
  seekTo() {}

  setRate() {}

  // Before it plays: where it is to begin. That is no seek of the learner's.
  startAt(position) {
    this.at = this.awaited = position;
    this.positionAt = this.now();
  }

  says(what, { position, duration, rate, code, detail } = {}) {
    if (duration > 0 && duration !== this.duration) {
      this.duration = duration;
      this.dispatch("durationchange");
    }
    if (what === "seeked") this.moveTo(position);
    else if (position !== undefined) this.arriveAt(position);
    if (what === "rate") this.changeRate(rate);
    else if (what === "error") this.fail(code, detail);
    else this[SAID[what]]?.();
  }

  becomeReady() {
    if (this.source !== null) return;
    this.source = this.address;
    this.error = null;
    this.dispatch("loadedmetadata");
  }

  begin() {
    if (!this.paused && !this.isStalled && !this.isAdvertisement) return;
    const wasPaused = this.paused;
    this.paused = this.ended = this.isStalled = this.isAdvertisement = false;
    this.error = null;
    this.positionAt = this.movedAt = this.lookedAt = this.now();
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY);
    if (wasPaused) this.dispatch("play");
    this.dispatch("playing");
  }

  halt() {
    this.rest();
    if (this.paused) return;
    this.paused = true;
    this.dispatch("pause");
  }

  stall() {
    if (this.paused || this.isStalled) return;
    this.isStalled = true;
    this.dispatch("waiting");
  }

  interrupt() {
    if (this.isAdvertisement) return;
    this.isAdvertisement = true;
    this.dispatch("waiting");
  }

  end() {
    this.rest();
    if (this.ended) return;
    this.paused = this.ended = true;
    this.dispatch("ended");
  }

  fail(code, detail) {
    this.rest();
    this.paused = true;
    this.error = { code, detail };
    this.dispatch("error");
  }

  changeRate(rate) {
    if (!(rate > 0) || rate === this.rate) return;
    this.rate = rate;
    this.dispatch("ratechange");
  }

  arriveAt(position) {
    if (this.isAdvertisement || !(position >= 0) || !this.hasStarted(position)) return;
    const step = position - this.at;
    if (step < -JITTER || step > this.reach()) {
      this.moveTo(position);
      return;
    }
    const now = this.now();
    // After standing, playing begins anew here: the time between was none of it.
    if (step > 0 && this.isStalled) this.begin();
    if (step > 0) this.movedAt = now;
    this.at = position;
    this.positionAt = now;
    this.dispatch("timeupdate");
  }

  // Until it has come to where it is to begin, its positions are those from before.
  hasStarted(position) {
    if (this.awaited === undefined) return true;
    const isThere = Math.abs(position - this.awaited) < NEAR;
    if (!isThere && (this.paused || position === 0)) return false;
    this.awaited = undefined;
    return true;
  }

  // How far playing can have come since the last position.
  reach() {
    if (this.paused) return JITTER;
    const passed = this.isStalled ? 0 : (this.now() - this.positionAt) / 1000;
    return (passed + NEAR) * this.rate;
  }

  moveTo(position) {
    this.awaited = undefined;
    if (this.isAdvertisement || !(position >= 0) || Math.abs(position - this.at) < JITTER) return;
    this.ended = false;
    this.seeking = true;
    this.dispatch("seeking");
    this.at = position;
    this.positionAt = this.movedAt = this.now();
    this.seeking = false;
    this.dispatch("seeked");
    this.dispatch("timeupdate");
  }

  look() {
    const now = this.now();
    // This page didn't run itself (a locked phone): what the player said meanwhile is still to come.
    const wasAway = now - this.lookedAt > 3 * LOOK_EVERY;
    this.lookedAt = now;
    if (wasAway) this.movedAt = now;
    else if (now - this.movedAt > STANDS) this.stall();
  }

  rest() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.isStalled = this.isAdvertisement = false;
  }

  // Adapters end listening here.
  stop() {
    this.rest();
  }

  dispatch(type) {
    this.dispatchEvent(new Event(type));
  }
}

const SAID = {
  ready: "becomeReady",
  playing: "begin",
  pause: "halt",
  stalled: "stall",
  advertisement: "interrupt",
  ended: "end",
};
