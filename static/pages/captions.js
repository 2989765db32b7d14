// Captions are as the account has them; what the learner changes in the player is kept there.

// Loaded with the keys, so the first change may have been made already.
export function keepCaptions(media, plyr) {
  if (!media.dataset.keepUrl) return;
  const save = () => {
    const { captions, language } = plyr.storage.get() ?? {};
    if (captions !== undefined || language) send(media.dataset.keepUrl, captions, language);
  };
  for (const type of ["captionsenabled", "captionsdisabled", "languagechange"]) media.addEventListener(type, save);
  save();
}

async function send(url, captions, language) {
  const body = new URLSearchParams();
  if (captions !== undefined) body.set("captions_on", captions ? "on" : "");
  if (language) body.set("captions_language", language);
  const headers = { "X-CSRFToken": document.querySelector("#csrf [name=csrfmiddlewaretoken]").value };
  try {
    const { ok } = await fetch(url, { method: "POST", body, keepalive: true, headers });
    if (ok) forget();
  } catch { /* offline: this device remembers it, and sends it next time */ }
}

// From now on the account decides, also here.
function forget() {
  const { captions, language, ...rest } = JSON.parse(localStorage.player);
  localStorage.player = JSON.stringify(rest);
}
