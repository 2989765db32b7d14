import type { StreamPlayer } from "./player.js";

/**
 * An HLS stream in a media element: played by the browser itself where it can, else by hls.js. `loadLibrary` gets the library
 * where it is needed, such as `() => import("hls.js")`; `config` is the library's.
 */
export class HlsStream extends EventTarget {
  constructor(media: HTMLMediaElement, address: string, loadLibrary: () => Promise<unknown>, config?: object);
  /** Whether the browser plays it itself. */
  readonly isNative: boolean;
  load(position?: number): Promise<void>;
  stop(): void;
}
export interface HlsStream extends StreamPlayer {}
