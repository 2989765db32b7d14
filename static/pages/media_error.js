// A film or sound that can't be loaded: said on the page, with a way to try again.

export function showMediaError(media, position) {
  const notice = document.getElementById("media-error");
  notice.hidden = false;
  notice.querySelector("button").onclick = () => {
    media.addEventListener("loadedmetadata", () => goBack(media, position), { once: true });
    media.load();
    media.play().catch(() => {});
  };
  for (const type of ["loadeddata", "playing"]) {
    media.addEventListener(type, () => (notice.hidden = true), { once: true });
  }
}

function goBack(media, position) {
  if (position > 0 && media.currentTime === 0) media.currentTime = position;
}
