import type { CourseProgress, LiveProgress } from "./answers.js";

export type * from "./answers.js";

export interface FollowOptions {
  /** The `stream_url` of realtime_progress, made absolute. */
  streamUrl: string;
  /** Gets realtime_progress; null when nothing changed or it is refused. Rejects while offline. */
  fetchProgress: () => Promise<CourseProgress | null>;
  /** Called with each push. */
  onStanding: (body: LiveProgress) => void;
  /** Called with what `fetchProgress` returned. */
  onProgress: (progress: CourseProgress) => void;
}

/** Follows a learner in a course on all devices; returns the function that stops. */
export function follow(options: FollowOptions): () => void;
