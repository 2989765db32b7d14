// How a quiz is gone through: all questions or one at a time, by mouse and by keyboard.

import { deviceStorage } from "../progress/storage.js";
import { given, say } from "./words.js";

const said = given("quiz-words");
const KEPT = "quiz-view"; // on this device: "one" or "all"

export class Walk {
  constructor(form, questions) {
    Object.assign(this, { form, questions, at: 0 });
    this.places = form.querySelector(".quiz-places");
    this.steps = form.querySelector(".quiz-steps");
    this.answered = form.querySelector("#answered");
    this.views = [...form.querySelectorAll("[data-view]")];
    this.links = questions.map((question, index) => this.addPlace(question, index));
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
    this.show(deviceStorage.getItem(KEPT) ?? "all");
    this.count();
  }

  get current() {
    return this.questions[this.at];
  }

  addPlace(question, index) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = index + 1;
    button.addEventListener("click", () => this.go(index));
    const item = document.createElement("li");
    item.append(button);
    this.places.append(item);
    return button;
  }

  // --- All, or one at a time -------------------------------------------------------------------
  choose(view) {
    deviceStorage.setItem(KEPT, view);
    this.show(view);
  }

  show(view) {
    this.isOne = view === "one";
    for (const button of this.views) {
      button.setAttribute("aria-pressed", String((button.dataset.view === "one") === this.isOne));
    }
    this.places.hidden = this.steps.hidden = !this.isOne;
    this.turn();
  }

  turn() {
    this.questions.forEach((question, index) => {
      question.element.hidden = this.isOne && index !== this.at;
    });
    this.links.forEach((link, index) => {
      if (index === this.at) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    });
    const [back, on] = this.steps.querySelectorAll("[data-step]");
    back.disabled = this.at === 0;
    on.disabled = this.at === this.questions.length - 1;
  }

  // To a question, and into it; beyond the last is the button that submits.
  go(index) {
    if (index < 0) return;
    if (index >= this.questions.length) {
      this.form.querySelector(".submit").focus();
      return;
    }
    this.at = index;
    this.turn();
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
    this.answered.textContent = say(said.answered, { answered, count: this.questions.length });
    this.links.forEach((link, index) => this.mark(link, this.questions[index], index + 1));
  }

  mark(link, { isUndecided, isAnswered }, number) {
    link.classList.toggle("is-undecided", isUndecided);
    link.classList.toggle("is-answered", isAnswered);
    const answered = isAnswered ? said.question_answered : said.question;
    link.setAttribute("aria-label", say(isUndecided ? said.question_undecided : answered, { number }));
  }
}
