// In a frame, for someone who isn't signed in: goes on when they come back from doing so in another tab.

let wasHidden = false;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) wasHidden = true;
  else if (wasHidden) location.reload();
});
