// Contents are dragged to another place; the buttons beside them do the same from the keyboard.

const MOVED = "outline-moved"; // of this tab: the row that was moved, and by which of its buttons
const outline = document.querySelector("[data-outline]");
const form = document.getElementById("dragged");
let dragged = null;

outline.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-content]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.content);
  dragged.classList.add("is-dragged");
});

outline.addEventListener("dragover", (event) => {
  const place = dragged && placeAt(event);
  if (!place) return;
  event.preventDefault();
  place.list.insertBefore(dragged, place.before);
});

outline.addEventListener("drop", (event) => {
  if (!dragged) return;
  event.preventDefault();
  const module = dragged.closest("[data-module]").dataset.module;
  const to = [...dragged.parentElement.children].indexOf(dragged);
  const [from] = dragged.querySelectorAll("input[name=module]");
  form.elements.namedItem("module").value = from.value;
  form.elements.namedItem("content").value = dragged.dataset.content;
  form.elements.namedItem("place").value = `${to} ${module}`;
  dragged = null;
  form.submit();
});

// Dropped outside, or given up with Escape: as it was.
outline.addEventListener("dragend", () => {
  if (dragged) location.reload();
});

// The list under the pointer, and the content before which the dragged one would stand.
function placeAt(event) {
  const list = event.target.closest("[data-module]")?.querySelector("[data-contents]");
  if (!list) return null;
  const others = [...list.children].filter((each) => each !== dragged);
  const before = others.find((each) => {
    const { top, height } = each.getBoundingClientRect();
    return event.clientY < top + height / 2;
  });
  return { list, before: before ?? null };
}

// --- A move loads the page anew: the focus goes back to where it was -----------------------------
outline.addEventListener("submit", ({ submitter }) => {
  if (!["place", "to"].includes(submitter?.name)) return;
  const { content, module } = submitter.closest("[data-content], [data-module]").dataset;
  const index = [...submitter.parentElement.children].indexOf(submitter);
  try {
    sessionStorage.setItem(MOVED, JSON.stringify({ content, module, index }));
  } catch {
    // Without storage the focus begins at the top of the page.
  }
});

function focusMoved() {
  let moved;
  try {
    moved = JSON.parse(sessionStorage.getItem(MOVED));
    sessionStorage.removeItem(MOVED);
  } catch {
    return;
  }
  if (!moved) return;
  const [name, code] = moved.content ? ["content", moved.content] : ["module", moved.module];
  const buttons = outline.querySelector(`[data-${name}="${CSS.escape(code)}"] .buttons`)?.children;
  // At an end only the other direction is left.
  const found = buttons?.[moved.index]?.disabled ? buttons[1 - moved.index] : buttons?.[moved.index];
  found?.focus();
}
focusMoved();
