// The fields of a question's answer, by its type. Each gives the answer (`value`), shows one, and
// puts one into words. Fields other than choices are loaded where a quiz has them.

const OTHER_TYPES = ["ordering", "matching", "numeric", "short_text"];

// Returns a function that makes the fields of a question's element. `onEdit` is called for what the
// browser reports no "change" for.
export async function loadFields(form) {
  const hasOthers = form.querySelector(OTHER_TYPES.map((type) => `[data-type=${type}]`).join());
  const others = hasOthers ? (await import("./other_answer_fields.js")).OTHERS : {};
  return (element, onEdit) => new (others[element.dataset.type] ?? Choices)(element, onEdit);
}

class Choices {
  constructor(element) {
    this.inputs = [...element.querySelectorAll("input")];
  }

  get value() {
    return this.inputs.filter((input) => input.checked).map((input) => Number(input.value));
  }

  get isAnswered() {
    return this.value.length > 0;
  }

  show(answer) {
    for (const input of this.inputs) input.checked = answer.includes(Number(input.value));
  }

  isSame(one, other) {
    return String([...one].sort()) === String([...other].sort());
  }

  focus() {
    (this.inputs.find((input) => input.checked) ?? this.inputs[0])?.focus();
  }

  text(answer) {
    return this.inputs
      .filter((input) => answer.includes(Number(input.value)))
      .map((input) => input.closest("label").textContent.trim())
      .join(", ");
  }
}
