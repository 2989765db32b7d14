// Follows one learner in one course: by the stream, and by asking now and then where there is none.
//
//   const stop = follow({ streamUrl, fetchProgress, onStanding, onProgress });
//
// `onStanding` gets each pushed body (event "progress" or "snapshot"); `onProgress` gets the body of
// realtime_progress, which `fetchProgress` returns (null when nothing changed).
//
// The tabs of a browser share one stream (tabs.js); without locks each has its own. A tab that
// nobody sees lets go after a moment, and is up to date again when it is shown.

import { Feed } from "./feed.js";
import { Follower, canShare } from "./tabs.js";

const HIDDEN = 5_000;

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
  const see = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(end, HIDDEN);
    else begin();
  };

  document.addEventListener("visibilitychange", see);
  addEventListener("pagehide", end);
  addEventListener("pageshow", see);
  if (!document.hidden) begin();

  return () => {
    end();
    document.removeEventListener("visibilitychange", see);
    removeEventListener("pagehide", end);
    removeEventListener("pageshow", see);
  };
}
