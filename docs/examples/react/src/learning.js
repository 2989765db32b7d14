// The tracker as React hooks.

import { createTracker } from "@learning-progress/tracker";
import { useEffect, useState, useSyncExternalStore } from "react";

async function fetchSession(asked) {
  const answer = await fetch("/learning-session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(asked),
  });
  if (answer.ok) return answer.json();
  throw Object.assign(new Error(`The session was refused: ${answer.status}`), { isFinal: answer.status < 500 });
}

// One for the page: components come and go, and the queue of events stays.
export const tracker = createTracker({ baseUrl: SITE, fetchSession });
let started;

// The session of this tab, or null until it has started; refusals are the tracker's state.
export function useSession() {
  const [session, setSession] = useState(null);
  useEffect(() => {
    started ??= tracker.startSession("me", "this course");
    started.then(setSession, () => {});
  }, []);
  return session;
}

export function useTrackerState() {
  const subscribe = (notify) => {
    tracker.addEventListener("state", notify);
    return () => tracker.removeEventListener("state", notify);
  };
  return useSyncExternalStore(subscribe, () => tracker.state);
}

// Tracks a <video> or <audio> while the component shows it.
export function useWatch(ref, contentId) {
  useEffect(() => {
    if (!contentId) return undefined;
    const watch = tracker.watchMedia(ref.current, contentId);
    return () => watch.stop();
  }, [ref, contentId]);
}
