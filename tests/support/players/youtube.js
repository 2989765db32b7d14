// A player that behaves as the IFrame Player API documents: its states, errors and functions, as the
// messages in which its frame sends and takes them.
const STATES = { play: 1, pause: 2, ended: 0, stall: 3, resume: 1, "advertisement over": 1 };
const query = new URLSearchParams(location.search);
const settings = Object.assign({ duration: 20 }, window.fakeSettings);
const videoId = location.pathname.split("/").at(-1);
const film = (window.film = new Film({ duration: settings.duration, start: Number(query.get("start") ?? 0) }));
window.isAsked = false;
const heard = new Set();
let id;
let state = -1;
let volume = 100;
let muted = false;
let last = {};

const send = (event, info) => parent.postMessage(JSON.stringify({ event, info, id, channel: "widget" }), "*");

function facts() {
  const isOther = film.advertisement === "named";
  return {
    currentTime: isOther ? 3 + Math.random() : film.position,
    duration: isOther ? 15 : film.duration,
    playerState: state,
    playbackRate: film.rate,
    volume,
    muted,
    videoData: { video_id: isOther ? "AdvertisedXX" : videoId, title: "A film" },
  };
}

// Only what has changed is delivered.
function deliver() {
  if (!window.isAsked) return;
  const now = facts();
  const changed = Object.entries(now).filter(([key, value]) => JSON.stringify(last[key]) !== JSON.stringify(value));
  last = now;
  if (changed.length) send("infoDelivery", Object.fromEntries(changed));
}

function setState(next) {
  state = next;
  deliver();
  if (heard.has("onStateChange")) send("onStateChange", state);
}

film.on((what) => {
  if (what === "rate") {
    deliver();
    if (heard.has("onPlaybackRateChange")) send("onPlaybackRateChange", film.rate);
  } else if (what === "seek") {
    // As YouTube does: it buffers, then plays on; a film that stands stays where it is.
    if (film.isPlaying) setState(3);
    deliver();
    if (film.isPlaying) setTimeout(() => setState(1), 100);
  } else if (what === "advertisement") deliver();
  else setState(STATES[what]);
});
setInterval(deliver, 250);

const calls = {
  addEventListener: (name) => heard.add(name),
  playVideo() {
    if (settings.isBlocked) {
      if (heard.has("onAutoplayBlocked")) send("onAutoplayBlocked", null);
    } else film.play();
  },
  pauseVideo: () => film.pause(),
  seekTo(seconds) {
    const hasBegun = state === 1 || state === 2;
    film.seek(seconds);
    if (!hasBegun) film.play();
  },
  setPlaybackRate: (rate) => [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2].includes(rate) && film.setRate(rate),
  setVolume: (percent) => (volume = percent),
  mute: () => (muted = true),
  unMute: () => (muted = false),
  cueVideoById({ startSeconds }) {
    film.pause();
    film.position = startSeconds;
    setState(5);
  },
};
window.fail = (code) => send("onError", code);

addEventListener("message", ({ data }) => {
  const message = JSON.parse(data);
  id = message.id;
  if (message.event === "listening" && !window.isAsked) {
    if (settings.error !== undefined) setTimeout(() => window.fail(settings.error), 50);
    window.isAsked = true;
    last = facts();
    send("initialDelivery", last);
    send("onReady", null);
  } else if (message.event === "command") calls[message.func]?.(...message.args);
});
