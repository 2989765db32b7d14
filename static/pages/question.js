// One question of a quiz: each answer is saved as it is given, and says so.

import { say, given, words } from "./words.js";

const said = given("quiz-words");
const CLOSED = ["attempt_closed", "no_attempts_left"];

// Tells "change" when its answer changed or became doubtful, and "closed" when its attempt takes no more answers.
export class Question extends EventTarget {
  constructor(element, { attempt, contentId, tracker }) {
    super();
    Object.assign(this, { element, attempt, contentId, tracker, revision: 0 });
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

  get isUndecided() {
    return Boolean(this.conflict);
  }

  get isAnswered() {
    return this.chosen.length > 0 && !this.isUndecided;
  }

  show(revision, choices) {
    this.revision = revision;
    for (const input of this.inputs) input.checked = choices.includes(Number(input.value));
    this.say(said.saved);
    this.dispatchEvent(new Event("change"));
  }

  focus() {
    (this.inputs.find((input) => input.checked) ?? this.inputs[0])?.focus();
  }

  // --- Saving ----------------------------------------------------------------------------------
  // One at a time: each builds on the revision that the one before it got.
  change() {
    this.settle();
    this.say(words.saving);
    this.hasChanged = true;
    if (!this.onTheWay) this.saving = this.saveAll();
    this.dispatchEvent(new Event("change"));
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
      attempt: this.attempt,
      base_revision: base,
    });
    this.onTheWay -= 1;
    if (result.status === "conflict") this.meet(result.revision, result.stored ?? []);
    else if (result.status === "rejected") this.refuse(result);
    else {
      this.revision = result.revision;
      if (!this.onTheWay && !this.hasChanged) this.say(said.saved);
    }
  }

  refuse({ code, detail = words.refused }) {
    this.hasChanged = false;
    if (CLOSED.includes(code)) this.dispatchEvent(new Event("closed"));
    this.say(say(said.refused, { detail }));
  }

  // --- Two windows, two answers ----------------------------------------------------------------
  // Somebody else saved `stored` meanwhile: both are shown, and the learner chooses.
  meet(revision, stored) {
    const mine = this.chosen;
    this.hasChanged = false;
    this.settle();
    if (String([...mine].sort()) === String([...stored].sort())) {
      this.show(revision, stored);
      return;
    }
    this.revision = revision;
    this.say(said.undecided);
    const box = document.getElementById("conflict").content.cloneNode(true).firstElementChild;
    box.querySelector("[data-here]").textContent = this.inWords(mine);
    box.querySelector("[data-there]").textContent = this.inWords(stored);
    box.querySelector("[data-keep]").addEventListener("click", () => {
      this.change();
      this.focus();
    });
    box.querySelector("[data-use]").addEventListener("click", () => {
      this.settle();
      this.show(revision, stored);
      this.focus();
    });
    this.conflict = box;
    this.element.append(box);
    this.dispatchEvent(new Event("change"));
  }

  settle() {
    this.conflict?.remove();
    this.conflict = null;
  }

  inWords(choices) {
    const labels = this.inputs
      .filter((input) => choices.includes(Number(input.value)))
      .map((input) => input.closest("label").textContent.trim());
    return labels.join(", ") || said.no_answer;
  }

  say(text) {
    this.state.textContent = text;
  }
}
