import type { EndedSession, EventResult, Progress, Session } from "./answers.js";
import type { Playable } from "./player.js";

export type * from "./answers.js";
export type { Playable } from "./player.js";

/** What a session is asked for; pass it on to start_session, so that a reload continues its session. */
export interface Asked {
  user_id?: number | string | undefined;
  course_id?: number | string | undefined;
  module_id?: number | undefined;
  content_id?: number | undefined;
  device_id: string;
  client_session_id: string;
}

export interface TrackerOptions {
  /** The tracker's site, such as "https://progress.example.com"; empty on its own pages. */
  baseUrl?: string;
  /** The answer of start_session, which your server got with its key. */
  session?: Session;
  /** Gets such an answer from your server. An error with `isFinal = true` is not retried. */
  fetchSession?: (asked: Asked) => Promise<Session>;
  /** On the tracker's own pages: the login cookie starts the session. */
  csrfToken?: string;
  /** Where the tab's session is remembered; `sessionStorage` by default. */
  storage?: Storage;
}

export type InteractionType =
  | "view"
  | "play"
  | "progress"
  | "pause"
  | "seek"
  | "complete"
  | "download"
  | "answer"
  | "begin"
  | "submit";

/** A part of an answer: the id of a choice, a pair of them, a number or a text. */
export type AnswerPart = number | string | [number, number];

/** The fields of an event, as they apply; the tracker adds time, ids and order. */
export interface EventFields {
  position?: number;
  from_position?: number;
  duration_seconds?: number;
  idle_seconds?: number;
  segments?: [number, number][];
  playback_rate?: number;
  completion_percentage?: number;
  page?: number;
  reading_position?: number;
  span?: [number, number];
  question_id?: number;
  answer?: AnswerPart[];
  attempt?: number;
  base_revision?: number;
  distractions?: number;
}

export interface TrackedEvent extends EventFields {
  event_id: string;
  occurred_at: string;
  content_id: number;
  interaction_type: InteractionType;
  sequence?: number;
}

export type State = "starting" | "saving" | "saved" | "offline" | "blocked" | "stopped" | "ended";

export interface StateDetail {
  /** "blocked": this page's origin is not in the tracker's CORS_ALLOWED_ORIGINS. */
  state: State;
  code?: string | undefined;
  /** When the server last confirmed something, in milliseconds. */
  savedAt?: number | undefined;
  /** Events that the server hasn't acknowledged. */
  waiting: number;
  /** Whether they survive the end of the page. */
  isDurable: boolean;
}

export interface TrackerEvents {
  session: CustomEvent<Session>;
  state: CustomEvent<StateDetail>;
  durability: CustomEvent<{ isDurable: boolean }>;
  progress: CustomEvent<Progress>;
  result: CustomEvent<{ event: TrackedEvent; result: EventResult }>;
  refused: CustomEvent<{ events: TrackedEvent[]; status: number; results: EventResult[] }>;
  renew: CustomEvent<Asked>;
  stopped: CustomEvent<{ status?: number; code?: string; waiting: number }>;
  page: CustomEvent<{ contentId: number; page: number }>;
  leaving: CustomEvent<undefined>;
}

/** What is being watched. `stop` sends what remains, and stops counting. */
export interface Watch {
  stop(): void;
}

export class Tracker extends EventTarget {
  constructor(options?: TrackerOptions);
  readonly baseUrl: string;
  readonly deviceId: string;
  readonly state: State;
  readonly session: Session | null;
  /** Events that the server hasn't acknowledged. */
  readonly unsent: TrackedEvent[];

  /**
   * The ids are those of the given `session` unless named. With `fetchSession` they may be names of your own (a
   * learner's external_id, a course's code): they tell this tab's sessions apart, and are passed on to it.
   */
  startSession(
    userId?: number | string,
    courseId?: number | string,
    moduleId?: number,
    contentId?: number,
  ): Promise<Session>;
  /** After the event "renew": another session, from your server. */
  useSession(session: Session): void;
  /** Delivers what is waiting, then ends the session. Null if it had ended before. */
  endSession(): Promise<EndedSession | null>;

  /** Sends one event and resolves with what the server made of it. */
  updateProgress(contentId: number, type: InteractionType, fields?: EventFields): Promise<EventResult>;
  /** The same without waiting; null when nothing counts any more. */
  record(contentId: number, type: InteractionType, fields?: EventFields): TrackedEvent | null;
  /** The last position in a content that the server hasn't confirmed, or null. */
  unconfirmed(userId: number, courseId: number, contentId: number): TrackedEvent | null;

  /** `media`: a media element, or a player of player.js, youtube.js, vimeo.js or your own. */
  watchMedia(media: Playable, contentId: number): Watch;
  watchPages(pages: Element[], contentId: number): Watch;
  watchText(element: Element, contentId: number): Watch;

  addEventListener<Name extends keyof TrackerEvents>(
    type: Name,
    listener: (event: TrackerEvents[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

export function createTracker(options?: TrackerOptions): Tracker;
