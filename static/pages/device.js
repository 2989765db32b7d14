// On every page of a browser that keeps courses: sends what waits, renews what has changed, removes what
// isn't open any more. network.js loads it there and nowhere else.

import { whenIdle } from "./idle.js";
import { mark, recordsOf, remove } from "./kept_store.js";
import { announce, fill, readJson } from "./words.js";

const CONTACT_MS = 60_000; // at most so often, of all tabs
const CONTACT = "kept-contact";
const { user } = document.getElementById("offline").dataset;

mark();
// A copy of a page does the rest itself.
if (!("kept" in document.body.dataset)) {
  addEventListener("online", contact);
  whenIdle(contact);
}

async function contact() {
  if (!navigator.onLine) return;
  // A content's page has a tracker, which sends what waits.
  if (!document.getElementById("player")) {
    const { deliverWaiting } = await import("./waiting.js");
    await deliverWaiting(Number(user), document.querySelector("[name=csrfmiddlewaretoken]").value);
  }
  // The page that asks before signing out renews nothing: its courses may be removed in a moment.
  if (document.getElementById("sign-out") || isRecent()) return;
  const { fetchList, isOld, keepCourse, Withdrawn } = await import("./keeper.js");
  for (const record of await recordsOf(user)) {
    try {
      const list = await fetchList(record.address, user);
      // The course's own page shows it.
      if (isOld(list, record) && !document.querySelector(`#keep[data-course-id="${record.course}"]`)) await keepCourse(record.address, user);
    } catch (error) {
      if (error instanceof Withdrawn) await withdraw(record);
    }
  }
}

function isRecent() {
  const isNow = Date.now() - Number(localStorage.getItem(CONTACT)) < CONTACT_MS;
  if (!isNow) localStorage.setItem(CONTACT, String(Date.now()));
  return isNow;
}

async function withdraw({ course, kept, next }) {
  await remove(user, course);
  const texts = readJson("kept-words");
  if (texts) announce(fill(texts.withdrawn, { title: (kept ?? next).title }), { isShown: true });
}
