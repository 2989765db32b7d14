// Marks the paragraphs of a text that were read, and names what is missing by its headings.

import { fill, words } from "./words.js";

const HEADINGS = "h1, h2, h3, h4";

export class ReadMarks {
  constructor(text) {
    this.text = text;
    new ResizeObserver(() => this.mark()).observe(text);
  }

  mark(spans = this.spans) {
    this.spans = spans ?? [];
    for (const { element, from, to } of this.blocks()) {
      const isRead = this.spans.some(([start, end]) => start <= from + SLACK && end >= to - SLACK);
      element.classList.toggle("is-read", isRead);
    }
  }

  // The blocks directly in the text, as fractions of its height.
  blocks() {
    const box = this.text.getBoundingClientRect();
    return [...this.text.children].map((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return { element, from: (top - box.top) / box.height, to: (bottom - box.top) / box.height };
    });
  }

  // The headings above or within a missing stretch; "" where the text has none.
  nameOf([from, to]) {
    const headings = this.blocks().filter(({ element }) => element.matches(HEADINGS));
    const within = headings.filter((each) => each.from > from + SLACK && each.from < to - SLACK);
    const above = headings.findLast((each) => each.from <= from + SLACK);
    return [above, ...within].filter(Boolean).map(({ element }) => fill(words.quoted, { title: element.textContent.trim() })).join(", ");
  }
}

const SLACK = 0.003; // three of a thousand parts, in which a text is counted
