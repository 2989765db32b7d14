import { celebrate } from "./completion.js";
import { keepBarsLive } from "./live_bars.js";
import { refreshParts } from "./page_parts.js";
import { whenIdle } from "./idle.js";
import { readJson } from "./words.js";

const page = readJson("live");
let isFirst = true;

keepBarsLive(page, (progress, isNew) => {
  celebrate(progress, page);
  // The stream usually begins with what the page shows already.
  if (isNew || !isFirst) refreshParts();
  isFirst = false;
});
// The browser's back button may show an old page.
addEventListener("pageshow", (event) => event.persisted && location.reload());

const keep = document.getElementById("keep");
if (keep) whenIdle(() => import("./keep_course.js").then(({ begin }) => begin(keep), () => {}));
