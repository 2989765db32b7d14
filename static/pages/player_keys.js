// The player's keys, anywhere on the page except in text fields and controls.

import { keepCaptions } from "./captions.js";

const SMALL = 5;
const LARGE = 10;

// Listens from now on, and returns the listener for keys that were pressed before.
export function listen(media, plyr, help) {
  if (media.textTracks) keepCaptions(media, plyr);
  const move = (seconds) => {
    const end = media.duration || Infinity;
    media.currentTime = Math.min(Math.max(media.currentTime + seconds, 0), end);
  };
  const setSpeed = (step) => {
    const { options } = plyr.config.speed;
    plyr.speed = options[options.indexOf(plyr.speed) + step] ?? plyr.speed;
  };
  const keys = {
    " ": () => plyr.togglePlay(),
    k: () => plyr.togglePlay(),
    j: () => move(-LARGE),
    l: () => move(LARGE),
    ArrowLeft: () => move(-SMALL),
    ArrowRight: () => move(SMALL),
    ArrowUp: () => plyr.increaseVolume(0.1),
    ArrowDown: () => plyr.decreaseVolume(0.1),
    c: () => plyr.toggleCaptions(),
    m: () => {
      media.muted = !media.muted;
    },
    f: () => plyr.fullscreen.toggle(),
    n: () => document.querySelector("#end:not([hidden]) [data-next], .next a")?.click(),
    "<": () => setSpeed(-1),
    ">": () => setSpeed(1),
    "?": () => help.showModal(),
  };
  for (let tenth = 0; tenth < 10; tenth += 1) {
    keys[tenth] = () => (media.currentTime = ((media.duration || 0) * tenth) / 10);
  }
  const onKey = (event) => {
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || isTaken(event, plyr)) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  // Before the player's own listeners: its L would loop.
  addEventListener("keydown", onKey, true);
  return onKey;
}

function isTaken({ key, target }, plyr) {
  if (target.closest("input:not([type=range]), textarea, select, [contenteditable], dialog")) return true;
  // Vertical arrows scroll the page, unless the focus is in the player.
  const isInside = plyr.elements.container.contains(target);
  if (key === "ArrowUp" || key === "ArrowDown") return !isInside || isMenu(target);
  if (key === " ") return Boolean(target.closest("button, a, summary, [role=menuitemradio]"));
  if (key.startsWith("Arrow")) return isMenu(target) || Boolean(target.closest("[data-plyr=volume]"));
  return false;
}

const isMenu = (target) => Boolean(target.closest("[role=menu]"));
