// A text: kept and restored where it was being read.

export async function begin(text, player, tracker, strip) {
  if (player.position > 0) {
    const box = text.getBoundingClientRect();
    scrollTo({ top: scrollY + box.top + box.height * player.position, behavior: "instant" });
  }
  const mark = () => {
    const box = text.getBoundingClientRect();
    strip?.mark(Math.min(Math.max(-box.top / box.height, 0), 1));
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
  if (!tracker.session) {
    await new Promise((resolve) => tracker.addEventListener("session", resolve, { once: true }));
  }
  tracker.watchText(text, player.content_id);
}
