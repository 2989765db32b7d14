// The tracker: sessions, a durable queue of events, and the server's answers to them.
//
//   const tracker = createTracker({ csrfToken });
//   await tracker.startSession(userId, courseId, moduleId);   // or startSession(), with `session`
//   tracker.watchMedia(videoElement, contentId);
//   await tracker.updateProgress(contentId, "progress", { position: 45.2, duration_seconds: 30 });
//   tracker.addEventListener("progress", ({ detail }) => …);   // an answer of update_progress
//   tracker.addEventListener("state", ({ detail }) => …);      // {state, savedAt, waiting, isDurable}
//
// A front end on another origin passes `baseUrl`, and what its own server got from start_session:
// `session`, or an async function `fetchSession` that returns it. docs/tracker.md has all of it.

import { MediaWatch } from "./media.js";
import { isElsewhere, isOriginRefused, ORIGIN_NOT_ALLOWED } from "./origin.js";
import { PagesWatch, TextWatch } from "./reading.js";
import { SessionTracker } from "./session_tracker.js";

export const createTracker = (options) => new Tracker(options);

export class Tracker extends SessionTracker {
  constructor(options = {}) {
    super(options);
    this.given = options.session;
  }

  // What a given session names needn't be named again.
  startSession(userId = this.given?.user_id, courseId = this.given?.course_id, moduleId, contentId) {
    return super.startSession(userId, courseId, moduleId ?? this.given?.module_id, contentId);
  }

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

  // Without an answer the state is "offline", or "blocked" if this page's origin isn't allowed. Asked
  // once for each failed request; what has happened since then makes the result void.
  async away() {
    if (!isElsewhere(this.baseUrl)) return super.away();
    const attempt = () => `${this.pace.retryAt} ${this.pace.notBefore}`;
    const asked = attempt();
    if (this.diagnosis?.asked !== asked) this.diagnosis = { asked, result: isOriginRefused(this.baseUrl) };
    const isRefused = await this.diagnosis.result;
    if (this.isStopped || attempt() !== asked) return undefined;
    if (!isRefused) return super.away();
    return this.setState("blocked", { code: ORIGIN_NOT_ALLOWED });
  }
}
