// What a cooperating page in a frame reports: version 1 of the protocol in docs/tracker.md.
//
// Its claims go through the tracker like those of any player, and the server decides what they earn.
// Times are measured on this side. A flood of messages becomes no flood of events: what arrives
// between two reports is sent with the second.

const KEY = "learning_progress";
const VERSION = 1;
const MAX_LENGTH = 16_384; // of a message as JSON
const MAX_SEGMENTS = 200; // what an event carries
const MAX_SECONDS = 604_800;
const MAX_WARNINGS = 20;
const PAUSE = 250; // between reports caused by messages, in milliseconds
const MEASURES = { seconds: "segments", pages: "page", fraction: "span" };

const isNumber = (value, max) => typeof value === "number" && value >= 0 && value <= max;
const isPair = (value, max) =>
  Array.isArray(value) && value.length === 2 && value.every((each) => isNumber(each, max)) && value[0] < value[1];

export class FrameMessages {
  // `onReport` is called when something should be sent soon, `onMove` before another page or span
  // is shown: the time so far belongs to the previous one.
  constructor(frame, player, { onReport, onMove }) {
    Object.assign(this, { frame, player, onReport, onMove });
    const url = new URL(frame.src);
    // A page of this site is framed without its origin.
    this.origin = frame.sandbox.contains("allow-same-origin") ? url.origin : "null";
    this.measure = MEASURES[player.extent_unit] ?? null;
    this.segments = [];
    this.shown = {}; // the page or span that is in view inside
    this.score = null;
    this.best = -1;
    this.warnings = 0;
    this.movedAt = -Infinity;
    this.abort = new AbortController();
    addEventListener("message", (event) => this.receive(event), { signal: this.abort.signal });
  }

  get isWaiting() {
    return this.segments.length > 0 || this.score !== null;
  }

  receive({ data, origin, source }) {
    // Frames use messages for other things, too.
    if (data === null || typeof data !== "object" || !(KEY in data)) return;
    const problem = this.problemOf(data, origin, source) ?? this.take(data);
    if (problem) this.warn(problem);
  }

  problemOf(data, origin, source) {
    if (source !== this.frame.contentWindow) return "it comes from another window than the content's frame";
    if (origin !== this.origin) return `it comes from ${origin}, and the content is at ${this.origin}`;
    if (data[KEY] !== VERSION) return `version ${data[KEY]} is unknown here; this page speaks version ${VERSION}`;
    try {
      if (JSON.stringify(data).length <= MAX_LENGTH) return null;
    } catch {
      return "it can't be written as JSON";
    }
    return `it is longer than ${MAX_LENGTH} characters`;
  }

  // Returns why a message can't be used; undefined if it can.
  take(data) {
    if (data.type === "hello") return this.welcome();
    if (data.type === "score") return this.takeScore(data.percentage);
    if (!Object.values(MEASURES).includes(data.type)) return `its type ${JSON.stringify(data.type)} is unknown`;
    if (data.type !== this.measure) {
      return `this content isn't measured by ${data.type}; its course says what it is measured by`;
    }
    return data.type === "segments" ? this.takeSegments(data) : this.show(data);
  }

  takeSegments({ segments, position, playback_rate }) {
    if (!Array.isArray(segments) || !segments.every((pair) => isPair(pair, MAX_SECONDS))) {
      return "segments is a list of [from, to] in seconds, from before to";
    }
    if (this.segments.length + segments.length > MAX_SEGMENTS) return `more than ${MAX_SEGMENTS} segments at once`;
    this.segments.push(...segments);
    if (isNumber(position, MAX_SECONDS)) this.position = position;
    if (playback_rate > 0) this.rate = playback_rate;
    return undefined;
  }

  show({ type, page, span }) {
    if (type === "page" && !(Number.isInteger(page) && page >= 1 && page <= this.player.extent)) {
      return `page is a whole number from 1 to ${this.player.extent}`;
    }
    if (type === "span" && !isPair(span, 1)) return "span is [from, to], fractions from 0 to 1";
    const shown = type === "page" ? { page } : { span, reading_position: span[0] };
    if (JSON.stringify(shown) === JSON.stringify(this.shown)) return undefined;
    if (performance.now() - this.movedAt > PAUSE) this.onMove();
    this.movedAt = performance.now();
    this.shown = shown;
    return undefined;
  }

  takeScore(percentage) {
    if (!this.player.reports_score) return 'scores aren\'t accepted: the course doesn\'t say completes_on: "score"';
    if (!isNumber(percentage, 100)) return "percentage is a number from 0 to 100";
    if (percentage <= this.best) return undefined; // the best one counts
    this.score = this.best = percentage;
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      if (this.score !== null) this.onReport();
    }, PAUSE);
    return undefined;
  }

  welcome() {
    const { player, measure } = this;
    const message = {
      [KEY]: VERSION,
      type: "welcome",
      measure,
      extent: measure === "span" ? 1 : player.extent,
      position: player.position,
      accepts_score: player.reports_score,
      max_rate: player.max_rate,
    };
    // A page without an origin can be addressed by its window only.
    this.frame.contentWindow?.postMessage(message, this.origin === "null" ? "*" : this.origin);
  }

  // The fields of an event: what was reported since the last one.
  collect() {
    const fields = { ...this.shown };
    if (this.segments.length) {
      fields.segments = this.segments.splice(0);
      fields.position = this.position ?? fields.segments.at(-1)[1];
      if (this.rate) fields.playback_rate = this.rate;
    }
    if (this.score !== null) fields.completion_percentage = this.score;
    this.score = null;
    return fields;
  }

  warn(problem) {
    this.warnings += 1;
    if (this.warnings <= MAX_WARNINGS) console.warn(`Learning progress: a message was ignored: ${problem}.`);
  }

  stop() {
    clearTimeout(this.soon);
    this.abort.abort();
  }
}
