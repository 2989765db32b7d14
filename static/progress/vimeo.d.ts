import { Player } from "./player.js";

/** Vimeo's player in an `<iframe>` of player.vimeo.com. Throws TypeError for a frame of another site. */
export class VimeoPlayer extends Player {
  constructor(frame: HTMLIFrameElement, options?: { now?: () => number });
  readonly frame: HTMLIFrameElement;
  volume: number;
  muted: boolean;
  play(): Promise<void>;
  pause(): void;
  /** Loads the frame again, at the same place. */
  load(): void;
}
