// The pages of a PDF: each has a picture, and a layer of text to select, search and read aloud. Only
// pages near the view are drawn, the others are cleared, so that a long document needs little memory.

import { TextLayer } from "../vendor/pdfjs-dist-5.6.205/pdf.min.mjs";
import { fill, words } from "./words.js";

const MAX_PIXEL_RATIO = 2;
const MAX_PIXELS = 2 ** 24; // of one canvas
const ZOOM_STEPS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3];
const REDRAW_AFTER = 150;

export class PdfPages extends EventTarget {
  constructor(stage, pdf) {
    super();
    Object.assign(this, { stage, pdf, zoom: 1, drawn: new Map() });
  }

  // First lay out boxes of the right shapes, so that nothing moves while pages are drawn.
  async layOut() {
    const numbers = Array.from({ length: this.pdf.numPages }, (_, index) => index + 1);
    const shapes = await Promise.all(
      numbers.map(async (number) => (await this.pdf.getPage(number)).getViewport({ scale: 1 })),
    );
    this.elements = numbers.map((number) => {
      const { width, height } = shapes[number - 1];
      const page = element("div", "page");
      page.style.aspectRatio = `${width} / ${height}`;
      page.setAttribute("role", "group");
      page.setAttribute("aria-label", fill(words.page, { page: number, pages: this.pdf.numPages }));
      page.append(element("div", "page-picture"), this.makeTick());
      return page;
    });
    this.stage.replaceChildren(...this.elements);
    this.stage.tabIndex = 0;
    this.makeRoom();
    this.observer = new IntersectionObserver((entries) => this.look(entries), {
      root: this.stage,
      rootMargin: "100%",
    });
    this.elements.forEach((page) => this.observer.observe(page));
    new ResizeObserver(() => this.redrawSoon()).observe(this.stage);
  }

  // Leave room below, so that even a small last page can be scrolled to the top.
  makeRoom() {
    const room = this.stage.clientHeight - this.elements.at(-1).offsetHeight - 16;
    this.stage.style.setProperty("--room", `${Math.max(room, 16)}px`);
  }

  makeTick() {
    const tick = element("span", "tick");
    tick.hidden = true;
    tick.append("✓ ", words.page_read);
    return tick;
  }

  look(entries) {
    for (const { isIntersecting, target } of entries) {
      const number = this.elements.indexOf(target) + 1;
      if (isIntersecting && !this.drawn.has(number)) this.draw(number);
      if (!isIntersecting) {
        this.cancel(number);
        this.clear(number);
      }
    }
  }

  async draw(number) {
    const drawing = { isCurrent: true };
    this.drawn.set(number, drawing);
    const box = this.elements[number - 1];
    const page = await this.pdf.getPage(number);
    if (!drawing.isCurrent) return;
    const { width, height } = page.getViewport({ scale: 1 });
    const scale = box.clientWidth / width;
    const sharpest = Math.sqrt(MAX_PIXELS / (width * height));
    const sharp = page.getViewport({
      scale: Math.min(scale * Math.min(devicePixelRatio, MAX_PIXEL_RATIO), sharpest),
    });
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
    const isRendered = await Promise.all([drawing.task.promise, drawing.layer.render()]).then(
      () => true,
      () => false, // cancelled
    );
    if (!isRendered || !drawing.isCurrent) return;
    box.querySelector(".page-picture").replaceChildren(canvas, text);
    drawing.isDone = true;
    this.dispatchEvent(new CustomEvent("drawn", { detail: number }));
  }

  cancel(number) {
    const drawing = this.drawn.get(number);
    if (!drawing) return;
    drawing.isCurrent = false;
    drawing.task?.cancel();
    drawing.layer?.cancel();
    this.drawn.delete(number);
  }

  clear(number) {
    const picture = this.elements[number - 1].querySelector(".page-picture");
    const canvas = picture.querySelector("canvas");
    if (canvas) canvas.width = canvas.height = 0; // frees its memory at once
    picture.replaceChildren();
  }

  // The text layer's elements of a page that is drawn, or null.
  textOf(number) {
    const drawing = this.drawn.get(number);
    return drawing?.isDone ? drawing.layer.textDivs : null;
  }

  // --- Position ------------------------------------------------------------------------------------
  // The page with the largest part in view; of several equal ones, the first.
  here() {
    const { scrollTop, clientHeight } = this.stage;
    const box = this.stage.getBoundingClientRect();
    // Part of the stage may be outside the window. If all of it is, its own position still counts.
    const isInWindow = box.bottom > 0 && box.top < innerHeight;
    const top = scrollTop + (isInWindow ? Math.max(-box.top, 0) : 0);
    const bottom = scrollTop + (isInWindow ? Math.min(clientHeight, innerHeight - box.top) : clientHeight);
    let [best, largest] = [0, -Infinity];
    this.elements.forEach((page, index) => {
      const end = page.offsetTop + page.offsetHeight;
      const seen = Math.min(end, bottom) - Math.max(page.offsetTop, top);
      if (seen > largest + 1) [best, largest] = [index, seen];
    });
    return best + 1;
  }

  // Only the stage scrolls, not the page around it. Offsets are relative to the stage.
  goTo(number) {
    const page = this.elements[Math.min(Math.max(Math.round(number), 1), this.elements.length) - 1];
    this.stage.scrollTop = page.offsetTop - 8;
  }

  tick(spans) {
    this.elements.forEach((page, index) => {
      page.querySelector(".tick").hidden = !spans.some(([from, to]) => from <= index && index < to);
    });
  }

  // --- Zoom ----------------------------------------------------------------------------------------
  larger() {
    return ZOOM_STEPS.find((step) => step > this.zoom) ?? this.zoom;
  }

  smaller() {
    return ZOOM_STEPS.findLast((step) => step < this.zoom) ?? this.zoom;
  }

  // 1 fits the width.
  setZoom(factor) {
    const page = this.here();
    const box = this.elements[page - 1];
    const { scrollLeft, scrollTop, clientWidth, scrollWidth } = this.stage;
    const down = (scrollTop - box.offsetTop) / box.offsetHeight;
    const across = (scrollLeft + clientWidth / 2) / scrollWidth;
    this.zoom = factor;
    this.stage.style.setProperty("--zoom", factor);
    this.makeRoom();
    this.stage.scrollTop = box.offsetTop + down * box.offsetHeight;
    this.stage.scrollLeft = across * this.stage.scrollWidth - clientWidth / 2;
    this.redrawSoon();
  }

  // Old pictures stay until the new ones are ready.
  redrawSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.makeRoom();
      for (const number of [...this.drawn.keys()]) {
        this.cancel(number);
        this.draw(number);
      }
    }, REDRAW_AFTER);
  }
}

function element(tag, className) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  return made;
}
