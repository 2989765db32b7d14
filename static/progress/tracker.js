// The tracker: sessions, a durable queue of events, and what the server said of them.
//
//   const tracker = createTracker({ csrfToken });
//   await tracker.startSession(userId, courseId, moduleId);
//   tracker.watchMedia(videoElement, contentId);
//   await tracker.updateProgress(contentId, "progress", { position: 45.2, duration_seconds: 30 });
//   tracker.addEventListener("progress", ({ detail }) => …);   // an answer of update_progress
//   tracker.addEventListener("state", ({ detail }) => …);      // {state, savedAt, waiting}
//
// A front end on another origin passes `baseUrl`, and what its own server got from start_session:
// `session`, or an async function `fetchSession` that returns it. docs/tracker.md tells it all.

import { ActivityClock } from "./clock.js";
import { MediaWatch } from "./media.js";
import { openQueue } from "./queue.js";
import { PagesWatch, TextWatch } from "./reading.js";
import { deviceId, tabStorage } from "./storage.js";
import { beacon, deliver, fill } from "./transport.js";

const SOON = 250;
const LONGEST_WAIT = 60;
const FRESH = 60_000;
const PLACES = ["position", "page", "reading_position"];

export const createTracker = (options) => new Tracker(options);

export class Tracker extends EventTarget {
  constructor({ baseUrl = "", csrfToken = "", session, fetchSession, storage } = {}) {
    super();
    this.baseUrl = baseUrl.replace(/\/$/, "");
    this.csrfToken = csrfToken;
    this.deviceId = deviceId();
    this.storage = storage ?? tabStorage();
    if (fetchSession) this.fetchSession = fetchSession;
    else if (session) this.takeSessions(session);
    this.clock = new ActivityClock();
    this.watches = new Set();
    this.answers = new Map(); // event id → who waits for its result
    this.held = new Set(); // names of sessions that are this page's
    this.beaconed = new Set(); // ids of events that went out when the page was left
    this.failures = 0;
    this.addPageListeners();
  }

  // --- Sessions --------------------------------------------------------------------------------
  startSession(userId, courseId, moduleId, contentId) {
    this.started = this.begin(userId, courseId, moduleId, contentId);
    return this.started;
  }

  async begin(userId, courseId, moduleId, contentId) {
    this.asked = {
      user_id: userId,
      course_id: courseId,
      module_id: moduleId,
      content_id: contentId,
      device_id: this.deviceId,
    };
    this.storageKey = `session:${userId}:${courseId}`;
    this.queue ??= await openQueue();
    await this.claimName();
    const session = await this.renew();
    this.heartbeat = setInterval(() => this.beat(), session.heartbeat_seconds * 1000);
    this.deliverOrphans();
    return session;
  }

  // A reload goes on with its session; a duplicated tab (which copies the storage) gets its own.
  async claimName() {
    const kept = this.kept(this.storageKey);
    this.name = kept?.name;
    this.sequence = kept?.sequence ?? 0;
    if (!this.name || !(await this.hold(this.name))) await this.newName();
  }

  async newName() {
    this.name = crypto.randomUUID();
    this.sequence = 0;
    await this.hold(this.name);
    this.keepName();
  }

  keepName() {
    const { name, sequence, place } = this;
    this.storage.setItem(this.storageKey, JSON.stringify({ name, sequence, place }));
  }

  kept(key) {
    return JSON.parse(this.storage.getItem(key) ?? "null");
  }

  // Hold a lock as long as this page lives; false when another tab holds it.
  hold(name) {
    if (this.held.has(name)) return Promise.resolve(true);
    if (!navigator.locks) return Promise.resolve(Boolean(this.held.add(name)));
    return new Promise((resolve) => {
      navigator.locks.request(`learning-session:${name}`, { ifAvailable: true }, (lock) => {
        if (lock) this.held.add(name);
        resolve(Boolean(lock));
        return lock && new Promise(() => {});
      });
    });
  }

  // Start the session, or get a fresh token for it.
  async renew() {
    for (let failures = 0; ; failures += 1) {
      try {
        let session = await this.fetchSession({ ...this.asked, client_session_id: this.name });
        if (session.end_time) {
          // What still waits under the old name is delivered like that of a tab that is gone.
          await this.newName();
          this.hasOrphans = true;
          session = await this.fetchSession({ ...this.asked, client_session_id: this.name });
        }
        this.session = session;
        this.clock.idleTimeout = session.idle_timeout_seconds * 1000;
        await this.queue.remember({
          name: this.name,
          session_id: session.session_id,
          session_token: session.session_token,
          base_url: this.baseUrl,
          asked: this.asked,
        });
        this.emit("session", session);
        if (this.hasOrphans) this.deliverOrphans();
        return session;
      } catch (error) {
        if (error.isFinal) throw error;
        this.tell("offline");
        await pause(Math.min(2 ** failures, LONGEST_WAIT));
      }
    }
  }

