// One question of a quiz: saves each answer as it is given, and shows that it did.

import { fill, readJson, words } from "./words.js";

const texts = readJson("quiz-words");
const CLOSED = ["attempt_closed", "no_attempts_left"];

// Dispatches "change" when its answer changed or is in conflict, and "closed" when its attempt takes
// no more answers.
export class Question extends EventTarget {
  constructor(element, { attempt, contentId, tracker, fieldsOf }) {
    super();
    Object.assign(this, { element, attempt, contentId, tracker, revision: 0 });
    this.id = Number(element.dataset.question);
    this.fields = fieldsOf(element, () => this.change());
    this.state = element.querySelector(".answer-state");
    this.inFlight = 0;
    this.hasChanged = false; // since the last request
    this.saving = Promise.resolve();
    element.addEventListener("change", () => this.change());
    tracker.addEventListener("leaving", () => {
      if (this.hasChanged) this.save();
    });
  }

  get chosen() {
    return this.fields.value;
  }

  // The inputs that the keys 1 to 9 choose.
  get inputs() {
    return this.fields.inputs;
  }

  get isUndecided() {
    return Boolean(this.conflict);
  }

  get isAnswered() {
    return this.fields.isAnswered && !this.isUndecided;
  }

  show(revision, answer) {
    this.revision = revision;
    this.fields.show(answer);
    this.setState(texts.saved);
    this.dispatchEvent(new Event("change"));
  }

  focus() {
    this.fields.focus();
  }

  // --- Saving ----------------------------------------------------------------------------------
  // One request at a time: each is based on the revision that the one before it returned.
  change() {
    this.removeConflict();
    this.setState(words.saving);
    this.hasChanged = true;
    if (!this.inFlight) this.saving = this.saveAll();
    this.dispatchEvent(new Event("change"));
  }

  async saveAll() {
    while (this.hasChanged) await this.save();
  }

  // A page that is being left can't wait: it expects the requests in flight to be accepted.
  async save() {
    const base = this.revision + this.inFlight;
    this.hasChanged = false;
    this.inFlight += 1;
    const result = await this.tracker.updateProgress(this.contentId, "answer", {
      question_id: this.id,
      answer: this.chosen,
      attempt: this.attempt,
      base_revision: base,
    });
    this.inFlight -= 1;
    if (result.status === "conflict") this.showConflict(result.revision, result.stored ?? []);
    else if (result.code) this.refuse(result);
    else {
      this.revision = result.revision;
      if (!this.inFlight && !this.hasChanged) this.setState(texts.saved);
    }
  }

  refuse({ code, detail = words.refused }) {
    this.hasChanged = false;
    if (CLOSED.includes(code)) this.dispatchEvent(new Event("closed"));
    this.setState(texts[code] ?? fill(texts.refused, { detail }));
  }

  // --- Two windows, two answers ----------------------------------------------------------------
  // Another window saved `stored` in the meantime: show both answers, and let the learner choose.
  showConflict(revision, stored) {
    const mine = this.chosen;
    this.hasChanged = false;
    this.removeConflict();
    if (this.fields.isSame(mine, stored)) {
      this.show(revision, stored);
      return;
    }
    this.revision = revision;
    this.setState(texts.undecided);
    const box = document.getElementById("conflict").content.cloneNode(true).firstElementChild;
    box.querySelector("[data-here]").textContent = this.answerText(mine);
    box.querySelector("[data-there]").textContent = this.answerText(stored);
    box.querySelector("[data-keep]").addEventListener("click", () => {
      this.change();
      this.focus();
    });
    box.querySelector("[data-use]").addEventListener("click", () => {
      this.removeConflict();
      this.show(revision, stored);
      this.focus();
    });
    this.conflict = box;
    this.element.append(box);
    this.dispatchEvent(new Event("change"));
  }

  removeConflict() {
    this.conflict?.remove();
    this.conflict = null;
  }

  answerText(answer) {
    return this.fields.text(answer) || texts.no_answer;
  }

  setState(text) {
    this.state.textContent = text;
  }
}
