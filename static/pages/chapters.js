// Marks the chapter that is being played in the list of chapters.

export function follow(media, chapters) {
  media.addEventListener("timeupdate", () => {
    const current = chapters.findLast(({ time }) => time <= media.currentTime);
    for (const chapter of chapters) {
      if (chapter === current) chapter.link.setAttribute("aria-current", "true");
      else chapter.link.removeAttribute("aria-current");
    }
  });
}
