// Parts of a page whose words only the server can say (why it isn't 100 %, what opens next):
// asked for again a moment after something moved.

const PAUSE = 1500;
let timer;

export function refreshParts() {
  timer ??= setTimeout(async () => {
    timer = undefined;
    const answer = await fetch(location.pathname, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-part]")) replace(part, fresh);
  }, PAUSE);
}

function replace(part, fresh) {
  const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
  if (!other || part.innerHTML === other.innerHTML) return;
  // What has the focus stays until the focus leaves it.
  if (part.contains(document.activeElement)) {
    part.addEventListener("focusout", refreshParts, { once: true });
    return;
  }
  part.replaceChildren(...other.childNodes);
}
