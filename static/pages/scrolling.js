// A text: kept and restored where it was being read.

export async function begin(text, player, tracker, strip, started) {
  const position = player.unconfirmed?.reading_position ?? player.position;
  if (position > 0) {
    const box = text.getBoundingClientRect();
    scrollTo({ top: scrollY + box.top + box.height * position, behavior: "instant" });
  }
  const mark = () => {
    const box = text.getBoundingClientRect();
    strip?.mark(Math.min(Math.max(-box.top / box.height, 0), 1));
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
  await started;
  tracker.watchText(text, player.content_id);
}
