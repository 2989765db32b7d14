// Before signing out: sends what waits, then says what is removed and what couldn't be sent.

import { DAY_MS, megabytes, recordsOf, remove } from "./kept_store.js";
import { deliverWaiting } from "./waiting.js";
import { fill, readJson } from "./words.js";

const texts = readJson("kept-words");
const form = document.getElementById("sign-out");
const user = Number(form.dataset.user);
const { lang } = document.documentElement;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  for (const { course } of await recordsOf(user)) await remove(user, course);
  form.submit();
});
begin().catch(() => form.submit()); // nothing can be stored here, so nothing is kept

async function begin() {
  const rows = await recordsOf(user);
  const csrf = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const { events, minutes, answers, since } = await deliverWaiting(user, csrf);
  if (!events && !rows.length) return form.submit();
  const items = rows.map(({ kept, next }) => {
    const item = document.createElement("li");
    const { title, bytes } = kept ?? next;
    const name = document.createElement("bdi");
    name.textContent = title;
    item.append(name, ` (${megabytes(bytes)})`);
    return item;
  });
  const courses = document.getElementById("courses");
  courses.querySelector("ul").replaceChildren(...items);
  courses.hidden = !items.length;
  const state = document.getElementById("waiting");
  state.textContent = events ? `${fill(texts.waiting, { minutes, answers })} ${fill(texts.not_sent, { date: dayAfter(since) })}` : texts.all_sent;
  state.classList.toggle("good", !events);
  state.hidden = false;
  form.hidden = false;
  return undefined;
}

const dayAfter = (since) =>
  new Date(since + Number(texts.late_days) * DAY_MS).toLocaleDateString(lang, { dateStyle: "long", numberingSystem: "latn" });
