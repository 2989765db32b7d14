// The demo's buttons: each sends one request to the real API, and the log shows it with its answer.

import { newId } from "../progress/ids.js";
import { paint } from "../pages/bars.js";
import { keepBarsLive } from "../pages/live_bars.js";
import { announce, fill, readJson } from "../pages/words.js";

const demo = readJson("demo");
const words = readJson("log-words");
const csrfToken = document.querySelector("#csrf [name=csrfmiddlewaretoken]").value;
const buttons = [...document.querySelectorAll("[data-do]")];
const log = document.getElementById("log");
const sessionState = document.getElementById("session-state");

const VIDEO_SECONDS = 60;
const STEP = 15;
const PAGES = 10;
let session = null;
let last = null;
let sequence = 0;
let { watched, read: page } = demo;
const revisions = new Map(Object.entries(demo.answers).map(([id, [revision]]) => [Number(id), revision]));
let question = revisions.size;

const complete = new Set(demo.complete);
let isCourseComplete = demo.is_course_complete;
let pressed = ""; // the button's text

const actions = {
  async start() {
    const body = { user_id: demo.user_id, course_id: demo.course_id, content_id: demo.video };
    const answer = await ask("start_session", body, { "X-CSRFToken": csrfToken });
    if (!answer) return;
    session = answer;
    sequence = 0;
    sessionState.textContent = fill(words.session, { id: session.session_id.slice(0, 8) });
  },
  watch() {
    const from = watched >= VIDEO_SECONDS ? 0 : watched;
    watched = Math.min(from + STEP, VIDEO_SECONDS);
    return report(played(from, watched));
  },
  rewatch() {
    return report(played(Math.max(watched - STEP, 0), watched || STEP));
  },
  jump() {
    const from_position = watched;
    watched = VIDEO_SECONDS;
    return report({
      content_id: demo.video,
      interaction_type: "seek",
      from_position,
      position: VIDEO_SECONDS,
    });
  },
  read() {
    page = (page % PAGES) + 1;
    return report({ ...atPage(page), duration_seconds: 20 });
  },
  leaf() {
    return report(...Array.from({ length: PAGES }, (_, index) => ({ ...atPage(index + 1), duration_seconds: 3 })));
  },
  async answer() {
    const { id, right } = demo.questions[question % demo.questions.length];
    question += 1;
    const result = await report({
      content_id: demo.quiz,
      interaction_type: "answer",
      question_id: id,
      answer: right,
      base_revision: revisions.get(id) ?? 0,
      duration_seconds: 5,
    });
    if (result?.revision !== undefined) revisions.set(id, result.revision);
  },
  async submit() {
    const result = await report({ content_id: demo.quiz, interaction_type: "submit" });
    if (result?.status !== "accepted") return;
    revisions.clear();
    question = 0;
  },
  repeat() {
    return send(last);
  },
  async end() {
    const answer = await ask("end_session", { session_id: session.session_id }, token());
    if (!answer) return;
    session = null;
    sessionState.textContent = fill(words.ended, { seconds: Math.round(answer.duration_seconds) });
  },
};

const played = (from, to) => ({
  content_id: demo.video,
  interaction_type: "progress",
  position: to,
  segments: [[from, to]],
  duration_seconds: to - from,
});

const atPage = (number) => ({
  content_id: demo.document,
  interaction_type: "progress",
  page: number,
});

function report(...events) {
  last = events.map((event) => ({
    event_id: newId(),
    sequence: ++sequence,
    occurred_at: new Date().toISOString(),
    ...event,
  }));
  return send(last);
}

// Resolves with the server's result for the last event.
async function send(events) {
  const body = { session_id: session.session_id, sent_at: new Date().toISOString() };
  const answer = await ask("update_progress", { ...body, events }, token());
  if (answer) paint(answer);
  return answer?.events.at(-1);
}

const token = () => ({ Authorization: `Session ${session.session_token}` });

async function ask(name, request, headers) {
  const began = performance.now();
  let status = 0;
  let body;
  try {
    const answer = await fetch(`/api/employee/${name}`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(request),
    });
    status = answer.status;
    body = await answer.json();
  } catch {
    body = { errors: [{ detail: words.unreachable }] };
  }
  logRequest({ name, request, status, answer: body, milliseconds: Math.round(performance.now() - began) });
  return status >= 200 && status < 300 ? body : null;
}

