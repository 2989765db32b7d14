// Searches all pages of a PDF, including those that aren't drawn.

import { announce, fill, words } from "./words.js";

const PAUSE = 250;
const MIN_LENGTH = 2;

export class Search {
  constructor(bar, pages) {
    const find = (name) => bar.querySelector(`[data-pdf=${name}]`);
    Object.assign(this, { pages, texts: new Map(), hits: [], current: -1 });
    this.field = find("find");
    this.found = find("found");
    this.field.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.run(), PAUSE);
    });
    bar.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.wanted === plain(this.field.value).trim()) this.step(1);
      else this.run();
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.shiftKey) return;
      event.preventDefault();
      this.step(-1);
    });
    find("find-previous").addEventListener("click", () => this.step(-1));
    pages.addEventListener("drawn", () => this.mark());
    if (this.field.value) this.run(); // typed before this was loaded
  }

  async run() {
    clearTimeout(this.timer);
    const wanted = plain(this.field.value).trim();
    this.wanted = wanted;
    const hits = [];
    if (wanted.length >= MIN_LENGTH) {
      for (let page = 1; page <= this.pages.elements.length; page += 1) {
        const { text } = await this.textOf(page);
        if (this.wanted !== wanted) return; // the search text has changed in the meantime
        for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
          hits.push({ page, from: at, to: at + wanted.length });
        }
      }
    }
    this.hits = hits;
    const here = this.pages.here();
    this.current = Math.max(hits.findIndex((hit) => hit.page >= here) - 1, -1);
    if (hits.length) this.step(1);
    else this.showResult(wanted.length >= MIN_LENGTH ? words.nothing_found : "");
    this.mark();
  }

  // A page's text as one string, and where in it each piece begins.
  async textOf(number) {
    if (!this.texts.has(number)) {
      const content = await (await this.pages.pdf.getPage(number)).getTextContent();
      const pieces = content.items.filter((item) => item.str !== undefined);
      const starts = [];
      let text = "";
      for (const { str, hasEOL } of pieces) {
        starts.push(text.length);
        text += plain(str) + (hasEOL ? " " : "");
      }
      this.texts.set(number, { text, starts });
    }
    return this.texts.get(number);
  }

  step(by) {
    if (!this.hits.length) return;
    this.current = (this.current + by + this.hits.length) % this.hits.length;
    this.showResult(fill(words.found, { number: this.current + 1, count: this.hits.length }));
    const { page } = this.hits[this.current];
    if (!this.pages.textOf(page)) this.pages.goTo(page);
    this.mark();
    this.show();
  }

  showResult(text) {
    this.found.textContent = text;
    announce(text);
  }

  // Scroll the current hit into the middle of the view, once its page is drawn.
  show() {
    const range = this.rangeOf(this.hits[this.current]);
    if (!range) {
      this.pages.addEventListener("drawn", () => this.show(), { once: true });
      return;
    }
    const { stage } = this.pages;
    const place = range.getBoundingClientRect();
    const view = stage.getBoundingClientRect();
    if (place.top < view.top || place.bottom > view.bottom) {
      stage.scrollTop += place.top - view.top - view.height / 2;
    }
    if (place.left < view.left || place.right > view.right) {
      stage.scrollLeft += place.left - view.left - view.width / 2;
    }
  }

  // Highlight the hits. Browsers without highlights at least go to the page.
  mark() {
    if (!globalThis.CSS?.highlights) return;
    const ranges = this.hits.map((hit) => this.rangeOf(hit));
    const now = ranges[this.current];
    const others = ranges.filter((range) => range && range !== now);
    CSS.highlights.set("found", new Highlight(...others));
    CSS.highlights.set("found-now", new Highlight(...(now ? [now] : [])));
  }

  // The range of a hit in the text layer; null while its page isn't drawn.
  rangeOf({ page, from, to }) {
    const pieces = this.pages.textOf(page);
    const starts = this.texts.get(page)?.starts;
    if (!pieces || !starts) return null;
    const range = document.createRange();
    const place = (at) => {
      const index = starts.findLastIndex((start) => start <= at);
      const node = pieces[index]?.firstChild;
      return node && [node, Math.min(at - starts[index], node.length)];
    };
    const [begin, end] = [place(from), place(to - 1)];
    if (!begin || !end) return null;
    range.setStart(...begin);
    range.setEnd(end[0], Math.min(end[1] + 1, end[0].length));
    return range;
  }
}

// Ignores case and accents. Each character stays one character, so that positions stay right.
const plain = (text) => [...text].map((each) => bare(each)).join("");

function bare(each) {
  const small = each.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
  return small.length === each.length ? small : each;
}
