// The fields of answers that are put in order, matched or typed; see answer_fields.js.

import { fill, readJson } from "./words.js";

const TYPING_PAUSE_MS = 800;

// The order at first is no answer: it becomes one when something is moved.
class Order {
  constructor(element, onEdit) {
    this.inputs = [];
    this.list = element.querySelector(".order");
    this.moved = element.querySelector("[data-moved]");
    this.onEdit = onEdit;
    this.isAnswered = false;
    this.list.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-move]");
      if (button) this.step(button.closest("li"), Number(button.dataset.move), button);
    });
    // Before the question itself reads the answer.
    this.list.addEventListener("change", ({ target }) => {
      this.put(target.closest("li"), Number(target.value) - 1);
      target.focus();
    });
    this.number();
  }

  get items() {
    return [...this.list.children];
  }

  get value() {
    return this.isAnswered ? this.items.map((item) => Number(item.dataset.choice)) : [];
  }

  step(item, by, button) {
    this.put(item, this.items.indexOf(item) + by);
    (button.disabled ? item.querySelector("[data-move]:not(:disabled)") : button)?.focus();
    this.onEdit();
  }

  put(item, index) {
    const others = this.items.filter((each) => each !== item);
    this.list.insertBefore(item, others[index] ?? null);
    this.isAnswered = true;
    this.number();
    const text = item.querySelector("bdi").textContent;
    this.moved.textContent = fill(readJson("quiz-words").moved, { text, place: index + 1 });
  }

  number() {
    const { items } = this;
    items.forEach((item, index) => {
      item.querySelector("select").value = String(index + 1);
      const [up, down] = item.querySelectorAll("[data-move]");
      up.disabled = index === 0;
      down.disabled = index === items.length - 1;
    });
  }

  show(answer) {
    const places = new Map(answer.map((id, index) => [id, index]));
    const place = (item) => places.get(Number(item.dataset.choice)) ?? places.size;
    this.list.append(...this.items.sort((a, b) => place(a) - place(b)));
    this.isAnswered = answer.length > 0;
    this.number();
  }

  isSame(one, other) {
    return String(one) === String(other);
  }

  focus() {
    this.list.querySelector("select").focus();
  }

  text(answer) {
    const texts = this.items.map((item) => [Number(item.dataset.choice), item]);
    const byId = new Map(texts.map(([id, item]) => [id, item.querySelector("bdi").textContent]));
    return answer.map((id, index) => `${index + 1}. ${byId.get(id) ?? ""}`).join(", ");
  }
}

class Matches {
  constructor(element) {
    this.inputs = [];
    this.selects = [...element.querySelectorAll("[data-prompt]")];
  }

  get value() {
    return this.selects
      .filter((select) => select.value)
      .map((select) => [Number(select.dataset.prompt), Number(select.value)]);
  }

  get isAnswered() {
    return this.selects.every((select) => select.value);
  }

  show(answer) {
    const matches = new Map(answer);
    for (const select of this.selects) select.value = matches.get(Number(select.dataset.prompt)) ?? "";
  }

  isSame(one, other) {
    const sorted = (answer) => answer.map(String).sort().join(";");
    return sorted(one) === sorted(other);
  }

  focus() {
    (this.selects.find((select) => !select.value) ?? this.selects[0])?.focus();
  }

  text(answer) {
    const matches = new Map(answer);
    return this.selects
      .filter((select) => matches.has(Number(select.dataset.prompt)))
      .map((select) => {
        const chosen = matches.get(Number(select.dataset.prompt));
        const option = [...select.options].find((each) => each.value === String(chosen));
        return `${select.closest("label").querySelector("bdi").textContent}: ${option?.text ?? ""}`;
      })
      .join(", ");
  }
}

// Saved at a pause in typing, too: a learner may never leave the field.
class Typed {
  constructor(element, onEdit) {
    this.input = element.querySelector("input");
    this.inputs = [];
    this.input.addEventListener("input", () => {
      clearTimeout(this.pause);
      this.pause = setTimeout(onEdit, TYPING_PAUSE_MS);
    });
    this.input.addEventListener("change", () => clearTimeout(this.pause));
  }

  get value() {
    const text = this.input.value.trim();
    return text ? [text] : [];
  }

  get isAnswered() {
    return this.value.length > 0;
  }

  show(answer) {
    this.input.value = answer[0] ?? "";
  }

  isSame(one, other) {
    return String(one[0] ?? "") === String(other[0] ?? "");
  }

  focus() {
    this.input.focus();
  }

  text(answer) {
    return String(answer[0] ?? "");
  }
}

export const OTHERS = { ordering: Order, matching: Matches, numeric: Typed, short_text: Typed };
