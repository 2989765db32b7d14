// The time that is left for an attempt: shown, announced at 5 minutes and at 1, and over at 0. The server
// decides what still counts; this only tells the learner.

import { announce, fill, readJson } from "./words.js";

const texts = readJson("quiz-words");
const ANNOUNCED_MINUTES = [5, 1];
const SHORT_SECONDS = 60;
// A computer that slept, or whose clock was set: the server knows how much is left.
const DRIFT_MS = 5000;
const ASK_MS = 4000;

export function runClock(submission) {
  const box = submission.form.querySelector(".quiz-clock");
  const shown = box.querySelector("[data-seconds]");
  const whole = Number(shown.dataset.seconds);
  const begun = performance.now();
  const begunAt = Date.now();
  let before = whole + 1;
  const tick = () => {
    const passed = performance.now() - begun;
    if (Math.abs(Date.now() - begunAt - passed) > DRIFT_MS && navigator.onLine) {
      clearInterval(timer);
      location.reload();
      return;
    }
    const left = Math.max(Math.ceil(whole - passed / 1000), 0);
    shown.textContent = clock(left);
    box.classList.toggle("is-short", left <= SHORT_SECONDS);
    for (const minutes of ANNOUNCED_MINUTES) {
      if (before > minutes * 60 && left <= minutes * 60 && left > 0) say(minutes);
    }
    before = left;
    if (left > 0) return;
    clearInterval(timer);
    end(submission);
  };
  const timer = setInterval(tick, 500);
  tick();
}

// Staff may have given more time meanwhile: then the page is loaded with what is left.
async function end(submission) {
  if (await secondsLeft()) location.reload();
  else timeOut(submission);
}

async function secondsLeft() {
  if (!navigator.onLine) return 0;
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(ASK_MS) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return Number(page.querySelector(".quiz-clock [data-seconds]")?.dataset.seconds ?? 0);
  } catch {
    return 0;
  }
}

// Nothing is asked any more: what was answered counts.
function timeOut(submission) {
  if (submission.isClosed) return;
  const close = submission.close.bind(submission);
  submission.close = (text) => close(text === texts.submitted ? text : texts.timed_out);
  submission.isDecided = () => true;
  for (const { element } of submission.questions) element.disabled = true;
  submission.send();
  submission.result.textContent = texts.time_over;
  announce(texts.time_over);
}

function say(minutes) {
  const text = minutes === 1 ? texts.minute_left : fill(texts.minutes_left, { minutes });
  announce(text, { isShown: true });
}

const two = (number) => String(number).padStart(2, "0");

function clock(seconds) {
  const [hours, minutes, rest] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
