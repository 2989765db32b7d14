// Says of a typed address at once whether this site plays what is there.

const WAIT_MS = 400;
const check = document.getElementById("address-check");
const field = document.getElementById("id_url");
let timer;
let asked = 0;

field.after(check);
field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT_MS);
});
ask();

async function ask() {
  const number = (asked += 1);
  const url = field.value.trim();
  const query = new URLSearchParams({ url, content_type: check.dataset.contentType });
  const response = url ? await fetch(`${check.dataset.url}?${query}`).catch(() => null) : null; // offline
  const answer = response?.ok ? await response.json().catch(() => null) : null; // signed out
  if (number !== asked) return;
  const text = answer?.problem || answer?.note || "";
  check.textContent = text;
  check.hidden = !text;
  check.className = answer?.problem ? "notice" : "muted help";
}
