// A tab's session: its name, which survives a reload; its token, which may expire; and the session
// that follows when it has ended.

import { newId } from "./ids.js";
import { retryAfter } from "./pace.js";
import { errorCode, isFinal, timeoutSignal } from "./transport.js";

export class Sessions {
  constructor(tracker, { storage, queue, pace, fetchSession, minted }) {
    Object.assign(this, { tracker, storage, queue, pace, minted });
    this.isMinted = Boolean(minted) && !fetchSession;
    if (fetchSession) this.fetch = fetchSession;
    else this.fetch = this.isMinted ? (asked) => this.takeMinted(asked) : (asked) => this.start(asked);
    this.held = new Set(); // names of this page's sessions
    this.sequence = 0;
  }

  // A reload continues its session; a duplicated tab (which copies the storage) gets its own.
  async claim(asked) {
    this.asked = asked;
    this.key = `session:${asked.user_id}:${asked.course_id}`;
    const kept = this.storage.getJson(this.key);
    this.sequence = kept?.sequence ?? 0;
    if (kept?.name && (await this.hold(kept.name))) this.name = kept.name;
    else await this.rename();
  }

  async rename() {
    const name = newId();
    await this.hold(name);
    this.name = name;
    this.sequence = 0;
    this.place = undefined;
    this.keep();
  }

  keep() {
    const { name, sequence, place } = this;
    this.storage.setItem(this.key, JSON.stringify({ name, sequence, place }));
  }

  next() {
    this.sequence += 1;
    return this.sequence;
  }

  // Hold a lock while this page lives; false if another tab holds it. Without locks (plain HTTP, not
  // on loopback) any name may be used: an event that is delivered twice counts once.
  hold(name) {
    if (this.held.has(name) || !navigator.locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      const release = (lock) => {
        if (lock) this.held.add(name);
        resolve(Boolean(lock));
        return lock && new Promise(() => {});
      };
      const options = { ifAvailable: true };
      navigator.locks.request(`learning-session:${name}`, options, release).catch(() => resolve(true));
    }).catch(() => true);
  }

  // Start the session, or get a fresh token for it. Only throws errors with `isFinal`.
  async renew() {
    for (;;) {
      await this.pace.ready();
      try {
        return await this.take(await this.fetch({ ...this.asked, client_session_id: this.name }));
      } catch (error) {
        if (error.isFinal) throw error;
        this.pace.failed(error.retryAfter);
        this.tracker.away();
      }
    }
  }

  async take(session) {
    if (!session?.session_id || !session.session_token) throw new Error("This is not a session.");
    const known = await this.queue.session(this.name);
    const isOther = known && known.session_id !== session.session_id;
    if (isOther || (session.end_time && !this.tracker.isEnding)) {
      // Events waiting under the old name are delivered to the old session.
      await this.rename();
      this.tracker.delivery.hasOrphans = true;
      if (!isOther) session = await this.fetch({ ...this.asked, client_session_id: this.name });
    }
    this.pace.succeeded();
    this.session = session;
    this.queue.remember({
      name: this.name,
      session_id: session.session_id,
      session_token: session.session_token,
      base_url: this.tracker.baseUrl,
      asked: this.asked,
      at: Date.now(),
    });
    return session;
  }

  // A new token for a session of this login; none if sessions come from another server.
  async freshToken({ name, session_id, asked }) {
    if (this.isMinted) return {};
    const answer = await this.fetch({ ...asked, client_session_id: name }).catch(() => null);
    return answer?.session_id === session_id ? { session_token: answer.session_token } : {};
  }

  // --- Sessions that the page's own server requested -----------------------------------------------
  // The first one is given. When another is needed (the token has expired, or the session ended),
  // "renew" is dispatched, and `useSession` delivers it.
  takeMinted(asked) {
    const { minted } = this;
    this.minted = null;
    if (minted) return Promise.resolve(minted);
    return new Promise((resolve) => {
      this.onMinted = resolve;
      this.tracker.emit("renew", asked);
    });
  }

  use(session) {
    if (this.onMinted) this.onMinted(session);
    else this.minted = session;
    this.onMinted = null;
  }

  // --- The default: this site's own login ------------------------------------------------------------
  async start(asked) {
    const answer = await fetch(`${this.tracker.baseUrl}/api/employee/start_session`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.tracker.csrfToken },
      body: JSON.stringify(asked),
      signal: timeoutSignal(),
    });
    const body = await answer.json().catch(() => null);
    if (answer.ok && body) return body;
    const code = errorCode(body);
    throw Object.assign(new Error(`start_session answered ${answer.status}`), {
      status: answer.status,
      code,
      isFinal: isFinal(answer.status, code),
      retryAfter: retryAfter(answer.headers),
    });
  }
}
