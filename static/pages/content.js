// The page of one content: a session, and what watches its type.

import { createTracker } from "../progress/tracker.js";
import { paint } from "./bars.js";
import { keepInStep } from "./following.js";
import { SavedState } from "./saved.js";
import { Strip } from "./strip.js";
import { announce, given, words } from "./words.js";

const player = given("player");
const find = (id) => document.getElementById(id);
const tracker = createTracker({
  csrfToken: document.querySelector("#csrf [name=csrfmiddlewaretoken]").value,
});
new SavedState(find("saved"), tracker);
const strip = find("strip") && new Strip(find("strip"), player);

player.unconfirmed = tracker.unconfirmed(player.user_id, player.course_id, player.content_id);

let wasComplete = player.is_complete;
function notice({ contents = [] }) {
  const mine = contents.find((content) => content.content_id === player.content_id);
  if (mine?.is_complete && !wasComplete) {
    wasComplete = true;
    announce(words.content_complete);
  }
  if (mine) strip?.refresh(tracker.session);
}

keepInStep(player, notice);
tracker.addEventListener("progress", ({ detail }) => {
  paint(detail);
  notice(detail);
});

tracker.addEventListener("result", ({ detail: { result } }) => {
  const isHeld = result.withheld_seconds > 0 && result.withheld_reason !== "observed";
  if (isHeld) {
    find("withheld").hidden = false;
    announce(find("withheld").textContent);
  } else if (result.covered_seconds > 0) find("withheld").hidden = true;
});

// Each type of content has a room of its own, loaded when it is needed.
const rooms = {
  video: ["media", "playing"],
  audio: ["media", "playing"],
  document: ["pages", "paging"],
  text: ["text", "scrolling"],
  quiz: ["quiz", "answering"],
};
const [stageId, roomName] = rooms[player.content_type] ?? [];
const stage = stageId && find(stageId);

const started = tracker
  .startSession(player.user_id, player.course_id, player.module_id, player.content_id)
  .catch((error) => {
    find("saved").textContent = words.not_counted_yet;
    announce(words.refused);
    throw error;
  });

find("download")?.addEventListener("click", async () => {
  await started;
  tracker.record(player.content_id, "download");
});
find("report-done")?.addEventListener("click", async () => {
  await started;
  tracker.updateProgress(player.content_id, "complete", { completion_percentage: 100 });
});

if (stage) {
  const room = await import(`./${roomName}.js`);
  await room.begin(stage, player, tracker, strip, started);
}
await started;
// What has no measure of its own is at least seen.
if (!tracker.watches.size) tracker.record(player.content_id, "view");
