// Shows how much this batch and the whole site store in this browser. There is no bar of what the browser grants:
// Chromium always reports 10 GB more than is used, however full the disk is.
import { formatBytes } from "../site/format-bytes.js";
import { onStoredChange, storedRows } from "./images.js";

const place = document.querySelector("[data-gauge]");
const part = (name) => place.querySelector(`[data-part="${name}"]`);
const MIN_PAUSE_MS = 2_000;
let timer;
let pauseMs = 0;

async function update() {
  const estimate = await navigator.storage?.estimate?.();
  const rows = storedRows();
  const batchBytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  // Some browsers leave Blobs out of the estimate.
  const siteBytes = Math.max(batchBytes, estimate?.usage ?? 0);
  part("images").textContent = rows.length;
  part("batch").textContent = formatBytes(batchBytes);
  part("site").textContent = formatBytes(siteBytes);
  part("lasting").hidden = !await navigator.storage?.persisted?.();
  place.hidden = false;
}

onStoredChange(() => {
  timer ??= setTimeout(() => { timer = undefined; update(); }, pauseMs);
  // Only the first change, the images stored by an earlier page, is shown at once.
  pauseMs = MIN_PAUSE_MS;
});
update();
