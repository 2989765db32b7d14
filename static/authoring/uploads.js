// The page of a course's files: each form uploads one file, and says at its field what is wrong.

import { Cancelled, Refused, SignedOut, Transfer } from "./transfer.js";
import { watchMeasuring } from "./measuring.js";
import { announce } from "../pages/words.js";

const {
  begin_url: beginUrl,
  states_url: statesUrl,
  words,
} = JSON.parse(document.getElementById("uploads").textContent);
const csrfToken = document.querySelector("#csrf [name=csrfmiddlewaretoken]").value;
let running = 0;

enableForms(document);
watchMeasuring(statesUrl, words, enableForms);

function enableForms(part) {
  for (const form of part.querySelectorAll("[data-upload]")) enable(form);
}

function enable(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    upload(form);
  });
  // Until now the browser itself would have sent the form, without the file.
  form.querySelector("[data-start]").disabled = false;
  const role = form.querySelector("[data-choose-role]");
  role?.addEventListener("change", () => showLanguage(form, role.value));
}

addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});

function showLanguage(form, role) {
  const language = form.querySelector("[data-of-captions]");
  if (language) language.hidden = role !== "captions";
}

async function upload(form) {
  const file = form.querySelector("[data-file]").files[0];
  clearErrors(form);
  if (!file) return showError(form, "file", words.empty);
  const transfer = new Transfer(file, valuesOf(form), {
    beginUrl,
    csrfToken,
    onState: (name, percent) => showState(form, name, percent),
  });
  setBusy(form, true);
  const cancel = form.querySelector("[data-cancel]");
  cancel.onclick = () => transfer.cancel();
  try {
    await transfer.run();
  } catch (error) {
    setBusy(form, false);
    return showFailure(form, error);
  }
  running -= 1;
  location.reload();
}

function valuesOf(form) {
  const role = form.querySelector("[data-choose-role]")?.value ?? form.dataset.role;
  const language = role === "captions" ? form.querySelector("[data-language]").value.trim() : "";
  return { role, media: form.dataset.media ?? "", language };
}

function setBusy(form, isBusy) {
  running += isBusy ? 1 : -1;
  form.querySelector("[data-transfer]").hidden = !isBusy;
  for (const field of form.querySelectorAll("button:not([data-cancel]), input, select")) {
    field.disabled = isBusy;
  }
}

function showState(form, name, percent) {
  const progress = form.querySelector("progress");
  if (percent !== undefined) progress.value = percent;
  const text = words[name].replace("{percent}", String(percent ?? progress.value));
  form.querySelector("[data-state]").textContent = text;
  if (name !== "uploading") announce(text);
}

function showFailure(form, error) {
  if (error instanceof Cancelled) return;
  if (error instanceof SignedOut) showError(form, "file", words.signed_out);
  else if (error instanceof Refused) showError(form, error.field, error.message || words.failed);
  else showError(form, "file", words.failed);
}

function showError(form, field, message) {
  const own = form.querySelector(`[data-error-of="${CSS.escape(field)}"]`);
  const place = own ?? form.querySelector("[data-error]");
  place.textContent = message;
  place.hidden = false;
  const input = form.querySelector(own ? "[data-language]" : "[data-file]");
  input.setAttribute("aria-invalid", "true");
  input.focus();
}

function clearErrors(form) {
  for (const place of form.querySelectorAll("[data-error], [data-error-of]")) place.hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}
