// The page of one content: a session, and a watch for its type.

import { SessionTracker } from "../progress/session_tracker.js";
import { paint } from "./bars.js";
import { whenIdle } from "./idle.js";
import { SavedState } from "./saved.js";
import { announce, readJson } from "./words.js";

// After so many milliseconds without own updates, a new position comes from another device.
const QUIET = 5000;
const LOAD_AGAIN_MS = 15_000;

const player = readJson("player");
const find = (id) => document.getElementById(id);
const tracker = new SessionTracker({
  csrfToken: document.querySelector("#csrf [name=csrfmiddlewaretoken]").value,
});
new SavedState(find("saved"), tracker);

// --- Where to continue: as the URL asks, else where this tab was a moment ago, else as stored -------
const recent = tracker.unconfirmed(player.user_id, player.course_id, player.content_id);
player.is_reload = requestedPosition() !== null || recent !== null;
player.position =
  requestedPosition() ?? recent?.position ?? recent?.page ?? recent?.reading_position ?? player.position;

// --- Answers of the server ------------------------------------------------------------------------
let strip = null;
let view = null;
let offer = null;
let endCard = null;
let ownUpdateAt = 0;

async function onProgress({ contents = [] }) {
  const mine = contents.find((content) => content.content_id === player.content_id);
  if (!mine) return;
  strip?.refresh(tracker.session);
  const isFromElsewhere = performance.now() - ownUpdateAt > QUIET && !tracker.unsent.length;
  if (!isFromElsewhere || !view?.isStill?.() || mine.last_position === null) return;
  await loadOffer();
  if (offer.isFar(mine.last_position, view.here())) offer.onOtherDevice(mine.last_position);
}

// What other devices do can wait until this page is ready.
async function followOtherDevices() {
  const loaded = await import("./live_bars.js").catch(() => null); // offline
  if (!loaded) return setTimeout(followOtherDevices, LOAD_AGAIN_MS);
  return loaded.keepBarsLive(player, (progress) => {
    onProgress(progress);
    onCompletion(progress);
    // Certificates come later.
    if (progress.certificate) endCard?.refresh();
  });
}
whenIdle(followOtherDevices);

tracker.addEventListener("progress", ({ detail }) => {
  ownUpdateAt = performance.now();
  paint(detail);
  onProgress(detail);
  onCompletion(detail);
});

tracker.addEventListener("result", ({ detail: { result } }) => {
  const isWithheld = result.withheld_seconds > 0 && result.withheld_reason !== "observed";
  if (isWithheld) {
    find("withheld").hidden = false;
    announce(find("withheld").textContent);
  } else if (result.covered_seconds > 0) find("withheld").hidden = true;
});

// --- The content itself ---------------------------------------------------------------------------
// Each type of content has an element and a module of its own. They, the strip and the offer to
// continue elsewhere are loaded when they are needed.
const modules = {
  video: ["media", "media_player"],
  audio: ["media", "media_player"],
  document: ["pages", "pdf"],
  text: ["text", "text"],
  quiz: ["quiz", "quiz"],
  embed: ["frame", "embed"],
};
const [stageId, moduleName] = modules[player.content_type] ?? [];
const stage = stageId && find(stageId);

// If the session is refused, SavedState says so; the content itself is shown nevertheless.
const started = tracker
  .startSession(player.user_id, player.course_id, player.module_id, player.content_id)
  .catch(() => null);

const notes = find("note-form");
notes?.addEventListener("focusin", () => import("./notes.js").then(({ begin }) => begin(notes, view)), { once: true });
find("download")?.addEventListener("click", async () => {
  await started;
  tracker.record(player.content_id, "download");
});
const done = find("report-done");
if (done) {
  done.disabled = false;
  done.addEventListener("click", () => {
    tracker.updateProgress(player.content_id, "complete", { completion_percentage: 100 });
  });
}

if (find("strip")) {
  const { Strip } = await import("./strip.js");
  strip = new Strip(find("strip"), find("missing"), player);
}
if (stage) {
  const { begin } = await import(`./${stage.dataset.module ?? moduleName}.js`);
  view = (await begin(stage, player, tracker, strip, started)) ?? null;
  if (view) enableJumps(view.goTo);
}
await started;
// A content that isn't measured is at least recorded as seen.
if (!stage) tracker.record(player.content_id, "view");
document.documentElement.dataset.tracking = "on";

function enableJumps(goTo) {
  strip?.onClick((position) => goTo(position));
  strip?.showMissing(player.missing, player.is_complete);
  addEventListener("hashchange", () => {
    if (requestedPosition() === null) return;
    goTo(requestedPosition(), { play: true });
    forgetHash();
  });
  forgetHash();
  if (player.last_position && !player.is_reload) {
    loadOffer().then(() => offer.onArrival(player, tracker.deviceId));
  }
  stage.addEventListener("playing", () => offer?.close());
  stage.addEventListener("ended", () => showEnd({ isOver: true }));
}

// The position that the URL asks for (`#at=130`), or null.
function requestedPosition() {
  const at = Number.parseFloat(new URLSearchParams(location.hash.slice(1)).get("at"));
  return Number.isFinite(at) && at >= 0 ? at : null;
}

async function onCompletion({ contents = [], course }) {
  const mine = contents.find((content) => content.content_id === player.content_id);
  if (!mine?.is_complete && !course?.is_complete) return;
  const { celebrate } = await import("./completion.js");
  if (celebrate({ contents, course }, player)) showEnd();
}

// So that a link works twice, and a reload resumes at the saved place.
function forgetHash() {
  if (requestedPosition() !== null) history.replaceState(null, "", location.pathname + location.search);
}

async function showEnd(how) {
  const loaded = await import("./end_card.js").catch(() => null); // offline
  if (!loaded) return;
  endCard ??= new loaded.EndCard(tracker, stage);
  await endCard.show(how);
}

async function loadOffer() {
  const { Offer } = await import("./offer.js");
  offer ??= new Offer(find("offer"), player, view, strip);
}
