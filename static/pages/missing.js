// The parts of a content that are still missing, as links to them.

import { spanText, startOf } from "./positions.js";
import { fill, words } from "./words.js";

const MAX_LINKS = 5;

export function showLinks({ missing, gaps, unit, nameOf }) {
  const links = gaps.slice(0, MAX_LINKS).map((span) => {
    const link = document.createElement("a");
    link.href = `#at=${startOf(span, unit)}`;
    link.textContent = nameOf?.(span) || spanText(span, unit);
    return link;
  });
  const more = gaps.length > MAX_LINKS ? [fill(words.and_more, { count: gaps.length - MAX_LINKS })] : [];
  missing.querySelector("span").replaceChildren(
    ...[...links, ...more].flatMap((item, index) => (index ? [", ", item] : [item])),
  );
}
