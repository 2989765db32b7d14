// A copy of a page that is kept on this device: says that there is no network, what waits to be sent and
// until when it counts, and what has changed once the network is back.

import { accountHere, DAY_MS, mark, sessionOf } from "./kept_store.js";
import { waitingOf } from "./waiting.js";
import { fill, readJson } from "./words.js";

const LOOK_MS = 4000;
const texts = readJson("kept-words");
const course = Number(document.body.dataset.kept);
const banner = document.getElementById("offline");
const [waiting, until] = [addLine(), addLine()];
let isBack = false;

mark();
banner.hidden = false;
look();
setInterval(look, LOOK_MS);
addEventListener("online", look);

function addLine() {
  const line = document.createElement("span");
  banner.append(" ", line);
  return line;
}

async function look() {
  const user = await accountHere();
  if (!document.hidden) await findServer();
  const { events, minutes, answers, since } = await waitingOf(user);
  waiting.textContent = events ? fill(texts.waiting, { minutes, answers }) : "";
  if (isBack) {
    until.textContent = "";
    // A page without a tracker has nothing to lose by being loaded again.
    if (!document.getElementById("player")) location.reload();
    else if (!events) banner.hidden = true;
    return;
  }
  banner.hidden = false;
  const session = await sessionOf(user, course);
  const from = since ?? session?.at ?? 0;
  const end = from + Number(texts.late_days) * DAY_MS;
  if (end < Date.now()) until.textContent = texts.cannot_count;
  else until.textContent = events ? fill(texts.send_until, { date: new Date(end).toLocaleDateString(document.documentElement.lang, { dateStyle: "long", numberingSystem: "latn" }) }) : "";
}

async function findServer() {
  const answer = await fetch("/manifest.webmanifest", { cache: "no-store" }).catch(() => null);
  const wasBack = isBack;
  isBack = Boolean(answer?.ok);
  if (isBack && !wasBack) {
    waiting.textContent = "";
    banner.firstChild.textContent = texts.network_is_back;
  }
}
