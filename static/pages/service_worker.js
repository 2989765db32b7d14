// Shows a page of its own while the network is away, or the copy of a page that the learner keeps on
// this device (kept_worker.js, which follows this text). Only those pages are stored: a page that a
// learner opens never is. VERSION, PAGES (by language), FILES and LATE_EVENT_DAYS come before this text.

const NAME = `offline-${VERSION}`;
const LANGUAGE = "/offline/language";

addEventListener("install", (event) => {
  event.waitUntil(keep());
  skipWaiting();
});

addEventListener("activate", (event) => {
  event.waitUntil(removeOld());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") event.respondWith(navigate(event));
  else answerFromDevice(event);
});

async function keep() {
  const cache = await caches.open(NAME);
  await cache.addAll([...Object.values(PAGES), ...FILES].map((url) => new Request(url, { cache: "reload" })));
}

async function removeOld() {
  const cache = await caches.open(NAME);
  for (const name of await caches.keys()) {
    if (!name.startsWith("offline-") || name === NAME) continue;
    const old = await caches.open(name);
    for (const key of [LANGUAGE, ACCOUNT]) {
      const value = await old.match(key);
      if (value) await cache.put(key, value);
    }
    await caches.delete(name);
  }
  await clients.claim();
}

async function navigate(event) {
  const { request } = event;
  try {
    const answer = await fetch(request);
    event.waitUntil(rememberLanguage(answer.headers.get("Content-Language")));
    event.waitUntil(rememberAccount(answer.headers.get("Signed-In-As")));
    return answer;
  } catch (error) {
    const copy = await copyOfPage(event).catch(() => null);
    if (copy) return copy;
    const cache = await caches.open(NAME);
    const language = await (await cache.match(LANGUAGE))?.text();
    const page = await cache.match(PAGES[language] ?? Object.values(PAGES)[0]);
    if (!page) throw error;
    return page;
  }
}

// The language of the page seen last: the one to say it in that there is no network.
async function rememberLanguage(code) {
  if (!(code in PAGES)) return;
  const cache = await caches.open(NAME);
  await cache.put(LANGUAGE, new Response(code));
}

async function load(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}
