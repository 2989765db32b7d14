// What <learning-progress> shows: a bar, a strip of what is covered, and why it isn't 100 % yet.

import { addStyle } from "./progress_style.js";
import { directionOf, spanText, text } from "./progress_words.js";

const MAX_ITEMS = 8;
const MAX_SPANS = 3;
const UNITS = { video: "seconds", audio: "seconds", document: "pages", text: "fraction" };

export class ProgressView {
  // `linkTo(content, at)` returns an address or null; `onOpen(event, content, at)` is called on a click.
  constructor(root, { linkTo, onOpen }) {
    Object.assign(this, { linkTo, onOpen });
    addStyle(root);
    this.base = make("div", "base", { role: "group" });
    this.bar = make("div", "bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 });
    this.fill = make("div", "fill");
    this.percent = make("span", "percent", { "aria-hidden": true, dir: "ltr" });
    this.strip = make("div", "strip", { "aria-hidden": true });
    this.state = make("p", "state", { role: "status" });
    this.title = make("p", "title", { id: "title" });
    this.list = make("ul", "list", { "aria-labelledby": "title" });
    const head = make("div", "head");
    this.bar.append(this.fill);
    head.append(this.bar, this.percent);
    this.base.append(head, this.strip, this.state, this.title, this.list);
    root.append(this.base);
  }

  // `details`: content id → answer of content_progress, of some contents.
  show({ language, label, template, state, progress, details }) {
    Object.assign(this, { language, template });
    this.base.lang = language;
    this.base.dir = directionOf(language);
    const name = label || this.words("name");
    this.base.setAttribute("aria-label", name);
    this.bar.setAttribute("aria-label", name);
    this.showPercent(progress);
    this.showStrip(progress, details);
    const isStale = state === "offline" && progress;
    const words = { ready: "", offline: isStale ? this.words("offline") : this.words("offline_empty") };
    setText(this.state, words[state] ?? this.words(state));
    this.state.hidden = state === "ready";
    const remaining = progress && !progress.is_complete ? progress.remaining : [];
    this.title.hidden = this.list.hidden = !remaining.length;
    setText(this.title, this.words("remaining"));
    this.showList(remaining, progress, details);
  }

  words(name, values) {
    return text(this.language, name, values);
  }

  // 89.99 is 89 %: nothing looks complete before it is.
  showPercent(progress) {
    const percent = progress ? Math.floor(progress.completion_percentage) : null;
    this.fill.style.width = `${percent ?? 0}%`;
    setText(this.percent, percent === null ? "" : `${percent} %`);
    if (percent === null) this.bar.removeAttribute("aria-valuenow");
    else this.bar.setAttribute("aria-valuenow", percent);
  }

  // A cell for each content that counts, with the stretches of it that are covered.
  showStrip(progress, details) {
    const modules = progress?.modules.filter((module) => module.is_applicable) ?? [];
    const counting = modules.flatMap((module) => module.contents.filter((content) => content.required));
    this.strip.hidden = !counting.length;
    const cells = counting.map((content) => {
      const cell = make("span", "cell");
      for (const [from, to] of stretches(content, details.get(content.content_id))) {
        const covered = make("span", "covered");
        covered.style.insetInlineStart = `${100 * from}%`;
        covered.style.width = `${100 * (to - from)}%`;
        cell.append(covered);
      }
      return cell;
    });
    this.strip.replaceChildren(...cells);
  }

  // The list is only made anew when it differs, and keeps the focus.
  showList(remaining, progress, details) {
    const types = new Map(progress?.modules.flatMap((module) => module.contents).map((each) => [each.content_id, each.content_type]));
    const signature = JSON.stringify([this.language, this.template, remaining]);
    if (signature === this.signature) return;
    this.signature = signature;
    const focused = this.list.getRootNode().activeElement?.dataset.key;
    const items = remaining.slice(0, MAX_ITEMS).map((entry) => {
      const unit = details.get(entry.content_id)?.extent_unit ?? UNITS[types.get(entry.content_id)];
      return this.item(entry, unit);
    });
    if (remaining.length > MAX_ITEMS) {
      const more = make("li", "item");
      more.textContent = this.words("more", { count: remaining.length - MAX_ITEMS });
      items.push(more);
    }
    this.list.replaceChildren(...items);
    if (focused) this.list.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  item(entry, unit) {
    const item = make("li", "item");
    const isOpen = entry.reason !== "locked" && entry.reason !== "not_released";
    const reason = make("span", "reason");
    reason.textContent = `– ${this.reason(entry)}`;
    const title = isOpen ? this.link(entry, null, entry.title) : make("bdi", "locked", {}, entry.title);
    item.append(title, " ", reason);
    if (!unit || !entry.missing.length || entry.reason !== "in_progress") return item;
    const missing = make("div", "missing");
    const links = entry.missing.slice(0, MAX_SPANS).map((span) => {
      const at = unit === "pages" ? span[0] + 1 : span[0];
      return this.link(entry, at, spanText(this.language, span, unit));
    });
    missing.append(this.words("missing"), ...links.flatMap((link) => [" ", link]));
    const more = entry.missing.length - MAX_SPANS;
    if (more > 0) missing.append(` ${this.words("more", { count: more })}`);
    item.append(missing);
    return item;
  }

  link(entry, at, words) {
    const address = this.linkTo(entry, at);
    // A title has a direction of its own.
    if (!address) return make("span", "link", { dir: "auto" }, words);
    const link = make("a", "link", { href: address, dir: "auto" }, words);
    link.dataset.key = `${entry.content_id} ${at ?? ""}`;
    link.addEventListener("click", (event) => this.onOpen(event, entry, at));
    return link;
  }

  reason({ reason, completion_percentage, needed_percentage: needed, quiz, best_score }) {
    if (reason === "quiz_not_passed") return this.words(reason, { best: Math.floor(best_score ?? 0), needed });
    if (reason === "in_progress" && quiz) {
      return this.words("quiz_open", { answered: quiz.answered, count: quiz.question_count });
    }
    return this.words(reason, { percent: Math.floor(completion_percentage), needed });
  }
}

// The covered stretches as fractions: exact where known, else as wide as the percentage.
function stretches({ completion_percentage, is_complete, is_waived }, detail) {
  if (is_complete || is_waived) return [[0, 1]];
  if (detail?.extent) return detail.covered.map((span) => span.map((at) => at / detail.extent));
  return completion_percentage > 0 ? [[0, completion_percentage / 100]] : [];
}

function make(name, part, attributes = {}, words = "") {
  const element = document.createElement(name);
  element.className = part;
  element.setAttribute("part", part);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (words) element.textContent = words;
  return element;
}

// A text that stays the same is not read out again.
function setText(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
