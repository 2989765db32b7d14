import type { Playable } from "./player.js";

/** What the learner's page accepts. */
export interface Welcome {
  learning_progress: 1;
  type: "welcome";
  measure: "segments" | "page" | "span" | null;
  extent: number | null;
  position: number | null;
  accepts_score: boolean;
  max_rate: number;
}

export interface FramedWatch {
  stop(): void;
}

export interface FramedProgress {
  readonly parentOrigin: string;
  readonly welcome: Welcome;
  segments(segments: [number, number][], more?: { position?: number; playback_rate?: number }): void;
  page(page: number): void;
  span(span: [number, number]): void;
  score(percentage: number): void;
  watchMedia(media: Playable): FramedWatch;
}

/** For a page in a frame: resolves when the learner's page has answered. */
export function connect(options: { parentOrigin: string }): Promise<FramedProgress>;
