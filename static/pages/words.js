// The words that scripts say, in the reader's language; the server wrote them into the page.

export const given = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

export const words = given("words") ?? {};

export const say = (template, values) =>
  template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

const announcer = document.getElementById("announcer");

export function announce(text) {
  if (announcer && announcer.textContent !== text) announcer.textContent = text;
}
