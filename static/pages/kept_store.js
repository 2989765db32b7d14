// What is kept on this device, in the browser's caches: for each account and course a record, pages and
// a session, and the files by their keys, in parts. kept_worker.js reads the same.
//
// A record is {user, course, kept, next, contactAt}: `kept` is the list of what is kept whole, `next`
// of what is still being loaded; either may be null.

const RECORDS = "kept";
const FILES = "kept-files";
const FLAG = "kept"; // in the browser's storage: something is kept here, or was used without a network
// Says the same to the server, which then asks before signing out: also where a page's scripts aren't loaded yet.
const COOKIE = "kept=1; Path=/; Max-Age=34560000; SameSite=Lax";

export const DAY_MS = 86_400_000;
export const openRecords = () => caches.open(RECORDS);
export const openFiles = () => caches.open(FILES);

const recordUrl = (user, course) => `/kept/record/${user}/${course}`;
const sessionUrl = (user, course) => `/kept/session/${user}/${course}`;
export const pageUrl = (user, address) => `/kept/page/${user}${address}`;
export const fileUrl = (key) => `/kept/file/${key}`;

// Whether this browser can keep anything: not in some private windows, nor without HTTPS.
export async function canKeep() {
  try {
    localStorage.getItem(FLAG);
    await caches.has(RECORDS);
    await new Promise((resolve, reject) => {
      const opening = indexedDB.open("kept-probe");
      opening.onsuccess = () => resolve(opening.result.close());
      opening.onerror = () => reject(opening.error);
    });
    return Boolean(navigator.serviceWorker);
  } catch {
    return false;
  }
}

export function mark() {
  try {
    localStorage.setItem(FLAG, "1");
    document.cookie = COOKIE;
  } catch {
    // Nothing can be stored: then nothing is kept either.
  }
}

async function read(url) {
  if (!(await caches.has(RECORDS))) return null;
  return (await (await openRecords()).match(url))?.json() ?? null;
}

const write = async (url, value) => (await openRecords()).put(url, new Response(JSON.stringify(value)));

// The worker reads the records again. `account` is whose page the server says it is.
export const notifyWorker = (account) =>
  navigator.serviceWorker?.controller?.postMessage({
    account: account && String(account),
    language: document.documentElement.lang,
  });

// --- Courses --------------------------------------------------------------------------------------
export const recordOf = (user, course) => read(recordUrl(user, course));

export async function recordsOf(user) {
  if (!(await caches.has(RECORDS))) return [];
  const cache = await openRecords();
  const found = [];
  for (const key of await cache.keys()) {
    if (new URL(key.url).pathname.startsWith(`/kept/record/${user}/`)) found.push(await (await cache.match(key)).json());
  }
  return found;
}

export async function putRecord(record) {
  await write(recordUrl(record.user, record.course), record);
  mark();
  notifyWorker();
}

// One after another, in all tabs: nothing is written of a course that was removed while it was loaded.
const alone = (act) => (navigator.locks ? navigator.locks.request("kept", act) : act());

export class Removed extends Error {}

// Does `act` if the course is still there; nothing removes it meanwhile.
export function whileThere(user, course, act = () => {}) {
  return alone(async () => {
    if (!(await recordOf(user, course))) throw new Removed();
    return act();
  });
}

export async function remove(user, course) {
  await alone(async () => {
    const record = await recordOf(user, course);
    const cache = await openRecords();
    await cache.delete(recordUrl(user, course));
    await cache.delete(sessionUrl(user, course));
    for (const { address } of record?.kept?.pages ?? []) await cache.delete(pageUrl(user, address));
  });
  notifyWorker();
  await removeUnusedFiles();
}

// Files that no record of any account names any more.
export async function removeUnusedFiles() {
  const records = await openRecords();
  const used = new Set();
  for (const key of await records.keys()) {
    if (!new URL(key.url).pathname.startsWith("/kept/record/")) continue;
    const { kept, next } = await (await records.match(key)).json();
    for (const file of [...(kept?.files ?? []), ...(next?.files ?? [])]) used.add(file.key);
  }
  const files = await openFiles();
  for (const key of await files.keys()) {
    const [, , , name] = new URL(key.url).pathname.split("/");
    if (!used.has(name)) await files.delete(key);
  }
}

// --- Sessions -------------------------------------------------------------------------------------
// {name, body, at}: the session that the server started last on this device, and its name there.
export const sessionOf = (user, course) => read(sessionUrl(user, course));
export const putSession = (user, course, session) => write(sessionUrl(user, course), session);

// --- Who is here ----------------------------------------------------------------------------------
// The account of the page seen last, as the worker noted it; null for nobody.
export async function accountHere() {
  const name = await (await caches.match("/offline/account"))?.text();
  return name && name !== "nobody" ? Number(name) : null;
}

// --- In words -------------------------------------------------------------------------------------
const { lang } = document.documentElement;

export function megabytes(bytes) {
  const digits = bytes < 10_000_000 ? 1 : 0;
  const unit = bytes < 1_000_000_000 ? ["megabyte", 1_000_000] : ["gigabyte", 1_000_000_000];
  return (bytes / unit[1]).toLocaleString(lang, {
    style: "unit",
    unit: unit[0],
    maximumFractionDigits: unit[0] === "gigabyte" ? 1 : digits,
    numberingSystem: "latn",
  });
}

// {used, left} in bytes, or null where the browser doesn't say.
export async function room() {
  const { usage, quota } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  return quota ? { used: usage, left: Math.max(quota - usage, 0) } : null;
}
