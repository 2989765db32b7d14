// A click on the curve plays that second; the line shows where the player is.
const figure = document.getElementById("curve");
const player = document.getElementById("player");
const plot = figure?.querySelector(".plot");
const here = figure?.querySelector(".here");
const seconds = Number(figure?.dataset.seconds ?? 0);

function playFrom(second) {
  player.currentTime = second;
  player.play().catch(() => {}); // the browser may want a click on the player itself
  player.scrollIntoView({ block: "nearest" });
}

if (player) {
  for (const link of document.querySelectorAll("[data-second]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      playFrom(Number(link.dataset.second));
    });
  }
}

if (player && plot && seconds) {
  plot.classList.add("plays");
  plot.addEventListener("click", (event) => {
    const area = plot.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - area.left) / area.width, 0), 0.9999);
    playFrom(Math.floor(share * seconds));
  });
  player.addEventListener("timeupdate", () => {
    here.hidden = false;
    here.style.insetInlineStart = `${Math.min(player.currentTime / seconds, 1) * 100}%`;
  });
}
