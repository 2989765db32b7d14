// Loads what a course consists of onto this device. A course is kept once all of it is here; until then
// nothing of it is shown as kept. What was loaded before an interruption isn't loaded again.

import { newId } from "../progress/ids.js";
import { deviceId } from "../progress/storage.js";
import { DAY_MS, fileUrl, notifyWorker, openFiles, openRecords, pageUrl, putRecord, putSession } from "./kept_store.js";
import { recordOf, remove, Removed, removeUnusedFiles, sessionOf, whileThere } from "./kept_store.js";

const PART = 4 * 1024 * 1024; // bytes of a file that are loaded and stored at once
const SPARE_DAYS = 3; // a session this old is followed by another, so that several days without a network remain

export class Withdrawn extends Error {}
export class NoRoom extends Error {}
export class Interrupted extends Error {}
export class Busy extends Error {} // another tab is loading it

// What there is to keep for `user`. Another person may have signed in since this page was opened: that
// says nothing about this one's courses.
export async function fetchList(address, user, signal) {
  const answer = await ask(address, { signal });
  if (answer.status === 404 && answer.headers.get("Signed-In-As") === String(user)) throw new Withdrawn();
  if (!answer.ok || answer.redirected) throw new Interrupted();
  const list = await answer.json();
  if (list.user_id !== Number(user)) throw new Interrupted();
  return list;
}

// Whether a page is kept as the learner left it.
const isCurrent = ({ address, stamp }, list, kept) =>
  kept?.version === list.version && kept.pages.some((page) => page.address === address && page.stamp === stamp);

// Whether there is anything to renew; once a day in any case, for the session.
export function isOld(list, { kept, contactAt = 0 }) {
  return !list.pages.every((page) => isCurrent(page, list, kept)) || Date.now() - contactAt > DAY_MS;
}

// Keeps a course, or renews it. `onProgress(done, bytes)`.
export function keepCourse(address, user, { signal, onProgress = () => {} } = {}) {
  const act = async (lock) => {
    if (!lock) throw new Busy();
    const list = await fetchList(address, user, signal);
    try {
      await load(list, address, { signal, onProgress });
    } catch (error) {
      throw await named(error, list);
    }
    return list;
  };
  if (!navigator.locks) return act(true);
  return navigator.locks.request(`keep:${address}`, { ifAvailable: true }, act);
}

// A course that was kept stays as it was; nothing half-loaded remains where it can't be completed.
async function named(error, { user_id: user, course_id: course }) {
  if (error instanceof Interrupted) return error;
  const record = await recordOf(user, course).catch(() => null);
  if (record?.kept) {
    await whileThere(user, course, () => putRecord({ ...record, next: null })).catch(() => {});
    await removeUnusedFiles();
  } else await remove(user, course);
  return error.name === "QuotaExceededError" ? new NoRoom() : error;
}

async function load(list, address, { signal, onProgress }) {
  const { user_id: user, course_id: course } = list;
  const before = await recordOf(user, course);
  const record = { user, course, address, kept: before?.kept ?? null, next: list };
  await putRecord(record);
  const files = await openFiles();
  let done = 0;
  const report = (bytes) => onProgress((done += bytes), list.bytes);
  const keys = new Set();
  for (const file of list.files) {
    if (keys.has(file.key)) continue;
    keys.add(file.key);
    await loadFile(files, file, report, signal);
    await whileThere(user, course);
  }
  const pages = [];
  const stale = list.pages.filter((page) => !isCurrent(page, list, before?.kept));
  for (const { address: page, source } of stale) {
    const answer = await ask(source, { signal });
    if (!answer.ok || answer.redirected) throw new Interrupted();
    pages.push([page, new Response(await answer.text(), { headers: answer.headers })]);
  }
  const session = await reservedSession(user, course);
  const cache = await openRecords();
  const addresses = new Set(list.pages.map((page) => page.address));
  await whileThere(user, course, async () => {
    if (session) await putSession(user, course, session);
    for (const [page, copy] of pages) await cache.put(pageUrl(user, page), copy);
    for (const page of before?.kept?.pages ?? []) {
      if (!addresses.has(page.address)) await cache.delete(pageUrl(user, page.address));
    }
    await putRecord({ ...record, kept: list, next: null, contactAt: Date.now() });
  });
  notifyWorker(user);
  await removeUnusedFiles();
}

async function loadFile(files, { key, source, bytes }, report, signal) {
  const url = fileUrl(key);
  if (await files.match(url)) return report(bytes);
  let type = "";
  for (let start = 0, number = 0; start < bytes || number === 0; start += PART, number += 1) {
    const end = Math.min(start + PART, bytes);
    const known = await files.match(`${url}/${number}`);
    type = known?.headers.get("Content-Type") ?? (await loadPart(files, { url, source, bytes, start, end, number, signal }));
    report(end - start);
  }
  const about = { size: bytes, type, part: PART };
  return files.put(url, new Response(JSON.stringify(about)));
}

async function loadPart(files, { url, source, bytes, start, end, number, signal }) {
  const headers = bytes > PART ? { Range: `bytes=${start}-${end - 1}` } : {};
  const answer = await ask(source, { headers, signal });
  if (!answer.ok) throw new Interrupted();
  let blob = await answer.blob().catch((error) => {
    throw signal?.aborted ? error : new Interrupted();
  });
  if (answer.status === 200 && blob.size === bytes) blob = blob.slice(start, end);
  // Another file by now: the next list says so.
  if (blob.size !== end - start) throw new Interrupted();
  const type = answer.headers.get("Content-Type") ?? "application/octet-stream";
  await files.put(`${url}/${number}`, new Response(blob, { headers: { "Content-Type": type } }));
  return type;
}

// The server has to have started the session to which a time without a network is reported. Null where
// the one that is known will do.
async function reservedSession(user, course) {
  const known = await sessionOf(user, course);
  if (known && Date.now() - known.at < SPARE_DAYS * DAY_MS) return null;
  const name = newId();
  const answer = await ask("/api/employee/start_session", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value },
    body: JSON.stringify({ user_id: user, course_id: course, client_session_id: name, device_id: deviceId() }),
  });
  const body = answer.ok ? await answer.json() : null;
  if (!body?.session_token) throw new Interrupted();
  return { name, body, at: Date.now() };
}

// What the server has now, never a copy of this device.
async function ask(address, options) {
  try {
    return await fetch(address, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (error) {
    throw options.signal?.aborted ? error : new Interrupted();
  }
}
