// Shows a page of its own while the network is away. Only that page and its files are kept: the pages
// of learners never are. VERSION, PAGES (by language) and FILES come before this text.

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
  if (request.mode === "navigate") event.respondWith(navigate(request));
  else if (FILES.includes(new URL(request.url).pathname)) event.respondWith(load(request));
});

async function keep() {
  const cache = await caches.open(NAME);
  await cache.addAll([...Object.values(PAGES), ...FILES].map((url) => new Request(url, { cache: "reload" })));
}

async function removeOld() {
  for (const name of await caches.keys()) {
    if (name.startsWith("offline-") && name !== NAME) await caches.delete(name);
  }
  await clients.claim();
}

async function navigate(request) {
  try {
    const answer = await fetch(request);
    rememberLanguage(answer.headers.get("Content-Language"));
    return answer;
  } catch (error) {
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
