import type { CourseProgress, Session } from "./answers.js";
import type { Tracker } from "./tracker.js";

export type * from "./answers.js";

/** "done": the course is complete. "origin_not_allowed": see CORS_ALLOWED_ORIGINS. */
export type ElementState =
  | "loading"
  | "ready"
  | "done"
  | "offline"
  | "not_enrolled"
  | "signed_out"
  | "origin_not_allowed";

/** Which part of a content a link leads to; `at` in seconds, pages or a fraction, null for its beginning. */
export interface OpenDetail {
  contentId: number;
  moduleId: number;
  title: string;
  at: number | null;
}

export interface LearningProgressEvents {
  progress: CustomEvent<CourseProgress>;
  state: CustomEvent<{ state: ElementState }>;
  /** Bubbles; `preventDefault()` keeps the browser from following the link. */
  open: CustomEvent<OpenDetail>;
}

export class LearningProgressElement extends HTMLElement {
  /** A tracker of the page, whose session and answers are used. */
  tracker: Tracker | null;
  /** The answer of start_session. */
  session: Session | null;
  /** Gets such an answer from your server; `course_code` is the attribute `course`. */
  fetchSession: ((asked: { course_code: string | null }) => Promise<Session>) | null;
  readonly progress: CourseProgress | null;
  readonly state: ElementState;
  /** Reads the progress now. */
  refresh(): Promise<void>;

  addEventListener<Name extends keyof LearningProgressEvents>(
    type: Name,
    listener: (event: LearningProgressEvents[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "learning-progress": LearningProgressElement;
  }
}
