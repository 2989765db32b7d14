// Shows progress (the body of an update_progress answer, or of the stream) in the page's bars.
// Elements say what they belong to by data-course, data-module or data-content. Returns whether
// anything has changed visibly.

import { percentage, words } from "./words.js";

export function paint({ contents = [], modules = [], course }) {
  const changes = [
    ...contents.map((content) => show("content", content.content_id, content)),
    ...modules.map((module) => show("module", module.module_id, module)),
    course ? show("course", course.course_id, course) : false,
  ];
  return changes.some(Boolean);
}

function show(kind, id, { completion_percentage, is_complete, quiz }) {
  let isNew = false;
  for (const element of document.querySelectorAll(`[data-${kind}="${Number(id)}"]`)) {
    const bar = element.querySelector("progress");
    if (bar) bar.value = completion_percentage;
    if (is_complete) bar?.removeAttribute("aria-hidden");
    const number = element.querySelector("[data-percent]");
    // 89.99 is 89 %: nothing looks complete before it is. A quiz's percentage would look like a score.
    const isOpenQuiz = quiz && !is_complete;
    const text = isOpenQuiz ? `${quiz.answered}/${quiz.question_count}` : percentage(Math.floor(completion_percentage));
    isNew ||= number && number.textContent !== text;
    if (number) number.textContent = text;
    if (isOpenQuiz && (isNew || (!number && quiz.answered) || quiz.best_score !== null)) {
      import("./quiz_state.js").then((file) => file.write(element, quiz), () => {});
    }
    if (is_complete && !element.classList.contains("is-complete")) {
      complete(element);
      isNew = true;
    }
  }
  return isNew;
}

function complete(element) {
  element.classList.add("is-complete");
  const state = element.querySelector("[data-state]");
  if (state) state.textContent = words.complete;
  const icon = element.querySelector(":scope > .icon use");
  if (icon) icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, "#check"));
}

// An answer of realtime_progress in the shape that `paint` takes.
export function paintable(progress) {
  return {
    contents: progress.modules.flatMap((module) => module.contents),
    modules: progress.modules,
    course: progress,
    certificate: progress.certificate,
  };
}
