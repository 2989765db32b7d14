/** What a watch reads: a `<video>`, an `<audio>`, or a player of another kind with the same properties and events. */
export interface Playable extends EventTarget {
  readonly currentTime: number;
  readonly duration: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
  readonly loop: boolean;
  readonly playbackRate: number;
  readonly readyState: number;
  /** Tells sources apart; null while there is none. A media element is known by its `currentSrc`. */
  readonly source?: string | null;
  /** When the position was true, by `performance.now()`; without it, now. */
  readonly positionAt?: number;
}

/** What a player can say of itself. */
export type Said =
  | "ready"
  | "playing"
  | "pause"
  | "position"
  | "seeked"
  | "rate"
  | "stalled"
  | "advertisement"
  | "ended"
  | "error";

export interface SaidFields {
  /** In seconds. */
  position?: number | undefined;
  duration?: number | undefined;
  rate?: number | undefined;
  code?: PlayerErrorCode | undefined;
  detail?: number | string | undefined;
}

/**
 * "unavailable": there is no such film. "not_embeddable": its owner doesn't allow it here. "no_referrer": the page sends
 * no referrer. "media": it can't be played. "no_answer": the player didn't answer, mostly for want of a network.
 */
export type PlayerErrorCode = "unavailable" | "not_embeddable" | "no_referrer" | "media" | "no_answer";

export interface PlayerError {
  code: PlayerErrorCode;
  /** The service's own number or name. */
  detail?: number | string | undefined;
}

/** A stream in a media element, whose data a library may bring. */
export interface StreamPlayer extends Playable {
  readonly media: HTMLMediaElement;
  readonly address: string;
  currentTime: number;
  playbackRate: number;
  /** Known once the stream is loaded. */
  readonly isLive: boolean;
  readonly error: PlayerError | null;
  play(): Promise<void>;
  pause(): void;
  /** Begins again, after an error, at the same place. */
  load(position?: number): Promise<void>;
  /** Ends the library and listens no more. */
  stop(): void;
}

/** A film in a player of its own; an adapter passes on what that player says. */
export class Player extends EventTarget implements Playable {
  /** `address` tells sources apart. */
  constructor(address: string, options?: { now?: () => number });
  readonly address: string;
  readonly source: string | null;
  readonly duration: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
  readonly loop: boolean;
  readonly readyState: number;
  readonly positionAt: number;
  readonly isStalled: boolean;
  readonly isAdvertisement: boolean;
  readonly error: PlayerError | null;
  get currentTime(): number;
  set currentTime(position: number);
  get playbackRate(): number;
  set playbackRate(rate: number);

  /** Dispatches the events of a media element that follow from what was said. */
  says(what: Said, fields?: SaidFields): void;
  /** Before it plays: where it is to begin. No seek of the learner's. */
  startAt(position: number): void;
  /** For adapters: asks the player to move, or to play at another rate. */
  seekTo(position: number): void;
  setRate(rate: number): void;
  /** Listens no more. */
  stop(): void;
}
