// A note belongs to the place at which it was begun; without text it is a bookmark.

export function begin(form, view) {
  const field = form.elements.position;
  const note = () => {
    const position = view?.here?.();
    if (!field.value && Number.isFinite(position)) field.value = position;
  };
  note();
  form.addEventListener("submit", note);
}
