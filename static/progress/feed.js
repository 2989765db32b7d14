// One connection to the server: the stream of a learner in a course, or polling.
//
// `onStanding(body, id)` gets each pushed body; `onProgress(body)` what `fetchProgress` returned.
// `takeSlot()` resolves with a function that gives the slot back, or null if none is free: then the
// feed polls instead. `onRefused()` is called if the server refuses both.

export const POLL = 15_000;
const RETRY = 3_000;
const MAX_PAUSE = 60_000;

export class Feed {
  constructor({ streamUrl, lastId, fetchProgress, takeSlot, onStanding, onProgress, onRefused }) {
    Object.assign(this, { streamUrl, lastId, fetchProgress, takeSlot, onStanding, onProgress, onRefused });
    this.failures = 0;
    this.isStopped = false;
    this.begin();
  }

  async begin() {
    const giveBack = await this.takeSlot();
    if (this.isStopped) giveBack?.();
    else if (!giveBack || !window.EventSource || !this.streamUrl) {
      giveBack?.();
      this.poll();
    } else {
      this.giveBack = giveBack;
      this.open();
    }
  }

  open() {
    const url = new URL(this.streamUrl, location.href);
    if (this.lastId) url.searchParams.set("last_event_id", this.lastId);
    const source = new EventSource(url);
    this.source = source;
    for (const type of ["progress", "snapshot"]) {
      source.addEventListener(type, (event) => {
        this.lastId = event.lastEventId || this.lastId;
        this.onStanding(JSON.parse(event.data), this.lastId);
      });
    }
    source.onopen = () => {
      this.failures = 0;
    };
    source.onerror = () => {
      // While it is CONNECTING, the browser retries by itself, with Last-Event-ID.
      if (source.readyState !== EventSource.CLOSED) return;
      this.close();
      // Try once more with the same URL: the server may just be starting. Then get a new URL.
      this.failures += 1;
      this.later(this.failures === 1 ? () => this.begin() : () => this.poll(), this.pause());
    };
  }

  // The stream was refused (its token is old), or isn't available: fetch the progress itself,
  // which comes with a new URL.
  async poll() {
    let progress;
    try {
      progress = await this.fetchProgress();
    } catch {
      // Offline, or the server is restarting: poll again later.
    }
    if (this.isStopped) return;
    if (progress) this.onProgress(progress);
    else if (progress === null && this.failures > 1 && this.onRefused) return this.onRefused();
    const hadUrl = this.streamUrl;
    this.streamUrl = progress?.stream_url ?? this.streamUrl;
    const isNew = this.streamUrl !== hadUrl && this.failures <= 2;
    this.later(() => this.begin(), isNew && this.failures ? 0 : spread(POLL));
  }

  pause() {
    return spread(Math.min(RETRY * 2 ** (this.failures - 1), MAX_PAUSE));
  }

  later(action, milliseconds) {
    if (!this.isStopped) this.timer = setTimeout(action, milliseconds);
  }

  close() {
    this.source?.close();
    this.source = null;
    this.giveBack?.();
    this.giveBack = null;
  }

  stop() {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.close();
  }
}

// Randomizes a pause: pages that lost the server together must not all come back together.
export function spread(milliseconds) {
  return milliseconds * (0.5 + Math.random());
}
