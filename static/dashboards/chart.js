// Shows the value under the pointer or the keyboard's focus. The texts come from the drawing's titles,
// or from the table behind it: nothing is computed here.
for (const figure of document.querySelectorAll("[data-chart]")) {
  const plot = figure.querySelector("[data-plot]");
  const readout = figure.querySelector("[data-readout]");
  const points = plot ? pointsOf(figure, plot) : [];
  if (points.length) follow(figure, plot, readout, points);
}

function pointsOf(figure, plot) {
  const titled = [...plot.querySelectorAll("title")].filter((title) => title.parentNode.matches("g, rect"));
  if (titled.length) return titled.map((title) => ({ text: title.textContent.trim(), shape: title.parentNode }));
  const heads = [...figure.querySelectorAll("thead th")].map((head) => head.textContent.trim());
  return [...figure.querySelectorAll("tbody tr")].map((row) => {
    const [name, ...values] = [...row.cells].map((cell) => cell.textContent.trim());
    const parts = values.map((value, index) => `${heads[index + 1]} ${value}`);
    return { text: `${heads[0]} ${name}: ${parts.join(", ")}` };
  });
}

function follow(figure, plot, readout, points) {
  const isLine = figure.dataset.chart === "line";
  const across = Number(figure.dataset.across ?? 0);
  const marker = document.createElement("span");
  marker.className = "marker";
  marker.hidden = true;
  if (!across) plot.append(marker);
  let at = 0;

  plot.tabIndex = 0;
  plot.setAttribute("role", "slider");
  plot.setAttribute("aria-label", plot.dataset.label);
  plot.setAttribute("aria-valuemin", "1");
  plot.setAttribute("aria-valuemax", String(points.length));
  showPoint(0);
  hide();

  function showPoint(index) {
    points[at].shape?.classList.remove("chosen");
    at = Math.min(Math.max(index, 0), points.length - 1);
    points[at].shape?.classList.add("chosen");
    readout.textContent = points[at].text;
    plot.setAttribute("aria-valuenow", String(at + 1));
    plot.setAttribute("aria-valuetext", points[at].text);
    marker.hidden = false;
    // A line begins one step before its first row: at zero, on the day of enrolment.
    const share = (at + (isLine ? 1 : 0.5)) / points.length;
    marker.style.insetInlineStart = `${share * 100}%`;
  }

  function hide() {
    marker.hidden = true;
    points[at].shape?.classList.remove("chosen");
    readout.textContent = "";
  }

  plot.addEventListener("pointermove", (event) => {
    const shape = event.target.closest?.("g, rect");
    const found = points.findIndex((point) => point.shape && point.shape === shape);
    if (found >= 0) return showPoint(found);
    if (across) return;
    const area = plot.getBoundingClientRect();
    const share = (event.clientX - area.left) / area.width;
    showPoint(isLine ? Math.round(share * points.length) - 1 : Math.floor(share * points.length));
  });
  plot.addEventListener("pointerleave", () => document.activeElement !== plot && hide());
  plot.addEventListener("focus", () => showPoint(at));
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const steps = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: across || -1,
      ArrowUp: -(across || -1),
      Home: -points.length,
      End: points.length,
    };
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    showPoint(at + steps[event.key]);
  });
}
