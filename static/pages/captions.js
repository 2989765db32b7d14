// What the learner has changed of the captions in the player is kept with the account.

let sent = "";

export async function saveCaptions(media) {
  const { captions, language } = stored();
  const body = new URLSearchParams();
  if (captions !== undefined) body.set("captions_on", captions ? "on" : "");
  if (language) body.set("captions_language", language);
  if (`${body}` === sent) return;
  sent = `${body}`;
  const headers = { "X-CSRFToken": document.querySelector("#csrf [name=csrfmiddlewaretoken]").value };
  try {
    await fetch(media.dataset.keepUrl, { method: "POST", body, keepalive: true, headers });
  } catch {
    sent = ""; // offline: sent with the next change
  }
}

// The player writes there what the learner changes, and nothing else.
function stored() {
  try {
    return JSON.parse(localStorage.player) ?? {};
  } catch {
    return {};
  }
}
