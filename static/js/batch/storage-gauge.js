// How much this batch, and the whole site, keep in this browser. The browser's own "quota" is not shown:
// Chromium always answers 10 GB more than is used, whatever the disk has.
import { bytesText } from "../site/format-bytes.js";
import { kept } from "./tiles.js";

const place = document.querySelector("[data-gauge]");
const part = (name) => place.querySelector(`[data-part="${name}"]`);
const MIN_PAUSE_MS = 2_000;
let timer;
let pauseMs = 0;

async function update() {
  const estimate = await navigator.storage?.estimate?.();
  const mine = Array.from(kept.values()).reduce((sum, row) => sum + row.bytes, 0);
  // Some browsers do not count Blobs: it is at least what we know of.
  const all = Math.max(mine, estimate?.usage ?? 0);
  part("images").textContent = kept.size;
  part("batch").textContent = bytesText(mine);
  part("site").textContent = bytesText(all);
  part("meter").value = all ? mine / all : 0;
  part("lasting").hidden = !await navigator.storage?.persisted?.();
  place.hidden = false;
}

document.addEventListener("kept", () => {
  // What was here before the page was opened counts at once.
  timer ??= setTimeout(() => { timer = undefined; update(); }, pauseMs);
  pauseMs = MIN_PAUSE_MS;
});
update();
