// Finds out why a server of another origin can't be asked: there is no network, or it doesn't allow
// this page's origin. A browser shows a page the same error for both.
//
// What distinguishes them: a request whose answer the page may not read (`no-cors`) succeeds if the
// server is there, whoever asks.

const TIMEOUT = 5_000;
const named = new Set(); // servers that the console has named

export const ORIGIN_NOT_ALLOWED = "origin_not_allowed";

export const isElsewhere = (baseUrl) => new URL(baseUrl || "/", location.href).origin !== location.origin;

// Whether the server at `baseUrl` is there and its settings refuse this page's origin. Says so on the
// console once for each server.
export async function isOriginRefused(baseUrl) {
  if (!isElsewhere(baseUrl) || navigator.onLine === false) return false;
  const isThere = () => succeeds(`${baseUrl}/healthz`, "no-cors");
  // An answer with any status may be read by an allowed origin. The server is asked again in case it
  // went away between the two requests.
  const isRefused = (await isThere()) && !(await succeeds(`${baseUrl}/api/`, "cors")) && (await isThere());
  if (isRefused && !named.has(baseUrl)) {
    named.add(baseUrl);
    console.error(
      `Learning progress: this origin is not allowed: CORS_ALLOWED_ORIGINS of ${baseUrl} lacks ${location.origin}. ` +
        "Nothing is lost: events wait in this browser until it is allowed.",
    );
  }
  return isRefused;
}

function succeeds(address, mode) {
  const options = { mode, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout?.(TIMEOUT) };
  return fetch(address, options).then(
    () => true,
    () => false,
  );
}
