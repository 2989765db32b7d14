// Announces a completion, once and briefly, on the page that is open when it happens. Returns
// whether it has just happened.

import { announce, fill, words } from "./words.js";

const isPending = { content: true, course: true };

export function celebrate({ contents = [], course }, player) {
  const content = contents.find((each) => each.content_id === player.content_id);
  const isCourseDone = isFirst("course", course?.is_complete, player.is_course_complete);
  const isContentDone = isFirst("content", content?.is_complete, player.is_complete);
  if (isCourseDone) announce(fill(words.course_complete, { title: player.course_title }), { isShown: true });
  else if (isContentDone) announce(words.content_complete, { isShown: true });
  return isCourseDone || isContentDone;
}

function isFirst(kind, isComplete, wasComplete) {
  if (!isComplete || !isPending[kind]) return false;
  isPending[kind] = false;
  return !wasComplete;
}
