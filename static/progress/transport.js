// One delivery to the API, and what its answer means for the queue.
//
// Only answers of our own are final: they carry our shape of errors. Anything else (a proxy's 404 or
// 413, a captive portal's page with 200) says nothing about the events.

import { retryAfter } from "./pace.js";

export const MAX_EVENTS = 200;
const MAX_BYTES = 60_000; // the server takes 64 KiB, and so does keepalive
const AGAIN = [408, 425, 429];
const PATIENCE = 30_000; // for an answer
const encoder = new TextEncoder();

export const patience = () => AbortSignal.timeout?.(PATIENCE);

// As many of the waiting events as one delivery holds.
export function fill(events, limit = MAX_EVENTS) {
  const batch = [];
  let bytes = 500;
  for (const event of events.slice(0, limit)) {
    bytes += encoder.encode(JSON.stringify(event)).length + 1;
    if (bytes > MAX_BYTES && batch.length) break;
    batch.push(event);
  }
  return batch;
}

// Returns {kind, body?, status?, code?, seconds?}; kind: "done", "later" (again after a while),
// "renew" (a new token is needed), "ended" (the session is over or unknown), "not_enrolled",
// "too_large" (send less at once), "refused" (would never be taken).
export async function deliver(address, session, events, { leaving = false } = {}) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      body: content(session, events),
      keepalive: leaving,
      credentials: "omit",
      signal: leaving ? undefined : patience(),
      headers: {
        "Content-Type": "application/json",
        Authorization: `Session ${session.session_token}`,
      },
    });
  } catch {
    return { kind: "later" };
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok) return isTaken(body, events) ? { kind: "done", body } : { kind: "later" };
  return refusal(answer, body);
}

function isTaken(body, events) {
  if (!body?.session_id) return false;
  return events.length === 0 || body.events?.length === events.length;
}

function refusal({ status, headers }, body) {
  const code = errorCode(body);
  const seconds = retryAfter(headers);
  if (status === 413) return { kind: "too_large", status, code, seconds };
  if (code === undefined || status >= 500 || AGAIN.includes(status)) return { kind: "later", status, seconds };
  if (code === "not_enrolled") return { kind: "not_enrolled", status, code };
  if (status === 401 || status === 403) return { kind: "renew", status, code };
  if (status === 404 || status === 409) return { kind: "ended", status, code };
  return { kind: "refused", status, code };
}

// The code of an answer in our shape of errors, undefined for anybody else's.
export function errorCode(body) {
  const isOurs = typeof body?.type === "string" && Array.isArray(body.errors);
  return isOurs ? (body.errors[0]?.code ?? "") : undefined;
}

// Whether an answer of start_session that isn't 2xx would be the same again.
export const isFinal = (status, code) => code !== undefined && status < 500 && !AGAIN.includes(status);

// The last resort of a page that goes away: a beacon carries its token in the body.
export function beacon(address, session, events) {
  const body = content(session, events, { session_token: session.session_token });
  try {
    return navigator.sendBeacon(address, new Blob([body], { type: "text/plain" }));
  } catch {
    return false;
  }
}

const content = ({ session_id }, events, more = {}) =>
  JSON.stringify({ ...more, session_id, sent_at: new Date().toISOString(), events });
