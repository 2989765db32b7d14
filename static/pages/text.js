// A text: restores the position where it was being read.

import { TextWatch } from "../progress/reading.js";
import { fractionAt, scrollToFraction, upperEdge } from "../progress/visible.js";

const READER_INPUT = ["wheel", "touchmove", "keydown", "pointerdown"];

export function begin(text, player, tracker, strip, started) {
  const here = () => fractionAt(text, upperEdge(text));
  const goTo = (position) => scrollToFraction(text, position);
  const paragraph = requestedParagraph(text);
  if (paragraph) {
    player.position = fractionAt(text, paragraph.getBoundingClientRect().top);
    player.is_reload = true;
  }
  const mark = () => strip?.mark(here());
  strip?.onCovered.add((spans) => markRead(text, strip, spans));
  if (player.covered.length) markRead(text, strip, player.covered);
  if (player.position > 0) stayAt(player.position, text, goTo);
  document.addEventListener("scroll", mark, { passive: true, capture: true });
  addEventListener("resize", mark, { passive: true });
  mark();
  started.then(() => tracker.watch(new TextWatch(text, player.content_id, tracker)));
  return { goTo, here, isStill: () => true };
}

// The paragraph that the URL asks for (`#paragraph=3`). A reload then resumes at the saved place.
function requestedParagraph(text) {
  const number = new URLSearchParams(location.hash.slice(1)).get("paragraph");
  if (number) history.replaceState(null, "", location.pathname + location.search);
  return text.querySelectorAll("p")[Number.parseInt(number, 10) - 1];
}

let marks;

// Loaded once there is something to mark.
async function markRead(text, strip, spans) {
  if (!spans.length) return;
  const { ReadMarks } = await import("./read_marks.js");
  marks ??= new ReadMarks(text);
  marks.mark(spans);
  if (strip.nameOf) return;
  strip.nameOf = (span) => marks.nameOf(span);
  if (strip.gaps) strip.showMissing(strip.gaps, false);
}

// Images that load late move the text: keep the position until the reader scrolls.
function stayAt(position, text, goTo) {
  goTo(position);
  const observer = new ResizeObserver(() => goTo(position));
  observer.observe(text);
  for (const type of READER_INPUT) {
    addEventListener(type, () => observer.disconnect(), { passive: true, capture: true, once: true });
  }
}
