// One box chooses every alert on the page; without it, each has its own.
const board = document.querySelector("[data-board]");
const place = board?.querySelector("[data-every]");
if (place) {
  const boxes = [...board.querySelectorAll('input[name="alert"]')];
  const every = document.createElement("input");
  every.type = "checkbox";
  every.setAttribute("aria-label", place.previousElementSibling.textContent);
  const follow = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    every.checked = boxes.length > 0 && chosen === boxes.length;
    every.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  every.addEventListener("change", () => {
    for (const box of boxes) box.checked = every.checked;
  });
  board.addEventListener("change", (event) => {
    if (event.target !== every) follow();
  });
  place.replaceWith(every);
  follow();
}
