// Shows in a lighter tone what was played and isn't counted yet; the strip turns solid once the
// server has counted it. Crossing the threshold of completion is reported at once.

export class Counting {
  constructor(media, watch, player, tracker, strip) {
    Object.assign(this, { watch, player, tracker, strip });
    this.spans = []; // since the strip was last drawn
    strip.onCovered.add(() => {
      this.spans = [];
      this.show();
    });
    media.addEventListener("timeupdate", () => this.show());
    this.show();
  }

  show() {
    const { watch, strip, tracker, player } = this;
    const waiting = tracker.unsent
      .filter((event) => event.content_id === player.content_id)
      .flatMap((event) => event.segments ?? []);
    const playing = watch.start !== null && watch.last > watch.start ? [[watch.start, watch.last]] : [];
    this.spans = merged([...this.spans, ...waiting, ...watch.segments, ...playing]);
    strip.showCounting(this.spans);
    this.cross();
  }

  cross() {
    const { player, strip } = this;
    if (this.hasCrossed || player.is_complete || !player.complete_at) return;
    const seconds = merged([...strip.covered, ...this.spans]).reduce((sum, [from, to]) => sum + to - from, 0);
    if (seconds < player.complete_at * strip.extent) return;
    this.hasCrossed = true;
    this.tracker.beat();
  }
}

function merged(spans) {
  const result = [];
  for (const [from, to] of [...spans].sort((one, other) => one[0] - other[0])) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
