import type { StreamPlayer } from "./player.js";

/**
 * A DASH stream in a media element, played by dash.js. `loadLibrary` gets the library, such as `() => import("dashjs")`;
 * `settings` are the library's.
 */
export class DashStream extends EventTarget {
  constructor(media: HTMLMediaElement, address: string, loadLibrary: () => Promise<unknown>, settings?: object);
  load(position?: number): Promise<void>;
  stop(): void;
}
export interface DashStream extends StreamPlayer {}
