// Files that are measured in the background: how far they are, and then what was found.

import { announce } from "../pages/words.js";

const EVERY_MS = 2000;

// `onReplaced(element)` is called for each file that is shown anew.
export function watchMeasuring(statesUrl, words, onReplaced) {
  const expected = () => [...document.querySelectorAll("[data-expected]")];
  if (expected().length) setTimeout(look, EVERY_MS);

  async function look() {
    const percents = await percentsNow();
    if (percents) {
      const done = [];
      for (const element of expected()) {
        const percent = percents.get(element.dataset.expected);
        if (percent === undefined) done.push(element);
        else show(element, percent);
      }
      if (done.length) await replace(done);
    }
    if (expected().length) setTimeout(look, EVERY_MS);
  }

  // Nothing while there is no connection: it is asked again.
  async function percentsNow() {
    try {
      const answer = await fetch(statesUrl);
      if (!answer.ok || answer.redirected) return null;
      const { files } = await answer.json();
      return new Map(files.map(({ id, percent }) => [id, percent]));
    } catch {
      return null;
    }
  }

  function show(element, percent) {
    element.querySelector("progress").value = percent;
    if (percent) {
      const text = words.measuring.replace("{percent}", String(percent));
      element.querySelector("[data-state]").textContent = text;
    }
  }

  // By the page as it is now. A ZIP has become other files: then all of it is loaded, after the
  // browser has asked where an upload is under way.
  async function replace(elements) {
    let fresh;
    try {
      const answer = await fetch(location.href);
      fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return;
    }
    for (const element of elements) {
      const now = fresh.getElementById(element.id);
      if (!now) {
        location.reload();
        return;
      }
      const text = now.querySelector(".error") ? words.refused : words.measured;
      announce(text.replace("{name}", element.dataset.name));
      element.replaceWith(now);
      onReplaced(now);
    }
  }
}
