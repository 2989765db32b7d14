// The number of people who are learning now, updated every ten seconds while the page is visible.
const holder = document.querySelector("[data-active]");
const value = document.querySelector("#figure-active .figure-value");

async function update() {
  if (document.hidden) return;
  try {
    const answer = await fetch(holder.dataset.active, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { active, as_of } = await answer.json();
    value.textContent = active;
    value.title = as_of;
  } catch {
    // The server is unreachable for a moment: the old number stays, with its time.
  }
}

if (holder && value) setInterval(update, 10_000);
