// Follows one learner in one course: by the stream, and by asking now and then where there is none.
//
//   const stop = follow({ streamUrl, fetchProgress, onStanding, onProgress });
//
// `onStanding` gets each pushed body (event "progress" or "snapshot"); `onProgress` gets the body of
// realtime_progress, which `fetchProgress` returns (null when nothing changed).

const POLL = 15_000;
const RETRY = 5_000;

export function follow({ streamUrl, fetchProgress, onStanding, onProgress }) {
  let source = null;
  let timer;
  let isStopped = false;

  function open(url) {
    source = new EventSource(url);
    for (const type of ["progress", "snapshot"]) {
      source.addEventListener(type, (event) => onStanding(JSON.parse(event.data)));
    }
    source.onerror = () => {
      // While it is CONNECTING the browser tries again by itself, with Last-Event-ID.
      if (source.readyState !== EventSource.CLOSED) return;
      source = null;
      timer = setTimeout(ask, RETRY);
    };
  }

  // The stream was refused (its token is old, or there is none here): ask for the state itself,
  // which brings a new address.
  async function ask() {
    if (isStopped) return;
    try {
      const progress = await fetchProgress();
      if (progress) onProgress(progress);
      if (progress?.stream_url && window.EventSource) return open(progress.stream_url);
    } catch {
      // Offline, or the server is restarting: asked again below.
    }
    timer = setTimeout(ask, POLL);
  }

  if (window.EventSource && streamUrl) open(streamUrl);
  else ask();

  return () => {
    isStopped = true;
    clearTimeout(timer);
    source?.close();
  };
}
