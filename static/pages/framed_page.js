// The player's page in a frame of another site. Only players may be framed: all else opens in a tab.

const PLAYER = /^\/courses\/\d+\/contents\/\d+\//;
const staysHere = (address) => {
  const { origin, pathname } = new URL(address, location.href);
  return origin === location.origin && (PLAYER.test(pathname) || pathname === "/language/");
};

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || staysHere(link.href)) return;
  link.target = "_blank";
  link.rel = "noopener";
}, true);
document.addEventListener("submit", ({ target }) => {
  if (!staysHere(target.action)) target.target = "_blank";
}, true);
