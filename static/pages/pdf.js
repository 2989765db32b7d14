// A PDF: its pages, a toolbar, and the position to continue from.

import { getDocument, GlobalWorkerOptions } from "../vendor/pdfjs-dist-5.6.205/pdf.min.mjs";
import { PagesWatch } from "../progress/reading.js";
import { whenIdle } from "./idle.js";
import { PdfPages } from "./pdf_pages.js";
import { announce, fill, percentage, words } from "./words.js";

GlobalWorkerOptions.workerSrc = new URL(
  "../vendor/pdfjs-dist-5.6.205/pdf.worker.min.mjs",
  import.meta.url,
).href;

export async function begin(stage, player, tracker, strip, started) {
  let pdf;
  try {
    pdf = await getDocument({ url: player.url, isEvalSupported: false }).promise;
  } catch {
    stage.textContent = words.document_failed;
    announce(words.document_failed);
    return null;
  }
  const pages = new PdfPages(stage, pdf);
  await pages.layOut();
  const toolbar = new Toolbar(document.getElementById("pdf-bar"), pages, pdf.numPages);
  if (player.position > 1) pages.goTo(player.position);
  strip?.onCovered.add((spans) => pages.tick(spans));
  pages.tick(player.covered);
  const follow = () => {
    toolbar.follow(pages.here());
    strip?.mark(pages.here());
  };
  document.addEventListener("scroll", follow, { passive: true, capture: true });
  addEventListener("resize", follow, { passive: true });
  follow();
  started.then(() => tracker.watch(new PagesWatch(pages.elements, player.content_id, tracker)));
  return { goTo: (page) => pages.goTo(page), here: () => pages.here(), isStill: () => true };
}

class Toolbar {
  constructor(element, pages, count) {
    Object.assign(this, { element, pages, count });
    const find = (name) => element.querySelector(`[data-pdf=${name}]`);
    this.field = find("page");
    this.zoom = find("zoom");
    const actions = {
      previous: () => this.goTo(pages.here() - 1),
      next: () => this.goTo(pages.here() + 1),
      out: () => this.setZoom(pages.smaller()),
      in: () => this.setZoom(pages.larger()),
      fit: () => this.setZoom(1),
    };
    for (const [name, act] of Object.entries(actions)) find(name).addEventListener("click", act);
    this.field.addEventListener("change", () => this.goTo(numberIn(this.field.value)));
    this.listen(actions);
    this.prepareSearch();
    this.showZoom();
    element.hidden = false;
  }

  // Also needed without a network, so it doesn't wait until it is used.
  prepareSearch() {
    const load = () => {
      this.search ??= import("./pdf_search.js").then(
        ({ Search }) => new Search(this.element, this.pages),
        () => { this.search = null; }, // tried again when the toolbar is used
      );
    };
    this.element.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    this.element.addEventListener("focusin", load);
    whenIdle(load);
  }

  listen({ in: enlarge, out: reduce, fit }) {
    const keys = { "+": enlarge, "=": enlarge, "-": reduce, 0: fit };
    this.pages.stage.addEventListener("keydown", (event) => {
      const act = keys[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });
  }

  goTo(page) {
    if (!Number.isFinite(page)) return this.show(this.pages.here());
    const within = Math.min(Math.max(page, 1), this.count);
    this.pages.goTo(within);
    return this.show(within);
  }

  show(page) {
    this.field.value = this.shown = page;
  }

  // Keep what is being typed.
  follow(page) {
    const isTyping = document.activeElement === this.field && this.field.value !== String(this.shown);
    if (!isTyping) this.show(page);
  }

  setZoom(factor) {
    this.pages.setZoom(factor);
    this.showZoom();
    announce(fill(words.zoom, { percent: Math.round(factor * 100) }));
  }

  showZoom() {
    this.zoom.textContent = percentage(Math.round(this.pages.zoom * 100));
  }
}

// Arabic digits work too.
const numberIn = (text) =>
  Math.round(Number(text.replace(/[٠-٩]/g, (digit) => digit.charCodeAt(0) - 0x660)));
