// A text that is shown on the page for a moment.

const SHOWN_MS = 8000;
const toast = document.getElementById("toast");

export function show(text) {
  if (!toast) return;
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => {
    toast.hidden = true;
  }, SHOWN_MS);
}
