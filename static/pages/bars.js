// Shows a standing (the body of an update_progress answer, or of the stream) in the page's bars.
// Elements name what they stand for: data-course, data-module, data-content.

import { words } from "./words.js";

export function paint({ contents = [], modules = [], course, certificate }) {
  for (const content of contents) show("content", content.content_id, content);
  for (const module of modules) show("module", module.module_id, module);
  if (course) show("course", course.course_id, course);
  return certificate;
}

function show(kind, id, { completion_percentage, is_complete }) {
  for (const element of document.querySelectorAll(`[data-${kind}="${Number(id)}"]`)) {
    const bar = element.querySelector("progress");
    if (bar) bar.value = completion_percentage;
    const number = element.querySelector("[data-percent]");
    // 89.99 is 89 %: nothing looks done before it is.
    if (number) number.textContent = `${Math.floor(completion_percentage)} %`;
    if (is_complete && !element.classList.contains("is-complete")) complete(element);
  }
}

function complete(element) {
  element.classList.add("is-complete");
  const state = element.querySelector("[data-state]");
  if (state) state.textContent = words.complete;
  const icon = element.querySelector(":scope > .icon use");
  if (icon) icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, "#check"));
}

// Everything that realtime_progress says, in the shape of a standing.
export function standing(progress) {
  return {
    contents: progress.modules.flatMap((module) => module.contents),
    modules: progress.modules,
    course: progress,
    certificate: progress.certificate,
  };
}
