// Captions are as the account has them, on every device; what is changed in the player is kept there.

const STORE = "player"; // where the player keeps what the learner changes

// Before the player is made: what an earlier visit left on this device would win over the account.
export function forgetCaptions() {
  const { captions, language, ...rest } = stored();
  try {
    localStorage.setItem(STORE, JSON.stringify(rest));
  } catch { /* storage is blocked */ }
}

export function keepCaptions(media) {
  const { keepUrl } = media.dataset;
  if (!keepUrl) return;
  let sent = "";
  const save = () => {
    const { captions, language } = stored();
    const body = new URLSearchParams();
    if (captions !== undefined) body.set("captions_on", captions ? "on" : "");
    if (language) body.set("captions_language", language);
    if (`${body}` === sent) return;
    sent = `${body}`;
    fetch(keepUrl, { method: "POST", body, keepalive: true, headers: { "X-CSRFToken": csrfToken() } }).catch(() => {
      sent = ""; // offline: the next change is sent with this one
    });
  };
  for (const type of ["captionsenabled", "captionsdisabled", "languagechange"]) media.addEventListener(type, save);
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) ?? {};
  } catch {
    return {};
  }
}

function csrfToken() {
  return document.querySelector("#csrf [name=csrfmiddlewaretoken]").value;
}
