// The navigation of a quiz: all questions or one at a time, by mouse and by keyboard.

import { deviceStorage } from "../progress/storage.js";
import { fill, readJson } from "./words.js";

const texts = readJson("quiz-words");
const STORAGE_KEY = "quiz-view"; // on this device: "one" or "all"

export class QuizNavigation {
  constructor(form, questions) {
    Object.assign(this, { form, questions, at: 0 });
    this.questionList = form.querySelector(".quiz-places");
    this.steps = form.querySelector(".quiz-steps");
    this.answered = form.querySelector("#answered");
    this.views = [...form.querySelectorAll("[data-view]")];
    this.links = questions.map((question, index) => this.addLink(question, index));
    for (const button of this.views) button.addEventListener("click", () => this.choose(button.dataset.view));
    for (const button of this.steps.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.go(this.at + Number(button.dataset.step)));
    }
    questions.forEach((question, index) => {
      question.element.addEventListener("keydown", (event) => this.key(event, index));
      question.element.addEventListener("focusin", () => { this.at = index; });
      question.addEventListener("change", () => this.count());
    });
    this.at = Math.max(questions.findIndex((question) => !question.isAnswered), 0);
    this.show(deviceStorage.getItem(STORAGE_KEY) ?? "all");
    this.count();
  }

  get current() {
    return this.questions[this.at];
  }

  addLink(question, index) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = index + 1;
    button.addEventListener("click", () => this.go(index));
    const item = document.createElement("li");
    item.append(button);
    this.questionList.append(item);
    return button;
  }

  // --- All, or one at a time -------------------------------------------------------------------
  choose(view) {
    deviceStorage.setItem(STORAGE_KEY, view);
    this.show(view);
  }

  show(view) {
    this.isOne = view === "one";
    for (const button of this.views) {
      button.setAttribute("aria-pressed", String((button.dataset.view === "one") === this.isOne));
    }
    this.questionList.hidden = this.steps.hidden = !this.isOne;
    this.showCurrent();
  }

  showCurrent() {
    this.questions.forEach((question, index) => {
      question.element.hidden = this.isOne && index !== this.at;
    });
    this.links.forEach((link, index) => {
      if (index === this.at) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    });
    const [previous, next] = this.steps.querySelectorAll("[data-step]");
    previous.disabled = this.at === 0;
    next.disabled = this.at === this.questions.length - 1;
  }

  // Go to a question and focus it; after the last comes the submit button.
  go(index) {
    if (index < 0) return;
    if (index >= this.questions.length) {
      this.form.querySelector(".submit").focus();
      return;
    }
    this.at = index;
    this.showCurrent();
    this.current.focus();
  }

  // --- Keys ------------------------------------------------------------------------------------
  key(event, index) {
    if (event.target.tagName !== "INPUT" || event.ctrlKey || event.altKey || event.metaKey) return;
    const { inputs } = this.questions[index];
    if (event.key === "Enter") this.go(index + (event.shiftKey ? -1 : 1));
    else if (inputs[Number(event.key) - 1]) {
      inputs[Number(event.key) - 1].focus();
      inputs[Number(event.key) - 1].click();
    } else return;
    event.preventDefault();
  }

  // --- How many are answered -------------------------------------------------------------------
  count() {
    const answered = this.questions.filter((question) => question.isAnswered).length;
    this.answered.textContent = fill(texts.answered, { answered, count: this.questions.length });
    this.links.forEach((link, index) => this.mark(link, this.questions[index], index + 1));
  }

  mark(link, { isUndecided, isAnswered }, number) {
    link.classList.toggle("is-undecided", isUndecided);
    link.classList.toggle("is-answered", isAnswered);
    const answered = isAnswered ? texts.question_answered : texts.question;
    link.setAttribute("aria-label", fill(isUndecided ? texts.question_undecided : answered, { number }));
  }
}
