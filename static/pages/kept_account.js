// The account's page: the courses on this device, how much room they take, and removing them.

import { megabytes, recordsOf, remove, room } from "./kept_store.js";
import { announce, fill, readJson } from "./words.js";

const texts = readJson("kept-words");
const section = document.getElementById("kept");
const user = Number(section.dataset.user);
const all = section.querySelector("[data-all]");

all.addEventListener("click", async () => {
  for (const { course } of await recordsOf(user)) await remove(user, course);
  announce(texts.removed);
  await show();
});
show().catch(() => {}); // nothing can be stored here

async function show() {
  const rows = await recordsOf(user);
  section.querySelector("ul").replaceChildren(...rows.map(row));
  section.querySelector("[data-none]").hidden = rows.length > 0;
  all.hidden = rows.length < 2;
  const found = await room();
  section.querySelector("[data-room]").textContent = found
    ? fill(texts.room, { used: megabytes(found.used), left: megabytes(found.left) })
    : "";
  section.hidden = false;
}

function row({ course, kept, next }) {
  const { title, url, bytes } = kept ?? next;
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = url;
  link.id = `kept-${course}`;
  link.textContent = title;
  const state = document.createElement("p");
  state.className = "muted";
  state.textContent = kept ? megabytes(bytes) : fill(texts.loading, { done: "…", size: megabytes(bytes) });
  const text = document.createElement("div");
  text.append(link, state);
  const button = document.createElement("button");
  button.className = "quiet";
  button.textContent = texts.remove;
  button.setAttribute("aria-describedby", link.id);
  button.addEventListener("click", async () => {
    await remove(user, course);
    announce(texts.removed);
    await show();
  });
  item.append(text, button);
  return item;
}
