// Positions in words, in a content's own unit: seconds, pages from 1, fractions of a text.

import { say, words } from "./words.js";

const two = (number) => String(number).padStart(2, "0");

// `2:05`, `1:02:05`
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const tail = two(whole % 60);
  return hours ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`;
}

export function inWords(position, unit) {
  if (unit === "seconds") return clock(position);
  if (unit === "pages") return say(words.place_page, { page: Math.max(Math.round(position), 1) });
  return `${Math.floor(position * 100)} %`;
}

// A stretch as the server tells it, the end rounded up; page n is [n-1, n].
export function stretch([from, to], unit) {
  if (unit === "seconds") return leftToRight(`${clock(from)}–${clock(Math.ceil(to))}`);
  if (unit !== "pages") return leftToRight(`${Math.floor(from * 100)}–${Math.floor(to * 100)} %`);
  if (to - from === 1) return say(words.place_page, { page: to });
  return say(words.place_pages, { first: from + 1, last: to });
}

// A range keeps its order where the text runs from right to left.
const leftToRight = (text) => (document.dir === "rtl" ? `\u2066${text}\u2069` : text);

// Where a stretch begins, as a position.
export const beginning = ([from], unit) => (unit === "pages" ? from + 1 : from);

// The position that the address asks for (`#at=130`), or null.
export function asked() {
  const at = Number.parseFloat(new URLSearchParams(location.hash.slice(1)).get("at"));
  return Number.isFinite(at) && at >= 0 ? at : null;
}
