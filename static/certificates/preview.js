// Previews the design in the form, drawn by the server a moment after each change.
const WAIT_MS = 300;
const place = document.querySelector("[data-preview]");
const form = place.closest("form");
const picture = place.querySelector("[data-preview-picture]");
const errors = place.querySelector("[data-preview-errors]");
let waiting, pending;

async function draw() {
  pending?.abort();
  pending = new AbortController();
  place.classList.add("is-waiting");
  try {
    const answer = await fetch(place.dataset.preview, {
      method: "POST", body: new FormData(form), signal: pending.signal,
    });
    await show(answer);
  } catch (error) {
    if (error.name === "AbortError") return;
    showError("The preview can't be reached just now.");
  }
  place.classList.remove("is-waiting");
}

async function show(answer) {
  const isPicture = answer.headers.get("content-type") === "image/png";
  if (answer.ok && isPicture) {
    picture.src = await dataUrl(await answer.blob());
    picture.hidden = false;
    errors.hidden = true;
  } else if (answer.ok) {
    const body = await answer.json();
    showError(Object.entries(body.errors).map(([field, texts]) =>
      field === "__all__" ? texts.join(" ") : `${label(field)}: ${texts.join(" ")}`).join("\n"));
  } else {
    showError("The preview can't be made just now.");
  }
}

// The content security policy allows pictures from this site and from data: URLs.
function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

function label(field) {
  const found = form.querySelector(`label[for="id_${field}"]`);
  return (found?.textContent ?? field).replace(":", "").trim();
}

function showError(text) {
  errors.textContent = text;
  errors.hidden = false;
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(draw, WAIT_MS);
}

form.addEventListener("input", soon);
form.addEventListener("change", soon);
draw();
