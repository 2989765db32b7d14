// "You were at 14:02 on another device 3 min ago": offers other positions to continue from.

import { startOf, positionText } from "./positions.js";
import { announce, fill, words } from "./words.js";

const JUST_NOW = 60_000;
const FAR = { seconds: 10, pages: 1, fraction: 0.1 };
const SAME = { seconds: 2, pages: 0, fraction: 0.02 };
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export class Offer {
  constructor(element, player, { goTo, here }, strip) {
    Object.assign(this, { element, goTo, here, strip, unit: player.extent_unit });
    this.missing = player.missing;
    element.querySelector("[data-close]").addEventListener("click", () => this.close());
  }

  // The beginning of what is missing now; null if nothing is.
  get gap() {
    const [first] = this.strip?.gaps ?? this.missing;
    return first ? startOf(first, this.unit) : null;
  }

  // When the page opens. `deviceId` is this device; a page that was just reloaded needs no offer.
  onArrival({ last_position: last, position, is_reload }, deviceId) {
    const isElsewhere = last?.device_id && last.device_id !== deviceId;
    if (!last || is_reload || position <= (this.unit === "pages" ? 1 : 0)) return;
    if (!isElsewhere && Date.now() - Date.parse(last.at) < JUST_NOW) return;
    const template = isElsewhere ? words.offer_elsewhere : words.offer_here;
    // The page resumes at this position by itself.
    this.show(template, last.position, ago(Date.parse(last.at)), position);
  }

  // While this page is open and idle, the learner continued on another device.
  onOtherDevice(position) {
    this.show(words.offer_now, position, "", this.here());
  }

  show(template, position, time, here) {
    const text = fill(template, { place: positionText(position, this.unit), ago: time });
    const { gap } = this;
    const differs = (one, other) => Math.abs(one - other) > SAME[this.unit];
    const buttons = [];
    if (differs(position, here)) buttons.push(this.button(words.continue_there, position));
    if (gap !== null && differs(gap, position) && differs(gap, here)) buttons.push(this.button(fill(words.first_gap, { place: positionText(gap, this.unit) }), gap));
    this.element.querySelector("[data-text]").textContent = text;
    this.element.querySelector("[data-choices]").replaceChildren(...buttons);
    this.element.hidden = false;
    announce(text);
  }

  button(text, position) {
    const button = document.createElement("button");
    button.className = "quiet";
    button.textContent = text;
    button.addEventListener("click", () => {
      this.close();
      this.goTo(position, { play: true });
    });
    return button;
  }

  close() {
    this.element.hidden = true;
  }

  isFar(one, other) {
    return Math.abs(one - other) > FAR[this.unit];
  }
}

function ago(moment) {
  const seconds = (moment - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  const [unit, size] = UNITS.find(([, each]) => -seconds >= each) ?? ["minute", 60];
  return format.format(Math.round(seconds / size), unit);
}
