import { keepInStep } from "./following.js";
import { given } from "./words.js";

keepInStep(given("live"));
// Coming back by the browser's arrow may show an old page.
addEventListener("pageshow", (event) => event.persisted && location.reload());
