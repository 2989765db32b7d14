import { keepInStep } from "./following.js";
import { refreshParts } from "./parts.js";
import { given } from "./words.js";

for (const course of given("live")) {
  let isFirst = true;
  keepInStep(course, (standing, isNew) => {
    // A stream begins with what the page shows already, as a rule.
    if (isNew || !isFirst) refreshParts();
    isFirst = false;
  });
}
// Coming back by the browser's arrow may show an old page.
addEventListener("pageshow", (event) => event.persisted && location.reload());
