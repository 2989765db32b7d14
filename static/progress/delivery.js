// Delivers the queue in batches, one after the other, until the server has confirmed them.

import { beacon, deliver, fill, MAX_EVENTS } from "./transport.js";

const SOON = 250;
const MAX_RENEWALS = 3; // new tokens and new sessions in a row, before a pause

export class Delivery {
  constructor(tracker, { queue, sessions, pace }) {
    Object.assign(this, { tracker, queue, sessions, pace });
    this.answers = new Map(); // event id → the function that resolves with its result
    this.beaconed = new Set(); // ids of events that were sent when the page was left
    this.moved = new Set(); // ids of events that came from an ended session
    this.limit = MAX_EVENTS;
    this.renewals = 0;
    this.failedLoads = 0; // of recovery.js
  }

  soon(milliseconds = SOON) {
    this.timer ??= setTimeout(() => this.flush(), milliseconds);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), this.pace.remaining);
    this.tracker.away();
  }

  async flush() {
    if (this.tracker.isStopped || !this.sessions.session) return;
    if (this.pace.remaining > 0) {
      if (this.unsent.length || this.tracker.isEnding) this.later();
      return;
    }
    clearTimeout(this.timer);
    this.timer = undefined;
    this.again = true;
    if (this.isFlushing) return;
    this.isFlushing = true;
    try {
      while (this.again && !this.tracker.isStopped && !(this.pace.remaining > 0)) {
        this.again = false;
        await this.drain();
      }
    } catch (error) {
      if (error.isFinal) this.tracker.halt(error);
      else {
        this.pace.failed();
        this.later();
      }
    } finally {
      this.isFlushing = false;
    }
  }

  // The events of this page that the server hasn't acknowledged.
  get unsent() {
    return this.queue.inMemory(this.sessions.name);
  }

  async drain() {
    for (;;) {
      const waiting = await this.queue.waiting(this.sessions.name);
      if (this.tracker.isStopped) return;
      const isEnding = this.tracker.isEnding;
      if (!waiting.length && !isEnding) return this.hasOrphans ? this.tracker.away() : this.tracker.setState("saved");
      this.tracker.setState("saving");
      const events = fill(waiting, this.limit);
      const isLast = isEnding && events.length === waiting.length;
      const sent = await deliver(this.address(isLast), this.sessions.session, events);
      if (this.tracker.isStopped) return;
      if (sent.kind === "later") {
        this.pace.failed(sent.seconds);
        return this.later();
      }
      await this.react(sent, events);
      if (sent.kind === "done" && isLast && !this.unsent.length) return this.tracker.finish(sent.body);
      if (this.tracker.isStopped) return;
    }
  }

  address(isLast) {
    return this.tracker.address(isLast ? "end_session" : "update_progress");
  }

  // Handle an answer for events of this page's session.
  async react(sent, events) {
    if (sent.kind === "done") {
      this.renewals = 0;
      const late = await this.settle(events, sent.body);
      if (late.length) await (await this.recovery()).moveLate(late);
    } else if (sent.kind === "not_enrolled") this.tracker.halt(sent);
    else if (sent.kind === "too_large" || sent.kind === "refused") {
      const recovery = await this.recovery();
      if (!recovery.reduce(sent, events)) await recovery.drop(events, sent);
    } else await this.startAgain(sent, events);
  }

  // A new token, or a new session after the end of this one.
  async startAgain(sent, events) {
    this.renewals += 1;
    if (this.renewals > MAX_RENEWALS) this.pace.failed();
    if (sent.kind === "renew") this.tracker.hasSession(await this.sessions.renew());
    else if (this.tracker.isEnding) this.tracker.finish(null);
    else await (await this.recovery()).moveOn(events, sent);
  }

  // Returns the events that came too late for their session.
  async settle(events, body) {
    this.pace.succeeded();
    this.limit = Math.min(this.limit * 2, MAX_EVENTS);
    const results = new Map(events.map((event, index) => [event, body.events?.[index] ?? {}]));
    const late = events.filter((event) => results.get(event).code === "session_ended");
    const others = events.filter((event) => !late.includes(event));
    await this.forget(others);
    this.tracker.savedAt = Date.now();
    for (const event of others) this.resolve(event, results.get(event));
    const rejected = others.filter((event) => results.get(event).status === "rejected");
    if (rejected.length) {
      const reasons = rejected.map((event) => results.get(event));
      this.tracker.emit("refused", { events: rejected, status: 200, results: reasons });
    }
    if (body.course) this.tracker.emit("progress", body);
    return late;
  }

  async forget(events) {
    const ids = events.map((event) => event.event_id);
    for (const id of ids) {
      this.beaconed.delete(id);
      this.moved.delete(id);
    }
    if (ids.includes(this.sessions.place?.eventId)) {
      this.sessions.place = undefined;
      this.sessions.keep();
    }
    // Not awaited: if it fails, they are sent again and recognised.
    this.queue.remove(ids);
  }

  resolve(event, result) {
    this.answers.get(event.event_id)?.(result);
    this.answers.delete(event.event_id);
    this.tracker.emit("result", { event, result });
  }

  // --- Queues of tabs that are gone ------------------------------------------------------------------
  // Tabs that crashed, were killed, or closed while offline; and this page's ended sessions.
  async deliverOrphans() {
    if (this.isDelivering || this.tracker.isStopped || this.pace.remaining > 0) return;
    this.isDelivering = true;
    try {
      this.hasOrphans = false;
      const { baseUrl } = this.tracker;
      const { name: own, asked: who } = this.sessions;
      // What another person did here waits for that person.
      const isOther = ({ name, base_url, asked = who }) =>
        name !== own && base_url === baseUrl && `${asked.user_id}` === `${who.user_id}`;
      const others = (await this.queue.sessions()).filter(isOther);
      if (others.length) await (await this.recovery()).deliverOthers(others);
      if (this.pace.remaining > 0) return;
      if (!this.isFlushing && !this.unsent.length) this.tracker.setState(this.hasOrphans ? "offline" : "saved");
    } catch {
      this.hasOrphans = true; // tried again with the next beat
    } finally {
      this.isDelivering = false;
    }
  }

  // Rarely needed, and when the server has just answered. Some browsers remember that a module
  // couldn't be loaded: each attempt has its own address.
  recovery() {
    const again = this.failedLoads ? `?again=${this.failedLoads}` : "";
    this.loading ??= import(`./recovery.js${again}`).then(
      ({ Recovery }) => new Recovery(this),
      (error) => {
        this.loading = null;
        this.failedLoads = Math.min(this.failedLoads + 1, 9); // as many as import maps list
        throw error;
      },
    );
    return this.loading;
  }

  // --- The page is left --------------------------------------------------------------------------------
  // All must be on its way before this returns. The answer may never be read: the events stay in the
  // queue, and are recognised if they come again.
  leave() {
    // Events stored on this device can wait until the server's `Retry-After` is over.
    if (this.pace.remaining > 0 && this.queue.isDurable) return;
    // Beacons share 64 KiB: don't send an event twice.
    const events = fill(this.unsent.filter((event) => !this.beaconed.has(event.event_id)), this.limit);
    if (!events.length) return;
    events.forEach((event) => this.beaconed.add(event.event_id));
    const address = this.tracker.address("update_progress");
    const { session } = this.sessions;
    if (!beacon(address, session, events)) {
      deliver(address, session, events, { leaving: true }).then(({ kind, seconds }) => {
        if (kind === "later" && seconds !== undefined) this.pace.failed(seconds);
      });
    }
    this.soon();
  }
}