// --- The log ---------------------------------------------------------------------------------------
function logRequest({ name, request, status, answer, milliseconds }) {
  log.querySelector(".empty")?.remove();
  const item = document.createElement("li");
  const head = createElement("div", "head");
  head.append(
    createElement("strong", "", pressed),
    createElement("code", "", `POST ${name}`),
    createElement("span", "muted", `${new Date().toLocaleTimeString()} · ${status || "–"} · ${milliseconds} ms`),
  );
  item.append(head, outcome(answer));
  item.append(foldedJson(words.request, request), foldedJson(words.answer, answer));
  log.prepend(item);
  announce(item.querySelector(".outcome").textContent);
}

function outcome(answer) {
  const { events, errors } = answer;
  if (errors) return createElement("p", "outcome failed", errors.map((error) => error.detail).join(" "));
  if (!events) return createElement("p", "outcome", answer.end_reason ? words.ended_short : words.started);
  const sum = (name) => events.reduce((total, event) => total + (event[name] ?? 0), 0);
  const states = [...new Set(events.map((event) => words[event.status]))].join(", ");
  const values = {
    states,
    credited: seconds(sum("credited_seconds")),
    covered: seconds(sum("covered_seconds")),
    withheld: seconds(sum("withheld_seconds") + sum("withheld_active_seconds")),
  };
  const reason = events.find((event) => event.withheld_reason)?.withheld_reason;
  const more = events.find((event) => event.detail)?.detail;
  const score = events.find((event) => event.score !== undefined)?.score;
  const sentences = [fill(words.credited, values)];
  if (reason) sentences.push(fill(words[reason], values));
  if (score !== undefined && score !== null) sentences.push(fill(words.score, { score: Math.floor(score) }));
  if (more) sentences.push(more);
  sentences.push(...completions(answer));
  return createElement("p", "outcome", sentences.join(" "));
}

// What this answer has completed, in words, each once.
function completions({ contents = [], course }) {
  const fresh = contents.filter((content) => content.is_complete && !complete.has(content.content_id));
  const sentences = fresh.map(({ content_id }) => {
    complete.add(content_id);
    const title = document.querySelector(`.live-bars [data-content="${Number(content_id)}"] bdi`)?.textContent;
    return fill(words.content_complete, { title });
  });
  if (course?.is_complete && !isCourseComplete) {
    isCourseComplete = true;
    sentences.push(words.course_complete);
  }
  return sentences;
}

const seconds = (value) => Math.round(value * 10) / 10;

function foldedJson(title, body) {
  const details = document.createElement("details");
  const text = JSON.stringify(body, null, 2).replace(/"session_token": "[^"]*"/g, '"session_token": "…"');
  details.append(createElement("summary", "", title), createElement("pre", "", text));
  return details;
}

function createElement(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// --- Buttons ---------------------------------------------------------------------------------------
function enable() {
  for (const button of buttons) {
    const needsSession = button.dataset.do !== "start";
    button.disabled = needsSession !== Boolean(session) || (button.dataset.do === "repeat" && !last);
  }
}

for (const button of buttons) {
  button.addEventListener("click", async () => {
    buttons.forEach((each) => (each.disabled = true));
    pressed = button.textContent;
    await actions[button.dataset.do]();
    enable();
    // Disabling the button took its focus; give it back unless something else has it by now.
    if (!button.disabled && document.activeElement === document.body) button.focus();
  });
}

// --- Beside this page ------------------------------------------------------------------------------
const other = document.getElementById("other-window");
other.addEventListener("click", (event) => {
  const width = Math.min(560, screen.availWidth / 2);
  const left = screen.availWidth - width;
  const place = `popup,width=${width},height=${screen.availHeight},left=${left},top=0`;
  // Blocked by the browser: the link opens a tab.
  if (window.open(other.href, "demo-course", place)) event.preventDefault();
});

function showCertificate({ certificate }) {
  const line = document.getElementById("certificate-state");
  if (!certificate) return;
  line.hidden = false;
  const isReady = certificate.status === "issued";
  line.querySelector("[data-pending]").hidden = isReady;
  const link = line.querySelector("a");
  link.hidden = !isReady;
  link.href = `/certificates/${encodeURIComponent(certificate.number)}/`;
}

enable();
keepBarsLive(demo, showCertificate);
