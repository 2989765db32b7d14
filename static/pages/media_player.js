// A <video> or <audio> in its player.

import Plyr from "../vendor/plyr-3.8.4/plyr.min.mjs";
import { MediaWatch } from "../progress/media.js";
import { readJson } from "./words.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const chapters = [...document.querySelectorAll("[data-chapter]")].map((link) => ({
  link,
  time: Number(link.dataset.chapter),
}));

// `film`: what plays in it, such as a stream.
export function begin(media, player, tracker, strip, started, film = media) {
  const plyr = makePlayer(media, player);
  const goTo = (position, { play = false } = {}) => {
    media.currentTime = Math.min(position, media.duration || position);
    if (play) media.play().catch(() => {});
  };
  loadKeys(media, plyr, document.getElementById("keys"));
  const fail = () => {
    document.getElementById("media-error").hidden = false; // offline, nothing can be imported
    import("./media_error.js").then(({ showMediaError }) => showMediaError(film, media.currentTime), () => {});
  };
  film.addEventListener("error", fail);
  if (film.error) fail();
  film.addEventListener("ratechange", () => {
    if (film.playbackRate <= player.max_rate) return;
    film.playbackRate = player.max_rate;
    document.getElementById("too-fast").hidden = false;
  });
  media.addEventListener("timeupdate", () => strip?.mark(media.currentTime));
  if (chapters.length) import("./chapters.js").then(({ follow }) => follow(media, chapters), () => {});
  const transcript = document.getElementById("transcript");
  const open = () => import("./transcript.js").then(({ begin }) => begin(transcript, media));
  transcript?.addEventListener("toggle", open, { once: true });
  watch(film, player, tracker, strip, started);
  return { goTo, here: () => media.currentTime, isStill: () => media.paused };
}

// Keys are loaded when they are needed; those pressed before count.
function loadKeys(media, plyr, help) {
  const wait = new AbortController();
  const options = { capture: true, signal: wait.signal };
  let loading;
  const load = () => {
    loading ??= import("./player_keys.js").then(({ listen }) => {
      wait.abort();
      return listen(media, plyr, help);
    }, () => {});
    return loading;
  };
  addEventListener("keydown", (event) => {
    if (event.key === " " && event.target === document.body) event.preventDefault();
    load().then((act) => act?.(event));
  }, options);
  for (const type of ["pointermove", "pointerdown", "focusin"]) addEventListener(type, load, options);
  document.getElementById("show-keys").addEventListener("click", () => help.showModal());
}

function makePlayer(media, player) {
  const isVideo = media.localName === "video";
  return new Plyr(media, {
    iconUrl: new URL("../vendor/plyr-3.8.4/plyr.svg", import.meta.url).href,
    blankVideo: "",
    controls: [
      ...(isVideo ? ["play-large"] : []),
      ...["rewind", "play", "fast-forward", "progress", "current-time", "duration", "mute", "volume"],
      ...(isVideo ? ["captions", "settings", "pip", "airplay", "fullscreen"] : ["settings"]),
    ],
    settings: ["captions", "speed"],
    speed: { selected: 1, options: SPEEDS.filter((speed) => speed <= player.max_rate) },
    invertTime: false,
    keyboard: { focused: false, global: false },
    tooltips: { controls: true, seek: true },
    captions: { active: media.dataset.captions !== undefined, language: media.dataset.trackLanguage || "auto", update: true },
    fullscreen: { enabled: true, fallback: true, iosNative: true },
    storage: { enabled: true, key: "player" },
    markers: {
      enabled: chapters.length > 0,
      points: chapters.map(({ link, time }) => ({ time, label: link.textContent })),
    },
    i18n: readJson("player-words"),
  });
}

// Watching begins after resuming, so that the jump there isn't recorded as the learner's.
async function watch(media, player, tracker, strip, started) {
  const resumed = resume(media, player);
  await started;
  await resumed;
  const watched = tracker.watch(new MediaWatch(media, player.content_id, tracker));
  if (!strip) return;
  if (media.paused) await once(media, "playing");
  const loaded = await import("./counting.js").catch(() => null); // offline
  if (loaded) new loaded.Counting(media, watched, player, tracker, strip);
}

async function resume(media, { position }) {
  if (media.readyState < HTMLMediaElement.HAVE_METADATA) await once(media, "loadedmetadata");
  // Going on by itself.
  if (location.hash === "#play") media.play().catch(() => {});
  // If playback has already started, the learner is where they want to be.
  if (media.currentTime > 0 || position <= 0 || position >= media.duration) return;
  media.currentTime = position;
  await once(media, "seeked");
}

const once = (target, type) =>
  new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
