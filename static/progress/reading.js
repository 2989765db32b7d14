// Records what is being read: the visible pages, or the visible stretch of a text.

import { fractionAt, VisibilityObserver } from "./visible.js";

const SAME = 0.002; // of a text; layouts move by a pixel

class VisibleWatch {
  constructor(elements, contentId, tracker) {
    Object.assign(this, { contentId, tracker });
    this.observer = new VisibilityObserver(elements, {
      // What was visible so far is reported before the view moves on.
      onMove: () => {
        if (this.isOpen) this.report();
        this.isMoved = true;
      },
      onSeen: (seen) => {
        const { isMoved } = this;
        this.isMoved = false;
        this.see(seen, isMoved);
      },
    });
  }

  // `isMoved`: what was visible before has already been reported. Time without anything visible
  // doesn't count for what comes into view.
  change(set, isMoved) {
    const { clock } = this.tracker;
    clock.settle();
    if (this.isOpen ? !isMoved : clock.active > 1000) this.report();
    set();
    if (this.isOpen || !this.isWaiting) return;
    this.isOpen = true;
    this.report("view");
  }

  report(type = "progress") {
    this.tracker.record(this.contentId, type, this.collect());
  }

  stop() {
    if (this.isWaiting) this.report();
    this.observer.stop();
    this.tracker.watches.delete(this);
  }
}

// A paged document: `pages` are its page elements, in order. Pages that are visible together share
// the time.
export class PagesWatch extends VisibleWatch {
  constructor(pages, contentId, tracker) {
    super(pages, contentId, tracker);
    this.pages = pages;
    this.seen = [];
    this.page = 0;
  }

  get isWaiting() {
    return this.seen.length > 0;
  }

  see(parts, isMoved) {
    const heights = new Map([...parts].map(([page, { top, bottom }]) => [page, bottom - top]));
    const tallest = Math.max(0, ...heights.values());
    const inOrder = this.pages.filter((page) => heights.has(page));
    const largest = inOrder.find((page) => heights.get(page) > tallest - 1);
    const numbers = inOrder
      .filter((page) => page === largest || heights.get(page) >= 0.75 * page.getBoundingClientRect().height)
      .map((page) => this.pages.indexOf(page) + 1);
    if (String(numbers) === String(this.seen)) return;
    this.change(() => {
      this.seen = numbers;
      if (largest) this.page = this.pages.indexOf(largest) + 1;
    }, isMoved);
    this.tracker.emit("page", { contentId: this.contentId, page: this.page });
  }

  // The main page comes last: the last event sets the learner's position.
  report(type = "progress") {
    const others = this.seen.filter((page) => page !== this.page);
    if (others.length) {
      const { duration_seconds, ...rest } = this.tracker.clock.take();
      const share = Math.round((1000 * duration_seconds) / this.seen.length) / 1000;
      for (const page of others) {
        this.tracker.record(this.contentId, "progress", { page, duration_seconds: share });
      }
      this.tracker.record(this.contentId, type, { ...this.collect(), ...rest, duration_seconds: share });
    } else super.report(type);
  }

  collect() {
    return this.seen.length ? { page: this.page } : {};
  }
}

// A text: the visible stretch of `element`, as fractions of it.
export class TextWatch extends VisibleWatch {
  constructor(element, contentId, tracker) {
    super([element], contentId, tracker);
    this.element = element;
    this.span = null;
  }

  get isWaiting() {
    return this.span !== null;
  }

  see(parts, isMoved) {
    const part = parts.get(this.element);
    const span = part ? this.spanOf(part) : null;
    const isSame = span && this.span && span.every((at, index) => Math.abs(at - this.span[index]) < SAME);
    if (isSame || span === this.span) return;
    this.change(() => (this.span = span), isMoved);
  }

  spanOf({ top, bottom }) {
    const [from, to] = [top, bottom].map((y) => Math.round(fractionAt(this.element, y) * 1e4) / 1e4);
    return to > from ? [from, to] : null;
  }

  collect() {
    return this.span ? { span: this.span, reading_position: this.span[0] } : {};
  }
}
