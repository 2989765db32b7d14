// The texts of the scripts, in the reader's language; the server wrote them into the page.

// The JSON that a template wrote with `json_script`, or null.
export const readJson = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

export const words = readJson("words") ?? {};

// Fills `{name}` in a text.
export const fill = (template, values) =>
  template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// Numbers as the page's language has them, and as the server writes them (locale_formats.py).
const { lang } = document.documentElement;
const digits = { maximumFractionDigits: 2, numberingSystem: "latn" };
const around = lang === "en" ? ["", " %"] : (0).toLocaleString(lang, { ...digits, style: "percent" }).split("0");
export const decimal = (number) => number.toLocaleString(lang, digits);
export const percentage = (text) => around.join(text);

const announcer = document.getElementById("announcer");

// Announced to screen readers; with `isShown` also shown on the page for a moment.
export function announce(text, { isShown = false } = {}) {
  if (announcer && announcer.textContent !== text) announcer.textContent = text;
  if (isShown) showBriefly(text);
}

const SHOWN_MS = 8000;
const toast = document.getElementById("toast");

function showBriefly(text) {
  if (!toast) return;
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => {
    toast.hidden = true;
  }, SHOWN_MS);
}
