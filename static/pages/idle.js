// For what a page needs only later: it is loaded once the browser has nothing more urgent to do.

const MAX_WAIT = 3000;

export function whenIdle(act) {
  if (window.requestIdleCallback) requestIdleCallback(act, { timeout: MAX_WAIT });
  else setTimeout(act, MAX_WAIT / 4);
}
