// A PDF: pages to read, a bar to go through them, and the place where one was.

import { getDocument, GlobalWorkerOptions } from "../vendor/pdfjs-dist-5.6.205/pdf.min.mjs";
import { Sheets } from "./pdf_sheets.js";
import { Search } from "./pdf_search.js";
import { announce, say, words } from "./words.js";

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
  const sheets = new Sheets(stage, pdf);
  await sheets.layOut();
  const bar = new Bar(document.getElementById("pdf-bar"), sheets, pdf.numPages);
  if (player.position > 1) sheets.goTo(player.position);
  strip?.onCovered.add((spans) => sheets.tick(spans));
  sheets.tick(player.covered);
  const follow = () => {
    bar.follow(sheets.here());
    strip?.mark(sheets.here());
  };
  document.addEventListener("scroll", follow, { passive: true, capture: true });
  addEventListener("resize", follow, { passive: true });
  follow();
  started.then(() => tracker.watchPages(sheets.pages, player.content_id));
  return { goTo: (page) => sheets.goTo(page), here: () => sheets.here(), isStill: () => true };
}

class Bar {
  constructor(element, sheets, count) {
    Object.assign(this, { element, sheets, count });
    const find = (name) => element.querySelector(`[data-pdf=${name}]`);
    this.field = find("page");
    this.zoom = find("zoom");
    this.search = new Search(element, sheets);
    const acts = {
      previous: () => this.goTo(sheets.here() - 1),
      next: () => this.goTo(sheets.here() + 1),
      out: () => this.setZoom(sheets.smaller()),
      in: () => this.setZoom(sheets.larger()),
      fit: () => this.setZoom(1),
    };
    for (const [name, act] of Object.entries(acts)) find(name).addEventListener("click", act);
    this.field.addEventListener("change", () => this.goTo(numberIn(this.field.value)));
    this.listen(acts);
    this.showZoom();
    element.hidden = false;
  }

  listen({ in: enlarge, out: reduce, fit }) {
    const keys = { "+": enlarge, "=": enlarge, "-": reduce, 0: fit };
    this.sheets.stage.addEventListener("keydown", (event) => {
      const act = keys[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });
  }

  goTo(page) {
    if (!Number.isFinite(page)) return this.show(this.sheets.here());
    const within = Math.min(Math.max(page, 1), this.count);
    this.sheets.goTo(within);
    return this.show(within);
  }

  show(page) {
    this.field.value = this.shown = page;
  }

  // What is being typed stays.
  follow(page) {
    const isTyping = document.activeElement === this.field && this.field.value !== String(this.shown);
    if (!isTyping) this.show(page);
  }

  setZoom(factor) {
    this.sheets.setZoom(factor);
    this.showZoom();
    announce(say(words.zoom, { percent: Math.round(factor * 100) }));
  }

  showZoom() {
    this.zoom.textContent = `${Math.round(this.sheets.zoom * 100)} %`;
  }
}

// Also in Arabic digits.
const numberIn = (text) =>
  Math.round(Number(text.replace(/[٠-٩]/g, (digit) => digit.charCodeAt(0) - 0x660)));