  // Sessions that the page's own server minted: the first is at hand. When another is needed (its
  // token is too old, or the session was ended) "renew" is emitted, and `useSession` takes it.
  takeSessions(minted) {
    this.isMinted = true;
    let atHand = Promise.resolve(minted);
    this.fetchSession = () => {
      const taken = atHand ?? new Promise((resolve) => (this.useSession = resolve));
      if (!atHand) this.emit("renew", this.asked);
      atHand = null;
      return taken;
    };
  }

  // The default: this site's own login. Errors with `isFinal` are not tried again.
  async fetchSession(asked) {
    const answer = await fetch(`${this.baseUrl}/api/employee/start_session`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrfToken },
      body: JSON.stringify(asked),
    });
    if (answer.ok) return answer.json();
    const error = new Error(`start_session answered ${answer.status}`);
    error.isFinal = answer.status < 500 && answer.status !== 429;
    throw error;
  }

  async endSession() {
    this.beat();
    await this.writing;
    const events = await this.queue.waiting(this.name);
    const sent = await deliver(this.address("end_session"), this.session, events);
    if (sent.kind === "done") {
      await this.queue.remove(events.map((event) => event.event_id));
      await this.queue.forget(this.name);
      clearInterval(this.heartbeat);
      this.storage.removeItem(this.storageKey);
    }
    return sent.body;
  }

  // --- Events ----------------------------------------------------------------------------------
  // Send one event and answer what the server said of it; waits for the session, and while offline.
  async updateProgress(contentId, type, fields = {}) {
    if (!this.session) await this.started;
    const event = this.record(contentId, type, fields);
    const result = new Promise((resolve) => this.answers.set(event.event_id, resolve));
    this.flush();
    return result;
  }

  // Queue an event; it is delivered soon.
  record(contentId, type, fields = {}) {
    const event = {
      event_id: crypto.randomUUID(),
      sequence: ++this.sequence,
      occurred_at: new Date().toISOString(),
      content_id: contentId,
      interaction_type: type,
      ...this.clock.take(),
      ...fields,
    };
    if (PLACES.some((name) => name in event)) {
      this.place = { contentId, eventId: event.event_id, at: Date.now(), fields: event };
    }
    this.keepName();
    // Asked for at once: a page that goes away has no later.
    this.writing = Promise.all([this.writing, this.queue.add(this.name, event)]);
    (this.unsent ??= new Map()).set(event.event_id, event);
    this.soon();
    return event;
  }

  // Where this tab was in a content a moment ago, if the server hadn't confirmed it: the fields of
  // an event, or null. A page is rendered before the one it replaces has told its last event.
  unconfirmed(userId, courseId, contentId) {
    const kept = this.kept(`session:${userId}:${courseId}`);
    const place = kept?.place;
    return place?.contentId === contentId && Date.now() - place.at < FRESH ? place.fields : null;
  }

  beat() {
    if (!this.session) return;
    for (const watch of this.watches) if (watch.isWaiting) watch.report("progress");
    this.flush();
    if (this.hasOrphans) this.deliverOrphans();
  }

  watchMedia(element, contentId) {
    return this.watch(new MediaWatch(element, contentId, this));
  }

  watchPages(pages, contentId) {
    return this.watch(new PagesWatch(pages, contentId, this));
  }

  watchText(element, contentId) {
    return this.watch(new TextWatch(element, contentId, this));
  }

  watch(watch) {
    this.watches.add(watch);
    return watch;
  }

  // --- Delivery --------------------------------------------------------------------------------
  soon() {
    this.timer ??= setTimeout(() => this.flush(), SOON);
  }

  async flush() {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.isFlushing) {
      this.again = true;
      return;
    }
    this.isFlushing = true;
    try {
      do {
        this.again = false;
        await this.writing;
        await this.drain();
      } while (this.again);
    } finally {
      this.isFlushing = false;
    }
  }

  async drain() {
    for (;;) {
      const events = fill(await this.queue.waiting(this.name));
      if (!events.length) return this.tell(this.hasOrphans ? "offline" : "saved");
      this.tell("saving");
      const sent = await deliver(this.address("update_progress"), this.session, events);
      if (sent.kind === "done") await this.settle(events, sent.body);
      else if (sent.kind === "renew") await this.renew();
      else if (sent.kind === "ended") await this.moveOn(events);
      else if (sent.kind === "refused") await this.drop(events, sent.status);
      else return this.retry(sent.seconds);
      this.failures = sent.kind === "done" ? 0 : this.failures + 1;
      if (this.failures > 3) return this.retry();
    }
  }

  async settle(events, body) {
    await this.forgetEvents(events);
    this.savedAt = Date.now();
    events.forEach((event, index) => this.resolve(event, body.events[index]));
    this.emit("progress", body);
  }

  // The session was ended elsewhere: what it can't take any more is told, and a new one begins.
  async moveOn(events) {
    await this.drop(events, 409);
    this.hasOrphans = true;
    await this.newName();
    await this.renew();
  }

  async drop(events, status) {
    await this.forgetEvents(events);
    for (const event of events) this.resolve(event, { status: "rejected", code: `http_${status}` });
    this.emit("refused", { events, status });
  }

  async forgetEvents(events) {
    const ids = events.map((event) => event.event_id);
    for (const id of ids) {
      this.unsent?.delete(id);
      this.beaconed.delete(id);
    }
    if (ids.includes(this.place?.eventId)) {
      this.place = undefined;
      this.keepName();
    }
    await this.queue.remove(ids);
  }

  resolve(event, result) {
    this.answers.get(event.event_id)?.(result);
    this.answers.delete(event.event_id);
    if (result) this.emit("result", { event, result });
  }

  retry(seconds) {
    this.failures += 1;
    this.tell("offline");
    const wait = seconds ?? Math.min(2 ** this.failures, LONGEST_WAIT);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), wait * 1000);
  }

  // Queues of tabs that are gone: crashed, killed, or closed while offline; and of sessions of this
  // page that were over when it came back.
  async deliverOrphans() {
    if (this.isDelivering) return;
    this.isDelivering = true;
    try {
      this.hasOrphans = false;
      for (const session of await this.queue.sessions()) {
        if (session.name === this.name || session.base_url !== this.baseUrl) continue;
        if (!(await this.hold(session.name))) continue;
        if (await this.deliverAll(session)) await this.queue.forget(session.name);
        else this.hasOrphans = true;
      }
    } finally {
      this.isDelivering = false;
    }
  }

  // Whether nothing waits there any more.
  async deliverAll(session) {
    let isRenewed = false;
    for (;;) {
      const events = fill(await this.queue.waiting(session.name));
      if (!events.length) return true;
      const sent = await deliver(this.address("update_progress"), session, events);
      if (sent.kind === "later") return false;
      if (sent.kind === "done") await this.settle(events, sent.body);
      else if (sent.kind !== "renew" || isRenewed) await this.drop(events, sent.status ?? 409);
      else {
        isRenewed = true;
        Object.assign(session, await this.freshToken(session));
      }
    }
  }

  // Another token for a session of this login; none where sessions are minted elsewhere.
  async freshToken({ name, session_id, asked }) {
    if (this.isMinted) return {};
    const answer = await this.fetchSession({ ...asked, client_session_id: name }).catch(() => null);
    return answer?.session_id === session_id ? { session_token: answer.session_token } : {};
  }

  // --- The page goes away, or comes back -------------------------------------------------------
  addPageListeners() {
    addEventListener("online", () => this.session && this.flush());
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.leave();
    });
  }

  // Everything must be on its way before this returns; the answer may never be read, so the
  // events stay in the queue and are recognised as duplicates if they come again.
  leave() {
    if (!this.session) return;
    this.emit("leaving");
    for (const watch of this.watches) if (watch.isWaiting) watch.report("progress");
    // Beacons share 64 KiB: what has just gone out doesn't go again.
    const unsent = [...(this.unsent?.values() ?? [])];
    const events = fill(unsent.filter((event) => !this.beaconed.has(event.event_id)));
    if (!events.length) return;
    events.forEach((event) => this.beaconed.add(event.event_id));
    const address = this.address("update_progress");
    if (!beacon(address, this.session, events)) {
      deliver(address, this.session, events, { leaving: true });
    }
    this.soon();
  }

  // --- Telling ---------------------------------------------------------------------------------
  address(name) {
    return `${this.baseUrl}/api/employee/${name}`;
  }

  tell(state) {
    this.emit("state", { state, savedAt: this.savedAt, waiting: this.unsent?.size ?? 0 });
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
