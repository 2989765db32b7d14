// Positions in words, in a content's own unit: seconds, pages from 1, fractions of a text.

import { fill, percentage, words } from "./words.js";

const twoDigits = (number) => String(number).padStart(2, "0");

// `2:05`, `1:02:05`
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const tail = twoDigits(whole % 60);
  return hours ? `${hours}:${twoDigits(minutes)}:${tail}` : `${minutes}:${tail}`;
}

export function positionText(position, unit) {
  if (unit === "seconds") return clock(position);
  if (unit === "pages") return fill(words.place_page, { page: Math.max(Math.round(position), 1) });
  return percentage(Math.floor(position * 100));
}

// A stretch in words, as the server writes it, the end rounded up; page n is [n-1, n].
export function spanText([from, to], unit) {
  if (unit === "seconds") return leftToRight(`${clock(from)}–${clock(Math.ceil(to))}`);
  if (unit !== "pages") return leftToRight(percentage(`${Math.floor(from * 100)}–${Math.floor(to * 100)}`));
  if (to - from === 1) return fill(words.place_page, { page: to });
  return fill(words.place_pages, { first: from + 1, last: to });
}

// A range keeps its order in a right-to-left text.
const leftToRight = (text) => (document.dir === "rtl" ? `\u2066${text}\u2069` : text);

// The position where a stretch begins.
export const startOf = ([from], unit) => (unit === "pages" ? from + 1 : from);
