// A front end's program against the packed types, under the strictest settings.
import { createTracker, Tracker } from "@learning-progress/tracker";
import type { Asked, CourseProgress, EventResult, Session, StateDetail, Watch } from "@learning-progress/tracker";
import "@learning-progress/tracker/element";
import type { OpenDetail } from "@learning-progress/tracker/element";
import { connect } from "@learning-progress/tracker/framed";
import { DashStream } from "@learning-progress/tracker/dash";
import { HlsStream } from "@learning-progress/tracker/hls";
import { Player } from "@learning-progress/tracker/player";
import { VimeoPlayer } from "@learning-progress/tracker/vimeo";
import { YouTubePlayer } from "@learning-progress/tracker/youtube";
import { follow } from "@learning-progress/tracker/live";

export async function track(film: HTMLVideoElement, session: Session): Promise<EventResult> {
  const tracker: Tracker = createTracker({ baseUrl: "https://progress.example.com", session });
  tracker.addEventListener("state", ({ detail }: CustomEvent<StateDetail>) => {
    if (detail.state === "blocked") film.title = detail.code ?? "";
  });
  tracker.addEventListener("progress", ({ detail }) => {
    film.title = `${detail.course.completion_percentage} % ${detail.contents[0]?.content_id}`;
  });
  tracker.addEventListener("refused", ({ detail }) => detail.events.map((event) => event.event_id));
  tracker.addEventListener("renew", ({ detail }) => tracker.useSession({ ...session, module_id: null, ...named(detail) }));
  const started = await tracker.startSession();
  const watch: Watch = tracker.watchMedia(film, started.resume?.content_id ?? 11);
  watch.stop();
  tracker.record(11, "seek", { position: 3, from_position: 1 });
  await tracker.endSession();
  return tracker.updateProgress(11, "progress", { segments: [[0, 12.5]], duration_seconds: 12.5 });
}

const named = ({ client_session_id }: Asked) => ({ session_id: client_session_id });

export function withFunction(): Tracker {
  return createTracker({
    baseUrl: "https://progress.example.com",
    fetchSession: async (asked) => {
      const answer = await fetch("/learning-session", { method: "POST", body: JSON.stringify(asked) });
      return (await answer.json()) as Session;
    },
  });
}

export const stop: () => void = follow({
  streamUrl: "https://progress.example.com/api/employee/stream/7/3?token=x",
  fetchProgress: async (): Promise<CourseProgress | null> => null,
  onStanding: ({ course }) => course.event_count,
  onProgress: ({ remaining }) => remaining.map(({ reason, missing }) => `${reason} ${missing[0]?.[0]}`),
});

export async function framed(): Promise<void> {
  const progress = await connect({ parentOrigin: "https://progress.example.com" });
  if (progress.welcome.accepts_score) progress.score(80);
  progress.segments([[0, 12]], { position: 12 });
}

export function shown(tracker: Tracker): void {
  const element = document.createElement("learning-progress");
  element.tracker = tracker;
  element.setAttribute("course", "fire-safety");
  element.addEventListener("open", ({ detail }: CustomEvent<OpenDetail>) => (location.hash = `at=${detail.at ?? 0}`));
  element.addEventListener("state", ({ detail }) => (element.hidden = detail.state === "not_enrolled"));
  const percent: number = element.progress?.completion_percentage ?? 0;
  element.title = `${percent} %`;
  document.body.append(element);
}

export function watchFrames(tracker: Tracker, youtube: HTMLIFrameElement, vimeo: HTMLIFrameElement): Watch[] {
  const film = new YouTubePlayer(youtube);
  film.addEventListener("error", () => (document.title = film.error?.code ?? ""));
  film.startAt(90);
  return [tracker.watchMedia(film, 11), tracker.watchMedia(new VimeoPlayer(vimeo), 12)];
}

export function watchStreams(tracker: Tracker, film: HTMLVideoElement): Watch[] {
  const library = async (): Promise<unknown> => ({});
  const hls = new HlsStream(film, "https://cdn.example.com/film.m3u8", library, { maxBufferLength: 60 });
  if (hls.error?.code === "no_answer") void hls.load();
  const dash = new DashStream(film, "https://cdn.example.com/film.mpd", library);
  dash.currentTime = 30;
  return [tracker.watchMedia(hls, 11), tracker.watchMedia(dash, 12)];
}

export function watchRadio(tracker: Tracker): Watch {
  const radio = new Player("https://radio.example.com/1");
  radio.says("ready", { duration: 60 });
  radio.says("playing", { position: 0 });
  return tracker.watchMedia(radio, 13);
}

// What must not compile: each line is an error that the compiler has to find.
// @ts-expect-error: there is no such state
export const wrong: StateDetail["state"] = "online";
// @ts-expect-error: there is no such type of event
export const neither = (tracker: Tracker) => tracker.record(1, "watch");
// @ts-expect-error: a page isn't played
export const page = (tracker: Tracker) => tracker.watchMedia(document.body, 1);
// @ts-expect-error: there is no such option
export const nor = createTracker({ url: "https://progress.example.com" });
