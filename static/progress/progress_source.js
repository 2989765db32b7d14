// Where <learning-progress> has its progress from: a session's token, or this site's own login.

import { isOriginRefused, ORIGIN_NOT_ALLOWED } from "./origin.js";
import { errorCode, isFinal, timeoutSignal } from "./transport.js";

// Why there is no progress; `state` is the element's, `complaint` is for the page's developer.
export class Unavailable extends Error {
  constructor(state, complaint = "") {
    super(state);
    Object.assign(this, { state, complaint });
  }
}

const NO_SOURCE = "<learning-progress> needs a session, or on the tracker's own site the attribute learner";

export class ProgressSource {
  // `getSession` resolves with a body of start_session, or null: then the login's cookie is used, with
  // `course` (an id or a code) and `learner` (an id).
  constructor({ baseUrl, course, learner, getSession }) {
    Object.assign(this, { baseUrl, course, learner, getSession });
    this.headers = {};
  }

  // Returns the progress. Throws `Unavailable`. It is read even if the session has it: the address of a
  // stream in there is that of the account that started the session.
  async begin() {
    const session = await this.session();
    if (session) this.use(session);
    else {
      if (!this.learner) throw new Unavailable("signed_out", NO_SOURCE);
      this.userId = this.learner;
      this.courseId = await this.findCourse();
    }
    return this.read();
  }

  async session() {
    try {
      const session = await this.getSession();
      const isWhole = session === null || (session?.session_token && session.user_id && session.course_id);
      if (isWhole) return session;
      throw Object.assign(new Error("fetchSession: this is no body of start_session"), { isFinal: true });
    } catch (error) {
      if (!error.isFinal) throw new Unavailable("offline");
      if (error.code === "not_enrolled") throw new Unavailable("not_enrolled");
      console.error(`<learning-progress>: ${error.message}`);
      throw new Unavailable("signed_out");
    }
  }

  use({ user_id, course_id, session_token }) {
    this.userId = user_id;
    this.courseId = course_id;
    this.headers = { Authorization: `Session ${session_token}` };
  }

  // A token that has expired is replaced once.
  async read() {
    const path = `realtime_progress/${this.userId}/${this.courseId}`;
    const answer = await this.get(`/api/employee/${path}`).catch(async (error) => {
      const session = error.state === "signed_out" && this.headers.Authorization && (await this.session());
      if (!session) throw error;
      this.use(session);
      return this.get(`/api/employee/${path}`);
    });
    return this.absolute(answer);
  }

  detail(contentId) {
    return this.get(`/api/employee/content_progress/${this.userId}/${contentId}`);
  }

  async findCourse() {
    if (/^\d+$/.test(this.course)) return Number(this.course);
    const { results } = await this.get(`/api/courses/?code=${encodeURIComponent(this.course)}`);
    if (!results?.length) throw new Unavailable("not_enrolled");
    return results[0].id;
  }

  absolute(progress) {
    return { ...progress, stream_url: new URL(progress.stream_url, `${this.baseUrl || location.origin}/`).href };
  }

  async get(path) {
    let answer;
    try {
      const options = { headers: this.headers, credentials: "same-origin", signal: timeoutSignal() };
      answer = await fetch(`${this.baseUrl}${path}`, options);
    } catch {
      throw new Unavailable((await isOriginRefused(this.baseUrl)) ? ORIGIN_NOT_ALLOWED : "offline");
    }
    const body = await answer.json().catch(() => null);
    if (answer.ok && body) return body;
    const code = errorCode(body);
    if (!isFinal(answer.status, code)) throw new Unavailable("offline");
    if (code === "not_enrolled" || answer.status === 404) throw new Unavailable("not_enrolled");
    throw new Unavailable("signed_out");
  }
}
