// The text that is written, whichever surface shows it: the plain field, or CodeMirror in its place. Offsets count UTF-16 units.
import { plainSurface } from "./plain_surface.js";

export let writing = plainSurface;

/** From now on this surface holds the text; the one before gave it all it had. */
export function writeOn(surface) {
  writing = surface;
}
