// The copy of a content's page: first the session to report to, and what was done here and isn't sent
// yet (the position, the answers of a quiz); then the page itself.

import { EventQueue } from "../progress/queue.js";
import { tabStorage } from "../progress/storage.js";
import { sessionOf } from "./kept_store.js";
import { readJson } from "./words.js";

const player = readJson("player");

await continueSession().catch(() => {});
await showWhatWaits().catch(() => {});
await import("./content.js");

// The session that the server started last on this device. Its numbers go on above all earlier ones, so
// that what comes last also counts as the last.
async function continueSession() {
  const storage = tabStorage();
  const key = `session:${player.user_id}:${player.course_id}`;
  if (storage.getJson(key)) return;
  const session = await sessionOf(player.user_id, player.course_id);
  if (!session) return;
  storage.setItem(key, JSON.stringify({ name: session.name, sequence: Math.floor(Date.now() / 1000) }));
}

async function showWhatWaits() {
  const events = await waitingHere();
  const place = events.findLast((event) => position(event) !== undefined);
  if (place) write("player", { ...player, position: position(place) });
  const quiz = readJson("quiz-state");
  if (!quiz) return;
  write("quiz-words", { ...readJson("quiz-words"), submitting: readJson("kept-words").submitted_here });
  const own = events.filter(({ attempt }) => attempt === quiz.attempt);
  const answers = { ...quiz.answers };
  for (const { interaction_type: type, question_id: id, base_revision: base = 0, answer } of own) {
    if (type === "answer") answers[id] = [base + 1, answer];
  }
  write("quiz-state", { ...quiz, answers });
  if (own.some(({ interaction_type: type }) => type === "submit")) showSubmitted();
}

function position({ position: at, page, reading_position: share }) {
  return at ?? page ?? share;
}

async function waitingHere() {
  const queue = new EventQueue();
  await queue.open();
  const found = [];
  for (const { name, asked } of await queue.sessions()) {
    if (asked?.user_id !== player.user_id || asked.course_id !== player.course_id) continue;
    found.push(...(await queue.waiting(name)).filter((event) => event.content_id === player.content_id));
  }
  queue.db?.close();
  return found.sort((one, other) => one.occurred_at.localeCompare(other.occurred_at));
}

function write(id, value) {
  document.getElementById(id).textContent = JSON.stringify(value);
}

// The attempt takes no more answers.
function showSubmitted() {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.textContent = readJson("kept-words").submitted_here;
  document.getElementById("quiz").replaceWith(notice);
}
