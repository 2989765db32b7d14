// Completion, noticed once and briefly: on the page that is open when it happens.

import { announce, say, words } from "./words.js";

const isNew = { content: true, course: true };

export function celebrate({ contents = [], course }, player) {
  const content = contents.find((each) => each.content_id === player.content_id);
  const isWhole = isFirst("course", course?.is_complete, player.is_course_complete);
  const isDone = isFirst("content", content?.is_complete, player.is_complete);
  if (isWhole) announce(say(words.course_complete, { title: player.course_title }), { isShown: true });
  else if (isDone) announce(words.content_complete, { isShown: true });
}

function isFirst(kind, isComplete, wasComplete) {
  if (!isComplete || !isNew[kind]) return false;
  isNew[kind] = false;
  return !wasComplete;
}
