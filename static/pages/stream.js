// A stream: the page of a <video>, whose data a library brings where the browser doesn't itself.

import { loadFilm } from "./film_loading.js";
import { begin as beginMedia } from "./media_player.js";

export async function begin(media, player, tracker, strip, started) {
  const film = await loadFilm(media);
  return beginMedia(media, player, tracker, strip, started, film);
}
