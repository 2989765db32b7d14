// One delivery to the API, and what its answer means for the queue.

export const MAX_EVENTS = 200;
const MAX_BYTES = 60_000; // the server takes 64 KiB, and so does keepalive
const encoder = new TextEncoder();

// As many of the waiting events as one delivery holds.
export function fill(events) {
  const batch = [];
  let bytes = 500;
  for (const event of events.slice(0, MAX_EVENTS)) {
    bytes += encoder.encode(JSON.stringify(event)).length + 1;
    if (bytes > MAX_BYTES && batch.length) break;
    batch.push(event);
  }
  return batch;
}

// Answers {kind, body?, seconds?}; kind: "done", "later" (wait), "renew" (new token needed),
// "ended" (the session is over), "refused" (would never be taken).
export async function deliver(address, session, events, { leaving = false } = {}) {
  const body = JSON.stringify({
    session_id: session.session_id,
    sent_at: new Date().toISOString(),
    events,
  });
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      body,
      keepalive: leaving,
      credentials: "omit",
      headers: {
        "Content-Type": "application/json",
        Authorization: `Session ${session.session_token}`,
      },
    });
  } catch {
    return { kind: "later" };
  }
  if (answer.ok) {
    try {
      return { kind: "done", body: await answer.json() };
    } catch {
      return { kind: "later" };
    }
  }
  if (answer.status === 401 || answer.status === 403) return { kind: "renew", status: answer.status };
  if (answer.status === 409) return { kind: "ended" };
  if (answer.status === 429 || answer.status >= 500) {
    return { kind: "later", seconds: Number(answer.headers.get("Retry-After")) || undefined };
  }
  return { kind: "refused", status: answer.status };
}

// The last resort of a page that goes away: a beacon carries its token in the body.
export function beacon(address, session, events) {
  const body = JSON.stringify({
    session_token: session.session_token,
    session_id: session.session_id,
    sent_at: new Date().toISOString(),
    events,
  });
  return navigator.sendBeacon(address, new Blob([body], { type: "text/plain" }));
}
