// Which parts are covered, as the server says, and where one is.

const NAMESPACE = "http://www.w3.org/2000/svg";
const PAUSE = 1000;

export class Strip {
  constructor(svg, { user_id, content_id, extent, extent_unit, covered }) {
    Object.assign(this, { svg, extent, firstPage: extent_unit === "pages" ? 1 : 0 });
    this.address = `/api/employee/content_progress/${user_id}/${content_id}`;
    this.marker = rect("here");
    this.draw(covered);
  }

  draw(spans) {
    const parts = spans.map(([from, to]) => place(rect(), this.percent(from), this.percent(to)));
    this.svg.replaceChildren(...parts, this.marker);
  }

  percent(at) {
    return this.extent ? Math.min((100 * at) / this.extent, 100) : 0;
  }

  // `position` in the content's own unit: seconds, pages from 1, fractions.
  mark(position) {
    const at = this.percent(position - this.firstPage);
    place(this.marker, Math.min(at, 99.6), Math.min(at, 99.6) + 0.4);
  }

  // Ask at most once a second, however many answers come.
  refresh(session) {
    if (!session) return;
    this.timer ??= setTimeout(async () => {
      this.timer = undefined;
      const answer = await fetch(this.address, {
        credentials: "omit",
        headers: { Authorization: `Session ${session.session_token}` },
      }).catch(() => null);
      if (!answer?.ok) return;
      const progress = await answer.json();
      if (progress.extent) this.extent = progress.extent;
      this.draw(progress.covered);
    }, PAUSE);
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
