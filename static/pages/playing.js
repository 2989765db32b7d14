// A <video> or <audio>: where to go on, and no faster than it counts.

export async function begin(media, player, tracker, strip, started) {
  const resumed = resume(media, player, tracker);
  media.addEventListener("ratechange", () => {
    if (media.playbackRate > player.max_rate) media.playbackRate = player.max_rate;
  });
  media.addEventListener("timeupdate", () => strip?.mark(media.currentTime));
  strip?.svg.addEventListener("click", (event) => {
    const box = strip.svg.getBoundingClientRect();
    media.currentTime = ((event.clientX - box.left) / box.width) * media.duration;
  });
  await started;
  // Watched from here on, so that going on where one was is no jump of the learner's.
  await resumed;
  tracker.watchMedia(media, player.content_id);
}

async function resume(media, player, tracker) {
  const position = player.unconfirmed?.position ?? player.position;
  if (media.readyState < HTMLMediaElement.HAVE_METADATA) await once(media, "loadedmetadata");
  // Whoever has started already is where they want to be.
  if (media.currentTime > 0 || position <= 0 || position >= media.duration) return;
  media.currentTime = position;
  await once(media, "seeked");
}

const once = (target, type) =>
  new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
