// A player that behaves as player.js documents: its events and methods, as messages.
const settings = Object.assign({ duration: 20 }, window.fakeSettings);
const film = (window.film = new Film({ duration: settings.duration }));
const heard = new Set();
let volume = 1;
let muted = false;

const post = (message) => parent.postMessage(settings.isText ? JSON.stringify(message) : message, "*");
const place = () => ({
  seconds: film.position,
  percent: film.position / film.duration,
  duration: film.duration,
});
const send = (event, data) => heard.has(event) && post({ event, data });

film.on((what) => {
  if (what === "play") {
    send("play", place());
    send("bufferstart");
    setTimeout(() => {
      send("bufferend");
      send("playing", place());
    }, 60);
  } else if (what === "pause") send("pause", place());
  else if (what === "ended") {
    send("timeupdate", place());
    send("ended", place());
  } else if (what === "seek") {
    send("timeupdate", place());
    send("seeked", place());
  } else if (what === "rate") send("playbackratechange", { playbackRate: film.rate });
  else if (what === "stall") send("bufferstart");
  else if (what === "resume") send("bufferend");
});
setInterval(() => film.isPlaying && !film.isHeldUp && send("timeupdate", place()), 250);

const methods = {
  ping: () => post({ method: "ping" }),
  addEventListener: (name) => heard.add(name),
  getDuration: () => film.duration,
  getCurrentTime: () => film.position,
  getPlaybackRate: () => film.rate,
  getPaused: () => !film.isPlaying,
  getVolume: () => volume,
  getMuted: () => muted,
  play: () => film.play(),
  pause: () => film.pause(),
  setCurrentTime: (seconds) => film.seek(seconds),
  setPlaybackRate(rate) {
    if (settings.hasOneRate) {
      post({ event: "error", data: { method: "setPlaybackRate", name: "RangeError", message: "Not allowed" } });
    } else film.setRate(rate);
  },
  setVolume: (next) => (volume = next),
  setMuted: (next) => (muted = next),
};
window.fail = (data) => post({ event: "error", data });

addEventListener("message", ({ data: { method, value } }) => {
  if (settings.error) return window.fail({ method: "ready", name: settings.error, message: "…" });
  const answer = methods[method]?.(value);
  if (method.startsWith("get")) post({ method, value: answer });
  return undefined;
});
if (!settings.error) setTimeout(() => post({ event: "ready" }), 100);
