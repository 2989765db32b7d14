// The transcript beside a film: follows it, and is searched. Its lines are links to their seconds.

const READING_MS = 5000; // after the reader has scrolled, it doesn't move by itself

export const begin = (element, media) => new Transcript(element, media);

class Transcript {
  constructor(element, media) {
    Object.assign(this, { element, media });
    this.list = element.querySelector("ol");
    this.field = element.querySelector("input");
    this.field.parentElement.hidden = false;
    this.found = element.querySelector("output");
    this.lines = [...element.querySelectorAll("[data-cue]")].map((link) => ({
      link,
      item: link.closest("li"),
      time: Number(link.dataset.cue),
      text: plain(link.textContent),
    }));
    this.readAt = -Infinity;
    for (const type of ["wheel", "touchmove", "keydown"]) {
      this.list.addEventListener(type, () => (this.readAt = performance.now()), { passive: true });
    }
    this.field.addEventListener("input", () => this.search());
    media.addEventListener("timeupdate", () => this.follow());
    this.follow();
  }

  follow() {
    const current = this.lines.findLast(({ time }) => time <= this.media.currentTime);
    if (current === this.current) return;
    this.current?.link.removeAttribute("aria-current");
    current?.link.setAttribute("aria-current", "true");
    this.current = current;
    const isReading = performance.now() - this.readAt < READING_MS || this.list.contains(document.activeElement);
    if (current && !isReading && !this.field.value) this.list.scrollTop = current.item.offsetTop - this.list.clientHeight / 3;
  }

  search() {
    const wanted = plain(this.field.value).trim();
    let count = 0;
    for (const { item, text } of this.lines) {
      item.hidden = !text.includes(wanted);
      if (!item.hidden) count += 1;
    }
    this.found.textContent = wanted ? count : "";
  }
}

// Ignores case and accents, as every search of the site does.
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
