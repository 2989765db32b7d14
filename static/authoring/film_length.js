// The preview of a film in a player of its own: plays it, and says whether the course has its length.

import { loadFilm } from "../pages/film_loading.js";

const TOLERANCE = 1; // seconds
const note = document.getElementById("measured");
const film = await loadFilm(document.getElementById("media"));
film.addEventListener("durationchange", show);
film.addEventListener("loadedmetadata", show);
film.addEventListener("error", () => say("error"));
show();

function show() {
  const seconds = film.duration;
  if (film.isLive || seconds === Infinity) return say("live");
  if (!(seconds > 0)) return undefined;
  const stated = Number(note.dataset.stated);
  note.querySelector("[name=seconds]").value = seconds.toFixed(3);
  if (!stated) return say("missing", seconds);
  return say(Math.abs(stated - seconds) > TOLERANCE ? "different" : "same", seconds);
}

function say(what, seconds) {
  note.hidden = false;
  for (const line of note.querySelectorAll("[data-when]")) {
    line.hidden = line.dataset.when !== what;
    for (const place of line.querySelectorAll("[data-length]")) place.textContent = clock(seconds);
  }
  note.querySelector("form").hidden = what !== "missing" && what !== "different";
}

function clock(seconds) {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, "0") : part)).join(":");
}
