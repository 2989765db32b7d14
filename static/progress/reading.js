// What is being read: the page, or the stretch of a text, that is visible.

class VisibleWatch {
  constructor(contentId, tracker) {
    Object.assign(this, { contentId, tracker });
    this.isWaiting = true;
  }

  report(type = "progress") {
    this.tracker.record(this.contentId, type, this.collect());
  }
}

// A paged document: `pages` are its page elements, in order.
export class PagesWatch extends VisibleWatch {
  constructor(pages, contentId, tracker) {
    super(contentId, tracker);
    this.ratios = new Map(pages.map((page) => [page, 0]));
    this.page = 0;
    this.observer = new IntersectionObserver((entries) => this.look(entries, pages), {
      threshold: [0, 0.1, 0.25, 0.5, 0.75, 1],
    });
    pages.forEach((page) => this.observer.observe(page));
  }

  look(entries, pages) {
    for (const { target, intersectionRect } of entries) {
      this.ratios.set(target, intersectionRect.height);
    }
    const seen = pages.reduce((best, page) =>
      this.ratios.get(page) > this.ratios.get(best) ? page : best,
    );
    const page = this.ratios.get(seen) > 0 ? pages.indexOf(seen) + 1 : 0;
    if (page === this.page) return;
    if (this.page) this.report();
    const isFirst = !this.page;
    this.page = page || this.page;
    if (isFirst && this.page) this.report("view");
    this.tracker.emit("page", { contentId: this.contentId, page: this.page });
  }

  collect() {
    return this.page ? { page: this.page } : {};
  }

  stop() {
    this.observer.disconnect();
  }
}

// A text: the visible stretch of `element`, as fractions of it.
export class TextWatch extends VisibleWatch {
  constructor(element, contentId, tracker) {
    super(contentId, tracker);
    this.element = element;
    this.span = this.look();
    this.onScroll = () => {
      clearTimeout(this.timer);
      // What was visible until now is told before the view moves on.
      if (!this.isMoving) this.report();
      this.isMoving = true;
      this.timer = setTimeout(() => this.settle(), 200);
    };
    addEventListener("scroll", this.onScroll, { passive: true });
    addEventListener("resize", this.onScroll, { passive: true });
    this.report("view");
  }

  settle() {
    this.isMoving = false;
    this.span = this.look();
  }

  look() {
    const box = this.element.getBoundingClientRect();
    const at = (y) => Math.min(Math.max((y - box.top) / box.height, 0), 1);
    const [from, to] = [at(0), at(innerHeight)];
    return to > from ? [Math.round(from * 1e4) / 1e4, Math.round(to * 1e4) / 1e4] : null;
  }

  collect() {
    return this.span ? { span: this.span, reading_position: this.span[0] } : {};
  }

  stop() {
    removeEventListener("scroll", this.onScroll);
    removeEventListener("resize", this.onScroll);
  }
}
