// The player of a film that the browser doesn't simply play: each is loaded only for its own films.

const VENDOR = new URL("../vendor/", import.meta.url).href;
const HLS = `${VENDOR}hls.js-1.7.4/`;
const DASH = `${VENDOR}dashjs-5.2.1/`;

const LOADERS = {
  async youtube(frame) {
    const { YouTubePlayer } = await import("../progress/youtube.js");
    return new YouTubePlayer(frame);
  },
  async vimeo(frame) {
    const { VimeoPlayer } = await import("../progress/vimeo.js");
    return new VimeoPlayer(frame);
  },
  async hls(media) {
    const { HlsStream } = await import("../progress/hls_stream.js");
    // The policy allows workers of this site's own files only.
    const config = { workerPath: `${HLS}hls.worker.js` };
    return new HlsStream(media, media.dataset.address, () => import(`${HLS}hls.min.mjs`), config);
  },
  async dash(media) {
    const { DashStream } = await import("../progress/dash_stream.js");
    return new DashStream(media, media.dataset.address, () => import(`${DASH}dash.mediaplayer.min.mjs`));
  },
};

// Without a network the page says so, and may be loaded again.
export async function loadFilm(element) {
  try {
    return await LOADERS[element.dataset.service](element);
  } catch (error) {
    const notice = document.getElementById("media-error");
    if (notice) {
      notice.hidden = false;
      notice.querySelector("button").onclick = () => location.reload();
    }
    throw error;
  }
}
