// Installs the service worker, and says when the network is away.

const RETRY_MS = 3000;
const banner = document.getElementById("offline");

function show() {
  banner.hidden = navigator.onLine;
}

// On the page that is shown instead of another: that one, as soon as the server can be reached.
async function comeBack() {
  if (document.hidden) return;
  const answer = await fetch("/manifest.webmanifest", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
}

if (banner) {
  show();
  for (const type of ["online", "offline"]) addEventListener(type, show);
  navigator.serviceWorker?.register("/service-worker.js").catch(() => {}); // blocked by the browser
} else setInterval(comeBack, RETRY_MS);
