// A learner's session on this page: a durable queue of events, and the server's answers to them.
//
// `watch` takes anything with `report` and, if it has to, `stop`: tracker.js adds media, pages and
// texts, and the player's pages load the one they need.

import { ActivityClock } from "./clock.js";
import { Delivery } from "./delivery.js";
import { clean, plain, split } from "./fields.js";
import { newId } from "./ids.js";
import { Pace } from "./pace.js";
import { EventQueue } from "./queue.js";
import { Sessions } from "./sessions.js";
import { deviceId, tabStorage } from "./storage.js";

const FRESH = 60_000;
const POSITION_FIELDS = ["position", "page", "reading_position"];

export class SessionTracker extends EventTarget {
  constructor({ baseUrl = "", csrfToken = "", session, fetchSession, storage } = {}) {
    super();
    this.baseUrl = baseUrl.replace(/\/$/, "");
    this.csrfToken = csrfToken;
    this.deviceId = deviceId();
    this.storage = tabStorage(storage);
    this.queue = new EventQueue();
    const pace = new Pace(this.storage, `retry-after:${this.baseUrl}`);
    const parts = { queue: this.queue, storage: this.storage, pace };
    this.sessions = new Sessions(this, { ...parts, fetchSession, minted: session });
    this.delivery = new Delivery(this, { ...parts, sessions: this.sessions });
    this.pace = pace;
    this.clock = new ActivityClock();
    this.watches = new Set();
    this.state = "starting";
    this.early = []; // events from before the session has a name
    this.addListeners();
  }

  get session() {
    return this.sessions.session ?? null;
  }

  get unsent() {
    return this.delivery.unsent;
  }

  // --- Sessions --------------------------------------------------------------------------------
  startSession(userId, courseId, moduleId, contentId) {
    this.started = this.begin({
      user_id: userId,
      course_id: courseId,
      module_id: moduleId,
      content_id: contentId,
      device_id: this.deviceId,
    });
    return this.started;
  }

  async begin(asked) {
    if (this.isStopped) this.clock.start();
    this.isStopped = false;
    this.sessions.session = null;
    await this.queue.open();
    await this.sessions.claim(asked);
    for (const event of this.early.splice(0)) this.enqueue(event);
    try {
      this.hasSession(await this.sessions.renew());
    } catch (error) {
      this.halt(error);
      throw error;
    }
    this.delivery.deliverOrphans();
    if (this.unsent.length || this.isEnding) this.delivery.soon();
    return this.session;
  }

  hasSession(session) {
    this.clock.idleTimeout = session.idle_timeout_seconds * 1000 || this.clock.idleTimeout;
    clearInterval(this.heartbeat);
    this.heartbeat = setInterval(() => this.beat(), session.heartbeat_seconds * 1000);
    this.emit("session", session);
    if (this.delivery.hasOrphans) this.delivery.deliverOrphans();
  }

  // After "renew": another session, from the page's own server.
  useSession(session) {
    this.sessions.use(session);
  }

  // Deliver all waiting events, then end the session. Returns the API's answer, or null if it had
  // ended before. Waits while offline.
  endSession() {
    if (this.isStopped) return Promise.resolve(null);
    this.ending ??= new Promise((resolve) => {
      this.onEnded = resolve;
      this.reportAll();
      this.stopWatches();
      this.delivery.flush();
    });
    return this.ending;
  }

  get isEnding() {
    return Boolean(this.ending);
  }

  finish(body) {
    this.storage.removeItem(this.sessions.key);
    this.queue.forget(this.sessions.name);
    this.rest();
    this.setState("ended");
    this.onEnded?.(body);
    this.ending = this.onEnded = null;
  }

  // Nothing more counts here; `code` says why ("not_enrolled"). Waiting events are kept, and delivered
  // if the learner comes back.
  halt({ status, code }) {
    if (this.isStopped) return;
    this.rest();
    for (const resolve of this.delivery.answers.values()) resolve({ status: "rejected", code });
    this.delivery.answers.clear();
    this.setState("stopped", { code });
    this.emit("stopped", { status, code, waiting: this.unsent.length });
    this.onEnded?.(null);
    this.ending = this.onEnded = null;
  }

