// Shows which parts are covered, by the server's answer, and the current position; clicks jump.

const NAMESPACE = "http://www.w3.org/2000/svg";
const PAUSE = 1000;

export class Strip {
  constructor(svg, missing, { user_id, content_id, extent, extent_unit, covered }) {
    Object.assign(this, { svg, missing, extent, unit: extent_unit });
    this.firstPage = extent_unit === "pages" ? 1 : 0;
    this.address = `/api/employee/content_progress/${user_id}/${content_id}`;
    this.marker = rect("here");
    this.light = document.createElementNS(NAMESPACE, "g");
    this.light.setAttribute("class", "counting");
    this.onCovered = new Set();
    this.draw(covered);
  }

  draw(spans) {
    const parts = spans.map(([from, to]) => place(rect(), this.percent(from), this.percent(to)));
    this.svg.replaceChildren(this.light, ...parts, this.marker);
    this.covered = spans;
    for (const callback of this.onCovered) callback(spans);
  }

  // Played and not counted yet.
  showCounting(spans) {
    const parts = spans.map(([from, to]) => place(rect(), this.percent(from), this.percent(to)));
    this.light.replaceChildren(...parts);
  }

  percent(at) {
    return this.extent ? Math.min((100 * at) / this.extent, 100) : 0;
  }

  // `position` in the content's unit: seconds, pages from 1, fractions.
  mark(position) {
    const at = this.percent(position - this.firstPage);
    place(this.marker, Math.min(at, 99.6), Math.min(at, 99.6) + 0.4);
  }

  // Calls `goTo` with the position of a click.
  onClick(goTo) {
    this.svg.classList.add("is-clickable");
    this.svg.addEventListener("click", (event) => {
      const box = this.svg.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * this.extent;
      goTo(this.unit === "pages" ? Math.floor(at) + 1 : at);
    });
  }

  // Shows the parts that are still missing, as links to them.
  showMissing(spans, isComplete) {
    this.gaps = isComplete ? [] : spans;
    if (!this.missing) return;
    this.missing.hidden = isComplete || !spans.length || !this.covered.length;
    if (this.missing.hidden) return;
    import("./missing.js").then(({ showLinks }) => showLinks(this));
  }

  // Fetch the coverage at once, but at most once a second.
  refresh(session) {
    if (!session || this.timer) return;
    const wait = this.next - Date.now();
    if (wait > 0) this.timer = setTimeout(() => this.load(session), wait);
    else this.load(session);
  }

  async load(session) {
    this.timer = undefined;
    this.next = Date.now() + PAUSE;
    const headers = { Authorization: `Session ${session.session_token}` };
    const answer = await fetch(this.address, { credentials: "omit", headers }).catch(() => null);
    // A captive portal also answers 200, with a page of its own.
    const progress = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!progress?.covered) return;
    if (progress.extent) this.extent = progress.extent;
    this.draw(progress.covered);
    this.showMissing(progress.missing, progress.is_complete);
  }
}

function rect(name) {
  const element = document.createElementNS(NAMESPACE, "rect");
  element.setAttribute("height", 4);
  if (name) element.setAttribute("class", name);
  return element;
}

function place(element, from, to) {
  element.setAttribute("x", from.toFixed(2));
  element.setAttribute("width", Math.max(to - from, 0).toFixed(2));
  return element;
}
