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

const ANNOUNCEMENTS = 3; // a reader that speaks takes a while: the next one mustn't replace what it hasn't read

// Announced to screen readers; with `isShown` also shown on the page for a moment.
export function announce(text, { isShown = false } = {}) {
  if (announcer && announcer.lastElementChild?.textContent !== text) {
    const announcement = document.createElement("p");
    announcement.textContent = text;
    announcer.append(announcement);
    if (announcer.childElementCount > ANNOUNCEMENTS) announcer.firstElementChild.remove();
  }
  if (isShown) import("./toast.js").then((toast) => toast.show(text), () => {});
}
