// The service worker's part for courses that are kept on this device: their pages, their files (also
// in ranges, so that films can be sought in), and a session to report to. The names of caches and
// keys are those of kept_store.js. What is kept for one account is shown to no other.

const RECORDS = "kept";
const STORED_FILES = "kept-files";
const ACCOUNT = "/offline/account";
const START = /^\/api\/employee\/start_session\/?$/;
const FILE = /^\/(static|files)\//;
const DAY_MS = 86_400_000;

let account; // the id of who was signed in on the page seen last, or "nobody"; undefined until it is read
let records; // the courses kept for that account; undefined until they are read
const copies = new Set(); // ids of clients that show a page from this device

// A page has changed what is kept. The first page of a browser, which the worker didn't see, also says
// whose it is, by the server's answer, and in which language.
addEventListener("message", (event) => {
  records = undefined;
  event.waitUntil(rememberAccount(event.data.account));
  event.waitUntil(rememberLanguage(event.data.language));
});

// Answers without a network; other requests are left to the browser.
function answerFromDevice(event) {
  const { request } = event;
  const url = new URL(request.url);
  // Scripts that keep something ask for what the server has.
  if (url.origin !== location.origin || request.cache === "no-store") return;
  if (request.method === "POST" && START.test(url.pathname)) event.respondWith(startSession(event));
  else if (request.method !== "GET" || !FILE.test(url.pathname)) return;
  else if (!records || records.length) event.respondWith(fileFromDevice(event, url.pathname));
  else if (FILES.includes(url.pathname)) event.respondWith(load(request));
}

// --- Whose page it is -------------------------------------------------------------------------------
// Answers that aren't pages of ours don't say it.
async function rememberAccount(name) {
  if (!name || name === account) return;
  account = name;
  records = undefined;
  const cache = await caches.open(NAME);
  await cache.put(ACCOUNT, new Response(name));
}

async function keptCourses() {
  if (records) return records;
  account ??= (await (await caches.match(ACCOUNT))?.text()) ?? "nobody";
  const found = [];
  if (account !== "nobody" && (await caches.has(RECORDS))) {
    const cache = await caches.open(RECORDS);
    for (const key of await cache.keys()) {
      if (!new URL(key.url).pathname.startsWith(`/kept/record/${account}/`)) continue;
      const record = await (await cache.match(key)).json();
      if (record.kept) found.push(record);
    }
  }
  records = found;
  return found;
}

// --- Pages --------------------------------------------------------------------------------------------
async function copyOfPage({ request, resultingClientId }) {
  const { pathname, search } = new URL(request.url);
  // Another attempt or its review is another page.
  if (request.method !== "GET" || search) return null;
  const isKept = (await keptCourses()).some(({ kept }) => kept.pages.some(({ address }) => address === pathname));
  if (!isKept) return null;
  const cache = await caches.open(RECORDS);
  const page = await cache.match(`/kept/page/${account}${pathname}`);
  if (page) copies.add(resultingClientId);
  return page;
}

// --- Files --------------------------------------------------------------------------------------------
// A copy of a page gets the scripts that it was kept with; other pages what the server has, if they can.
async function fileFromDevice(event, pathname) {
  const { request, clientId } = event;
  const key = await keyOf(pathname, clientId).catch(() => null);
  const otherwise = () => (FILES.includes(pathname) ? load(request) : fetch(request));
  if (!key) return otherwise();
  if (copies.has(clientId)) return (await answerWith(key, request)) ?? otherwise();
  try {
    return await fetch(request);
  } catch {
    return (await answerWith(key, request)) ?? otherwise();
  }
}

async function keyOf(pathname, clientId) {
  const courses = await keptCourses();
  if (!courses.length) return null;
  const client = clientId ? await clients.get(clientId) : null;
  const page = client ? new URL(client.url).pathname : "";
  const own = courses.filter(({ kept }) => page.startsWith(kept.url));
  for (const { kept } of [...own, ...courses]) {
    const file = kept.files.find(({ address }) => address === pathname);
    if (file) return file.key;
  }
  return null;
}

async function answerWith(key, request) {
  const cache = await caches.open(STORED_FILES);
  const about = await (await cache.match(`/kept/file/${key}`))?.json();
  if (!about) return null;
  const { size, type } = about;
  const range = rangeOf(request.headers.get("Range"), size);
  if (!range) return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${size}` } });
  const { start, end, isPart } = range;
  const headers = { "Content-Type": type, "Content-Length": String(end - start), "Accept-Ranges": "bytes" };
  if (isPart) headers["Content-Range"] = `bytes ${start}-${end - 1}/${size}`;
  return new Response(bytesOf(cache, key, about.part, start, end), { status: isPart ? 206 : 200, headers });
}

// The bytes from `start` up to `end` that a request asks for; null for an impossible range.
function rangeOf(text, size) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(text ?? "") ?? [];
  if (!first && !last) return { start: 0, end: size, isPart: false };
  const start = first ? Number(first) : Math.max(size - Number(last), 0);
  const end = first && last ? Math.min(Number(last) + 1, size) : size;
  return start < end ? { start, end, isPart: true } : null;
}

// A film isn't held in memory: each part is read when it is wanted.
function bytesOf(cache, key, part, start, end) {
  let at = start;
  return new ReadableStream({
    async pull(controller) {
      if (at >= end) return controller.close();
      const number = Math.floor(at / part);
      const stored = await cache.match(`/kept/file/${key}/${number}`);
      if (!stored) return controller.error(new Error("A part of the file is missing."));
      const bytes = await stored.arrayBuffer();
      const until = Math.min(end - number * part, bytes.byteLength);
      controller.enqueue(new Uint8Array(bytes, at - number * part, until - (at - number * part)));
      at = number * part + until;
      return undefined;
    },
  });
}

// --- Sessions -----------------------------------------------------------------------------------------
// The server's clock counts from the start of a session, so a session can't begin without a network.
// What a kept course reports then belongs to the one that the server started last on this device.
async function startSession(event) {
  const { request } = event;
  const asked = await request.clone().json().catch(() => ({}));
  try {
    const answer = await fetch(request);
    if (answer.ok) event.waitUntil(rememberSession(asked, answer.clone()));
    return answer;
  } catch (error) {
    const stored = await storedSession(asked);
    if (!stored) throw error;
    return new Response(JSON.stringify(stored.body), { headers: { "Content-Type": "application/json" } });
  }
}

async function rememberSession({ user_id, course_id, client_session_id }, answer) {
  const isKept = (await keptCourses()).some((record) => record.user === user_id && record.course === course_id);
  if (!isKept || !client_session_id) return;
  const body = await answer.json().catch(() => null);
  if (!body?.session_token || body.end_time) return;
  const value = JSON.stringify({ name: client_session_id, body, at: Date.now() });
  const cache = await caches.open(RECORDS);
  // Until the answer came, the course may have been removed.
  if (!(await cache.match(`/kept/record/${user_id}/${course_id}`))) return;
  await cache.put(`/kept/session/${user_id}/${course_id}`, new Response(value));
}

async function storedSession({ user_id, course_id }) {
  const isKept = (await keptCourses()).some((record) => record.user === user_id && record.course === course_id);
  if (!isKept) return null;
  const cache = await caches.open(RECORDS);
  const stored = await (await cache.match(`/kept/session/${user_id}/${course_id}`))?.json();
  return stored && Date.now() - stored.at < LATE_EVENT_DAYS * DAY_MS ? stored : null;
}
