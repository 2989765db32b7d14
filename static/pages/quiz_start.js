// The page before an attempt with a time limit: the server notes its beginning, then shows the questions.

import { words } from "./words.js";

export function begin(form, player, tracker, _strip, started) {
  const button = form.querySelector("button");
  const result = form.querySelector("[data-result]");
  button.disabled = false;
  started.then(() => tracker.record(player.content_id, "view"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    result.textContent = words.saving;
    await started;
    const attempt = Number(form.dataset.attempt);
    const answer = await tracker.updateProgress(player.content_id, "begin", { attempt });
    // Begun on another device meanwhile: there it is.
    if (answer.status !== "rejected" || answer.code === "attempt_closed") location.replace(location.pathname);
    else {
      result.textContent = answer.detail ?? words.refused;
      button.disabled = false;
    }
  });
}
