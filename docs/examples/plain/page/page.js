import { createTracker } from "@learning-progress/tracker";
import "@learning-progress/tracker/element";

const tracker = createTracker({
  baseUrl: document.documentElement.dataset.site,
  async fetchSession(asked) {
    const answer = await fetch("/learning-session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(asked),
    });
    if (answer.ok) return answer.json();
    // What was refused is not asked again; without an answer it is.
    throw Object.assign(new Error(`The session was refused: ${answer.status}`), { isFinal: answer.status < 500 });
  },
});

tracker.addEventListener("state", ({ detail: { state, code } }) => {
  document.getElementById("saved").textContent = code ? `${state}: ${code}` : state;
});
document.querySelector("learning-progress").tracker = tracker;

// Names of your own, for this tab's storage; who learns what is your server's decision.
const session = await tracker.startSession("me", "this course");
const contents = session.course.modules.flatMap((module) => module.contents);
const { content_id, last_position } = contents.find((content) => content.content_type === "video");
const film = document.getElementById("film");
film.currentTime = last_position ?? 0;
tracker.watchMedia(film, content_id);
