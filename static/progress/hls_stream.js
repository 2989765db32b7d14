// An HLS stream (.m3u8) in a <video>: by the browser itself where it can, else by hls.js.
//
//   const film = new HlsStream(video, "https://cdn.example.com/film.m3u8", () => import("hls.js"));
//   tracker.watchMedia(film, contentId);
//
// The library is loaded only where it is needed. It changes levels, waits for data and repairs itself
// without a seek of the learner's; what it can't repair is an error of the film.

import { StreamPlayer } from "./stream_player.js";

const TYPE = "application/vnd.apple.mpegurl";
const REPAIR_AGAIN_MS = 10_000;

export class HlsStream extends StreamPlayer {
  // `config` is that of hls.js.
  constructor(media, address, loadLibrary, config = {}) {
    super(media, address);
    Object.assign(this, { loadLibrary, config });
    this.isNative = media.canPlayType(TYPE) !== "";
    this.load();
  }

  // Begins, or after an error begins again at the same place.
  async load(position = this.media.currentTime) {
    this.error = null;
    this.hls?.destroy();
    this.hls = null;
    if (this.isNative) {
      this.media.src = this.address;
      return;
    }
    try {
      const loaded = await this.loadLibrary();
      this.begin(loaded.default ?? loaded, position);
    } catch (error) {
      this.fail("no_answer", String(error));
    }
  }

  begin(Hls, position) {
    if (!Hls.isSupported()) {
      this.fail("media", "MediaSource");
      return;
    }
    const hls = new Hls({ ...this.config, startPosition: position > 0 ? position : -1 });
    this.hls = hls;
    hls.on(Hls.Events.ERROR, (_type, problem) => this.hear(problem, Hls));
    hls.on(Hls.Events.LEVEL_LOADED, (_type, { details }) => (this.isLive = details.live));
    hls.loadSource(this.address);
    hls.attachMedia(this.media);
  }

  // Only what the library gives up on is fatal; a broken buffer it can begin anew.
  hear({ fatal, type, details }, Hls) {
    if (!fatal) return;
    const now = performance.now();
    if (type === Hls.ErrorTypes.MEDIA_ERROR && !(now - this.repairedAt < REPAIR_AGAIN_MS)) {
      this.repairedAt = now;
      Object.assign(this, { isInRepair: true, brokenAt: this.media.currentTime });
      this.dispatch("waiting");
      const wasPlaying = !this.media.paused;
      this.hls.recoverMediaError(); // which pauses the element
      if (wasPlaying) this.media.play().catch(() => {});
      return;
    }
    this.fail(type === Hls.ErrorTypes.NETWORK_ERROR ? "no_answer" : "media", details);
  }

  // What the browser can't play by itself, the library may.
  onMediaError() {
    if (this.hls) return; // it hears of it itself
    if (this.isNative && this.media.error?.code !== MediaError.MEDIA_ERR_NETWORK) {
      this.isNative = false;
      const at = this.media.currentTime;
      this.media.removeAttribute("src");
      this.load(at);
      return;
    }
    super.onMediaError();
  }

  stop() {
    this.hls?.destroy();
    super.stop();
  }
}
