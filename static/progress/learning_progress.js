// The element <learning-progress>: how far a learner is in a course, live, and why it isn't 100 % yet.
//
//   <learning-progress course="fire-safety" session-url="/learning-session"></learning-progress>
//
// It needs a session, as the tracker does: from a tracker of the page (`element.tracker = tracker`), as a
// body (`element.session`, or the JSON in the element that `session-from` selects), from a function
// (`element.fetchSession`) or an address of the page's own server (`session-url`). On pages of the tracker's
// own site the login is enough, with `learner`. docs/tracker.md has all of it.

import { follow } from "./live.js";
import { ProgressSource } from "./progress_source.js";
import { ProgressView } from "./progress_view.js";
import { languageOf } from "./progress_words.js";

// Where this module was loaded from, unless it was bundled.
const HOME = /^(.*)\/static\/progress[^/]*\/[^/]*$/.exec(import.meta.url)?.[1] ?? "";
const REFRESH_AFTER = 1_500; // pushes come often, and say less than the whole progress
const RETRY_AFTER = 10_000;
const MAX_DETAILS = 5;
const SOURCE_ATTRIBUTES = ["course", "learner", "base-url", "session-url", "session-from"];
const TEXT_ATTRIBUTES = ["lang", "label", "href"];
// Without a browser there is nothing to show, but the module can be loaded.
const Base = globalThis.HTMLElement ?? EventTarget;

export class LearningProgressElement extends Base {
  static observedAttributes = [...SOURCE_ATTRIBUTES, ...TEXT_ATTRIBUTES];

  #given = {}; // tracker, session, fetchSession
  #run = null; // an AbortController for what belongs to one source
  #view = null;
  #progress = null;
  #details = new Map();
  #state = "loading";
  #newest = -1;

  get progress() {
    return this.#progress;
  }

  get state() {
    return this.#state;
  }

  get tracker() {
    return this.#given.tracker ?? null;
  }

  set tracker(tracker) {
    this.#give({ tracker });
  }

  get session() {
    return this.#given.session ?? null;
  }

  set session(session) {
    this.#give({ session });
  }

  get fetchSession() {
    return this.#given.fetchSession ?? null;
  }

  set fetchSession(fetchSession) {
    this.#give({ fetchSession });
  }

  // Reads the progress now, instead of with the next push.
  async refresh() {
    await this.#read?.();
  }

