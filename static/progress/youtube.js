// YouTube's player in a frame, as a player whose seconds can be counted.
//
//   <iframe id="film" src="https://www.youtube-nocookie.com/embed/M7lc1UVf-VE?enablejsapi=1&origin=…"
//     allow="autoplay; encrypted-media; fullscreen" referrerpolicy="strict-origin-when-cross-origin">
//
//   tracker.watchMedia(new YouTubePlayer(document.getElementById("film")), contentId);
//
// States, errors and functions are those of the IFrame Player API; its script isn't needed, because the
// frame takes the same calls as messages (docs/decisions/0055).

import { FramePlayer } from "./frame_player.js";

const ORIGINS = ["https://www.youtube-nocookie.com", "https://www.youtube.com"];
const EVENTS = ["onStateChange", "onPlaybackRateChange", "onError", "onAutoplayBlocked"];
const STATES = { 0: "ended", 1: "playing", 2: "pause", 3: "stalled", 5: "pause", "-1": "stalled" };
const ERRORS = {
  2: "unavailable",
  5: "media",
  100: "unavailable",
  101: "not_embeddable",
  150: "not_embeddable",
  153: "no_referrer",
};
let frames = 0;

export class YouTubePlayer extends FramePlayer {
  constructor(frame, options) {
    super(frame, ORIGINS, options);
    this.videoId = new URL(frame.src).pathname.split("/").at(-1);
    this.id = `learning-progress-${(frames += 1)}`;
  }

  greet() {
    this.send(JSON.stringify({ event: "listening", id: this.id, channel: "widget" }));
  }

  hear({ event, info, id }) {
    // Answers to another listener of the same frame, such as YouTube's own script.
    if (id !== undefined && id !== this.id) return;
    if (event === "onReady" || event === "initialDelivery" || event === "infoDelivery") this.meet();
    if (event === "initialDelivery" || event === "infoDelivery") this.read(info ?? {});
    else if (event === "onStateChange") this.change(info);
    else if (event === "onPlaybackRateChange") this.says("rate", { rate: info });
    else if (event === "onError") {
      this.isFirstAnswer();
      this.says("error", { code: ERRORS[info] ?? "media", detail: info });
    } else if (event === "onAutoplayBlocked") this.says("pause");
  }

  meet() {
    if (!this.isFirstAnswer()) return;
    for (const name of EVENTS) this.call("addEventListener", name);
    this.says("ready");
  }

  // The position comes first: it is where the player was when its state changed.
  read({ videoData, duration, playbackRate, currentTime, playerState, volume, muted }) {
    const shown = videoData?.video_id;
    if (shown && shown !== this.videoId) this.says("advertisement");
    else if (shown && this.isAdvertisement) this.says(this.paused ? "pause" : "playing");
    if (this.isAdvertisement) return;
    if (Number.isFinite(volume)) this.loudness = volume / 100;
    if (typeof muted === "boolean") this.isMuted = muted;
    if (playbackRate !== undefined) this.says("rate", { rate: playbackRate });
    if (currentTime !== undefined) this.says("position", { position: currentTime, duration });
    else if (duration) this.says("position", { duration });
    if (playerState !== undefined) this.change(playerState);
  }

  change(state) {
    // While something else is shown, the player's state is that of the other film.
    if (this.isAdvertisement && state === 1) return;
    if (STATES[state]) this.says(STATES[state]);
  }

  // In a film that hasn't begun, seekTo would start it.
  startAt(position) {
    super.startAt(position);
    this.call("cueVideoById", { videoId: this.videoId, startSeconds: position });
  }

  play() {
    this.call("playVideo");
    return Promise.resolve();
  }

  pause() {
    this.call("pauseVideo");
  }

  seekTo(position) {
    this.call("seekTo", position, true);
  }

  setRate(rate) {
    this.call("setPlaybackRate", rate);
  }

  setVolume(volume) {
    this.call("setVolume", Math.round(100 * volume));
  }

  setMuted(isMuted) {
    this.call(isMuted ? "mute" : "unMute");
  }

  call(func, ...args) {
    this.send(JSON.stringify({ event: "command", func, args, id: this.id, channel: "widget" }));
  }
}
