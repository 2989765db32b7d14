// The state of a quiz in words, which changes while it is answered.

import { decimal, fill, words } from "./words.js";

// Unless the quiz was completed while this was loaded.
export function write(element, quiz) {
  const state = element.querySelector("[data-state]");
  if (state && !element.classList.contains("is-complete")) state.textContent = quizText(quiz);
}

// How much of a quiz is answered, and what is missing to pass it.
function quizText({ answered, question_count: count, best_score, pass_percentage }) {
  if (best_score === null || pass_percentage === null) return fill(words.quiz_open, { answered, count });
  const best = decimal(pass_percentage % 1 ? best_score : Math.floor(best_score));
  return fill(words.quiz_not_passed, { answered, count, best, needed: decimal(pass_percentage) });
}
