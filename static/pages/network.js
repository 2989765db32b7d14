// Installs the service worker, and says when the network is away.

const banner = document.getElementById("offline");

function show() {
  banner.hidden = navigator.onLine;
}

show();
for (const type of ["online", "offline"]) addEventListener(type, show);
navigator.serviceWorker?.register("/service-worker.js").catch(() => {}); // blocked by the browser
try {
  if (localStorage.kept) import("./device.js").catch(() => {});
} catch {
  // Storage is blocked: nothing is kept here.
}
