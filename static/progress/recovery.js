// What a delivery does in rare cases: events that are refused, a session that has ended, and the queues
// of tabs that are gone. delivery.js loads it when the first of these happens.

import { deliver, fill } from "./transport.js";

const LATE = { status: 200, code: "session_ended" };
const FORGET_AFTER = 30 * 86_400_000; // sessions to which nothing could be delivered

export class Recovery {
  constructor(delivery) {
    const { tracker, queue, sessions, pace } = delivery;
    Object.assign(this, { delivery, tracker, queue, sessions, pace });
  }

  // One bad event must not hold up the others: send fewer at once.
  reduce({ kind }, events) {
    if ((kind !== "too_large" && kind !== "refused") || events.length < 2) return false;
    this.delivery.limit = Math.floor(events.length / 2);
    return true;
  }

  async drop(events, { status, code = `http_${status}` }) {
    await this.delivery.forget(events);
    const results = events.map((event) => ({ event_id: event.event_id, status: "rejected", code }));
    events.forEach((event, index) => this.delivery.resolve(event, results[index]));
    this.tracker.emit("refused", { events, status, results });
  }

  // --- A session that has ended --------------------------------------------------------------------
  // A new one begins and gets the events that the old one refused. Events that are still waiting go
  // to the old one.
  async moveOn(events, sent) {
    this.delivery.hasOrphans = true;
    await this.sessions.rename();
    await this.move(events, sent);
    this.tracker.hasSession(await this.sessions.renew());
  }

  moveLate(events) {
    return this.moveOn(events, LATE);
  }

  // Each event moves once: if the new session refuses it too, it is dropped.
  async move(events, sent) {
    const { moved } = this.delivery;
    const again = events.filter((event) => moved.has(event.event_id));
    if (again.length) await this.drop(again, sent);
    for (const event of events) {
      if (again.includes(event)) continue;
      moved.add(event.event_id);
      this.queue.add(this.sessions.name, { ...event, sequence: this.sessions.next() });
    }
    this.sessions.keep();
    this.delivery.soon();
  }

  // --- Queues of tabs that are gone ------------------------------------------------------------------
  async deliverOthers(others) {
    for (const session of others) {
      if (!(await this.sessions.hold(session.name))) continue;
      if (await this.deliverAll(session)) await this.forgetSession(session);
      else this.delivery.hasOrphans = true;
      if (this.pace.remaining > 0) return;
    }
  }

  // Without locks, another tab may still need it.
  async forgetSession(session) {
    if (navigator.locks || isOld(session)) await this.queue.forget(session.name);
  }

  // Resolves with true once none of its events are waiting any more.
  async deliverAll(session) {
    let isRenewed = false;
    for (;;) {
      const events = fill(await this.queue.waiting(session.name), this.delivery.limit);
      if (!events.length) return true;
      const sent = await deliver(this.tracker.address("update_progress"), session, events);
      if (this.tracker.isStopped) return false;
      if (sent.kind === "later") {
        this.pace.failed(sent.seconds);
        return false;
      }
      if (sent.kind === "done") {
        const late = await this.delivery.settle(events, sent.body);
        if (late.length && !this.sessions.name) return false;
        if (late.length) await this.moveToOwnSession(late, LATE, session);
      } else if (sent.kind === "renew" && !isRenewed) {
        isRenewed = true;
        Object.assign(session, await this.sessions.freshToken(session));
      } else if (sent.kind === "not_enrolled" && !isOld(session)) return false;
      // A page without a session of its own can't take them; one of the course will.
      else if (["ended", "renew"].includes(sent.kind) && !this.sessions.name) return false;
      else if (sent.kind === "ended") await this.moveToOwnSession(events, sent, session);
      else if (!this.reduce(sent, events)) await this.drop(events, sent);
    }
  }

  // Move events to this page's session if it has the same learner and course; else drop them.
  moveToOwnSession(events, sent, { asked }) {
    const { asked: own } = this.sessions;
    const isSame = asked?.user_id === own.user_id && asked?.course_id === own.course_id;
    return isSame ? this.move(events, sent) : this.drop(events, sent);
  }
}

const isOld = ({ at = 0 }) => Date.now() - at > FORGET_AFTER;
