// The texts of the scripts, in the reader's language; the server wrote them into the page.

// The JSON that a template wrote with `json_script`, or null.
export const readJson = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

export const words = readJson("words") ?? {};

// Fills `{name}` in a text.
export const fill = (template, values) =>
  template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// As locale_formats.py writes them.
const { lang } = document.documentElement;
const digits = { numberingSystem: "latn", maximumFractionDigits: 2 };
const zero = lang === "en" ? "0 %" : (0).toLocaleString(lang, { ...digits, style: "percent" });
export const decimal = (number) => number.toLocaleString(lang, digits);
export const percentage = (text) => zero.replace("0", text);

const announcer = document.getElementById("announcer");

// Announced to screen readers; with `isShown` also shown on the page for a moment.
export function announce(text, { isShown = false } = {}) {
  if (announcer && announcer.textContent !== text) announcer.textContent = text;
  if (isShown) import("./toast.js").then((toast) => toast.show(text), () => {});
}
