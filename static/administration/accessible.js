// Makes unfold's pages accessible: adds landmarks, names of icons, and keys for elements that only
// listen to clicks. Their parts come and go, so this runs again after each change.
(() => {
  const ICON = ".material-symbols-outlined";
  const CLICKED = "span, div, a:not([href]), td";
  // Icons that point along the line: mirrored where lines run from right to left.
  const DIRECTIONAL = new RegExp(
    "^(arrow_(back|forward)(_ios|_ios_new)?|arrow_(left|right)(_alt)?|chevron_(left|right)"
    + "|keyboard_(arrow_(left|right)|tab)|navigate_(before|next)|(first|last)_page|undo|redo|reply"
    + "|login|logout|open_in_new|send|forward_to_inbox|outgoing_mail|alt_route)$",
  );
  let words = {};

  function set(element, name, value) {
    if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
  }

  function landmarks() {
    set(document.getElementById("main") ?? document.getElementById("page"), "role", "main");
    const sidebar = document.getElementById("nav-sidebar");
    set(sidebar, "role", "navigation");
    set(sidebar, "aria-label", words.menu);
    for (const [area, name] of [["#nav-sidebar", words.menu], ["#changelist", words.table]]) {
      const scrolled = document.querySelector(`${area} [role=region][aria-label]`);
      set(scrolled, "aria-label", name);
    }
    for (const error of document.querySelectorAll(".errornote")) set(error, "role", "alert");
  }

  function nameOf(element) {
    const icon = element.matches(ICON) ? element : element.querySelector(ICON);
    return element.title || words.icons?.[icon?.textContent.trim()] || "";
  }

  function icons() {
    for (const icon of document.querySelectorAll(ICON)) {
      icon.classList.toggle("is-directional", DIRECTIONAL.test(icon.textContent.trim()));
      const holder = icon.closest("a, button, [role=button]") ?? icon.closest("[title]");
      if (holder && holder.textContent.trim() === icon.textContent.trim()) {
        const name = nameOf(holder);
        if (name && !holder.hasAttribute("aria-label")) set(holder, "aria-label", name);
        if (!holder.matches("a, button, [role=button]")) set(holder, "role", "img");
      }
      if (holder !== icon) set(icon, "aria-hidden", "true");
    }
  }

  function heads() {
    for (const head of document.querySelectorAll("[id$=-group] thead th")) {
      if (head.textContent.trim() || !words.remove) continue;
      const name = document.createElement("span");
      name.className = "unseen";
      name.textContent = words.remove;
      head.replaceChildren(name);
    }
  }

  function keys() {
    for (const clicked of document.querySelectorAll("[x-on\\:click]")) {
      const works = clicked.matches(CLICKED) && clicked.id !== "changelist-filter-close";
      if (!works || clicked.dataset.keys || clicked.querySelector("input, a, button")) continue;
      clicked.dataset.keys = "yes";
      set(clicked, "role", "button");
      set(clicked, "tabindex", "0");
      clicked.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        clicked.click();
      });
    }
  }

  function choices() {
    for (const container of document.querySelectorAll(".select2-container")) {
      const select = container.previousElementSibling;
      const label = select?.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
      const name = label ? label.textContent.replace("*", "").trim() : "";
      const box = container.querySelector(".select2-selection");
      if (!box || !name) continue;
      const chosen = container.querySelector(".select2-selection__rendered");
      box.removeAttribute("aria-labelledby");
      set(box, "aria-label", box.matches(".select2-selection--single") && chosen.textContent.trim()
        ? `${name}: ${chosen.textContent.trim()}` : name);
      if (chosen.getAttribute("role") === "textbox") {
        chosen.removeAttribute("role");
        chosen.removeAttribute("aria-readonly");
      }
      if (chosen.tagName === "UL") set(chosen, "role", "presentation");
      for (const search of container.querySelectorAll(".select2-search__field")) {
        set(search, "aria-label", name);
      }
    }
    const search = document.querySelector("body > .select2-container .select2-search__field");
    set(search, "aria-label", words.search);
  }

  function update() {
    landmarks();
    heads();
    keys();
    icons();
    choices();
  }

  document.addEventListener("DOMContentLoaded", () => {
    words = JSON.parse(document.getElementById("administration-words")?.textContent ?? "{}");
    update();
    let isScheduled = false;
    new MutationObserver(() => {
      if (isScheduled) return;
      isScheduled = true;
      requestAnimationFrame(() => { isScheduled = false; update(); });
    }).observe(document.body, { childList: true, subtree: true });
  });
})();
