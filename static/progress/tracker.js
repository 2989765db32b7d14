// The tracker: sessions, a durable queue of events, and the server's answers to them.
//
//   const tracker = createTracker({ csrfToken });
//   await tracker.startSession(userId, courseId, moduleId);
//   tracker.watchMedia(videoElement, contentId);
//   await tracker.updateProgress(contentId, "progress", { position: 45.2, duration_seconds: 30 });
//   tracker.addEventListener("progress", ({ detail }) => …);   // an answer of update_progress
//   tracker.addEventListener("state", ({ detail }) => …);      // {state, savedAt, waiting, isDurable}
//
// A front end on another origin passes `baseUrl`, and what its own server got from start_session:
// `session`, or an async function `fetchSession` that returns it. docs/tracker.md has all of it.

import { MediaWatch } from "./media.js";
import { PagesWatch, TextWatch } from "./reading.js";
import { SessionTracker } from "./session_tracker.js";

export const createTracker = (options) => new Tracker(options);

export class Tracker extends SessionTracker {
  watchMedia(element, contentId) {
    for (const watch of this.watches) if (watch.element === element) watch.stop();
    return this.watch(new MediaWatch(element, contentId, this));
  }

  watchPages(pages, contentId) {
    return this.watch(new PagesWatch(pages, contentId, this));
  }

  watchText(element, contentId) {
    return this.watch(new TextWatch(element, contentId, this));
  }
}
