// Adds requests to the event inspector's list as they come, the newest first.
const list = document.querySelector("[data-tail]");
const SECONDS = 2;
const MAX_SHOWN = 200;

function element(name, text = "", ...children) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

function row(entry) {
  const summary = element("summary", "");
  summary.append(
    element("time", entry.at),
    " ",
    element("code", `${entry.method} ${entry.path}`),
    " ",
    element("strong", entry.status),
    ` ${entry.duration_ms} ms`,
  );
  const details = element("details");
  details.append(
    summary,
    element("h3", list.dataset.request),
    element("pre", entry.request),
    element("h3", list.dataset.answer),
    element("pre", entry.answer),
  );
  const item = element("li");
  item.dataset.number = entry.number;
  item.append(details);
  return item;
}

let last = Math.max(0, ...[...list.children].map((item) => Number(item.dataset.number)));
list.replaceChildren(...[...list.children].reverse());

async function update() {
  if (document.hidden) return;
  try {
    const answer = await fetch(`${list.dataset.tail}&after=${last}`);
    if (!answer.ok) return;
    const { entries } = await answer.json();
    for (const entry of entries) {
      list.prepend(row(entry));
      last = Math.max(last, entry.number);
    }
    while (list.children.length > MAX_SHOWN) list.lastElementChild.remove();
  } catch {
    // The server is unreachable for a moment: what is shown stays.
  }
}

setInterval(update, SECONDS * 1000);
