import { celebrate } from "./celebrating.js";
import { keepInStep } from "./following.js";
import { refreshParts } from "./parts.js";
import { given } from "./words.js";

const page = given("live");
let isFirst = true;

keepInStep(page, (standing, isNew) => {
  celebrate(standing, page);
  // The stream begins with what the page shows already, as a rule.
  if (isNew || !isFirst) refreshParts();
  isFirst = false;
});
// Coming back by the browser's arrow may show an old page.
addEventListener("pageshow", (event) => event.persisted && location.reload());
