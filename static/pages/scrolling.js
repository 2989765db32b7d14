// A text: kept and restored where it was being read.

export function begin(text, player, tracker, strip, started) {
  const here = () => {
    const box = text.getBoundingClientRect();
    return Math.min(Math.max(-box.top / box.height, 0), 1);
  };
  const goTo = (position) => {
    const box = text.getBoundingClientRect();
    scrollTo({ top: scrollY + box.top + box.height * position, behavior: "instant" });
  };
  if (player.position > 0) goTo(player.position);
  const mark = () => strip?.mark(here());
  addEventListener("scroll", mark, { passive: true });
  mark();
  started.then(() => tracker.watchText(text, player.content_id));
  return { goTo, here, isStill: () => true };
}
