// A film in the frame of a service's player: the same page around it as around a <video>.

import { MediaWatch } from "../progress/media.js";
import { loadFilm } from "./film_loading.js";
import { announce, readJson } from "./words.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const FORWARDED = ["play", "playing", "pause", "ended"];

export async function begin(frame, player, tracker, strip, started) {
  const texts = readJson("player-words");
  const film = await loadFilm(frame);
  // The end card, and the offer to continue elsewhere, listen to the element.
  for (const type of FORWARDED) film.addEventListener(type, () => frame.dispatchEvent(new Event(type)));
  let hasPlayed = false;
  film.addEventListener("playing", () => (hasPlayed = true), { once: true });
  const goTo = (position, { play = false } = {}) => {
    const place = Math.min(position, film.duration || position);
    if (hasPlayed) film.currentTime = place;
    else film.startAt(place);
    if (play) film.play();
  };
  film.addEventListener("timeupdate", () => strip?.mark(film.currentTime));
  film.addEventListener("ratechange", () => {
    if (film.playbackRate <= player.max_rate) return;
    film.playbackRate = player.max_rate;
    document.getElementById("too-fast").hidden = false;
  });
  showErrors(film, texts);
  loadKeys(frame, film, player, texts);
  watch(film, player, tracker, strip, started, Number(frame.dataset.start));
  return { goTo, here: () => film.currentTime, isStill: () => film.paused };
}

// Watching begins after resuming, so that the jump there isn't recorded as the learner's.
async function watch(film, player, tracker, strip, started, start) {
  const resumed = resume(film, player.position || start);
  await started;
  await resumed;
  const watched = tracker.watch(new MediaWatch(film, player.content_id, tracker));
  if (!strip) return;
  if (film.paused) await once(film, "playing");
  const loaded = await import("./counting.js").catch(() => null); // offline
  if (loaded) new loaded.Counting(film, watched, player, tracker, strip);
}

async function resume(film, position) {
  if (film.source === null) await once(film, "loadedmetadata");
  // If it plays already, the learner is where they want to be.
  const isHere = !film.paused || film.currentTime > 0;
  if (!isHere && position > 0 && !(position >= film.duration)) film.startAt(position);
  if (location.hash === "#play") film.play();
}

// What is wrong, in the page's own words: in the frame there may be nothing, or another language.
function showErrors(film, texts) {
  const notice = document.getElementById("media-error");
  const [line, again] = notice.children;
  const show = (code) => {
    line.textContent = texts[code] ?? texts.media;
    notice.hidden = false;
  };
  again.addEventListener("click", () => {
    notice.hidden = true;
    film.load();
  });
  film.addEventListener("error", () => show(film.error.code));
  for (const type of ["loadedmetadata", "playing"]) film.addEventListener(type, () => (notice.hidden = true));
  if (!navigator.onLine) show("no_answer");
  addEventListener("online", () => !notice.hidden && film.load());
}

// While the focus is inside the frame, keys are the service's own.
async function loadKeys(frame, film, player, texts) {
  const help = document.getElementById("keys");
  document.getElementById("show-keys").addEventListener("click", () => help.showModal());
  const controls = {
    togglePlay: () => (film.paused ? film.play() : film.pause()),
    get speed() {
      return film.playbackRate;
    },
    set speed(rate) {
      film.playbackRate = rate;
    },
    config: { speed: { options: SPEEDS.filter((speed) => speed <= player.max_rate) } },
    increaseVolume: (step) => (film.volume += step),
    decreaseVolume: (step) => (film.volume -= step),
    toggleCaptions: () => announce(texts.captions, { isShown: true }),
    fullscreen: {
      toggle: () => (document.fullscreenElement ? document.exitFullscreen() : frame.requestFullscreen()),
    },
    elements: { container: frame },
  };
  const loaded = await import("./player_keys.js").catch(() => null); // offline
  loaded?.listen(film, controls, help);
}

const once = (target, type) =>
  new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
