// The checkbox that shows what is typed into a form's password fields. Without scripts there is none.

for (const box of document.querySelectorAll("[data-show-passwords]")) {
  const fields = [...box.form.querySelectorAll('input[type="password"]')];
  box.closest("label").hidden = false;
  const update = () => {
    for (const field of fields) field.type = box.checked ? "text" : "password";
  };
  box.addEventListener("change", update);
  // What browsers remember of a form mustn't include that a password was visible.
  box.form.addEventListener("submit", () => {
    box.checked = false;
    update();
  });
}