  connectedCallback() {
    this.#view ??= new ProgressView(this.attachShadow({ mode: "open" }), {
      linkTo: (entry, at) => this.#linkTo(entry, at),
      onOpen: (event, entry, at) => this.#open(event, entry, at),
    });
    // Set before the element was defined: the setter has not been called yet.
    for (const name of ["tracker", "session", "fetchSession"]) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this.#given[name] = value;
    }
    this.#begin();
  }

  disconnectedCallback() {
    this.#run?.abort();
    this.#run = null;
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.#run) return;
    if (SOURCE_ATTRIBUTES.includes(name)) this.#begin();
    else this.#show();
  }

  #give(source) {
    this.#given = { ...this.#given, ...source };
    if (this.#run) this.#begin();
  }

  get #baseUrl() {
    const own = this.#given.tracker?.baseUrl || HOME;
    const url = (this.getAttribute("base-url") ?? own).replace(/\/$/, "");
    return url === location.origin ? "" : url;
  }

  // --- Reading -----------------------------------------------------------------------------------
  #read = null;

  async #begin() {
    this.#run?.abort();
    const run = new AbortController();
    this.#run = run;
    const { signal } = run;
    this.#progress = null;
    this.#details.clear();
    this.#newest = -1;
    this.#setState("loading");
    this.#show();
    const source = new ProgressSource({
      baseUrl: this.#baseUrl,
      course: this.getAttribute("course") ?? "",
      learner: this.getAttribute("learner"),
      getSession: () => this.#getSession(signal),
    });
    let timer;
    let reading = null;
    const later = (milliseconds) => {
      timer ??= setTimeout(() => {
        timer = undefined;
        this.#read();
      }, milliseconds);
    };
    // One request at a time; what comes meanwhile is read afterwards.
    const read = async (get) => {
      try {
        await this.#take(await get(), source, signal);
        if (!signal.aborted) this.#follow(source, signal, later);
      } catch (error) {
        if (signal.aborted) return;
        if (!error.state) throw error;
        if (error.complaint) console.error(error.complaint);
        this.#setState(error.state);
        this.#show();
        if (error.state !== "not_enrolled" && error.state !== "signed_out") later(RETRY_AFTER);
      }
    };
    let isBegun = false;
    this.#read = async () => {
      if (signal.aborted) return undefined;
      reading ??= read(async () => {
        const progress = await (isBegun ? source.read() : source.begin());
        isBegun = true;
        return progress;
      }).finally(() => (reading = null));
      return reading;
    };
    signal.addEventListener("abort", () => clearTimeout(timer));
    addEventListener("online", () => this.#read(), { signal });
    addEventListener("offline", () => this.#progress && this.#lose(), { signal });
    const { tracker } = this.#given;
    tracker?.addEventListener("progress", ({ detail }) => this.#push(detail, later), { signal });
    const onState = ({ detail }) => detail.state === "offline" && !this.#progress && this.#lose();
    tracker?.addEventListener("state", onState, { signal });
    await this.#read();
  }

  async #getSession(signal) {
    const { tracker, session, fetchSession } = this.#given;
    if (tracker) return tracker.session ?? sessionOf(tracker, signal);
    if (session) return session;
    const asked = { course_code: this.getAttribute("course") };
    if (fetchSession) return fetchSession(asked);
    const selector = this.getAttribute("session-from");
    if (selector) return sessionIn(selector);
    const address = this.getAttribute("session-url");
    if (address) return sessionFrom(address, asked);
    // The page's own script, which runs after this module, may be about to say.
    await new Promise((resolve) => setTimeout(resolve));
    return null;
  }

  // What is covered of contents that were begun is read for the strip, when it has changed.
  async #take(progress, source, signal) {
    if (signal.aborted) return;
    this.#progress = progress;
    this.#setState(progress.is_complete ? "done" : "ready");
    this.#show();
    this.dispatchEvent(new CustomEvent("progress", { detail: progress }));
    const begun = progress.remaining.filter(({ reason, missing }) => reason === "in_progress" && missing.length);
    const changed = begun.slice(0, MAX_DETAILS).filter(({ content_id, completion_percentage }) => {
      return this.#details.get(content_id)?.completion_percentage !== completion_percentage;
    });
    await Promise.all(
      changed.map(async ({ content_id }) => {
        const detail = await source.detail(content_id).catch(() => null); // the percentage is enough
        if (detail && !signal.aborted) this.#details.set(content_id, detail);
      }),
    );
    if (changed.length && !signal.aborted) this.#show();
  }

  #stopFollowing = null;

  #follow(source, signal, later) {
    if (this.#stopFollowing) return;
    this.#stopFollowing = follow({
      streamUrl: this.#progress.stream_url,
      fetchProgress: () => source.read().catch((error) => this.#miss(error)),
      onStanding: (body) => this.#push(body, later),
      onProgress: (progress) => this.#take(progress, source, signal),
    });
    signal.addEventListener("abort", () => {
      this.#stopFollowing();
      this.#stopFollowing = null;
    });
  }

  #lose() {
    this.#setState("offline");
    this.#show();
  }

  // The stream has ended, and asking says why.
  #miss(error) {
    this.#setState(error.state ?? "offline");
    this.#show();
    if (this.#state === "offline") throw error;
    return null;
  }

  // A push has the percentages; the list is read a moment later.
  #push({ contents, course }, later) {
    if (!this.#progress || !course || course.event_count < this.#newest) return;
    this.#newest = course.event_count ?? this.#newest;
    const { completion_percentage, is_complete } = course;
    const changed = new Map(contents.map((content) => [content.content_id, content]));
    const modules = this.#progress.modules.map((module) => ({
      ...module,
      contents: module.contents.map((content) => ({ ...content, ...changed.get(content.content_id) })),
    }));
    this.#progress = { ...this.#progress, modules, completion_percentage, is_complete };
    this.#setState(is_complete ? "done" : "ready");
    this.#show();
    later(REFRESH_AFTER);
  }

  // --- Showing -----------------------------------------------------------------------------------
  #setState(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state } }));
  }

  #show() {
    const around = this.getAttribute("lang") || this.closest("[lang]")?.lang;
    this.#view?.show({
      language: around ? languageOf(around) : languageOf(...(navigator.languages ?? [])),
      label: this.getAttribute("label"),
      template: this.getAttribute("href"),
      state: this.#state,
      progress: this.#progress,
      details: this.#details,
    });
  }

  // `href` with {content_id}, {module_id}, {course_id} and {at}; else the page of the tracker's site.
  #linkTo({ content_id, module_id }, at) {
    const template = this.getAttribute("href") ?? `${this.#baseUrl}/courses/{course_id}/contents/{content_id}/#at={at}`;
    const values = { content_id, module_id, course_id: this.#progress.course_id, at: at ?? "" };
    const address = template.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "").replace(/#at=$/, "");
    return isWebAddress(address) ? address : null;
  }

  #open(event, entry, at) {
    const { content_id, module_id, title } = entry;
    const detail = { contentId: content_id, moduleId: module_id, title, at };
    const open = new CustomEvent("open", { detail, bubbles: true, composed: true, cancelable: true });
    if (!this.dispatchEvent(open)) event.preventDefault();
  }
}

// The session that a tracker gets, or the reason why it gets none.
function sessionOf(tracker, signal) {
  return new Promise((resolve, reject) => {
    tracker.addEventListener("session", ({ detail }) => resolve(detail), { once: true, signal });
    tracker.addEventListener(
      "stopped",
      ({ detail: { code } }) => reject(Object.assign(new Error(code), { code, isFinal: true })),
      { once: true, signal },
    );
  });
}

// The body that the page's server wrote into it.
function sessionIn(selector) {
  try {
    return JSON.parse(document.querySelector(selector).textContent);
  } catch (error) {
    throw Object.assign(new Error(`session-from: there is no JSON in ${selector}`, { cause: error }), { isFinal: true });
  }
}

// Not a script: `java\nscript:` is one as well.
function isWebAddress(address) {
  try {
    return /^https?:$/.test(new URL(address, location.href).protocol);
  } catch {
    return false;
  }
}

// The page's own server starts the session with its key, and answers with the body.
async function sessionFrom(address, asked) {
  const answer = await fetch(address, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(asked),
  });
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body;
  const code = body?.errors?.[0]?.code;
  throw Object.assign(new Error(`${address} answered ${answer.status}`), { code, isFinal: answer.status < 500 });
}

if (globalThis.customElements && !customElements.get("learning-progress")) {
  customElements.define("learning-progress", LearningProgressElement);
}
