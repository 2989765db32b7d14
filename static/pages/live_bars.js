// Keeps a page's bars up to date with all devices of the learner.

import { follow } from "../progress/live.js";
import { paint, paintable } from "./bars.js";

// Calls `onUpdate(progress, isNew)` with each update, and whether anything has changed visibly.
export function keepBarsLive({ stream_url, progress_url }, onUpdate = () => {}) {
  const show = (progress) => onUpdate(progress, paint(progress));
  return follow({
    streamUrl: stream_url,
    fetchProgress: async () => {
      const answer = await fetch(progress_url, { credentials: "same-origin" });
      if (answer.status >= 500) throw new Error("The server can't answer now.");
      return answer.ok ? answer.json() : null;
    },
    onStanding: show,
    onProgress: (progress) => show(paintable(progress)),
  });
}
