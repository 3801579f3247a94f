// Counts the seconds until waiting prompts are tried again.
import { fillIn } from "../site/fill-in.js";

const waits = new Map();

/** Show `text` in the element, with the seconds that are left in the place of {seconds}. */
export function countDown(element, { seconds, text }) {
  waits.set(element, { at: Date.now() + seconds * 1000, text });
  show(element);
}

function show(element) {
  const { at, text } = waits.get(element);
  element.textContent = fillIn(text, { seconds: Math.max(0, Math.ceil((at - Date.now()) / 1000)) });
}

setInterval(() => {
  for (const element of waits.keys()) {
    if (element.isConnected) show(element);
    else waits.delete(element);
  }
}, 1000);
