// Sends one delivery to the API, and interprets the answer for the queue.
//
// Only the API's own answers are final; they have its shape of errors. Anything else (a proxy's 404
// or 413, a captive portal's page with 200) says nothing about the events.

import { retryAfter } from "./pace.js";

export const MAX_EVENTS = 200;
const MAX_BYTES = 60_000; // the server accepts 64 KiB, and so does keepalive
const RETRY_STATUSES = [408, 425, 429];
const TIMEOUT = 30_000; // for an answer
const encoder = new TextEncoder();

export const timeoutSignal = () => AbortSignal.timeout?.(TIMEOUT);

// As many of the waiting events as fit in one delivery.
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
// "too_large" (send less at once), "refused" (would never be accepted).
export async function deliver(address, session, events, { leaving = false } = {}) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      body: content(session, events),
      keepalive: leaving,
      credentials: "omit",
      signal: leaving ? undefined : timeoutSignal(),
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
  if (code === undefined || status >= 500 || RETRY_STATUSES.includes(status)) return { kind: "later", status, seconds };
  if (code === "not_enrolled") return { kind: "not_enrolled", status, code };
  if (status === 401 || status === 403) return { kind: "renew", status, code };
  if (status === 404 || status === 409) return { kind: "ended", status, code };
  return { kind: "refused", status, code };
}

// The error code of one of the API's own answers; undefined for any other answer.
export function errorCode(body) {
  const isOurs = typeof body?.type === "string" && Array.isArray(body.errors);
  return isOurs ? (body.errors[0]?.code ?? "") : undefined;
}

// Whether start_session would answer a repeated request with the same error.
export const isFinal = (status, code) => code !== undefined && status < 500 && !RETRY_STATUSES.includes(status);

// The last resort of a page that is being left: a beacon, which carries its token in the body.
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
