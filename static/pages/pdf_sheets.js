// The pages of a PDF: each a picture to see, and its words to select, search and hear. Only those
// near the view are drawn; what is far is let go, so that a long document stays small.

import { TextLayer } from "../vendor/pdfjs-dist-5.6.205/pdf.min.mjs";
import { say, words } from "./words.js";

const SHARPEST = 2;
const STEPS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3];
const SETTLED = 150;

export class Sheets extends EventTarget {
  constructor(stage, pdf) {
    super();
    Object.assign(this, { stage, pdf, zoom: 1, drawn: new Map() });
  }

  // Boxes of the first page's shape, so that little moves while pages are drawn.
  async layOut() {
    const { width, height } = (await this.pdf.getPage(1)).getViewport({ scale: 1 });
    this.pages = Array.from({ length: this.pdf.numPages }, (_, index) => {
      const page = element("div", "page");
      page.style.aspectRatio = `${width} / ${height}`;
      page.setAttribute("role", "group");
      const label = say(words.page, { page: index + 1, pages: this.pdf.numPages });
      page.setAttribute("aria-label", label);
      page.append(element("div", "sheet"), this.makeTick());
      return page;
    });
    this.stage.replaceChildren(...this.pages);
    this.stage.tabIndex = 0;
    this.observer = new IntersectionObserver((entries) => this.look(entries), {
      root: this.stage,
      rootMargin: "100%",
    });
    this.pages.forEach((page) => this.observer.observe(page));
  }

  makeTick() {
    const tick = element("span", "tick");
    tick.hidden = true;
    tick.append("✓ ", words.page_read);
    return tick;
  }

  look(entries) {
    for (const { isIntersecting, target } of entries) {
      const number = this.pages.indexOf(target) + 1;
      if (isIntersecting && !this.drawn.has(number)) this.draw(number);
      if (!isIntersecting) this.letGo(number);
    }
  }

  async draw(number) {
    const drawing = { isCurrent: true };
    this.drawn.set(number, drawing);
    const box = this.pages[number - 1];
    const page = await this.pdf.getPage(number);
    if (!drawing.isCurrent) return;
    const natural = page.getViewport({ scale: 1 });
    box.style.aspectRatio = `${natural.width} / ${natural.height}`;
    const scale = box.clientWidth / natural.width;
    const sharp = page.getViewport({ scale: scale * Math.min(devicePixelRatio, SHARPEST) });
    const canvas = element("canvas", "");
    Object.assign(canvas, { width: sharp.width, height: sharp.height });
    canvas.setAttribute("aria-hidden", "true");
    const text = element("div", "words");
    text.style.setProperty("--total-scale-factor", scale);
    drawing.task = page.render({ canvas, viewport: sharp });
    drawing.layer = new TextLayer({
      textContentSource: page.streamTextContent(),
      container: text,
      viewport: page.getViewport({ scale }),
    });
    const isWhole = await Promise.all([drawing.task.promise, drawing.layer.render()]).then(
      () => true,
      () => false, // let go meanwhile
    );
    if (!isWhole || !drawing.isCurrent) return;
    box.querySelector(".sheet").replaceChildren(canvas, text);
    drawing.isDone = true;
    this.dispatchEvent(new CustomEvent("drawn", { detail: number }));
  }

  letGo(number) {
    const drawing = this.drawn.get(number);
    if (!drawing) return;
    drawing.isCurrent = false;
    drawing.task?.cancel();
    drawing.layer?.cancel();
    this.drawn.delete(number);
    const canvas = this.pages[number - 1].querySelector("canvas");
    if (canvas) canvas.width = canvas.height = 0; // frees its memory at once
    this.pages[number - 1].querySelector(".sheet").replaceChildren();
  }

  // The text layer's elements of a page that is drawn, or null.
  textOf(number) {
    const drawing = this.drawn.get(number);
    return drawing?.isDone ? drawing.layer.textDivs : null;
  }

  // --- Where one is --------------------------------------------------------------------------------
  here() {
    const middle = this.stage.scrollTop + this.stage.clientHeight / 2;
    const below = this.pages.findIndex((page) => page.offsetTop > middle);
    return below < 0 ? this.pages.length : Math.max(below, 1);
  }

  // Only the stage (which places are relative to) scrolls, not the page around it.
  goTo(number) {
    const page = this.pages[Math.min(Math.max(Math.round(number), 1), this.pages.length) - 1];
    this.stage.scrollTop = page.offsetTop - 8;
  }

  tick(spans) {
    this.pages.forEach((page, index) => {
      page.querySelector(".tick").hidden = !spans.some(([from, to]) => from <= index && index < to);
    });
  }

  // --- Zoom ----------------------------------------------------------------------------------------
  larger() {
    return STEPS.find((step) => step > this.zoom) ?? this.zoom;
  }

  smaller() {
    return STEPS.findLast((step) => step < this.zoom) ?? this.zoom;
  }

  // 1 fits the width.
  setZoom(factor) {
    const page = this.here();
    const box = this.pages[page - 1];
    const into = (this.stage.scrollTop - box.offsetTop) / box.offsetHeight;
    this.zoom = factor;
    this.stage.style.setProperty("--zoom", factor);
    this.stage.scrollTop = box.offsetTop + into * box.offsetHeight;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.redraw(), SETTLED);
  }

  redraw() {
    for (const number of [...this.drawn.keys()]) {
      this.letGo(number);
      // Observing anew tells whether it is still near.
      this.observer.unobserve(this.pages[number - 1]);
      this.observer.observe(this.pages[number - 1]);
    }
  }
}

function element(tag, className) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  return made;
}
