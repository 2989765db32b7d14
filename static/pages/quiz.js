// A quiz: its questions, the navigation through them, and the submission.

import { loadFields } from "./answer_fields.js";
import { Question } from "./question.js";
import { watchDeparture } from "./departure.js";
import { QuizNavigation } from "./quiz_navigation.js";
import { fill, readJson, words } from "./words.js";

const texts = readJson("quiz-words");

export async function begin(form, player, tracker, strip, started) {
  const state = readJson("quiz-state");
  const attempt = state.attempt;
  const shared = { attempt, contentId: player.content_id, tracker, fieldsOf: await loadFields(form) };
  const questions = [...form.querySelectorAll("[data-question]")].map(
    (element) => new Question(element, shared),
  );
  for (const question of questions) {
    const [revision, answer] = state.answers[question.id] ?? [0, []];
    if (revision) question.show(revision, answer);
  }
  const navigation = new QuizNavigation(form, questions);
  const submission = new Submission(form, questions, navigation, { player, tracker, attempt });
  for (const question of questions) {
    question.element.disabled = false;
    question.addEventListener("closed", () => submission.close(texts.closed));
  }
  submission.open();
  if (form.querySelector(".quiz-clock")) import("./quiz_clock.js").then((it) => it.runClock(submission));
  await started;
  tracker.watch(new QuizWatch(player.content_id, tracker, attempt, navigation)).report("view");
}

// Reports the time spent on a quiz, for the question that the learner is at.
class QuizWatch {
  constructor(contentId, tracker, attempt, navigation) {
    Object.assign(this, { contentId, tracker, attempt, navigation });
    this.isWaiting = true;
  }

  report(type = "progress") {
    const { attempt, navigation } = this;
    this.tracker.record(this.contentId, type, { attempt, question_id: navigation.current.id });
  }
}

class Submission {
  constructor(form, questions, navigation, { player, tracker, attempt }) {
    Object.assign(this, { form, questions, navigation, player, tracker, attempt });
    this.button = form.querySelector(".submit");
    this.ask = form.querySelector("#ask");
    this.result = form.querySelector("#result");
    this.ask.querySelector("[data-anyway]").addEventListener("click", () => this.send());
    this.ask.querySelector("[data-answer]").addEventListener("click", () => {
      this.ask.hidden = true;
      this.navigation.go(this.questions.indexOf(this.unanswered[0]));
    });
    for (const question of questions) {
      question.addEventListener("change", () => {
        this.ask.hidden = true;
      });
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.check();
    });
  }

  get unanswered() {
    return this.questions.filter((question) => !question.fields.isAnswered);
  }

  open() {
    this.button.disabled = false;
    for (const element of this.form.querySelectorAll("[data-scripted]")) element.hidden = false;
  }

  // Asks once about unanswered questions; then the learner decides.
  check() {
    if (!this.isDecided()) return;
    const numbers = this.unanswered.map((question) => this.questions.indexOf(question) + 1);
    if (numbers.length === this.questions.length) this.showMessage(texts.answer_first, 0);
    else if (numbers.length && this.ask.hidden) {
      const template = numbers.length === 1 ? texts.ask_one : texts.ask_some;
      const values = { count: numbers.length, numbers: numbers.join(", ") };
      this.ask.querySelector("p").textContent = fill(template, values);
      this.ask.hidden = false;
      this.ask.querySelector("[data-answer]").focus();
    } else this.send();
  }

  isDecided() {
    const index = this.questions.findIndex((question) => question.isUndecided);
    if (index >= 0) this.showMessage(fill(texts.decide_first, { number: index + 1 }), index);
    return index < 0;
  }

  showMessage(text, index) {
    this.result.textContent = text;
    this.navigation.go(index);
  }

  async send() {
    const departure = watchDeparture();
    this.ask.hidden = true;
    this.button.disabled = true;
    this.result.textContent = texts.submitting;
    // All answers wait in front of it.
    if ("kept" in document.body.dataset) this.tracker.emit("leaving");
    else await Promise.all(this.questions.map((question) => question.saving));
    if (this.isClosed) return;
    this.button.disabled = false;
    if (!this.isDecided()) return;
    this.button.disabled = true;
    const { attempt } = this;
    const result = await this.tracker.updateProgress(this.player.content_id, "submit", { attempt });
    if (result.status !== "rejected") {
      if (!departure.goTo(this.review)) this.close(texts.submitted);
      return;
    }
    departure.forget();
    if (result.code === "attempt_closed") this.close(texts.closed);
    else {
      this.result.textContent = result.detail ?? words.refused;
      this.button.disabled = false;
    }
  }

  get review() {
    return `${location.pathname}?attempt=${this.attempt}#review`;
  }

  // Submitted, here or elsewhere: nothing on this page counts any more.
  close(text) {
    this.isClosed = true;
    this.button.disabled = true;
    this.ask.hidden = true;
    for (const { element } of this.questions) element.disabled = true;
    const link = document.createElement("a");
    link.href = this.review;
    link.textContent = texts.look;
    this.result.replaceChildren(text, " ", link);
  }
}
