// The demo's buttons: each is one request to the real API, and the log shows it with its answer.

import { newId } from "../progress/ids.js";
import { paint } from "./bars.js";
import { keepInStep } from "./following.js";
import { announce, given, say } from "./words.js";

const demo = given("demo");
const words = given("log-words");
const csrfToken = document.querySelector("#csrf [name=csrfmiddlewaretoken]").value;
const buttons = [...document.querySelectorAll("[data-do]")];
const log = document.getElementById("log");
const standing = document.getElementById("standing");

const VIDEO_SECONDS = 60;
const STEP = 15;
const PAGES = 10;
let session = null;
let last = null;
let sequence = 0;
let { watched, read: page } = demo;
const revisions = new Map(Object.entries(demo.answers).map(([id, [revision]]) => [Number(id), revision]));
let question = revisions.size;

const actions = {
  async start() {
    const body = { user_id: demo.user_id, course_id: demo.course_id, content_id: demo.video };
    const answer = await ask("start_session", body, { "X-CSRFToken": csrfToken });
    if (!answer) return;
    session = answer;
    sequence = 0;
    standing.textContent = say(words.session, { id: session.session_id.slice(0, 8) });
  },
  watch() {
    const from = watched >= VIDEO_SECONDS ? 0 : watched;
    watched = Math.min(from + STEP, VIDEO_SECONDS);
    return tell(played(from, watched));
  },
  rewatch() {
    return tell(played(Math.max(watched - STEP, 0), watched || STEP));
  },
  jump() {
    const from_position = watched;
    watched = VIDEO_SECONDS;
    return tell({
      content_id: demo.video,
      interaction_type: "seek",
      from_position,
      position: VIDEO_SECONDS,
    });
  },
  read() {
    page = (page % PAGES) + 1;
    return tell({ ...atPage(page), duration_seconds: 20 });
  },
  leaf() {
    return tell(...Array.from({ length: PAGES }, (_, index) => ({ ...atPage(index + 1), duration_seconds: 3 })));
  },
  async answer() {
    const { id, right } = demo.questions[question % demo.questions.length];
    question += 1;
    const result = await tell({
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
    const result = await tell({ content_id: demo.quiz, interaction_type: "submit" });
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
    standing.textContent = say(words.ended, { seconds: Math.round(answer.duration_seconds) });
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

function tell(...events) {
  last = events.map((event) => ({
    event_id: newId(),
    sequence: ++sequence,
    occurred_at: new Date().toISOString(),
    ...event,
  }));
  return send(last);
}

// Answers what the server said of the last event.
async function send(events) {
  const body = { session_id: session.session_id, sent_at: new Date().toISOString() };
  const answer = await ask("update_progress", { ...body, events }, token());
  if (answer) paint(answer);
  return answer?.events.at(-1);
}

const token = () => ({ Authorization: `Session ${session.session_token}` });

async function ask(name, body, headers) {
  const began = performance.now();
  let status = 0;
  let told;
  try {
    const answer = await fetch(`/api/employee/${name}`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    status = answer.status;
    told = await answer.json();
  } catch {
    told = { errors: [{ detail: words.unreachable }] };
  }
  list(name, body, status, told, Math.round(performance.now() - began));
  return status >= 200 && status < 300 ? told : null;
}

// --- The log ---------------------------------------------------------------------------------------
function list(name, body, status, told, milliseconds) {
  log.querySelector(".empty")?.remove();
  const item = document.createElement("li");
  const head = line("div", "head");
  head.append(
    line("code", "", `POST ${name}`),
    line("span", "muted", `${new Date().toLocaleTimeString()} · ${status || "–"} · ${milliseconds} ms`),
  );
  item.append(head, outcome(told));
  item.append(unfold(words.request, body), unfold(words.answer, told));
  log.prepend(item);
  announce(item.querySelector(".outcome").textContent);
}

function outcome(told) {
  const { events, errors } = told;
  if (errors) return line("p", "outcome failed", errors.map((error) => error.detail).join(" "));
  if (!events) return line("p", "outcome", told.end_reason ? words.ended_short : words.started);
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
  const said = [say(words.credited, values)];
  if (reason) said.push(say(words[reason], values));
  if (score !== undefined && score !== null) said.push(say(words.score, { score: Math.floor(score) }));
  if (more) said.push(more);
  return line("p", "outcome", said.join(" "));
}

const seconds = (value) => Math.round(value * 10) / 10;

function unfold(title, body) {
  const details = document.createElement("details");
  const text = JSON.stringify(body, null, 2).replace(/"session_token": "[^"]*"/g, '"session_token": "…"');
  details.append(line("summary", "", title), line("pre", "", text));
  return details;
}

function line(tag, className, text) {
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
    await actions[button.dataset.do]();
    enable();
    // Disabling it took its focus; who is elsewhere by now stays there.
    if (!button.disabled && document.activeElement === document.body) button.focus();
  });
}

enable();
keepInStep(demo);
