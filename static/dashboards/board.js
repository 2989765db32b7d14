// Adds a checkbox that selects all alerts on the page.
const board = document.querySelector("[data-board]");
const placeholder = board?.querySelector("[data-every]");
if (placeholder) {
  const boxes = [...board.querySelectorAll('input[name="alert"]')];
  const every = document.createElement("input");
  every.type = "checkbox";
  every.setAttribute("aria-label", placeholder.previousElementSibling.textContent);
  const update = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    every.checked = boxes.length > 0 && chosen === boxes.length;
    every.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  every.addEventListener("change", () => {
    for (const box of boxes) box.checked = every.checked;
  });
  board.addEventListener("change", (event) => {
    if (event.target !== every) update();
  });
  placeholder.replaceWith(every);
  update();
}
