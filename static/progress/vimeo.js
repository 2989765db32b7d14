// Vimeo's player in a frame, as a player whose seconds can be counted.
//
//   <iframe id="film" src="https://player.vimeo.com/video/76979871?dnt=1" allow="autoplay; fullscreen">
//
//   tracker.watchMedia(new VimeoPlayer(document.getElementById("film")), contentId);
//
// Events and methods are those of player.js, which sends them as messages; it isn't needed itself
// (docs/decisions/0055).

import { FramePlayer } from "./frame_player.js";

const ORIGINS = ["https://player.vimeo.com"];
// What each event of player.js says.
const EVENTS = {
  play: "playing",
  playing: "playing",
  timeupdate: "position",
  pause: "pause",
  seeked: "seeked",
  bufferstart: "stalled",
  ended: "ended",
  durationchange: "position",
};
const OTHER_EVENTS = ["bufferend", "playbackratechange", "volumechange", "error"];
const QUESTIONS = ["getDuration", "getPlaybackRate", "getVolume", "getMuted", "getCurrentTime", "getPaused"];
const ERRORS = {
  NotFoundError: "unavailable",
  PasswordError: "not_embeddable",
  PrivacyError: "not_embeddable",
};

export class VimeoPlayer extends FramePlayer {
  constructor(frame, options) {
    super(frame, ORIGINS, options);
  }

  greet() {
    this.call("ping");
  }

  hear({ event, method, data, value }) {
    if (event === "ready" || method === "ping") this.meet();
    else if (method) this.learn(method, value);
    else if (event === "error") this.hearError(data ?? {});
    else if (event === "playbackratechange") this.says("rate", { rate: data?.playbackRate });
    else if (event === "volumechange") this.loudness = data?.volume ?? this.loudness;
    else if (event === "bufferend") {
      if (this.isStalled) this.says("playing");
    } else if (event in EVENTS) {
      this.says(EVENTS[event], { position: data?.seconds, duration: data?.duration });
    }
  }

  meet() {
    if (!this.isFirstAnswer()) return;
    for (const name of [...Object.keys(EVENTS), ...OTHER_EVENTS]) this.call("addEventListener", name);
    for (const question of QUESTIONS) this.call(question);
    this.says("ready");
  }

  learn(method, value) {
    if (method === "getDuration") this.says("position", { duration: value });
    else if (method === "getPlaybackRate") this.says("rate", { rate: value });
    else if (method === "getVolume") this.loudness = value;
    else if (method === "getMuted") this.isMuted = value === true;
    else if (method === "getCurrentTime" && value > 0) this.says("position", { position: value });
    else if (method === "getPaused" && value === false) this.says("playing");
  }

  // An error that names a method is that of a call: only loading makes the film unplayable.
  hearError({ method, name }) {
    if (method && method !== "ready" && method !== "loadVideo") return;
    this.isFirstAnswer();
    this.says("error", { code: ERRORS[name] ?? "media", detail: name });
  }

  startAt(position) {
    super.startAt(position);
    this.call("setCurrentTime", position);
  }

  play() {
    this.call("play");
    return Promise.resolve();
  }

  pause() {
    this.call("pause");
  }

  seekTo(position) {
    this.call("setCurrentTime", position);
  }

  setRate(rate) {
    this.call("setPlaybackRate", rate);
  }

  setVolume(volume) {
    this.call("setVolume", volume);
  }

  setMuted(isMuted) {
    this.call("setMuted", isMuted);
  }

  call(method, value) {
    this.send(value === undefined ? { method } : { method, value });
  }
}
