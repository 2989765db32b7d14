// A DASH stream (.mpd) in a <video>, played by dash.js.
//
//   const film = new DashStream(video, "https://cdn.example.com/film.mpd", () => import("dashjs"));
//   tracker.watchMedia(film, contentId);

import { StreamPlayer } from "./stream_player.js";

// Codes of dash.js for what couldn't be loaded: 10 to 17, 25 to 29.
const isOfLoading = (code) => (code >= 10 && code <= 17) || (code >= 25 && code <= 29);

const STOOD_MS = 1000;
// dash.js's own listeners have a lower one.
const FIRST = { priority: 10_000 };

export class DashStream extends StreamPlayer {
  // `settings` are those of dash.js.
  constructor(media, address, loadLibrary, settings = {}) {
    super(media, address);
    Object.assign(this, { loadLibrary, settings });
    this.addEventListener("ended", () => (this.endedAt = media.currentTime));
    this.addEventListener("seeking", () => (this.endedAt = null));
    this.load();
  }

  // Begins, or after an error begins again at the same place.
  async load(position = this.media.currentTime) {
    this.error = null;
    this.dash?.destroy();
    this.dash = null;
    try {
      const loaded = await this.loadLibrary();
      this.begin(loaded.MediaPlayer ? loaded : loaded.default, position);
    } catch (error) {
      this.fail("no_answer", String(error));
    }
  }

  begin({ MediaPlayer }, position) {
    if (!("MediaSource" in globalThis || "ManagedMediaSource" in globalThis)) {
      this.fail("media", "MediaSource");
      return;
    }
    const dash = MediaPlayer().create();
    this.dash = dash;
    dash.updateSettings(this.settings);
    const { events } = MediaPlayer;
    dash.on(events.ERROR, ({ error }) => {
      if (!this.error) this.fail(isOfLoading(error?.code) ? "no_answer" : "media", error?.code);
    });
    dash.on(events.PLAYBACK_ENDED, (event) => (event.isLast &&= this.isAtEnd()), this, FIRST);
    dash.on(events.STREAM_INITIALIZED, () => (this.isLive = dash.isDynamic()));
    dash.initialize(this.media, this.address, false, position > 0 ? position : undefined);
  }

  // Five times a second dash.js looks whether the position has passed the duration in the manifest, then pauses
  // the film and goes back. Manifests round their duration: a film that still moves ends by itself.
  isAtEnd() {
    const { ended, paused, currentTime } = this.media;
    const now = performance.now();
    if (currentTime !== this.stood?.at) this.stood = { at: currentTime, since: now };
    const hasStopped = !paused && !ended && now - this.stood.since > STOOD_MS;
    return hasStopped || this.endedAt === currentTime;
  }

  stop() {
    this.dash?.destroy();
    super.stop();
  }
}
