// A film without pictures, which plays by the clock: what a service's player has inside. It keeps what it
// has really played, as stretches from where to where.
const TICK = 40;

class Film {
  constructor({ duration, start = 0 }) {
    Object.assign(this, { duration, position: start, rate: 1, isPlaying: false, isHeldUp: false });
    this.played = [];
    this.listeners = [];
    this.lastAt = performance.now();
    setInterval(() => this.tick(), TICK);
  }

  on(listener) {
    this.listeners.push(listener);
  }

  say(what) {
    for (const listener of this.listeners) listener(what);
  }

  tick() {
    const now = performance.now();
    const passed = (now - this.lastAt) / 1000;
    this.lastAt = now;
    if (!this.isPlaying || this.isHeldUp) return;
    const from = this.position;
    this.position = Math.min(from + passed * this.rate, this.duration);
    const last = this.played.at(-1);
    if (last && last[1] === from) last[1] = this.position;
    else this.played.push([from, this.position]);
    if (this.position >= this.duration) {
      this.isPlaying = false;
      this.say("ended");
    }
  }

  play() {
    if (this.isPlaying) return;
    this.tick();
    if (this.position >= this.duration) this.position = 0;
    this.isPlaying = true;
    this.say("play");
  }

  pause() {
    this.tick();
    if (!this.isPlaying) return;
    this.isPlaying = false;
    this.say("pause");
  }

  seek(position) {
    this.tick();
    this.position = Math.min(Math.max(position, 0), this.duration);
    this.say("seek");
  }

  setRate(rate) {
    this.tick();
    this.rate = rate;
    this.say("rate");
  }

  // No data for a while: the position stands, and the player says so.
  stall(seconds) {
    this.tick();
    this.isHeldUp = true;
    this.say("stall");
    setTimeout(() => this.goOn("resume"), 1000 * seconds);
  }

  // Something else is shown for a while; the position stands.
  advertise(seconds, how) {
    this.tick();
    this.isHeldUp = true;
    this.advertisement = how;
    this.say("advertisement");
    setTimeout(() => this.goOn("advertisement over"), 1000 * seconds);
  }

  goOn(what) {
    this.lastAt = performance.now();
    this.isHeldUp = false;
    this.advertisement = null;
    this.say(what);
  }
}
