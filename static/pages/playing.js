// A <video> or <audio>: where to go on, and no faster than it counts.

export async function begin(media, player, tracker, strip) {
  const goOn = () => {
    if (player.position > 0 && player.position < media.duration) media.currentTime = player.position;
  };
  if (media.readyState >= HTMLMediaElement.HAVE_METADATA) goOn();
  else media.addEventListener("loadedmetadata", goOn, { once: true });
  media.addEventListener("ratechange", () => {
    if (media.playbackRate > player.max_rate) media.playbackRate = player.max_rate;
  });
  media.addEventListener("timeupdate", () => strip?.mark(media.currentTime));
  strip?.svg.addEventListener("click", (event) => {
    const box = strip.svg.getBoundingClientRect();
    media.currentTime = ((event.clientX - box.left) / box.width) * media.duration;
  });
  await ready(tracker);
  tracker.watchMedia(media, player.content_id);
}

const ready = (tracker) =>
  tracker.session ??
  new Promise((resolve) => tracker.addEventListener("session", resolve, { once: true }));
