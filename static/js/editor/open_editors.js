// The open editors of this browser know of each other: what one of them is about to save is no lost text for the next.
import { state } from "./state.js";

const PATIENCE = 150;
const channel = new BroadcastChannel("mh-editing");
const waiting = new Map();

channel.addEventListener("message", ({ data }) => {
  if (data.asks === state.editing) channel.postMessage({ here: state.editing });
  waiting.get(data.here)?.(true);
});

/** Whether another tab has this editor open. */
export function isOpenElsewhere(editing) {
  if (!editing || editing === state.editing) return false;
  return new Promise((answer) => {
    waiting.set(editing, answer);
    channel.postMessage({ asks: editing });
    setTimeout(answer, PATIENCE, false);
  }).finally(() => waiting.delete(editing));
}
