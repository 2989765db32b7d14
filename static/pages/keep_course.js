// The course page's line "Keep on this device": its size, loading, what is left out, removing.

import { Busy, fetchList, Interrupted, isOld, keepCourse, NoRoom } from "./keeper.js";
import { canKeep, megabytes, recordOf, remove, Removed, room } from "./kept_store.js";
import { announce, fill, readJson } from "./words.js";

const texts = readJson("kept-words");

export async function begin(element) {
  const line = new KeepLine(element);
  await line.start();
}

class KeepLine {
  constructor(element) {
    this.element = element;
    this.list = element.dataset.list;
    this.user = Number(element.dataset.user);
    this.course = Number(element.dataset.courseId);
    this.find = (name) => element.querySelector(`[data-keep="${name}"]`);
    this.find("keep").addEventListener("click", () => this.keep({ isAsked: true }));
    this.find("cancel").addEventListener("click", () => this.cancel());
    this.find("remove").addEventListener("click", () => this.remove());
    addEventListener("online", () => this.isWaiting && this.keep());
  }

  async start() {
    if (!(await canKeep())) {
      this.show({ state: texts.cannot });
      return;
    }
    const record = await recordOf(this.user, this.course);
    const plan = await fetchList(this.list, this.user).catch(() => null);
    if (plan) this.showLeftOut(plan);
    if (record?.next && !record.kept) await this.keep();
    else if (record?.kept && plan && isOld(plan, record)) await this.keep();
    else if (record?.kept) await this.showKept(record.kept);
    else if (plan) await this.offer(plan);
  }

  async offer({ bytes }) {
    this.find("keep").textContent = fill(texts.keep, { size: megabytes(bytes) });
    this.show({ state: "", buttons: ["keep"] });
    await this.showRoom();
  }

  async keep({ isAsked = false } = {}) {
    if (this.aborting) return;
    // Only a question from the learner's click is shown by browsers.
    if (isAsked) navigator.storage?.persist?.().catch(() => false);
    this.isWaiting = false;
    this.aborting = new AbortController();
    const { signal } = this.aborting;
    this.done = [0, 0];
    const isKept = Boolean((await recordOf(this.user, this.course).catch(() => null))?.kept);
    this.show({ state: isKept ? texts.renewing : texts.begins, buttons: isKept ? [] : ["cancel"] });
    if (isAsked) this.find("cancel").focus();
    try {
      const list = await keepCourse(this.list, this.user, { signal, onProgress: (...done) => this.showProgress(...done) });
      announce(fill(texts.kept, { size: megabytes(list.bytes) }));
      await this.showKept(list);
    } catch (error) {
      await this.stopped(error, signal);
    } finally {
      this.aborting = null;
    }
  }

  async stopped(error, signal) {
    const record = await recordOf(this.user, this.course).catch(() => null);
    if (error instanceof Busy) return this.show({ state: texts.renewing });
    if (error instanceof Interrupted && record?.next) {
      this.isWaiting = true;
      const [done, size] = this.done.map(megabytes);
      this.find("keep").textContent = texts.go_on;
      return this.show({ state: fill(texts.interrupted, { done, size }), buttons: ["keep", "cancel"], isAlert: true });
    }
    if (record?.kept) return this.showKept(record.kept);
    const plan = await fetchList(this.list, this.user).catch(() => null);
    if (plan) await this.offer(plan);
    if (error instanceof NoRoom) this.show({ state: fill(texts.no_room, { size: megabytes(plan?.bytes ?? 0) }), buttons: ["keep"], isAlert: true });
    else if (!signal.aborted && !(error instanceof Removed)) this.show({ state: texts.failed, buttons: ["keep"], isAlert: true });
    return undefined;
  }

  async cancel() {
    if (this.aborting) return this.aborting.abort();
    this.isWaiting = false;
    return this.remove();
  }

  async remove() {
    await remove(this.user, this.course);
    announce(texts.removed);
    const plan = await fetchList(this.list, this.user).catch(() => null);
    if (plan) await this.offer(plan);
    else this.show({ state: texts.removed });
  }

  async showKept({ bytes }) {
    this.show({ state: fill(texts.kept, { size: megabytes(bytes) }), buttons: ["remove"] });
    await this.showRoom();
  }

  showProgress(done, bytes) {
    this.done = [done, bytes];
    const bar = this.find("bar");
    bar.hidden = false;
    bar.value = bytes ? done / bytes : 0;
    this.find("state").textContent = fill(texts.loading, { done: megabytes(done), size: megabytes(bytes) });
  }

  async showRoom() {
    const found = await room();
    const text = found ? fill(texts.room, { used: megabytes(found.used), left: megabytes(found.left) }) : "";
    this.find("room").textContent = text;
  }

  showLeftOut({ left_out: rows }) {
    const items = rows.map(({ title, reason }) => {
      const item = document.createElement("li");
      const name = document.createElement("bdi");
      name.textContent = title;
      const why = document.createElement("span");
      why.className = "muted";
      why.textContent = texts[`left_out_${reason}`];
      item.append(name, " ", why);
      return item;
    });
    this.find("left-out").hidden = !items.length;
    this.find("left-out").querySelector("ul").replaceChildren(...items);
  }

  show({ state, buttons = [], isAlert = false }) {
    for (const name of ["keep", "cancel", "remove"]) this.find(name).hidden = !buttons.includes(name);
    this.find("bar").hidden = true;
    this.find("state").textContent = state;
    this.find("state").classList.toggle("notice", isAlert);
    if (isAlert) announce(state);
    this.element.hidden = false;
  }
}
