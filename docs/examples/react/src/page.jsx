import "@learning-progress/tracker/element";
import { StrictMode, useRef } from "react";
import { createRoot } from "react-dom/client";
import { tracker, useSession, useTrackerState, useWatch } from "./learning.js";

function Film({ contentId, src }) {
  const ref = useRef(null);
  useWatch(ref, contentId);
  return <video id="film" ref={ref} src={src} controls muted style={{ width: "100%" }} />;
}

function Page() {
  const session = useSession();
  const state = useTrackerState();
  const contents = session?.course.modules.flatMap((module) => module.contents) ?? [];
  const film = contents.find((content) => content.content_type === "video");
  return (
    <>
      <h1>A film in React</h1>
      <Film contentId={film?.content_id} src={`${SITE}/static/demo/extinguisher.mp4`} />
      <p role="status">{state}</p>
      <learning-progress tracker={tracker} base-url={SITE} />
    </>
  );
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
