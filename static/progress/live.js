// Follows one learner in one course: by the stream, or by polling where there is none.
//
//   const stop = follow({ streamUrl, fetchProgress, onStanding, onProgress });
//
// `onStanding` gets each pushed body (event "progress" or "snapshot"); `onProgress` gets the body of
// realtime_progress, which `fetchProgress` returns (null when nothing changed).
//
// The tabs of a browser share one stream (tabs.js); without locks, each has its own. A hidden tab
// disconnects after a moment, and catches up when it is shown again.

import { Feed } from "./feed.js";
import { Follower, canShare } from "./tabs.js";

const DISCONNECT_AFTER = 5_000;

export function follow(options) {
  let current = null;
  let timer;

  const begin = () => {
    current ??= canShare() && options.streamUrl
      ? new Follower(options)
      : new Feed({ ...options, takeSlot: () => () => {} });
  };
  const end = () => {
    clearTimeout(timer);
    current?.stop();
    current = null;
  };
  const update = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(end, DISCONNECT_AFTER);
    else begin();
  };

  document.addEventListener("visibilitychange", update);
  addEventListener("pagehide", end);
  addEventListener("pageshow", update);
  if (!document.hidden) begin();

  return () => {
    end();
    document.removeEventListener("visibilitychange", update);
    removeEventListener("pagehide", end);
    removeEventListener("pageshow", update);
  };
}