  rest() {
    clearInterval(this.heartbeat);
    this.clock.stop();
    this.isStopped = true;
    this.stopWatches();
  }

  stopWatches() {
    for (const watch of [...this.watches]) watch.stop?.();
    this.watches.clear();
  }

  // --- Events ----------------------------------------------------------------------------------
  // Send one event and return the server's result for it. Waits for the session, and while offline.
  async updateProgress(contentId, type, fields = {}) {
    if (!this.session) await this.started?.catch(() => {});
    const event = this.record(contentId, type, fields);
    if (!event) return { status: "rejected", code: this.stopCode ?? "session_ended" };
    const result = new Promise((resolve) => this.delivery.answers.set(event.event_id, resolve));
    this.delivery.flush();
    return result;
  }

  // Queue an event; it is delivered soon. Returns null when nothing counts any more.
  record(contentId, type, fields = {}) {
    if (this.isStopped) return null;
    const parts = split({ ...this.clock.take(), ...clean(fields) });
    const ages = parts.map(() => 0); // how long before now each of them ended
    for (let index = parts.length - 2; index >= 0; index -= 1) {
      const { duration_seconds = 0, idle_seconds = 0 } = parts[index + 1];
      ages[index] = ages[index + 1] + duration_seconds + idle_seconds;
    }
    const now = Date.now();
    const events = parts.map((part, index) => ({
      event_id: newId(),
      occurred_at: new Date(now - 1000 * ages[index]).toISOString(),
      content_id: plain(contentId),
      interaction_type: index < parts.length - 1 ? "progress" : plain(type),
      ...part,
    }));
    for (const event of events) this.enqueue(event);
    return events.at(-1);
  }

  enqueue(event) {
    const { sessions } = this;
    if (!sessions.name) {
      this.early.push(event);
      return;
    }
    const numbered = { ...event, sequence: sessions.next() };
    if (POSITION_FIELDS.some((name) => name in event)) {
      sessions.place = { contentId: event.content_id, eventId: event.event_id, at: Date.now(), fields: event };
    }
    sessions.keep();
    // Stored at once: a page that is being left has no later chance.
    this.queue.add(sessions.name, numbered);
    this.delivery.soon();
  }

  // The fields of the last event with a position in a content, if it isn't confirmed; or null. A page
  // is rendered before the one that it replaces has sent its last event.
  unconfirmed(userId, courseId, contentId) {
    const place = this.storage.getJson(`session:${userId}:${courseId}`)?.place;
    return place?.contentId === contentId && Date.now() - place.at < FRESH ? place.fields : null;
  }

  beat() {
    this.reportAll();
    this.queue.open();
    this.delivery.flush();
    if (this.delivery.hasOrphans) this.delivery.deliverOrphans();
  }

  // While nothing plays or is visible, the time still belongs to the page's content.
  reportAll() {
    const watches = [...this.watches];
    const waiting = watches.filter((watch) => watch.isWaiting);
    for (const watch of waiting.length ? waiting : watches.filter((each) => each.isOpen).slice(0, 1)) {
      watch.report("progress");
    }
  }

  watch(watch) {
    this.watches.add(watch);
    return watch;
  }

  // --- The page and its surroundings -------------------------------------------------------------
  addListeners() {
    addEventListener("online", () => {
      this.pace.online();
      this.delivery.flush();
    });
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.leave();
      else this.delivery.flush();
    });
    this.queue.addEventListener("durability", () => {
      this.setState(this.state);
      this.emit("durability", { isDurable: this.queue.isDurable });
      if (this.queue.isDurable && this.session) this.delivery.deliverOrphans();
    });
  }

  leave() {
    if (!this.session || this.isStopped) return;
    this.emit("leaving");
    this.reportAll();
    this.delivery.leave();
  }

  address(name) {
    return `${this.baseUrl}/api/employee/${name}`;
  }

  setState(state, { code } = {}) {
    this.state = state;
    this.stopCode = code;
    const { savedAt, queue } = this;
    this.emit("state", { state, code, savedAt, waiting: this.unsent.length, isDurable: queue.isDurable });
  }

  // The server doesn't answer; tracker.js finds out why.
  away() {
    this.setState("offline");
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
