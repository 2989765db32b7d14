// What an account did on this device that the server hasn't acknowledged: how much it is, and sending it.

import { EventQueue } from "../progress/queue.js";

// {sessions, events, minutes, answers, since}; `since` is when its oldest session was started.
export async function waitingOf(user) {
  const queue = new EventQueue();
  await queue.open();
  const found = { events: 0, seconds: 0, answers: 0, since: null };
  for (const session of await queue.sessions()) {
    if (Number(session.asked?.user_id) !== user) continue;
    const events = await queue.waiting(session.name);
    if (events.length) found.since = Math.min(found.since ?? session.at, session.at);
    found.events += events.length;
    for (const { duration_seconds: seconds = 0, interaction_type: type } of events) {
      found.seconds += seconds;
      found.answers += type === "answer";
    }
  }
  queue.db?.close();
  return { ...found, minutes: Math.ceil(found.seconds / 60) };
}

const TRIES = 8;
const PAUSE_MS = 500;

// Sends it from a page that has no tracker of its own. Resolves with what still waits. The page before
// this one may hold its queue for another moment.
export async function deliverWaiting(user, csrfToken) {
  const before = await waitingOf(user);
  if (!before.events) return before;
  const { SessionTracker } = await import("../progress/session_tracker.js");
  const tracker = new SessionTracker({ csrfToken });
  tracker.sessions.asked = { user_id: user };
  await tracker.queue.open();
  let left = before;
  for (let tries = 0; left.events && tries < TRIES && !(tracker.pace.remaining > 0); tries += 1) {
    if (tries) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    await tracker.delivery.deliverOrphans();
    left = await waitingOf(user);
  }
  tracker.rest();
  return left;
}
