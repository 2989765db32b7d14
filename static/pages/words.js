// The words that scripts say, in the reader's language; the server wrote them into the page.

export const given = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

export const words = given("words") ?? {};

export const say = (template, values) =>
  template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

const announcer = document.getElementById("announcer");

// Said to screen readers; shown to all for a moment with `isShown`.
export function announce(text, { isShown = false } = {}) {
  if (announcer && announcer.textContent !== text) announcer.textContent = text;
  if (isShown) showBriefly(text);
}

const BRIEFLY = 8000;
const toast = document.getElementById("toast");

function showBriefly(text) {
  if (!toast) return;
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => {
    toast.hidden = true;
  }, BRIEFLY);
}
