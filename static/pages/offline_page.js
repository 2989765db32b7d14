// The page that is shown instead of another while the network is away: the courses on this device, and
// the other page as soon as the server can be reached.

import { accountHere, recordsOf } from "./kept_store.js";

const RETRY_MS = 3000;

setInterval(comeBack, RETRY_MS);
showCourses().catch(() => {}); // nothing can be stored here

async function comeBack() {
  if (document.hidden) return;
  const answer = await fetch("/manifest.webmanifest", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
}

async function showCourses() {
  const user = await accountHere();
  const kept = user ? (await recordsOf(user)).map((record) => record.kept).filter(Boolean) : [];
  const section = document.getElementById("kept");
  const items = kept.map(({ title, url }) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = url;
    link.textContent = title;
    item.append(link);
    return item;
  });
  section.querySelector("ul").replaceChildren(...items);
  section.hidden = !items.length;
}
