// Parts of a page whose texts only the server knows (why it isn't 100 %, what opens next): fetched
// again a moment after a change.

const PAUSE = 1500;
let timer;

export function refreshParts() {
  timer ??= setTimeout(async () => {
    timer = undefined;
    const fresh = await fetchPage();
    if (!fresh) return;
    for (const part of document.querySelectorAll("[data-part]")) replace(part, fresh);
  }, PAUSE);
}

// Fetches one part at once. Returns whether the server has answered.
export async function loadPart(name) {
  const part = document.querySelector(`[data-part="${name}"]`);
  const fresh = part && (await fetchPage());
  const other = fresh?.querySelector(`[data-part="${name}"]`);
  if (!other) return false;
  if (!part.contains(document.activeElement)) part.replaceChildren(...other.childNodes);
  return true;
}

async function fetchPage() {
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function replace(part, fresh) {
  const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
  if (!other || part.innerHTML === other.innerHTML) return;
  // A part with the focus is only replaced after the focus has left it.
  if (part.contains(document.activeElement)) {
    part.addEventListener("focusout", refreshParts, { once: true });
    return;
  }
  part.replaceChildren(...other.childNodes);
}
