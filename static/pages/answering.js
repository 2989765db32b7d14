// A quiz: each answer is saved as it is given, and says so.

import { given, say, words } from "./words.js";

export async function begin(form, player, tracker) {
  const state = given("quiz-state");
  const questions = new Map(
    [...form.querySelectorAll("[data-question]")].map((element) => {
      const question = new Question(element, player.content_id, tracker);
      return [question.id, question];
    }),
  );
  // What was chosen before this script ran counts too.
  const early = [...questions.values()].map((question) => [question, question.chosen]);
  for (const [id, [revision, choices]] of Object.entries(state.answers)) {
    questions.get(Number(id))?.show(revision, choices);
  }
  for (const [question, choices] of early) if (choices.length) question.choose(choices);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, questions, player, tracker);
  });
}

class Question {
  constructor(element, contentId, tracker) {
    Object.assign(this, { element, contentId, tracker, revision: 0 });
    this.id = Number(element.dataset.question);
    this.inputs = [...element.querySelectorAll("input")];
    this.state = element.querySelector(".answer-state");
    this.onTheWay = 0;
    this.hasChanged = false; // since what is on its way
    this.saving = Promise.resolve();
    element.addEventListener("change", () => this.change());
    tracker.addEventListener("leaving", () => {
      if (this.hasChanged) this.save();
    });
  }

  get chosen() {
    return this.inputs.filter((input) => input.checked).map((input) => Number(input.value));
  }

  check(choices) {
    for (const input of this.inputs) input.checked = choices.includes(Number(input.value));
  }

  choose(choices) {
    this.check(choices);
    this.change();
  }

  show(revision, choices) {
    this.revision = revision;
    this.check(choices);
    this.say(words.answer_saved);
  }

  // One at a time: each builds on the revision that the one before it got.
  change() {
    this.say(words.saving);
    this.hasChanged = true;
    if (!this.onTheWay) this.saving = this.saveAll();
  }

  async saveAll() {
    while (this.hasChanged) await this.save();
  }

  // A page that goes away can't wait for an answer: it expects what is on its way to be accepted.
  async save() {
    const base = this.revision + this.onTheWay;
    this.hasChanged = false;
    this.onTheWay += 1;
    const result = await this.tracker.updateProgress(this.contentId, "answer", {
      question_id: this.id,
      answer: this.chosen,
      base_revision: base,
    });
    this.onTheWay -= 1;
    if (result.status === "conflict") {
      this.hasChanged = false;
      this.show(result.revision, result.stored ?? []);
      this.say(words.answer_conflict);
    } else if (result.status === "rejected") {
      this.say(result.detail ?? words.refused);
    } else {
      this.revision = result.revision;
      if (!this.onTheWay && !this.hasChanged) this.say(words.answer_saved);
    }
  }

  say(text) {
    this.state.textContent = text;
  }
}

async function submit(form, questions, player, tracker) {
  const button = form.querySelector("button");
  const told = form.querySelector("#result");
  const open = [...questions.values()].filter((question) => !question.chosen.length);
  if (open.length) {
    told.textContent = say(words.quiz_open, { count: open.length });
    open[0].inputs[0].focus();
    return;
  }
  button.disabled = true;
  await Promise.all([...questions.values()].map((question) => question.saving));
  const result = await tracker.updateProgress(player.content_id, "submit");
  if (result.status === "rejected") {
    told.textContent = result.detail ?? words.refused;
    button.disabled = false;
    return;
  }
  const score = Math.floor(result.score);
  told.textContent = say(result.passed ? words.quiz_passed : words.quiz_not_passed, { score });
  const again = document.createElement("a");
  again.href = location.href;
  again.textContent = words.quiz_look;
  told.append(" ", again);
  for (const question of questions.values()) for (const input of question.inputs) input.disabled = true;
}
