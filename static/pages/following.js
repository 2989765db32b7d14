// Keeps a page's bars in step with every device of the learner.

import { follow } from "../progress/live.js";
import { paint, standing } from "./bars.js";

export function keepInStep({ stream_url, progress_url }, onStanding = () => {}) {
  const show = (body) => {
    onStanding(body, paint(body));
  };
  return follow({
    streamUrl: stream_url,
    fetchProgress: async () => {
      const answer = await fetch(progress_url, { credentials: "same-origin" });
      if (answer.status >= 500) throw new Error("The server can't answer now.");
      return answer.ok ? answer.json() : null;
    },
    onStanding: show,
    onProgress: (progress) => show(standing(progress)),
  });
}
