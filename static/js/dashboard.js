// The lists of the dashboard: choosing rows for an act on many, and going through them by keys.
import { listenForChoices } from "./dashboard/choose.js";
import { listenForKeys } from "./dashboard/row_keys.js";

listenForChoices();
listenForKeys();
