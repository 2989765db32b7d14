// Finds the visible part of an element: inside the window and every container that scrolls or clips,
// not in a closed panel, not under something opaque, not in a hidden tab.
//
// IntersectionObserver knows the clipping; elements on top are looked up at points.

const SETTLE_AFTER = 200; // after the last scroll event
const LOOK_EVERY = 1000; // overlays and layouts change without an event
const ROWS = 16;
const COLUMNS = [0.2, 0.5, 0.8];
const OPAQUE = `img, video, iframe, object, embed${globalThis.CSS?.supports("selector(:modal)") ? ", :modal" : ""}`;

// Calls `onSeen` with a Map of visible element → {top, bottom} (in the window), whenever that may
// have changed, and `onMove` as soon as the view begins to move.
export class VisibilityObserver {
  constructor(elements, { onMove, onSeen }) {
    Object.assign(this, { elements, onMove, onSeen });
    this.near = new Set();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const options = { signal, capture: true, passive: true };
    document.addEventListener("scroll", (event) => this.isAround(event.target) && this.move(), options);
    for (const target of [window, window.visualViewport]) target?.addEventListener("resize", () => this.move(), options);
    for (const type of ["toggle", "load", "fullscreenchange", "visibilitychange", "transitionend"]) {
      document.addEventListener(type, () => this.look(), options);
    }
    this.observer = new IntersectionObserver((entries) => this.approach(entries), { threshold: [0, 0.5, 1] });
    this.resized = new ResizeObserver(() => this.look());
    for (const element of elements) {
      this.observer.observe(element);
      this.resized.observe(element);
    }
    this.every = setInterval(() => this.look(), LOOK_EVERY);
  }

  isAround(scrolled) {
    return this.elements.some((element) => scrolled.contains(element) || element.contains(scrolled));
  }

  approach(entries) {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.near.add(target);
      else this.near.delete(target);
    }
    this.look();
  }

  move() {
    if (!this.isMoving) this.onMove();
    this.isMoving = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), SETTLE_AFTER);
  }

  look() {
    clearTimeout(this.timer);
    this.glance?.disconnect();
    if (document.hidden || !this.near.size) return this.settle([]);
    this.glance = new IntersectionObserver((entries, glance) => {
      glance.disconnect();
      this.settle(entries);
    });
    for (const element of this.near) this.glance.observe(element);
  }

  settle(entries) {
    const seen = new Map();
    for (const entry of entries) {
      const part = entry.isIntersecting && isShown(entry.target) && uncovered(entry.target, entry.intersectionRect);
      if (part) seen.set(entry.target, part);
    }
    this.isMoving = false;
    this.onSeen(seen);
  }

  stop() {
    this.abort.abort();
    clearInterval(this.every);
    clearTimeout(this.timer);
    for (const observer of [this.observer, this.resized, this.glance]) observer?.disconnect();
  }
}

const isShown = (element) => element.checkVisibility?.({ visibilityProperty: true, opacityProperty: true }) ?? true;

// The longest stretch of a rectangle that nothing opaque covers, or null.
function uncovered(element, { left, top, right, bottom }) {
  const view = window.visualViewport; // smaller than the window when zoomed by pinching
  if (view && view.scale > 1) {
    top = Math.max(top, view.offsetTop);
    bottom = Math.min(bottom, view.offsetTop + view.height);
  }
  if (!(bottom > top) || !(right > left)) return null;
  const row = (bottom - top) / ROWS;
  const own = withAncestors(element);
  let best = [0, 0];
  let begin = 0;
  for (let index = 0; index <= ROWS; index += 1) {
    const y = top + (index + 0.5) * row;
    const isFree = index < ROWS && COLUMNS.some((at) => !isCovered(element, own, left + at * (right - left), y));
    if (isFree) continue;
    if (index - begin > best[1] - best[0]) best = [begin, index];
    begin = index + 1;
  }
  if (best[0] === best[1]) return null;
  return { top: top + best[0] * row, bottom: top + best[1] * row };
}

// An element with all its ancestors, including the hosts of shadow roots.
function withAncestors(element) {
  const nodes = new Set();
  for (let node = element; node; node = node.parentNode ?? node.host) nodes.add(node);
  return nodes;
}

function isCovered(element, own, x, y) {
  const found = element.getRootNode().elementFromPoint?.(x, y);
  for (let node = found; node && !own.has(node); node = node.parentNode ?? node.host) {
    if (node.nodeType === Node.ELEMENT_NODE && !element.contains(node) && isOpaque(node)) return true;
  }
  return false;
}

function isOpaque(node) {
  if (node.matches(OPAQUE)) return true;
  const { backgroundColor, backgroundImage, opacity } = getComputedStyle(node);
  if (opacity < 0.5) return false;
  const alpha = /[,/]\s*([\d.]+)(%?)\s*\)$/.exec(backgroundColor.replace(/^rgb\(.*,.*\)$/, ""));
  const isClear = alpha ? alpha[1] / (alpha[2] ? 100 : 1) < 0.5 : backgroundColor === "transparent";
  return !isClear || backgroundImage !== "none";
}

// --- Positions in a content, as fractions of its own height ------------------------------------------
const scrolls = (element) =>
  element.scrollHeight > element.clientHeight + 1 && /auto|scroll|hidden|overlay/.test(getComputedStyle(element).overflowY);

// The fraction of `element` at the window's coordinate `y`.
export function fractionAt(element, y) {
  const box = element.getBoundingClientRect();
  const [height, shift] = scrolls(element) ? [element.scrollHeight, element.scrollTop] : [box.height, 0];
  return height ? Math.min(Math.max((y - box.top + shift) / height, 0), 1) : 0;
}

// The element that scrolls a content: itself, one around it, or the page.
export function scrollerOf(element) {
  for (let node = element; node && node !== document.body; node = node.parentElement) {
    if (scrolls(node)) return node;
  }
  return document.scrollingElement;
}

// The upper edge of the visible part of a content, in the window.
export function upperEdge(element) {
  const scroller = scrollerOf(element);
  return scroller === document.scrollingElement ? 0 : Math.max(scroller.getBoundingClientRect().top, 0);
}

export function scrollToFraction(element, fraction) {
  const scroller = scrollerOf(element);
  if (scroller === element) element.scrollTop = element.scrollHeight * fraction;
  else {
    const box = element.getBoundingClientRect();
    const top = scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top;
    scroller.scrollBy({ top: box.top + box.height * fraction - top, behavior: "instant" });
  }
}
