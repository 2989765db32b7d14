import { Player } from "./player.js";

/**
 * YouTube's player in an `<iframe>` of www.youtube-nocookie.com or www.youtube.com, with `enablejsapi=1` and `origin` in its
 * address. Throws TypeError for a frame of another site.
 */
export class YouTubePlayer extends Player {
  constructor(frame: HTMLIFrameElement, options?: { now?: () => number });
  readonly frame: HTMLIFrameElement;
  readonly videoId: string;
  volume: number;
  muted: boolean;
  play(): Promise<void>;
  pause(): void;
  /** Loads the frame again, at the same place. */
  load(): void;
}
