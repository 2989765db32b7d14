// The page of one content: a session, and what watches its type.

import { createTracker } from "../progress/tracker.js";
import { paint } from "./bars.js";
import { celebrate } from "./celebrating.js";
import { keepInStep } from "./following.js";
import { Offer } from "./offer.js";
import { asked } from "./places.js";
import { SavedState } from "./saved.js";
import { Strip } from "./strip.js";
import { announce, given } from "./words.js";

const QUIET = 5000; // after this without news of our own, news of a position is another device's

const player = given("player");
const find = (id) => document.getElementById(id);
const tracker = createTracker({
  csrfToken: document.querySelector("#csrf [name=csrfmiddlewaretoken]").value,
});
new SavedState(find("saved"), tracker);
const strip = find("strip") && new Strip(find("strip"), find("missing"), player);

// --- Where to go on: what the address asks for, where this tab was a moment ago, what is stored ----
const recent = tracker.unconfirmed(player.user_id, player.course_id, player.content_id);
player.is_reload = asked() !== null || recent !== null;
player.position =
  asked() ?? recent?.position ?? recent?.page ?? recent?.reading_position ?? player.position;

// --- What the server says -------------------------------------------------------------------------
let room = null;
let offer = null;
let ownNewsAt = 0;

function notice({ contents = [] }) {
  const mine = contents.find((content) => content.content_id === player.content_id);
  if (!mine) return;
  strip?.refresh(tracker.session);
  const isOthers = performance.now() - ownNewsAt > QUIET && !tracker.unsent.length;
  if (!isOthers || !offer || !room?.isStill?.() || mine.last_position === null) return;
  if (offer.isFar(mine.last_position, room.here())) offer.onOther(mine.last_position);
}

keepInStep(player, (standing) => {
  notice(standing);
  celebrate(standing, player);
});
tracker.addEventListener("progress", ({ detail }) => {
  ownNewsAt = performance.now();
  paint(detail);
  notice(detail);
  celebrate(detail, player);
});

tracker.addEventListener("result", ({ detail: { result } }) => {
  const isHeld = result.withheld_seconds > 0 && result.withheld_reason !== "observed";
  if (isHeld) {
    find("withheld").hidden = false;
    announce(find("withheld").textContent);
  } else if (result.covered_seconds > 0) find("withheld").hidden = true;
});

// --- The content itself ---------------------------------------------------------------------------
// Each type of content has a room of its own, loaded when it is needed.
const rooms = {
  video: ["media", "playing"],
  audio: ["media", "playing"],
  document: ["pages", "paging"],
  text: ["text", "scrolling"],
  quiz: ["quiz", "answering"],
  embed: ["frame", "embedding"],
};
const [stageId, roomName] = rooms[player.content_type] ?? [];
const stage = stageId && find(stageId);

// A session that is refused is said by SavedState; the content itself is there all the same.
const started = tracker
  .startSession(player.user_id, player.course_id, player.module_id, player.content_id)
  .catch(() => null);

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

if (stage) {
  const { begin } = await import(`./${roomName}.js`);
  room = (await begin(stage, player, tracker, strip, started)) ?? null;
  if (room) letGo(room.goTo);
}
await started;
// What has no measure of its own is at least seen.
if (!stage) tracker.record(player.content_id, "view");
document.documentElement.dataset.tracking = "on";

function letGo(goTo) {
  strip?.letGo((position) => goTo(position));
  strip?.tellMissing(player.missing, player.is_complete);
  addEventListener("hashchange", () => {
    if (asked() !== null) goTo(asked(), { play: true });
  });
  offer = new Offer(find("offer"), player, goTo);
  offer.onArrival(player, tracker.deviceId);
  stage.addEventListener("playing", () => offer.close());
}
